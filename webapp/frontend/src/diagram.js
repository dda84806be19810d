// The process diagram with the state of its elements. The XML is read once; a change of state only repaints.
import NavigatedViewer from 'bpmn-js/lib/NavigatedViewer'
import 'bpmn-js/dist/assets/diagram-js.css'
import 'bpmn-js/dist/assets/bpmn-js.css'
import { element } from './dom.js'
import { clock, day, moment, say, span } from './words.js'

const READABLE = 0.55
const EASY = 0.75
const EDGE = 40
const LATE = new Set(['running', 'ready', 'waiting'])
// What to look at, the most urgent first.
const WORK = ['overdue', 'due_soon', 'suspended', 'running', 'waiting', 'ready']

// What is late looks late, whatever it is doing; a yellow light means its limit is near.
function look(state) {
  if (!LATE.has(state.state)) return state.state
  if (state.light === 'red' || state.days_left < 0) return 'overdue'
  return state.light === 'yellow' ? 'due_soon' : state.state
}

function elapsed(state) {
  return state.since ? span((state.until ? new Date(state.until) : new Date()) - new Date(state.since)) : ''
}

function daysLeft(state) {
  const days = state.days_left
  if (days === null || days === undefined) return ''
  if (days === 0) return say('今天到期')
  return days < 0 ? say('超期 {n} 个工作日', -days) : say('剩 {n} 个工作日', days)
}

function due(state) {
  return [state.until ? '' : daysLeft(state), state.due && day(state.due)].filter(Boolean).join(' · ')
}

function around(shapes) {
  const [x, y] = [Math.min(...shapes.map((shape) => shape.x)) - EDGE, Math.min(...shapes.map((shape) => shape.y)) - EDGE]
  const width = Math.max(...shapes.map((shape) => shape.x + shape.width)) + EDGE - x
  return { x, y, width, height: Math.max(...shapes.map((shape) => shape.y + shape.height)) + EDGE - y }
}

class Diagram {
  constructor(root) {
    this.root = root
    this.elements = {}
    this.painted = []
    this.words = Object.fromEntries([...root.querySelectorAll('.bl-legend [data-state]')].map((item) => [item.dataset.state, item.textContent]))
    this.panel = root.querySelector('[data-panel]')
    this.viewer = new NavigatedViewer({
      container: root.querySelector('[data-canvas]'),
      bpmnRenderer: { defaultStrokeColor: '#5b6778', defaultLabelColor: '#1b2430' },
    })
    this.canvas = this.viewer.get('canvas')
    this.registry = this.viewer.get('elementRegistry')
    this.overlays = this.viewer.get('overlays')
  }

  async start() {
    const note = this.root.querySelector('[data-diagram-note]')
    try {
      const response = await fetch(this.root.dataset.xmlUrl)
      if (!response.ok) throw new Error(response.statusText)
      await this.viewer.importXML(await response.text())
      note.remove()
    } catch {
      note.textContent = say('流程图暂时无法显示，请刷新页面')
      return
    }
    this.fit()
    this.root.querySelector('.bl-diagram-bar').addEventListener('click', (event) => this.zoom(event.target.closest('[data-zoom]')?.dataset.zoom))
    this.viewer.on('element.click', ({ element: shape }) => this.choose(this.elements[shape.id] ? shape.id : null))
    this.root.addEventListener('click', (event) => {
      const button = event.target.closest('[data-choose]')
      if (button) this.choose(button.dataset.choose)
    })
    new ResizeObserver(() => this.canvas.resized()).observe(this.root)
    if (!this.root.dataset.stateUrl) return
    await this.refresh()
    this.showWork()
    this.root.addEventListener('live:changed', () => this.refresh())
    // Spans grow while nothing changes.
    setInterval(() => this.paint(), 60_000)
  }

  zoom(how) {
    if (how === 'fit') this.fit()
    else if (how) this.canvas.zoom(this.canvas.zoom() * (how === 'in' ? 1.25 : 0.8))
  }

  fit() {
    this.canvas.zoom('fit-viewport', 'auto')
    this.canvas.zoom(Math.min(this.canvas.zoom() * 0.94, 1), 'auto')
  }

  // A diagram too large to be read opens where the work is: all of it if that can be read, else the most urgent. A wall shows all.
  showWork() {
    if (this.canvas.zoom() >= READABLE || this.root.closest('.bl-wall')) return
    const { inner, outer } = this.canvas.viewbox()
    const rank = (id) => WORK.indexOf(look(this.elements[id]))
    const work = this.painted.filter((id) => rank(id) >= 0)
    const shapes = (work.length ? work : this.painted).map((id) => this.registry.get(id)).filter((shape) => !shape.waypoints)
    if (!shapes.length) return
    const all = around(shapes)
    const scale = Math.min(outer.width / all.width, outer.height / all.height)
    if (scale >= READABLE) return this.show(all, Math.min(scale, EASY), inner, outer)
    const first = shapes.sort((one, other) => rank(one.id) - rank(other.id) || one.y - other.y)[0]
    this.show({ ...around([first]), height: outer.height / EASY }, EASY, inner, outer)
  }

  // The area in the middle, but not beyond the drawing's edges.
  show(area, scale, inner, outer) {
    const [width, height] = [outer.width / scale, outer.height / scale]
    const place = (middle, size, start, length) => length + 2 * EDGE <= size
      ? start + (length - size) / 2
      : Math.min(Math.max(middle - size / 2, start - EDGE), start + length + EDGE - size)
    const x = place(area.x + area.width / 2, width, inner.x, inner.width)
    const y = place(area.y + area.height / 2, height, inner.y, inner.height)
    this.canvas.viewbox({ x, y, width, height })
  }

  async refresh() {
    const response = await fetch(this.root.dataset.stateUrl, { headers: { Accept: 'application/json' } }).catch(() => null)
    if (!response?.ok) return
    const { as_of: asOf, elements } = await response.json()
    this.elements = elements
    this.root.querySelector('[data-as-of]').textContent = say('截至 {n}', clock(new Date(asOf)))
    this.paint()
    this.mirror()
    if (this.chosen) this.describe()
  }

  name(id) {
    return this.elements[id].label || this.registry.get(id)?.businessObject.name || id
  }

  word(state) {
    return this.words[look(state)] ?? state.state
  }

  paint() {
    for (const id of this.painted) {
      this.overlays.remove({ element: id })
      this.registry.getGraphics(id).removeAttribute('data-state')
    }
    this.painted = Object.keys(this.elements).filter((id) => this.registry.get(id))
    for (const id of this.painted) {
      const state = this.elements[id]
      const shown = look(state)
      this.registry.getGraphics(id).setAttribute('data-state', shown)
      if (this.isStep(this.registry.get(id))) this.label(id, state, shown)
    }
  }

  // The word above the shape's edge, who and how long in one line below it; all of it where one points at the shape, and in the panel.
  label(id, state, shown) {
    const style = `--width: ${this.registry.get(id).width}px`
    const count = state.count > 1 ? ` ${say('{n} 件', state.count)}` : ''
    const word = element('div', { class: 'bl-node', style, 'aria-hidden': 'true' },
      element('span', { class: 'bl-state', 'data-state': shown }, this.word(state) + count))
    this.overlays.add(id, { position: { top: -11, left: 0 }, html: word })
    const idle = shown === 'skipped' || shown === 'not_started'
    const time = idle ? '' : state.until ? elapsed(state) : daysLeft(state) || elapsed(state)
    const text = [time, state.who].filter(Boolean).join(' · ')
    this.hint(id, [this.name(id), this.word(state) + count, text].filter(Boolean).join('\n'))
    if (!text) return
    const note = element('div', { class: 'bl-node', style, 'aria-hidden': 'true' },
      element('span', { class: 'bl-node-note', 'data-state': shown === 'overdue' && shown }, text))
    this.overlays.add(id, { position: { bottom: -1, left: 0 }, html: note })
  }

  hint(id, text) {
    const graphics = this.registry.getGraphics(id)
    const title = graphics.querySelector(':scope > title') ?? graphics.appendChild(document.createElementNS('http://www.w3.org/2000/svg', 'title'))
    title.textContent = text
  }

  isStep(shape) {
    return !shape.waypoints && (shape.businessObject.$instanceOf('bpmn:Activity') || shape.businessObject.$instanceOf('bpmn:CatchEvent') && shape.businessObject.$type !== 'bpmn:StartEvent')
  }

  // The same in words, for whoever does not see the picture.
  mirror() {
    this.root.querySelector('[data-mirror]').replaceChildren(...Object.entries(this.elements)
      .filter(([id]) => this.registry.get(id) && this.isStep(this.registry.get(id)))
      .map(([id, state]) => element('tr', {},
        element('td', {}, element('button', { type: 'button', 'data-choose': id }, this.name(id))),
        element('td', {}, element('span', { class: 'bl-state', 'data-state': look(state) }, this.word(state))),
        element('td', {}, state.who ?? ''),
        element('td', {}, elapsed(state)),
        element('td', {}, due(state)))))
  }

  choose(id) {
    if (this.chosen) this.canvas.removeMarker(this.chosen, 'bl-chosen')
    this.chosen = id
    this.panel.hidden = !id
    if (!id) return
    this.canvas.addMarker(id, 'bl-chosen')
    this.canvas.scrollToElement(id)
    this.describe()
  }

  describe() {
    const state = this.elements[this.chosen]
    if (!state) return this.choose(null)
    const facts = [
      [say('状态'), element('span', { class: 'bl-state', 'data-state': look(state) }, this.word(state))],
      [say('办理人'), state.who],
      [say('开始'), state.since && moment(state.since)],
      [say('结束'), state.until && moment(state.until)],
      [say(state.until ? '用时' : '已用时'), elapsed(state)],
      [say('到期'), due(state)],
    ].filter(([, value]) => value)
    const close = element('button', { type: 'button', class: 'bl-close', 'aria-label': say('关闭') }, '×')
    close.addEventListener('click', () => this.choose(null))
    this.panel.replaceChildren(
      element('h3', {}, this.name(this.chosen)),
      close,
      element('dl', { class: 'bl-dl' }, ...facts.map(([term, value]) => element('div', {}, element('dt', {}, term), element('dd', {}, value)))),
      ...(state.note ? [element('p', { class: 'bl-opinion' }, state.note)] : []),
      ...(state.href ? [element('p', {}, element('a', { href: state.href }, say('查看办件')))] : []))
  }
}

export function show(root) {
  new Diagram(root).start()
}
