// Live pages. An element with data-live-topic hears `live:changed` when something is announced to that topic; with data-live-url
// it is also reloaded. One stream serves all topics of the page: a browser opens only six connections to a house.
import htmx from 'htmx.org'
import { forEvery } from './dom.js'

const POLL = 10_000
const REOPEN = 60_000

// A row glows to its end, also when the next reload comes sooner.
htmx.config.morphIgnore.push('data-fresh')

let source
let heard = ''
let polling
let reopening

function listeners() {
  return [...document.querySelectorAll('[data-live-topic]')]
}

function tell(topic) {
  for (const node of listeners()) {
    if (topic === undefined || node.dataset.liveTopic === topic) node.dispatchEvent(new CustomEvent('live:changed'))
  }
}

function close() {
  source?.close()
  clearInterval(polling)
  clearTimeout(reopening)
  polling = undefined
}

function open() {
  close()
  heard = topics()
  if (!heard) return
  source = new EventSource(`/live/${encodeURIComponent(heard)}`)
  source.addEventListener('changed', (event) => tell(JSON.parse(event.data).topic))
  source.addEventListener('open', () => {
    // What was announced while the stream was broken was not heard.
    if (polling) tell()
    clearInterval(polling)
    polling = undefined
  })
  source.addEventListener('error', () => {
    polling ??= setInterval(() => document.hidden || tell(), POLL)
    // The browser reconnects by itself, except after a refusal.
    if (source.readyState === EventSource.CLOSED) reopening = setTimeout(open, REOPEN)
  })
}

function topics() {
  return [...new Set(listeners().map((node) => node.dataset.liveTopic))].sort().join(',')
}

function rowIds(region) {
  return new Set([...region.querySelectorAll('[data-row][id]')].map((row) => row.id))
}

async function reload(region) {
  const response = await fetch(region.dataset.liveUrl, { headers: { 'X-Fragment': '1' } })
  if (!response.ok) return
  const page = new DOMParser().parseFromString(await response.text(), 'text/html')
  const before = rowIds(region)
  const text = (page.getElementById(region.id) ?? page.body).innerHTML
  // Morphing keeps the nodes that stay, and with them focus, scrolling and what is being typed.
  await htmx.swap({ text, target: region, sourceElement: region, swap: 'innerMorph' })
  for (const row of region.querySelectorAll('[data-row][id]')) {
    if (!before.has(row.id)) row.setAttribute('data-fresh', '')
  }
}

// One reload at a time; what is announced meanwhile leads to one more.
function keepFresh(region) {
  let running = false
  let again = false
  region.addEventListener('live:changed', async () => {
    again = true
    if (running) return
    running = true
    while (again) {
      again = false
      await reload(region).catch(() => {})
    }
    running = false
  })
}

let pending
forEvery('[data-live-topic]', (node) => {
  if (node.dataset.liveUrl) keepFresh(node)
  // Elements arrive together; one stream is opened for all of them.
  clearTimeout(pending)
  pending = setTimeout(() => topics() === heard || open())
})

addEventListener('pagehide', close)
addEventListener('pageshow', (event) => event.persisted && open())
