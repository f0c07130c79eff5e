/* The ranking, as pure functions over numbers (see ranking.py). */
const LEVELS = 63;

/** The inverse document frequency of BM25 that is never negative. */
const rarity = (frequency, size) => Math.log(1 + (size - frequency + 0.5) / (frequency + 0.5));

const rounded = (value) => Math.floor(value * 1e6 + 0.5) / 1e6;

/** Adds to `best` what one way of finding a word is worth in each article, where it is more. */
function raise(best, evidence) {
  const unit = evidence.rarity / LEVELS;
  const { articles, impacts } = evidence;
  for (let at = 0; at < articles.length; at++) {
    const value = unit * impacts[at];
    if (value > (best.get(articles[at]) || 0)) best.set(articles[at], value);
  }
}

/** What a word adds to the score of each article: its best evidence there. */
function values(need) {
  const best = new Map();
  need.evidence.forEach((evidence) => raise(best, evidence));
  return best;
}

/** Adds one word's values to the points of the articles; with `only`, of those that have some. */
function addPoints(points, matched, need, only) {
  for (const [article, value] of values(need)) {
    if (only && !points.has(article)) continue;
    points.set(article, (points.get(article) || 0) + value);
    matched.set(article, (matched.get(article) || 0) + need.mass);
  }
}

/** The score of every article that has a word of the query which means something. */
function scores(needs, weights) {
  const telling = needs.filter((need) => !need.stop);
  const total = needs.reduce((sum, need) => sum + need.mass, 0);
  const points = new Map();
  const matched = new Map();
  for (const need of telling.length ? telling : needs) addPoints(points, matched, need, false);
  if (telling.length) needs.filter((need) => need.stop).forEach((need) => addPoints(points, matched, need, true));
  for (const [article, point] of points) {
    points.set(article, point * (1 - weights.coverage + (weights.coverage * matched.get(article)) / total));
  }
  return points;
}

/** The articles by falling score; equal ones (to 6 digits) by their number. */
function order(points) {
  const entries = Array.from(points, ([article, point]) => [article, rounded(point)]);
  return entries.sort((one, two) => two[1] - one[1] || one[0] - two[0]).map(([article]) => article);
}
