const MARKS_MOST = 200;
const MARK_CLASS = 'kb-mark kb-mark-page';
const UNSPACED = /[\u0e00-\u0eff\u1000-\u109f\u1780-\u17ff\u3040-\u30ff\u3400-\u9fff\uac00-\ud7af\uf900-\ufaff]/;

/** A word without case and accents, with its length kept, so that positions stay true. */
function foldedKeepingLength(word) {
  if (/^[\x00-\x7f]*$/.test(word)) return word.toLowerCase();
  return Array.from(word, (point) => {
    const folded = point.normalize('NFKD').replace(/\p{M}/gu, '').toLowerCase();
    return folded.length === point.length ? folded : point;
  }).join('');
}

/** One pattern a term, for folded text: whole words where the script has spaces. */
function termPatterns(terms) {
  const distinct = Array.from(new Set(terms.map(foldedKeepingLength))).filter(Boolean);
  return distinct.map((term) => {
    const literal = term.replace(/[\\^$.*+?()[\]{}|/]/g, '\\$&');
    return new RegExp(UNSPACED.test(term) ? '()(' + literal + ')' : '(^|[^\\p{L}\\p{N}])(' + literal + ')(?![\\p{L}\\p{N}])', 'gu');
  });
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

/** Where the terms stand in a text: starts and ends in UTF-16 units. */
function termRanges(value, patterns) {
  const folded = foldedKeepingLength(value);
  const ranges = [];
  for (const pattern of patterns) {
    for (const match of folded.matchAll(pattern)) {
      const end = match.index + match[0].length;
      ranges.push([end - match[2].length, end]);
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
function markArticle(terms) {
  if (!terms || !terms.length) return;
  const patterns = termPatterns(terms);
  let left = MARKS_MOST;
  for (const node of readableNodes(articleElement())) {
    const ranges = termRanges(node.data, patterns).slice(0, left);
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
