const MARKS_MOST = 200;
const MARK_CLASS = 'kb-mark kb-mark-page';
const UNSPACED = /[\u0e00-\u0eff\u1000-\u109f\u1780-\u17ff\u3005-\u3007\u3040-\u30ff\u3400-\u9fff\uac00-\ud7af\uf900-\ufaff\uff66-\uff9f]/;
const CLUSTER = /[\0-\x7f]+(?!\p{M})|.(?:[\p{M}\uff9e\uff9f]*)/gsu;
const ACCENTS = /(?=[\u0300-\u06ed])\p{M}/gu;

/** A text without case, accents and widths, and where in the text each unit of that begins. */
function folded(value) {
  const places = [];
  const plain = value.replace(CLUSTER, (letters, start) => {
    const bare = letters.normalize('NFKD').replace(ACCENTS, '').normalize('NFC').toLowerCase();
    for (let at = 0; at < bare.length; at++) places.push(start + (bare.length === letters.length ? at : 0));
    return bare;
  });
  places.push(value.length);
  return { plain, places };
}

const plain = (text) => folded(text).plain;

/** True where a word may begin or end: also within `timeoutMs`, `HTTPError` and `v2.13`, and beside a script without spaces. */
function isSeam(value, at) {
  const beside = value.slice(at - 1, at + 1);
  if (!/^[\p{L}\p{N}\u0300-\u036f]{2}$/u.test(beside) || UNSPACED.test(beside)) return true;
  return /^(\p{Ll}\p{Lu}|\p{L}\p{N}|\p{N}\p{L}|\p{Lu}\p{Lu}\p{Ll})/u.test(value.slice(at - 1, at + 2));
}

/** Ranges in order, those that touch made one. */
function merged(ranges) {
  const whole = [];
  for (const [start, end] of ranges.sort((one, other) => one[0] - other[0])) {
    const last = whole[whole.length - 1];
    if (last && start <= last[1]) last[1] = Math.max(last[1], end);
    else whole.push([start, end]);
  }
  return whole;
}

/** Where terms stand as whole words, or anywhere in scripts without spaces: starts and ends in UTF-16 units. */
function termRanges(value, terms) {
  const { plain, places } = folded(value);
  const ranges = [];
  for (const term of terms) {
    const loose = UNSPACED.test(term);
    for (let at = plain.indexOf(term); at >= 0; at = plain.indexOf(term, at + 1)) {
      const [start, end] = [places[at], places[at + term.length]];
      if (start < end && (loose || (isSeam(value, start) && isSeam(value, end)))) ranges.push([start, end]);
    }
  }
  return merged(ranges);
}

/** Splits one text node so that the ranges stand in `mark` elements. */
function markNode(node, ranges) {
  for (const [start, end] of ranges.reverse()) {
    node.splitText(end);
    const word = node.splitText(start);
    const mark = element('mark', { class: MARK_CLASS });
    word.replaceWith(mark);
    mark.append(word);
  }
}

/** The text nodes of the article that a reader sees. */
function readableNodes(root) {
  const walker = document.createTreeWalker(root, NodeFilter.SHOW_TEXT, {
    acceptNode: (node) =>
      node.parentElement.closest('script, style, textarea, select, svg, .kb, .kb-form, mark')
        ? NodeFilter.FILTER_REJECT
        : NodeFilter.FILTER_ACCEPT,
  });
  const nodes = [];
  while (walker.nextNode()) nodes.push(walker.currentNode);
  return nodes;
}

/** Marks the words a reader searched for in the article, at most 200 of them. */
function markArticle(terms, q = '') {
  if (!terms || !terms.length) return;
  // Of scripts without spaces a term may be a whole run, of which only what was typed is meant.
  const typed = plain(q).split(/\s+/).filter((word) => UNSPACED.test(word));
  const within = (term) => typed.filter((word) => term.includes(word));
  const sought = terms.map(plain).flatMap((term) => (within(term).length ? within(term) : term));
  const distinct = Array.from(new Set(sought)).filter((term) => term.trim());
  let left = MARKS_MOST;
  for (const node of readableNodes(articleElement())) {
    const ranges = termRanges(node.data, distinct).slice(0, left);
    left -= ranges.length;
    markNode(node, ranges);
    if (!left) return;
  }
}

/** Takes the marks away again; the text is as it was. */
function unmarkArticle() {
  for (const mark of document.querySelectorAll('.kb-mark-page')) {
    const parent = mark.parentNode;
    mark.replaceWith(...mark.childNodes);
    parent.normalize();
  }
}
