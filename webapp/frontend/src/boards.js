// Staff's rooms with diagrams, beyond what diagram.js does: replay, sheets of elements, a file dropped, a wall.
import './css/boards.css'
import { dateAndTime } from './words.js'

// A moment of the past: the slider changes what the diagram asks for, and the diagram asks again.
for (const slider of document.querySelectorAll('[data-replay]')) {
  const root = document.getElementById(slider.dataset.replay)
  const output = document.getElementById(slider.dataset.output)
  const now = root.dataset.stateUrl
  const [start, end] = [Number(slider.dataset.start), Number(slider.dataset.end)]
  const show = (value) => {
    const isNow = value >= Number(slider.max)
    const at = new Date(start + (end - start) * value / Number(slider.max))
    output.textContent = isNow ? output.dataset.now : dateAndTime(at)
    root.dataset.stateUrl = isNow ? now : `${now}?at=${encodeURIComponent(at.toISOString())}`
    root.toggleAttribute('data-past', !isNow)
  }
  let timer
  slider.addEventListener('input', () => {
    show(Number(slider.value))
    clearTimeout(timer)
    timer = setTimeout(() => root.dispatchEvent(new CustomEvent('live:changed')), 120)
  })
  const moments = (slider.dataset.moments ?? '').split(',').filter(Boolean).map(Number)
  for (const button of document.querySelectorAll(`[data-replay-step="${slider.id}"]`)) {
    button.addEventListener('click', () => {
      const at = start + (end - start) * Number(slider.value) / Number(slider.max)
      const back = button.dataset.step === 'back'
      const next = back ? moments.filter((moment) => moment < at - 500).at(-1) ?? start : moments.find((moment) => moment > at + 500) ?? end
      slider.value = Math.min(Number(slider.max), Math.ceil((next - start) / Math.max(end - start, 1) * Number(slider.max)))
      slider.dispatchEvent(new Event('input'))
    })
  }
}

// A file dropped on the page's box is the file of its form.
for (const box of document.querySelectorAll('[data-drop]')) {
  const input = box.querySelector('input[type=file]')
  const name = box.querySelector('[data-drop-name]')
  const told = () => { name.textContent = input.files[0]?.name ?? '' }
  input.addEventListener('change', told)
  for (const kind of ['dragenter', 'dragover']) {
    box.addEventListener(kind, (event) => {
      event.preventDefault()
      box.toggleAttribute('data-over', true)
    })
  }
  for (const kind of ['dragleave', 'drop']) box.addEventListener(kind, () => box.removeAttribute('data-over'))
  box.addEventListener('drop', (event) => {
    event.preventDefault()
    if (!event.dataTransfer.files.length) return
    const one = new DataTransfer()
    one.items.add(event.dataTransfer.files[0])
    input.files = one.files
    told()
  })
}

// Beside a definition stands one sheet for each element; choosing an element shows its own.
for (const sheets of document.querySelectorAll('[data-sheets]')) {
  const root = document.getElementById(sheets.dataset.sheets)
  root.addEventListener('click', (event) => {
    const id = event.target.closest('[data-element-id]')?.dataset.elementId.replace(/_label$/, '')
    const sheet = id && sheets.querySelector(`[data-sheet="${CSS.escape(id)}"]`)
    if (!sheet) return
    for (const other of sheets.querySelectorAll('[data-sheet]')) other.open = other === sheet
    sheet.scrollIntoView({ block: 'nearest' })
  })
}

// Whoever chooses from a list below or beside the diagram wants to see it.
document.addEventListener('click', (event) => {
  const root = event.target.closest('[data-choose]')?.closest('[data-diagram]')
  root?.querySelector('[data-canvas]').scrollIntoView({ block: 'nearest', behavior: 'smooth' })
})

// On a wall the page tells that it is alive, and looks anew when nobody announced anything for a while.
if (document.body.classList.contains('bl-wall')) {
  setInterval(() => {
    for (const node of document.querySelectorAll('[data-live-topic]')) node.dispatchEvent(new CustomEvent('live:changed'))
  }, 30_000)
}
