/* From a query's words to all that may stand for them (see planning.py and queries.py). */
const LONGEST_TEXT = 400;
const MOST_WORDS = 32;
const COMPLETED = 16;
const KNOWN_COMPLETED = 6;
const PARTICLE = 3;
const BRIEF = 4;
const WHOLE = 4;
const DOUBTED = 3;
const BEST = 3;
const LIKELY = 3;

const option = (terms, discount, kind) => ({ terms, discount, kind });
const singles = (options) => options.flatMap((one) => one.terms);

/** What a word is found by as it stands; a name found as a whole counts once, not with each part. */
function exactOptions(one, words, analyzer) {
  const parts = unique(one.terms).map((term) => option([term], 1, 'exact'));
  const whole = one.whole && analyzer.wholeTerm(one.whole);
  if (!whole || one.terms.includes(whole)) return parts;
  return [...parts, option([whole], 1 / words.filter((other) => other.whole === one.whole).length, 'exact')];
}

/** The groups of a query; the last word is marked when it may still be being typed. */
function parse(text, analyzer) {
  text = Array.from(text).slice(0, LONGEST_TEXT).join('');
  const words = analyzer.words(text).slice(0, MOST_WORDS);
  return words.map((one, at) => ({
    word: one,
    options: exactOptions(one, words, analyzer),
    stop: analyzer.isStop(one.surface),
    last: at === words.length - 1 && one.end === text.length,
    meant: [],
  }));
}

/** Adds what the words also mean; a rule may span several words. */
function addSynonyms(groups, rules, discount) {
  const terms = groups.map((group) => group.word.terms[0]);
  for (const [said, meant] of rules) {
    for (let at = 0; at + said.length <= terms.length; at++) {
      if (!said.every((term, by) => terms[at + by] === term)) continue;
      const found = option(meant, discount / said.length, 'synonym');
      groups.slice(at, at + said.length).forEach((group) => group.options.push(found));
    }
  }
}

/** Plans queries for one index. */
class Planner {
  constructor(store, analyzer, weights, synonyms) {
    Object.assign(this, { store, analyzer, weights, synonyms });
  }

  /** Resolves to the groups of a query with all their options, whose terms are then loaded. */
  async plan(text, exact, elsewhere) {
    const groups = parse(text, this.analyzer);
    addSynonyms(groups, this.synonyms, this.weights.synonym);
    await this.prepare(groups);
    await this.join(groups);
    for (const group of groups) await this.complete(group);
    if (!exact) for (const group of groups) await this.correct(group, elsewhere);
    await this.prepare(groups);
    return groups;
  }

  prepare(groups) {
    return this.store.prepare(groups.flatMap((group) => singles(group.options)));
  }

  /** In how many articles a word is found as it stands. */
  frequency(group) {
    const exact = group.options.filter((one) => one.kind === 'exact');
    return most(exact.map((one) => this.store.term(one.terms[0]).frequency));
  }

  /** Lets neighbours that may be one word (`re install`, `log in`) be found as one. */
  async join(groups) {
    for (let at = 0; at + 1 < groups.length; at++) {
      const [one, two] = [groups[at], groups[at + 1]];
      if (!this.mayJoin(one, two)) continue;
      const terms = this.analyzer.terms(one.word.surface + two.word.surface).slice(0, 1);
      await this.store.prepare(terms);
      if (!this.store.term(terms[0]).frequency) continue;
      for (const half of [one, two]) half.options.push(option(terms, this.joinedShare(half), 'joined'));
    }
  }

  /** What half of a joined word is worth as the whole, the more if it is no word. */
  joinedShare(half) {
    return this.frequency(half) ? this.weights.joined / 2 : Math.min(1, 2 * this.weights.joined);
  }

  mayJoin(one, two) {
    const [first, second] = [one.word.surface, two.word.surface];
    if (one.stop || !ALPHABETIC.test(first) || !ALPHABETIC.test(second) || seamless(first)) return false;
    if (two.stop) return first.length <= BRIEF && second.length <= PARTICLE;
    return Math.min(first.length, second.length) <= PARTICLE || !this.frequency(one) || !this.frequency(two);
  }

  /** Adds the words that the last word may be the beginning of, or that begin with any word of a language of compounds. */
  async complete(group) {
    const bare = fold(group.word.surface);
    const compound = this.analyzer.compounds && bare.length >= WHOLE;
    if (group.stop || !(group.last ? bare.length > 1 || seamless(bare) : compound)) return;
    const known = !group.last || this.frequency(group) > 0;
    const words = await completions(bare, this.store);
    group.begun = group.last && words.length > 0 && words[0].count >= LIKELY;
    const { compound: whole, known_prefix: some, prefix } = this.weights;
    const discount = group.last ? (known ? some : prefix) : whole;
    const found = written(words).slice(0, known ? KNOWN_COMPLETED : COMPLETED).map((one) => [this.analyzer.terms(one)[0]]);
    this.add(group, found.map((terms) => option(terms, discount, 'prefix')), COMPLETED);
  }

  /** Adds the first so many options of different terms that the group does not have yet. */
  add(group, options, count) {
    const had = new Set(group.options.map((one) => one.terms.join(' ')));
    const fresh = new Map();
    for (const one of options) {
      const key = one.terms.join(' ');
      if (!had.has(key) && !fresh.has(key)) fresh.set(key, one);
    }
    group.options.push(...Array.from(fresh.values()).slice(0, count));
  }

  async correct(group, elsewhere) {
    const frequency = this.frequency(group);
    if (group.stop || group.begun || frequency > 1 + Math.floor(this.store.size / 5000)) return;
    const bare = fold(group.word.surface);
    const own = frequency && (await this.store.word(bare));
    if (own) return this.doubt(group, own);
    const begins = group.options.some((one) => one.kind === 'prefix');
    const found = await corrections(bare, this.store, begins);
    const meant = found.length && !frequency && !begins ? found[0].words : [];
    if (meant.length && (await elsewhere(bare))) return;
    this.add(group, found.map((one) => this.correction(one)), BEST);
    group.meant = meant;
  }

  correction({ words, edits }, kind = 'typo') {
    const terms = words.map((one) => this.analyzer.terms(one)[0]);
    return option(terms, edits === 1 ? this.weights.typo : this.weights.second_typo, kind);
  }

  /** Lets a rare word also be found as a much commoner one that is one edit away. */
  async doubt(group, { bare, count }) {
    if (bare.length < BRIEF_WORD || !ALPHABETIC.test(bare)) return;
    const near = neighbours(bare, await alike(bare, this.store), this.store.size);
    const common = written(near.filter((one) => one.count >= DOUBTED + count));
    this.add(group, common.map((word) => this.correction({ words: [word], edits: 1 }, 'doubt')), BEST);
  }
}
