/* The ranking, as pure functions over numbers (see ranking.py). */
const LEVELS = 63;

/** The inverse document frequency of BM25 that is never negative. */
const rarity = (frequency, size) => Math.log(1 + (size - frequency + 0.5) / (frequency + 0.5));

const rounded = (value) => Math.floor(value * 1e6 + 0.5) / 1e6;

/** Numbers by article, with the list of the articles that have one. */
class Tally {
  constructor(size) {
    this.values = new Float64Array(size);
    this.articles = [];
  }

  get(article) {
    return this.values[article];
  }

  add(article, value) {
    if (!this.values[article]) this.articles.push(article);
    this.values[article] += value;
  }

  raise(article, value) {
    if (!this.values[article]) this.articles.push(article);
    if (value > this.values[article]) this.values[article] = value;
  }

  has(article) {
    return this.values[article] > 0;
  }

  /** Forgets the articles that a test does not pass. */
  keep(test) {
    const gone = this.articles.filter((article) => !test(article));
    this.articles = this.articles.filter(test);
    for (const article of gone) this.values[article] = 0;
  }
}

/** What a word adds to the score of each article: its best evidence there. */
function values(need, size) {
  const best = new Tally(size);
  for (const { rarity: rare, articles, impacts } of need.evidence) {
    const unit = rare / LEVELS;
    for (let at = 0; at < articles.length; at++) best.raise(articles[at], unit * impacts[at]);
  }
  return best;
}

/** Adds one word's values to the points of the articles; with `only`, of those that have some. */
function addPoints(points, need, only) {
  const found = values(need, points.values.length);
  for (const article of found.articles) {
    if (!only || points.get(article)) points.add(article, found.get(article));
  }
}

/** The score of every article that has a word of the query which means something. */
function scores(needs, size) {
  const telling = needs.filter((need) => !need.stop);
  const points = new Tally(size);
  for (const need of telling.length ? telling : needs) addPoints(points, need, false);
  if (telling.length) needs.filter((need) => need.stop).forEach((need) => addPoints(points, need, true));
  return points;
}

/** The best so many articles by falling score; equal ones (to 6 digits) by their number. */
function order(points, count) {
  const keys = Float64Array.from(points.articles, (article) => -rounded(points.get(article))).sort();
  const worst = keys[Math.min(count, keys.length) - 1];
  const entries = points.articles.map((article) => [article, -rounded(points.get(article))]).filter(([, key]) => key <= worst);
  return entries.sort((one, two) => one[1] - two[1] || one[0] - two[0]).slice(0, count).map(([article]) => article);
}
