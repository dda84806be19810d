// What forms do beyond the browser: save as one types, upload with progress, wait for review points, ask before an act.
import { csrfToken, element, forEvery } from './dom.js'
import { clock, say } from './words.js'

forEvery('[data-error-summary]', (summary) => summary.focus())

// Autosave
forEvery('form[data-autosave-url]', (form) => {
  const state = form.querySelector('[data-autosave-state]')
  const show = (words) => state && (state.textContent = words)
  let timer
  let last
  const save = async () => {
    const body = new FormData(form)
    for (const [name, value] of [...body]) if (value instanceof File) body.delete(name)
    const text = new URLSearchParams(body).toString()
    if (text === last) return
    show(say('正在保存…'))
    try {
      const response = await fetch(form.dataset.autosaveUrl, {
        method: 'POST', body: new URLSearchParams(body), headers: { 'X-Fragment': '1', 'X-CSRFToken': csrfToken() }, keepalive: true,
      })
      if (!response.ok) throw new Error(response.statusText)
      last = text
      show(`${say('已保存')} ${clock()}`)
    } catch {
      show(say('未能保存，请检查网络'))
    }
  }
  form.addEventListener('input', () => {
    clearTimeout(timer)
    timer = setTimeout(save, 1200)
  })
  form.addEventListener('change', () => {
    clearTimeout(timer)
    timer = setTimeout(save, 0)
  })
  form.addEventListener('submit', () => clearTimeout(timer))
})

// Upload
function send(field, input, file, list) {
  const bar = element('progress', { max: 1, value: 0 })
  const state = element('span', { class: 'bl-muted' }, '0%')
  const row = element('li', {}, element('span', {}, file.name), state, bar)
  list.append(row)
  const fail = (words) => {
    bar.remove()
    state.textContent = ''
    row.append(element('span', { class: 'bl-error' }, words))
  }
  const limit = Number(field.dataset.maxMb)
  if (limit && file.size > limit * 1024 * 1024) return fail(say('文件超过 {n} MB', limit))

  const body = new FormData()
  body.append(input.name, file)
  // fetch cannot tell how much of a body has been sent.
  const request = new XMLHttpRequest()
  request.open('POST', field.dataset.uploadUrl)
  request.setRequestHeader('X-CSRFToken', csrfToken())
  request.setRequestHeader('X-Fragment', '1')
  request.upload.addEventListener('progress', (event) => {
    bar.value = event.loaded / event.total
    state.textContent = `${Math.round(100 * bar.value)}%`
  })
  request.addEventListener('error', () => fail(say('未能上传，请重试')))
  request.addEventListener('load', () => {
    if (request.status >= 300) {
      let detail
      try {
        detail = JSON.parse(request.responseText).detail
      } catch { /* not a problem document */ }
      return fail(detail ?? say('未能上传，请重试'))
    }
    bar.remove()
    state.textContent = say('上传成功')
    const kept = document.getElementById(field.dataset.uploadList)
    if (kept && request.responseText) {
      kept.innerHTML = request.responseText
      row.remove()
    }
  })
  request.send(body)
}

forEvery('[data-upload-url]', (field) => {
  const input = field.querySelector('input[type=file]')
  const list = field.querySelector('[data-uploads]')
  input.addEventListener('change', () => {
    for (const file of input.files) send(field, input, file, list)
    input.value = ''
  })
})

// Review points: the verb waits until every point is ticked. The server checks again.
forEvery('form:has([data-required-check])', (form) => {
  const update = () => {
    const left = form.querySelectorAll('[data-required-check]:not(:checked)').length
    for (const button of form.querySelectorAll('[data-needs-checks]')) button.disabled = left > 0
    for (const note of form.querySelectorAll('[data-checks-left]')) note.textContent = left ? say('还有 {n} 个要点未勾核', left) : ''
  }
  form.addEventListener('change', update)
  update()
})

// A question before an act
function ask(question, title, verb) {
  const dialog = element('dialog', { class: 'bl-dialog', 'aria-labelledby': 'ask-title' },
    element('h2', { id: 'ask-title' }, title),
    element('p', {}, question),
    element('form', { method: 'dialog', class: 'bl-bar' },
      element('button', { class: 'btn', value: '' }, say('取消')),
      element('button', { class: 'btn btn-primary', value: 'yes' }, verb)))
  document.body.append(dialog)
  dialog.showModal()
  return new Promise((resolve) => dialog.addEventListener('close', () => {
    dialog.remove()
    resolve(dialog.returnValue === 'yes')
  }))
}

const confirmed = new WeakSet()
document.addEventListener('submit', async (event) => {
  const { target: form, submitter } = event
  const { confirm, confirmTitle, confirmVerb } = submitter?.dataset.confirm ? submitter.dataset : form.dataset
  if (!confirm || confirmed.delete(form)) return
  event.preventDefault()
  event.stopImmediatePropagation()
  if (await ask(confirm, confirmTitle ?? say('请确认'), confirmVerb ?? say('确定'))) {
    confirmed.add(form)
    form.requestSubmit(submitter)
  }
}, true)

// Filters apply at once
forEvery('form[data-auto-submit]', (form) => form.addEventListener('change', (event) => {
  if (event.target.matches('select')) form.requestSubmit()
}))

// Ticks and the bar that appears with the first of them
forEvery('[data-bulk]', (bar) => {
  const form = bar.closest('form')
  const update = () => {
    const ticks = [...form.querySelectorAll('[data-tick]')]
    const chosen = ticks.filter((tick) => tick.checked).length
    const all = form.querySelector('[data-tick-all]')
    bar.hidden = chosen === 0
    bar.querySelector('[data-bulk-count]').textContent = say('已选 {n} 项', chosen)
    if (all) {
      all.checked = chosen > 0 && chosen === ticks.length
      all.indeterminate = chosen > 0 && chosen < ticks.length
    }
  }
  form.addEventListener('change', (event) => {
    if (event.target.matches('[data-tick-all]')) {
      for (const tick of form.querySelectorAll('[data-tick]')) tick.checked = event.target.checked
    }
    update()
  })
})

// On a phone a row is a card: its cells say which column they are.
forEvery('.bl-table > tbody > tr', (row) => {
  const heads = row.closest('table').tHead?.rows[0].cells ?? []
  for (const [index, cell] of [...row.cells].entries()) {
    const head = heads[index]
    if (!head) continue
    for (const name of ['align', 'hide']) if (head.dataset[name]) cell.dataset[name] = head.dataset[name]
    if (!cell.dataset.label && head.innerText) cell.dataset.label = head.innerText
  }
})

// Menus close when one looks elsewhere
document.addEventListener('click', (event) => {
  for (const menu of document.querySelectorAll('details[data-menu][open]')) if (!menu.contains(event.target)) menu.open = false
})
document.addEventListener('click', (event) => event.target.closest('[data-print]') && print())
