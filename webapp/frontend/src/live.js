// Live pages. An element with data-live-topic="a,b" hears `live:changed` when something is announced to one of these topics; with
// data-live-url it is also reloaded. One stream serves all topics of the page: a browser opens only six connections to a house.
import htmx from 'htmx.org'
import { forEvery } from './dom.js'

const POLL = 10_000
const REOPEN = 60_000

// A row glows to its end, also when the next reload comes sooner; what someone unfolded stays so.
htmx.config.morphIgnore.push('data-fresh', 'open')

let source
let heard = ''
let polling
let reopening

function listeners() {
  return [...document.querySelectorAll('[data-live-topic]')]
}

function topicsOf(node) {
  return node.dataset.liveTopic.split(',')
}

function tell(topic) {
  for (const node of listeners()) {
    if (topic === undefined || topicsOf(node).includes(topic)) node.dispatchEvent(new CustomEvent('live:changed'))
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
  return [...new Set(listeners().flatMap(topicsOf))].sort().join(',')
}

function rowIds(region) {
  return new Set([...region.querySelectorAll('[data-row][id]')].map((row) => row.id))
}

async function reload(region) {
  const response = await fetch(region.dataset.liveUrl, { headers: { 'X-Fragment': '1' } })
  if (!response.ok) return
  const page = new DOMParser().parseFromString(await response.text(), 'text/html')
  const before = rowIds(region)
  const fresh = page.getElementById(region.id)
  const text = (fresh ?? page.body).innerHTML
  // Morphing keeps the nodes that stay, and with them focus, scrolling and what is being typed.
  await htmx.swap({ text, target: region, sourceElement: region, swap: 'innerMorph' })
  for (const row of region.querySelectorAll('[data-row][id]')) {
    if (!before.has(row.id)) row.setAttribute('data-fresh', '')
  }
  // A list is about what stands in it.
  if (fresh?.dataset.liveTopic) {
    region.dataset.liveTopic = fresh.dataset.liveTopic
    listen()
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

// Elements arrive together; one stream is opened for all of them.
let pending
function listen() {
  clearTimeout(pending)
  pending = setTimeout(() => topics() === heard || open())
}

forEvery('[data-live-topic]', (node) => {
  if (node.dataset.liveUrl) keepFresh(node)
  listen()
})

addEventListener('pagehide', close)
addEventListener('pageshow', (event) => event.persisted && open())
