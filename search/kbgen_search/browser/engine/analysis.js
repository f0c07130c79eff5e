/* Words to index terms, by language (see analysis.py). */
const LONGEST = 64;
const ELIDING = ['fr', 'it'];
const COMPOUNDING = ['de', 'nl'];
const ELIDED = new Set('c d j l m n s t qu jusqu lorsqu puisqu quoiqu all dall dell nell un'.split(' '));
const PLAIN = /^[A-Za-z][a-z]*$/;
const APOSTROPHE = /['’]/;
const APOSTROPHES = /['’]/g;
const POSSESSIVE = /['’][sS]?$/;
const DOT = /[.:]/;
const SEGMENTS = /[^.:]+/g;
const JOINT = /[-_'’]|::/g;
const ALPHABETIC = /^\p{L}+$/u;
const REMEMBERED = 20000;

const clip = (text) => (text.length > LONGEST ? Array.from(text).slice(0, LONGEST).join('') : text);
const unique = (values) => Array.from(new Set(values));

/** A word: its place in the text, how it is written, its terms, the identifier it is part of. */
const word = (start, end, surface, terms, extra) => ({ start, end, surface, terms, whole: '', extra: extra || [] });

/** Reads texts of one language; remembers the words it has met. */
class Analyzer {
  constructor(locale, stemmer, stops) {
    this.code = locale.replace(/_/g, '-').split('-')[0].toLowerCase();
    this.elides = ELIDING.includes(this.code);
    this.compounds = COMPOUNDING.includes(this.code);
    this.ownStems = stemmer && stemmer.stems;
    this.stem = stemmer && !this.ownStems ? (text) => stemmer.stemWord(text) : (text) => text;
    this.stops = new Set(stops.map((stop) => fold(this.lower(stop)).replace(APOSTROPHES, '')));
    this.known = new Map();
  }

  /** The words of a text in order. */
  words(text) {
    const found = [];
    for (const match of text.matchAll(CHUNK)) {
      for (const one of this.chunk(match[0])) {
        found.push({ ...one, start: one.start + match.index, end: one.end + match.index });
      }
    }
    return found;
  }

  /** Whether a word is a function word of the language. */
  isStop(surface) {
    return this.stops.has(fold(surface));
  }

  /** The terms of a lower-cased word: its stem and that of its unaccented form; in some languages several. */
  terms(surface) {
    const bare = fold(surface);
    if (this.ownStems) return unique(this.ownStems(bare, surface).map(fold));
    const first = fold(this.stem(surface));
    return bare === surface ? [first] : unique([first, fold(this.stem(bare))]);
  }

  /** The term of a whole identifier, stemmed when it is a word by itself. */
  wholeTerm(whole) {
    return ALPHABETIC.test(whole) ? this.terms(whole)[0] : whole;
  }

  lower(text) {
    return lower(text, this.code === 'tr');
  }

  chunk(text) {
    let found = this.known.get(text);
    if (found) return found;
    if (this.known.size > REMEMBERED) this.known.clear();
    found = runs(text).flatMap((run) => this.run(run.text).map((one) => moved(one, run.start)));
    this.known.set(text, found);
    return found;
  }

  run(text) {
    if (PLAIN.test(text) && this.code !== 'tr') {
      const surface = clip(text.toLowerCase());
      return [word(0, text.length, surface, this.terms(surface))];
    }
    if (seamless(text)) return bigrams(text, fold(this.lower(text)));
    const found = this.parts(text).flatMap((one) => this.part(one));
    const whole = this.whole(text, found);
    if (!whole || !found.length) return found;
    found[0].extra = [this.wholeTerm(whole)];
    for (const one of found) one.whole = whole;
    for (const segment of DOT.test(text) ? text.matchAll(SEGMENTS) : []) this.segment(segment, found);
    return found;
  }

  /** Lets a name within a dotted one (`client.getUser`) be found as a whole, too. */
  segment({ 0: text, index }, words) {
    const inside = words.filter((one) => index <= one.start && one.start < index + text.length);
    if (inside.length < 2 || inside.length === words.length) return;
    const name = clip(fold(this.lower(text).replace(JOINT, '')));
    inside[0].extra.push(this.wholeTerm(name));
    for (const one of inside) one.whole = name;
  }

  parts(text) {
    if (!APOSTROPHE.test(text)) return parts(text);
    if (this.elides) return withoutArticles(text);
    const joined = text.replace(POSSESSIVE, '').replace(APOSTROPHES, '');
    return parts(joined).map((one) => ({ ...one, end: one.end === joined.length ? text.length : one.end }));
  }

  whole(text, found) {
    if ((this.elides && APOSTROPHE.test(text)) || found.some((one) => one.extra.length)) return '';
    let all = clip(this.lower(text.replace(POSSESSIVE, '')));
    if (!all.startsWith('-')) all = all.replace(JOINT, '');
    if (found.length === 1 && found[0].surface === all) return '';
    return fold(all);
  }

  part({ start, end, text }) {
    const surface = clip(this.lower(text));
    if (!/^\p{Nd}/u.test(text)) return fold(surface) ? [word(start, end, surface, this.terms(surface))] : [];
    const number = fold(surface);
    const shorter = number.split('.').slice(0, 2).join('.');
    return [word(start, end, number, [number], shorter === number ? [] : [shorter])];
  }
}

const moved = (one, by) => (by ? { ...one, start: one.start + by, end: one.end + by } : one);

function withoutArticles(text) {
  const all = Array.from(text.matchAll(/[^'’]+/g)).flatMap((piece) =>
    parts(piece[0]).map((one) => moved(one, piece.index)));
  const kept = all.filter((one) => !ELIDED.has(one.text.toLowerCase()));
  return kept.length ? kept : all;
}

/** The overlapping pairs of characters of a script that puts no spaces between words. */
function bigrams(text, run) {
  const points = Array.from(run);
  const exact = run.length === text.length;
  const last = points.length - 2;
  const found = [];
  let at = 0;
  for (let index = 0; index <= Math.max(last, 0); index++) {
    const pair = points.slice(index, index + 2).join('');
    const [start, end] = exact ? [at, at + pair.length] : [0, text.length];
    found.push(word(start, end, pair, [pair], last >= 0 && index === last ? [points[last + 1]] : []));
    at += points[index].length;
  }
  return found;
}
