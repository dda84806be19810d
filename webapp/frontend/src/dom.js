// element('p', { class: 'note', hidden: true }, 'text', child): builds one element; text is never read as HTML.
export function element(tag, attributes = {}, ...children) {
  const node = document.createElement(tag)
  for (const [name, value] of Object.entries(attributes)) {
    if (value !== null && value !== undefined && value !== false) node.setAttribute(name, value === true ? '' : value)
  }
  node.append(...children.filter((child) => child !== null && child !== undefined && child !== ''))
  return node
}

// The token of this session, sent with every request that changes something.
export function csrfToken() {
  return document.querySelector('meta[name="csrf-token"]').content
}

// Calls fn for every element that matches, now and when one arrives later (by htmx or a live fragment), once each.
export function forEvery(selector, fn) {
  const known = new WeakSet()
  const visit = (root) => {
    for (const node of root.matches?.(selector) ? [root] : root.querySelectorAll(selector)) {
      if (!known.has(node)) {
        known.add(node)
        fn(node)
      }
    }
  }
  visit(document)
  new MutationObserver((records) => {
    for (const record of records) for (const node of record.addedNodes) if (node.nodeType === 1) visit(node)
  }).observe(document.body, { childList: true, subtree: true })
}
