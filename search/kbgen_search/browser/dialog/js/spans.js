/**
 * A text as nodes, with the given ranges in `mark` elements.
 * @param {string} whole
 * @param {Array<[number, number]>} [ranges] starts and ends in code points, in order
 * @returns {Array<Node|string>}
 */
function marked(whole, ranges) {
  const points = Array.from(whole || '');
  const nodes = [];
  let done = 0;
  for (const [start, end] of ranges || []) {
    if (start < done || end <= start) continue;
    nodes.push(points.slice(done, start).join(''));
    nodes.push(element('mark', { class: 'kb-mark' }, points.slice(start, end).join('')));
    done = end;
  }
  nodes.push(points.slice(done).join(''));
  return nodes.filter((node) => node !== '');
}
