/* Rereading the best articles: closeness, the section to open, the quotation (see reading.py). */
const SPAN = 24;
const QUOTE = 180;
const ELLIPSIS = '…';

/** The mass of a set of words of the query, added in their order. */
function massOf(sought, needs) {
  return unique(needs).sort((one, two) => one - two).reduce((sum, need) => sum + sought.masses[need], 0);
}

/** Which word of the query one of these terms answers; undefined for none. */
function answered(sought, terms) {
  const term = terms.find((one) => sought.needs.has(one));
  return term === undefined ? undefined : sought.needs.get(term);
}

/** The words of a text that answer the query, in order. */
function hits(text, sought, analyzer) {
  const found = [];
  analyzer.words(text).forEach((one, position) => {
    const need = answered(sought, one.terms.concat(one.extra));
    if (need !== undefined) found.push({ position, start: one.start, end: one.end, need });
  });
  return found;
}

/** The window of at most SPAN words that has most of the query; the first of equals. */
function closest(found, sought) {
  let best = { mass: 0, first: 0, last: 0 };
  let first = 0;
  found.forEach((hit, last) => {
    while (hit.position - found[first].position >= SPAN) first++;
    const mass = massOf(sought, found.slice(first, last + 1).map((one) => one.need));
    if (rounded(mass) > rounded(best.mass)) best = { mass, first, last };
  });
  return best;
}

/** The share of neighbouring words of the query that are neighbours in the text. */
function adjacency(found, count) {
  const pairs = new Set();
  found.slice(1).forEach((two, index) => {
    const one = found[index];
    if (two.need === one.need + 1 && two.position === one.position + 1) pairs.add(one.need);
  });
  return count > 1 ? pairs.size / (count - 1) : 0;
}

/** How nearly a title says what the query says: 1 when it has its words and no others. */
function likeness(text, sought, analyzer) {
  const all = analyzer.words(text);
  const telling = all.filter((one) => !analyzer.isStop(one.surface));
  const kept = telling.length ? telling : all;
  const found = kept.map((one) => answered(sought, one.terms)).filter((need) => need !== undefined);
  const each = sought.masses.map((_, need) => need);
  const some = each.filter((need) => sought.telling[need]);
  const wanted = some.length ? some : each;
  const total = massOf(sought, wanted);
  if (!kept.length || !total) return 0;
  return (massOf(sought, found.filter((need) => wanted.includes(need))) / total) * (found.length / kept.length);
}

function around(text, found, window) {
  const first = found.length ? found[window.first].start : 0;
  const last = found.length ? found[window.last].end : 0;
  const room = Math.max(QUOTE - (last - first), 0);
  let start = Math.max(0, Math.min(first - Math.floor(room / 3), text.length - QUOTE));
  if (start) {
    const space = text.slice(start, Math.min(first, start + 20)).indexOf(' ');
    if (space >= 0) start += space + 1;
  }
  let end = Math.min(text.length, start + QUOTE);
  if (end < text.length) {
    const space = text.slice(end - 20, end).lastIndexOf(' ');
    if (space >= 0 && end - 20 + space > start) end += space - 20;
  }
  return [start, end];
}

function merged(marks) {
  const all = [];
  for (const [start, end] of marks) {
    const last = all[all.length - 1];
    if (last && start <= last[1]) last[1] = Math.max(end, last[1]);
    else all.push([start, end]);
  }
  return all;
}

/** About QUOTE characters of a text around a window, with all hits in it marked. */
function quote(text, found, window) {
  const [start, end] = around(text, found, window);
  const lead = start ? ELLIPSIS : '';
  const by = lead.length - start;
  const inside = found.filter((hit) => start <= hit.start && hit.end <= end);
  const shown = text.slice(start, end).replace(/[\f\n]/g, ' ');
  return {
    text: lead + shown + (end < text.length ? ELLIPSIS : ''),
    highlights: merged(inside.map((hit) => [hit.start + by, hit.end + by])),
  };
}

/** The number of the passage that has most of the query in heading and text; -1 for none. */
function bestSection(record, texts, sought, analyzer) {
  let best = -1;
  let most = -1;
  record.passages.forEach((passage, number) => {
    const inside = massOf(sought, texts[number].map((hit) => hit.need));
    const above = massOf(sought, hits(passage.heading || record.title, sought, analyzer).map((hit) => hit.need));
    const mass = rounded(inside + above);
    if (mass > most) [best, most] = [number, mass];
  });
  return best;
}

const most = (values) => values.reduce((one, two) => Math.max(one, two), 0);

/** What rereading one article tells: a factor for its score, the section, the quotation. */
function read(record, sought, analyzer, weights) {
  const texts = record.passages.map((passage) => hits(passage.text, sought, analyzer));
  const windows = texts.map((found) => closest(found, sought));
  const whole = massOf(sought, sought.masses.map((_, need) => need)) || 1;
  const near = most(windows.map((window) => window.mass)) / whole;
  const row = most(texts.map((found) => adjacency(found, sought.masses.length)));
  const title = most([record.title, ...record.questions].map((one) => likeness(one, sought, analyzer)));
  const heads = most(record.passages.map((passage) => likeness(passage.heading, sought, analyzer)));
  const factor = 1 + (weights.proximity * (near + row)) / 2 + weights.exact_title * title + weights.exact_heading * heads;
  const best = bestSection(record, texts, sought, analyzer);
  if (best < 0) return { factor, passage: null, quote: { text: '', highlights: [] } };
  const passage = record.passages[best];
  return { factor, passage: passage.anchor ? passage : null, quote: quote(passage.text, texts[best], windows[best]) };
}
