/* The articles of one locale, and how they are searched (see shelf.py and facets.py). */
const TERMS_TOLD = 20;
const LATER = 1 / 1000;

/** The numbers in a text, rising from -1 by the gaps it holds. */
function rising(text) {
  const numbers = new Numbers(text);
  const found = [];
  for (let value = -1; numbers.more(); ) found.push((value += numbers.next() + 1));
  return found;
}

/** How many of the articles have each value of each facet, the most frequent first. */
function counted(facets, articles) {
  const found = {};
  for (const [facet, values] of Object.entries(facets)) {
    const counts = Object.entries(values).map(([name, text]) => [name, rising(text).filter((one) => articles.get(one)).length]);
    const some = counts.filter(([, count]) => count).sort((one, two) => two[1] - one[1] || (one[0] < two[0] ? -1 : 1));
    if (some.length) found[facet] = some;
  }
  return found;
}

/** Takes the articles that lack a chosen value out of the points. */
function narrow(points, facets, filters) {
  for (const [facet, value] of Object.entries(filters || {})) {
    const numbers = new Set(rising((facets[facet] || {})[value] || ''));
    points.keep((article) => numbers.has(article));
  }
}

const target = (passage) => (passage ? { title: passage.heading, anchor: passage.anchor } : { title: '', anchor: '' });
const addressOf = (record, anchor) => (anchor ? record.url + '#' + anchor : record.url);

/** Orders articles: the best first, equal ones (to 6 digits) by their number. */
const byScore = (one, two) => rounded(two.score) - rounded(one.score) || one.article - two.article;

/** A test for articles that have every word of the query which means something. */
function withAll(needs) {
  const telling = needs.filter((need) => !need.stop);
  const having = (telling.length ? telling : needs).map((need) => new Set(need.evidence.flatMap((one) => one.articles)));
  return (article) => having.every((articles) => articles.has(article));
}

/** The ways to read a query whose only telling word may be misspelled (see shelf.py). */
function readings(groups) {
  const telling = groups.filter((group) => !group.stop);
  if (telling.length !== 1) return [groups];
  const [{ meant, options }] = telling;
  const typos = options.filter((one) => one.kind === 'typo').map((one) => [one]);
  const typed = options.filter((one) => one.kind !== 'typo');
  const ways = meant.length ? typos : [typed, ...typos];
  return ways.map((way) => groups.map((group) => (group.stop ? group : { ...group, options: way })));
}

/** Searches the articles of one locale. */
class Shelf {
  constructor(shelf, stemmer) {
    this.locale = shelf.locale;
    this.weights = shelf.weights;
    this.store = new Store(shelf);
    this.analyzer = new Analyzer(shelf.locale, stemmer, shelf.stops ? shelf.stops.split(' ') : []);
    this.planner = new Planner(this.store, this.analyzer, shelf.weights, shelf.synonyms);
  }

  /**
   * Resolves to the best articles for a query among those that the filters allow; a word that stands
   * elsewhere is not taken for a misspelling. With `whole` only articles with every word count.
   * Their texts are not read yet.
   */
  async search(query, limit, exact, filters, elsewhere, whole) {
    const [groups, known] = await Promise.all([this.planner.plan(query, exact, elsewhere), this.store.facets()]);
    const needs = groups.map((group) => this.need(group));
    const sought = this.sought(groups, needs);
    const points = scores(needs, this.store.size);
    const facets = counted(known, points);
    narrow(points, known, filters);
    if (whole) points.keep(withAll(needs));
    const ways = readings(groups);
    const found = await (ways.length > 1 ? this.inTurn(ways, points, limit) : this.best(points, sought, limit));
    return { query, groups, needs, sought, total: points.articles.length, facets, found };
  }

  /** An article found, once it is read. */
  read(found, { sought }) {
    return { ...found, reading: read(found.record, sought, this.analyzer) };
  }

  /** The best articles of several readings of a query, the best of each on top. */
  async inTurn(ways, among, limit) {
    const final = new Map();
    for (let place = 0; place < ways.length; place++) {
      const needs = ways[place].map((group) => this.need(group));
      const points = scores(needs, this.store.size);
      points.keep((article) => among.has(article));
      const best = await this.best(points, this.sought(ways[place], needs), limit);
      for (const one of best) {
        const score = ((1 - place * LATER) * one.score) / best[0].score;
        const before = final.get(one.article);
        if (!before || score > before.score) final.set(one.article, { ...one, score });
      }
    }
    return Array.from(final.values()).sort(byScore).slice(0, limit);
  }

  /** The best articles with their scores, for which the titles of more are read. */
  async best(points, sought, limit) {
    const head = order(points, Math.max(this.weights.reread, limit));
    const found = await Promise.all(head.map((article) => this.scored(article, sought, points.get(article))));
    return found.sort(byScore).slice(0, limit);
  }

  async scored(article, sought, points) {
    const record = await this.store.record(article);
    return { article, record, score: points * agreement(record, sought, this.analyzer, this.weights) };
  }

  need(group) {
    const share = group.stop ? this.weights.stop : 1;
    const evidence = group.options.map((one) => this.evidence(one, group, share)).filter((one) => one.articles.length);
    const mass = evidence.length ? most(evidence.map((one) => one.rarity)) : share * rarity(1, this.store.size);
    return { evidence, mass, stop: group.stop };
  }

  evidence(one, group, share) {
    const worth = one.discount * share;
    if (one.terms.length > 1) return this.together(one.terms, worth);
    const { frequency, articles, impacts } = this.store.term(one.terms[0]);
    const completed = group.options.filter((other) => other.kind === 'prefix');
    const common = one.kind === 'prefix' ? most(completed.map((other) => this.store.term(other.terms[0]).frequency)) : frequency;
    return { articles, impacts, rarity: rarity(common, this.store.size) * worth };
  }

  /** The articles that have all of some terms, with their impacts averaged. */
  together(terms, worth) {
    const found = terms.map((term) => this.store.term(term));
    const rares = found.map((one) => rarity(one.frequency, this.store.size));
    const impacts = found.map((one) => new Map(one.articles.map((article, at) => [article, one.impacts[at]])));
    const articles = found[0].articles.filter((article) => impacts.every((one) => one.has(article)));
    const total = rares.reduce((sum, rare) => sum + rare, 0);
    const level = (article) => rares.reduce((sum, rare, at) => sum + rare * impacts[at].get(article), 0) / total;
    return { articles, impacts: articles.map(level), rarity: total * worth };
  }

  /** What to look for in the texts; function words only when the query has nothing else. */
  sought(groups, needs) {
    const terms = new Map();
    const bare = groups.every((group) => group.stop);
    groups.forEach((group, number) => (bare || !group.stop ? group.options : []).flatMap((one) => this.telling(one.terms)).forEach((term) => {
      if (!terms.has(term)) terms.set(term, number);
    }));
    return { needs: terms, masses: needs.map((need) => need.mass), telling: groups.map((group) => !group.stop) };
  }

  /** Terms that stand for a word together, without function words (the `on` of `single sign on`). */
  telling(terms) {
    const some = terms.filter((term) => !this.analyzer.isStop(term));
    return some.length ? some : terms;
  }

  /** Resolves to whether each word of a text, as typed, is in an article. */
  async has(text) {
    return (await this.planner.plan(text, true)).every((group) => this.stands(group, this.need(group)));
  }

  /** The words of the query that nothing was found for, as they were typed (see shelf.py). */
  missing({ query, groups, needs }) {
    const bare = groups.every((group) => group.stop);
    const words = (known) => groups.filter((group, at) => this.stands(group, needs[at]) === known && (known || bare || !group.stop))
      .map((group) => group.word);
    const had = places(words(true), 0);
    const absent = words(false).filter((word) => !had.some(([start, end]) => start < word.end && word.start < end));
    return places(absent, 0).map(([start, end]) => query.slice(start, end));
  }

  /** Whether a word was found, or is so common that it counts for nothing. */
  stands(group, need) {
    return need.evidence.length > 0 || this.planner.frequency(group) > 0;
  }

  /** An article found as the response shows it. */
  result({ record, reading, score }, { sought }) {
    const section = target(reading.passage);
    return {
      page: record.id,
      url: addressOf(record, section.anchor),
      title: record.title,
      section,
      score: rounded(score),
      snippet: reading.quote.text,
      highlights: reading.quote.highlights,
      title_highlights: inPoints(record.title, places(hits(this.analyzer.words(record.title), sought), 0)),
      sections: reading.others.map(({ heading, anchor }) => ({ title: heading, anchor, url: addressOf(record, anchor) })),
      area: record.area,
      locale: this.locale,
    };
  }
}

/** The passage of the first article that answers the question by itself, if it does. */
function answerOf([first]) {
  if (!first || !first.reading.answer) return null;
  const { record, reading } = first;
  const section = target(reading.passage);
  return { page: record.id, url: addressOf(record, section.anchor), title: record.title, section, ...reading.answer };
}

/** The query with the words that were read as others replaced, '' when none were. */
function correctedText(query, groups) {
  let text = '';
  let at = 0;
  for (const { meant, word: { start, end } } of groups) {
    if (!meant.length) continue;
    text += query.slice(at, start) + meant.join(' ');
    at = end;
  }
  return at ? text + query.slice(at) : '';
}

/** The words, as written in the articles found, that answer the query. */
const matchedWords = (found) => unique(found.flatMap((one) => one.reading.words)).slice(0, TERMS_TOLD);

/** The parts of a response that tell how the query was read. */
function readingOf({ query, groups, facets }, found) {
  const typed = ({ word: { start, end } }) => query.slice(start, end);
  const corrected = correctedText(query, groups);
  return {
    suggestions: corrected ? [corrected] : [],
    corrected,
    corrections: groups.filter((one) => one.meant.length).map((one) => ({ from: typed(one), to: one.meant.join(' ') })),
    facets,
    answer: answerOf(found),
  };
}
