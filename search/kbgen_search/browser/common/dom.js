/**
 * The content of one of the page's `kb:` meta elements.
 * @param {string} name for example "page"
 * @returns {string} "" when the page has none
 */
function meta(name) {
  const found = document.querySelector('meta[name="kb:' + name + '"]');
  return found ? found.content : '';
}

/**
 * A function that gives the texts of one part of the interface.
 * @param {string} room "dialog" or "widget"
 * @returns {function(string, Object<string, *>=): string} fills `{name}` with values
 */
function textsOf(room) {
  const texts = (window.kb && window.kb.strings && window.kb.strings[room]) || {};
  return (key, values) =>
    (texts[key] || key).replace(/\{(\w+)\}/g, (all, name) => (values && name in values ? values[name] : all));
}

/**
 * Makes an element. Functions become listeners; false and null attributes are left out.
 * @param {string} name
 * @param {Object<string, *>} [attributes]
 * @param {...(Node|string|null)} children
 * @returns {HTMLElement}
 */
function element(name, attributes, ...children) {
  const made = document.createElement(name);
  for (const [key, value] of Object.entries(attributes || {})) {
    if (typeof value === 'function') made.addEventListener(key, value);
    else if (value !== false && value != null) made.setAttribute(key, value === true ? '' : value);
  }
  made.append(...children.filter((child) => child != null));
  return made;
}

/** Text that keeps its own direction inside a sentence of the other one. */
function isolated(value) {
  return '\u2068' + value + '\u2069';
}

/** The element that holds the article, whatever made the page: the first of these kinds that it has. */
function articleElement() {
  const kinds = ['[data-kb-article]', '.md-content__inner', 'article', 'main', '[role=main]', 'body'];
  return kinds.map((kind) => document.querySelector(kind)).find(Boolean);
}
