/* Reading the best articles: their titles, the section to open, the quotation (see reading.py). */
const SPAN = 24;
const QUOTE = 180;
const ANSWER = 360;
const ANSWERED = 0.8;
const OTHERS = 3;
const NEARLY = 0.7;
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

/** The words of a passage's text, read once. */
function wordsOf(passage, analyzer) {
  if (!passage.words) passage.words = analyzer.words(passage.text);
  return passage.words;
}

/** Those of some words that answer the query, in order. */
function hits(words, sought) {
  const found = [];
  words.forEach((one, position) => {
    let need = answered(sought, one.terms);
    const isName = need === undefined && one.extra.length;
    if (isName) need = answered(sought, one.extra);
    if (need !== undefined) found.push({ position, start: one.start, end: isName ? endOfName(words, position) : one.end, need });
  });
  return found;
}

/** Where the name ends whose first part is a word; the word's end where it is none. */
function endOfName(words, first) {
  const { whole } = words[first];
  let last = first;
  while (whole && last + 1 < words.length && words[last + 1].whole === whole && !words[last + 1].extra.length) last++;
  return words[last].end;
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

function around(points, found, window, size) {
  const first = found.length ? found[window.first].start : 0;
  const last = found.length ? found[window.last].end : 0;
  const room = Math.max(size - (last - first), 0);
  let start = Math.max(0, Math.min(first - Math.floor(room / 3), points.length - size));
  if (start) {
    const space = points.slice(start, Math.min(first, start + 20)).indexOf(' ');
    if (space >= 0) start += space + 1;
  }
  let end = Math.min(points.length, start + size);
  if (end < points.length) {
    const space = points.slice(end - 20, end).lastIndexOf(' ');
    if (space >= 0 && end - 20 + space > start) end += space - 20;
  }
  return [start, end];
}

/** Where hits stand, those that touch as one. */
function places(found, by) {
  const all = [];
  for (const { start, end } of found) {
    const last = all[all.length - 1];
    if (last && start + by <= last[1]) last[1] = Math.max(end + by, last[1]);
    else all.push([start + by, end + by]);
  }
  return all;
}

/** Hits with their places in code points. */
function hitsInPoints(text, found) {
  const ranges = inPoints(text, found.map((hit) => [hit.start, hit.end]));
  return found.map((hit, at) => ({ ...hit, start: ranges[at][0], end: ranges[at][1] }));
}

/** About `size` characters of a text around a window, with all hits in it marked. */
function quote(text, found, window, size) {
  const points = Array.from(text);
  const placed = points.length === text.length ? found : hitsInPoints(text, found);
  const [start, end] = around(points, placed, window, size);
  const lead = start ? ELLIPSIS : '';
  const inside = placed.filter((hit) => start <= hit.start && hit.end <= end);
  const shown = points.slice(start, end).join('').replace(/[\f\n]/g, ' ');
  return {
    text: lead + shown + (end < points.length ? ELLIPSIS : ''),
    highlights: places(inside, lead.length - start),
  };
}

/** Places in UTF-16 units as places in code points. */
function inPoints(text, ranges) {
  const points = (at) => Array.from(text.slice(0, at)).length;
  return ranges.map(([start, end]) => [points(start), points(end)]);
}

/**
 * How much of the query each passage has in its text and again in its heading, and in the heading alone.
 *
 * The title stands over the article's beginning. Where a section has more than that, the title counts for all
 * sections: what they are about is said there.
 */
function sharesOf(record, texts, sought, analyzer) {
  const needs = (found) => found.map((hit) => hit.need);
  const over = (text) => needs(hits(analyzer.words(text), sought));
  const title = over(record.title);
  const headings = record.passages.map((one) => (one.heading ? over(one.heading) : title));
  const bodies = texts.map((found) => massOf(sought, needs(found)));
  const above = headings.map((heading) => massOf(sought, heading));
  const masses = bodies.map((body, n) => rounded(body + above[n]));
  const best = masses.indexOf(most(masses));
  if (best < 0 || !record.passages[best].anchor) return masses.map((mass) => ({ mass, heading: 0 }));
  return bodies.map((body, n) => ({
    mass: rounded(body + massOf(sought, [...headings[n], ...title])),
    heading: rounded(above[n]),
  }));
}

/** The numbers of passages: those first that have most, of equals in the heading. */
const ranked = (shares) => shares.map((_, number) => number).sort((one, two) =>
  shares[two].mass - shares[one].mass || shares[two].heading - shares[one].heading || one - two);

/** At most OTHERS further sections that have nearly as much of the query as the best. */
function otherSections(record, shares, best) {
  const least = NEARLY * shares[best].mass;
  const kept = ranked(shares).filter((n) => n !== best && shares[n].mass >= least && least > 0);
  return kept.map((n) => record.passages[n]).filter((passage) => passage.anchor).slice(0, OTHERS);
}

/** Whether a passage has all of a question of several words close together. */
function answers(window, sought) {
  const telling = sought.masses.map((_, need) => need).filter((need) => sought.telling[need]);
  const asks = telling.length >= 2 && sought.masses.length > telling.length;
  return asks && window.mass >= massOf(sought, telling);
}

const most = (values) => values.reduce((one, two) => Math.max(one, two), 0);

/** The factor for the score of an article whose titles say what the query says. */
function agreement(record, sought, analyzer, weights) {
  const like = (text) => likeness(text, sought, analyzer);
  const title = most([record.title, ...record.questions].map(like));
  const heading = most(record.passages.map((passage) => like(passage.heading)));
  return 1 + weights.exact_title * title + weights.exact_heading * heading;
}

/** The first of these passages, and the first that has text (else the first, too). */
function bestAndQuoted(record, numbers) {
  const filled = numbers.filter((n) => record.passages[n].text);
  return [numbers[0], filled.length ? filled[0] : numbers[0]];
}

/** What reading one article tells; who types its title and nothing else wants it from its top. */
function read(record, sought, analyzer) {
  const texts = record.passages.map((passage) => hits(wordsOf(passage, analyzer), sought));
  const windows = texts.map((found) => closest(found, sought));
  const asked = most(record.questions.map((one) => likeness(one, sought, analyzer)));
  const shares = sharesOf(record, texts, sought, analyzer);
  if (!shares.length) return { passage: null, quote: { text: '', highlights: [] }, others: [], answer: null, words: [] };
  let [best, quoted] = bestAndQuoted(record, ranked(shares));
  const answering = asked >= ANSWERED || answers(windows[quoted], sought);
  const titled = !answering && likeness(record.title, sought, analyzer) === 1;
  if (titled) [best, quoted] = bestAndQuoted(record, [0, ...ranked(shares)]);
  const { anchor, heading } = record.passages[best];
  const { text } = record.passages[quoted];
  const [found, window] = [texts[quoted], windows[quoted]];
  const named = (name) => [name, hits(analyzer.words(name), sought)];
  return {
    passage: anchor && !titled ? record.passages[best] : null,
    quote: quote(text, found, window, QUOTE),
    others: otherSections(record, shares, best),
    answer: answering ? quote(text, found, window, ANSWER) : null,
    words: [[text, found], named(record.title), named(heading)].flatMap(([where, some]) =>
      some.map((hit) => where.slice(hit.start, hit.end).toLowerCase())),
  };
}
