/* A saved reply: its gaps are filled in on the page, and it is copied with its links (see replies.py). */
const GAP = /\{(\p{L}[\p{L}\p{N} _.-]{0,39})\}/gu;
const NO_TEXT = 'pre, code, script, style, .kb, .kb-related';
const NOT_COPIED = '.kb, .kb-related, .headerlink, h1, script, style, form, .md-content__button, .md-source-file, .md-tags';
const WRAPPERS = '.md-typeset__scrollwrap, .md-typeset__table'; // which Material's script puts around tables

/** The text nodes of an element in which gaps may be. */
function textsIn(root) {
  const walker = document.createTreeWalker(root, NodeFilter.SHOW_TEXT);
  const found = [];
  while (walker.nextNode()) if (!walker.currentNode.parentElement.closest(NO_TEXT)) found.push(walker.currentNode);
  return found;
}

/** Puts an element in the place of each gap; returns them. */
function markGaps(root) {
  return textsIn(root).flatMap((text) => {
    const parts = text.data.split(GAP); // text, name of a gap, text, and so on
    const gaps = parts.map((part, at) => (at % 2 ? element('bdi', { class: 'kb-gap', 'data-name': part }, '{' + part + '}') : null));
    if (parts.length > 1) text.replaceWith(...parts.map((part, at) => gaps[at] || part));
    return gaps.filter(Boolean);
  });
}

/** Shows a value in the gaps of a name, their name where there is none. */
function fill(gaps, name, value) {
  for (const gap of gaps.filter((one) => one.dataset.name === name)) gap.textContent = value || '{' + name + '}';
}

/** A field for a name; what is typed stands in its gaps at once. */
function field(gaps, name) {
  const input = element('input', { class: 'kb-field', autocomplete: 'off', dir: 'auto', input: () => fill(gaps, name, input.value.trim()) });
  return element('label', {}, name.replace(/_/g, ' '), input);
}

/** The reply as it is sent: without what belongs to the page, its links with their whole address. */
function replyOf(article) {
  const canonical = document.querySelector('link[rel=canonical]');
  const reply = article.cloneNode(true);
  reply.querySelectorAll(NOT_COPIED).forEach((one) => one.remove());
  reply.querySelectorAll('.kb-gap').forEach((one) => one.replaceWith(one.textContent));
  reply.querySelectorAll(WRAPPERS).forEach((one) => one.replaceWith(...one.childNodes));
  for (const link of reply.querySelectorAll('a[href]')) {
    link.setAttribute('href', new URL(link.getAttribute('href'), (canonical || location).href).href);
    Array.from(link.attributes).filter(({ name }) => name !== 'href').forEach(({ name }) => link.removeAttribute(name));
  }
  reply.querySelectorAll('[id], [class]').forEach((one) => ['id', 'class'].forEach((name) => one.removeAttribute(name)));
  const comments = document.createNodeIterator(reply, NodeFilter.SHOW_COMMENT);
  for (let one = comments.nextNode(); one; one = comments.nextNode()) one.remove();
  return reply;
}

/** A block as plain text; a row of a table is one line. */
function lineOf(block) {
  return (block.matches('tr') ? block.textContent.replace(/\s+/g, ' ') : block.textContent).trim();
}

/** A reply as plain text: blocks on lines of their own, addresses after what they are told by. */
function plain(reply) {
  reply.querySelectorAll('a[href]').forEach((link) => link.textContent !== link.href && link.append(' (' + link.href + ')'));
  reply.querySelectorAll('br').forEach((one) => one.replaceWith('\n'));
  reply.querySelectorAll('li').forEach((one) => one.prepend('- '));
  const blocks = Array.from(reply.querySelectorAll('p, li, pre, h2, h3, h4, h5, h6, tr, dt, dd, summary'));
  const whole = blocks.filter((one) => !one.parentElement.closest('li, td, dd'));
  return (whole.length ? whole : [reply]).map(lineOf).filter(Boolean).join('\n\n');
}

/** Copies the reply as formatted and as plain text; also on pages opened from a folder. */
function copy(article) {
  const take = (event) => {
    event.clipboardData.setData('text/html', replyOf(article).innerHTML.trim());
    event.clipboardData.setData('text/plain', plain(replyOf(article)));
    event.preventDefault();
  };
  document.addEventListener('copy', take, { once: true });
  const done = document.execCommand('copy');
  document.removeEventListener('copy', take);
  return done;
}

function startReply(box) {
  const article = articleElement();
  const gaps = markGaps(article);
  const button = box.querySelector('button');
  const said = box.querySelector('[role=status]');
  const names = Array.from(new Set(gaps.map((gap) => gap.dataset.name)));
  box.prepend(...names.map((name) => field(gaps, name)));
  button.addEventListener('click', () => (said.textContent = copy(article) ? box.dataset.copied : ''));
  box.addEventListener('input', () => (said.textContent = ''));
  const heading = article.querySelector('h1');
  if (heading) heading.after(box);
  box.hidden = false;
}

const replyBox = document.querySelector('.kb-reply');
if (replyBox) startReply(replyBox);
