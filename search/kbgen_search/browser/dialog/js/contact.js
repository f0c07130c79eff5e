const TRAIL = 'kb.trail';
const TRAIL_KEPT = 10;

/** The articles read in this tab, newest last: `{page, title}`. */
function trail() {
  const list = stored('sessionStorage', TRAIL);
  return Array.isArray(list) ? list : [];
}

/** Adds the page on screen to the articles read. */
function extendTrail() {
  const page = meta('page');
  if (!page) return;
  const others = trail().filter((step) => step.page !== page);
  store('sessionStorage', TRAIL, [...others, { page, title: document.title }].slice(-TRAIL_KEPT));
}

/** The body of a message to support: what was searched and read. */
function contactBody(q) {
  const titles = trail().map((step) => step.title).join(' · ');
  const lines = [q && text('contact_searched', { q }), titles && text('contact_read', { pages: titles })];
  return lines.filter(Boolean).join('\n');
}

/** Where to reach support, with the query and the articles read; null where none is configured. */
function contactAddress(q) {
  const contact = meta('contact');
  if (!/^(mailto:|https?:)/.test(contact)) return null;
  const values = contact.startsWith('mailto:')
    ? { subject: q, body: contactBody(q) }
    : { q, pages: trail().map((step) => step.page).join(',') };
  const pairs = Object.entries(values).filter(([, value]) => value);
  const query = pairs.map(([name, value]) => name + '=' + encodeURIComponent(value)).join('&');
  const added = query && (/^[^#]*\?/.test(contact) ? '&' : '?') + query;
  return contact.replace(/(#.*)?$/, (anchor) => added + anchor);
}

/**
 * A link to support that takes the query along and says when it is used.
 * @param {string} q what the reader searched for, "" when nothing
 * @param {string} label
 * @returns {HTMLElement|null}
 */
function contactLink(q, label) {
  const href = contactAddress(q);
  const pages = trail().map((step) => step.page);
  return href && element('a', { class: 'kb-contact', href, click: () => tell('contact', { q, pages }) }, label);
}
