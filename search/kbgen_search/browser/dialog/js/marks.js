const MARKS_MOST = 200;
const MARK_CLASS = 'kb-mark kb-mark-page';
const UNSPACED = /[\u0e00-\u0eff\u1000-\u109f\u1780-\u17ff\u3040-\u30ff\u3400-\u9fff\uac00-\ud7af\uf900-\ufaff]/;

/** A word without case and accents, with its length kept, so that positions stay true. */
function foldedKeepingLength(word) {
  return Array.from(word, (point) => {
    const folded = point.normalize('NFKD').replace(/\p{M}/gu, '').toLowerCase();
    return folded.length === point.length ? folded : point;
  }).join('');
}

/** A pattern that finds the terms in folded text: whole words where the script has spaces. */
function termPattern(terms) {
  const alternatives = Array.from(new Set(terms.map(foldedKeepingLength)))
    .filter(Boolean)
    .sort((one, other) => other.length - one.length)
    .map((term) => {
      const literal = term.replace(/[.*+?^${}()|[\]\\/-]/g, '\\$&').replace(/\\-/g, '[-]');
      return UNSPACED.test(term) ? literal : literal + '(?![\\p{L}\\p{N}])';
    });
  return new RegExp('(^|[^\\p{L}\\p{N}])?(' + alternatives.join('|') + ')', 'gu');
}

/** True when a match begins inside a word of a script that has spaces. */
function startsInsideWord(match) {
  return match.index > 0 && match[1] === undefined && !UNSPACED.test(match[2]);
}

/** Where the terms stand in a text: starts and ends in UTF-16 units. */
function termRanges(value, pattern) {
  const ranges = [];
  for (const match of foldedKeepingLength(value).matchAll(pattern)) {
    if (startsInsideWord(match)) continue;
    const end = match.index + match[0].length;
    ranges.push([end - match[2].length, end]);
  }
  return ranges;
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
function markArticle(terms) {
  if (!terms || !terms.length) return;
  const pattern = termPattern(terms);
  let left = MARKS_MOST;
  for (const node of readableNodes(articleElement())) {
    const ranges = termRanges(node.data, pattern).slice(0, left);
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
