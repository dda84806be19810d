// The window and the inbox: which material the viewer shows, and links to what is folded.
import './css/workbench.css'

const wide = matchMedia('(min-width: 1024px)')

// Links open in the frame named viewer by themselves; here the page says which one it is.
document.addEventListener('click', (event) => {
  const link = event.target.closest('a[target="viewer"]')
  if (!link) return
  const viewer = document.querySelector('[data-viewer]')
  for (const other of document.querySelectorAll('a[target="viewer"][aria-current]')) other.removeAttribute('aria-current')
  link.setAttribute('aria-current', 'true')
  viewer.querySelector('[data-viewer-name]').textContent = link.dataset.view ?? link.textContent
  const open = viewer.querySelector('[data-viewer-open]')
  open.href = link.href
  open.hidden = false
  if (!wide.matches) viewer.scrollIntoView({ behavior: 'smooth' })
})

// A link to something folded unfolds it.
document.addEventListener('click', (event) => {
  const folded = document.getElementById(event.target.closest('[data-opens]')?.dataset.opens)
  if (folded) folded.open = true
})
