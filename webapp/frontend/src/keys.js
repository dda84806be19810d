// Keys of a list: j and k move, Enter opens, a letter presses what carries it as data-key (first in the row, then on the page), ? helps.
const SWITCH = 'binglian.keys'

function isTyping(target) {
  return target.closest('input:not([type=checkbox], [type=radio]), textarea, select, [contenteditable], dialog[open]')
}

function rows() {
  return [...document.querySelectorAll('[data-keys] [data-row], [data-row][data-keys]')]
}

function current() {
  return document.activeElement?.closest('[data-row]') ?? document.querySelector('[data-row][aria-selected="true"]')
}

function move(step) {
  const all = rows()
  const at = all.indexOf(current())
  const next = all[Math.min(Math.max(at + step, 0), all.length - 1)]
  if (!next) return
  next.tabIndex = -1
  next.focus()
  next.scrollIntoView({ block: 'nearest' })
}

function press(key) {
  const selector = `[data-key="${CSS.escape(key)}"]`
  const node = current()?.querySelector(selector) ?? document.querySelector(selector)
  if (!node || node.disabled) return false
  if (node.matches('input, textarea, select')) node.focus()
  else node.click()
  return true
}

function act(event) {
  const help = document.getElementById('keyboard-help')
  if (event.key === '?') help?.showModal()
  else if (localStorage.getItem(SWITCH) === 'off') return false
  else if (event.key === 'j' || event.key === 'k') move(event.key === 'j' ? 1 : -1)
  else if (event.key === 'Enter') {
    if (!event.target.matches('[data-row]')) return false
    event.target.querySelector('a[href]')?.click()
  } else return event.key.length === 1 && press(event.key)
  return true
}

document.addEventListener('keydown', (event) => {
  if (event.ctrlKey || event.metaKey || event.altKey || isTyping(event.target)) return
  if (act(event)) event.preventDefault()
})

const toggle = document.querySelector('[data-keys-switch]')
if (toggle) {
  toggle.checked = localStorage.getItem(SWITCH) !== 'off'
  toggle.addEventListener('change', () => localStorage.setItem(SWITCH, toggle.checked ? 'on' : 'off'))
}
document.addEventListener('click', (event) => event.target.closest('[data-keys-help]') && document.getElementById('keyboard-help')?.showModal())
