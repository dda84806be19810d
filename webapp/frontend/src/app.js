import './css/app.scss'
import './css/tokens.css'
import './css/frame.css'
import './css/states.css'
import './css/components.css'
import './css/forms.css'
import './css/tables.css'
import './css/diagram.css'
import './css/portal.css'
import './css/print.css'
import './live.js'
import './forms.js'
import './keys.js'
import { csrfToken, forEvery } from './dom.js'

document.addEventListener('htmx:config:request', (event) => {
  Object.assign(event.detail.ctx.request.headers, { 'X-CSRFToken': csrfToken(), 'X-Fragment': '1' })
})

// The diagram is half of all our script: only pages that show one fetch it, and one that is folded is drawn when it unfolds.
forEvery('[data-diagram]', async function draw(node) {
  const folded = node.closest('details:not([open])')
  if (folded) folded.addEventListener('toggle', () => draw(node), { once: true })
  else (await import('./diagram.js')).show(node)
})
