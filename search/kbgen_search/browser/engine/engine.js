/* The search: a reader's words in, ranked articles out (see engine.py). */
const LONGEST_TEXT = 400;
const MOST_WORDS = 32;
const shelves = new Map();

/** The groups of a query; the last word is marked when it may still be being typed. */
function parse(text, analyzer) {
  text = Array.from(text).slice(0, LONGEST_TEXT).join('');
  const words = analyzer.words(text).slice(0, MOST_WORDS);
  const groups = words.map((one) => ({
    word: one,
    options: unique(one.whole ? [...one.terms, one.whole] : one.terms).map((term) => ({ terms: [term], discount: 1 })),
    stop: analyzer.isStop(one.surface),
    last: false,
  }));
  if (groups.length && words[words.length - 1].end === text.length) groups[groups.length - 1].last = true;
  return groups;
}

/** The articles of one locale, and how they are searched. */
class Shelf {
  constructor(shelf, stemmer) {
    this.locale = shelf.locale;
    this.weights = shelf.weights;
    this.store = new Store(shelf);
    this.analyzer = new Analyzer(shelf.locale, stemmer, shelf.stops ? shelf.stops.split(' ') : []);
  }

  async search(query, limit) {
    const groups = parse(query, this.analyzer);
    await this.store.prepare(groups.flatMap((group) => group.options.flatMap((option) => option.terms)));
    const needs = groups.map((group) => this.need(group));
    const sought = this.sought(groups, needs);
    const points = scores(needs, this.weights);
    const head = order(points).slice(0, Math.max(this.weights.reread, limit));
    const found = await Promise.all(head.map((article) => this.reading(article, sought)));
    const byArticle = new Map(found.map((one) => [one.article, one]));
    const final = new Map(found.map((one) => [one.article, points.get(one.article) * one.reading.factor]));
    const best = order(final).slice(0, limit);
    return { total: points.size, results: best.map((article) => this.result(byArticle.get(article), final.get(article))) };
  }

  need(group) {
    const share = group.stop ? this.weights.stop : 1;
    const evidence = group.options.map((option) => this.evidence(option, share)).filter((one) => one.articles.length);
    const mass = evidence.length ? most(evidence.map((one) => one.rarity)) : share * rarity(1, this.store.size);
    return { evidence, mass, stop: group.stop };
  }

  evidence(option, share) {
    const { frequency, articles, impacts } = this.store.term(option.terms[0]);
    return { articles, impacts, rarity: rarity(frequency, this.store.size) * option.discount * share };
  }

  /** What to look for in the texts: which word of the query each term answers. */
  sought(groups, needs) {
    const terms = new Map();
    groups.forEach((group, number) => group.options.forEach((option) => option.terms.forEach((term) => {
      if (!terms.has(term)) terms.set(term, number);
    })));
    return { needs: terms, masses: needs.map((need) => need.mass), telling: groups.map((group) => !group.stop) };
  }

  async reading(article, sought) {
    const record = await this.store.record(article);
    return { article, record, reading: read(record, sought, this.analyzer, this.weights) };
  }

  result({ record, reading }, score) {
    const section = reading.passage ? { title: reading.passage.heading, anchor: reading.passage.anchor } : { title: '', anchor: '' };
    return {
      page: record.id,
      url: section.anchor ? record.url + '#' + section.anchor : record.url,
      title: record.title,
      section,
      score: rounded(score),
      snippet: reading.quote.text,
      highlights: inPoints(reading.quote.text, reading.quote.highlights),
      locale: this.locale,
    };
  }
}

/** Places in UTF-16 units as places in code points. */
function inPoints(text, places) {
  const points = (at) => Array.from(text.slice(0, at)).length;
  return places.map(([start, end]) => [points(start), points(end)]);
}

/** The articles of the locale that fits best, loaded the first time they are asked for. */
async function openShelf(lang) {
  const found = await openStore(lang);
  if (!found) return null;
  if (found.v !== FORMAT) throw new IndexError('The search index was made by another version of kbgen.');
  if (!shelves.has(found)) {
    const stemmer = found.stemmer && (await load(found.locale + '/' + found.stemmer + '.js', 'stemmer'));
    shelves.set(found, new Shelf(found, stemmer));
  }
  return shelves.get(found);
}

/**
 * Searches the site's articles.
 * @param {string} text what the reader typed
 * @param {{limit?: number, lang?: string}} [options]
 * @returns {Promise<object>} what `kbgen search --json` prints
 */
kb.search = async (text, options) => {
  const started = performance.now();
  const { limit = 10, lang } = options || {};
  const query = String(text);
  const shelf = await openShelf(lang || pageLocale());
  const { total, results } = shelf ? await shelf.search(query, limit) : { total: 0, results: [] };
  const took = Math.round((performance.now() - started) * 100) / 100;
  return { query, lang: shelf ? shelf.locale : '', total, took_ms: took, results, suggestions: [] };
};

/** Loads what every search needs, ahead of the first one. */
kb.warm = async (lang) => {
  await openShelf(lang || pageLocale());
};

function pageLocale() {
  const meta = document.querySelector('meta[name="kb:locale"]');
  return meta ? meta.content : document.documentElement.lang;
}
