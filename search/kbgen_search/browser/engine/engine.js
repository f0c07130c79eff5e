/* `kb.search`: a reader's words in, ranked articles out (see engine.py). */
const VERSION_MESSAGE = 'The search index was made by another version of kbgen. Reload the page.';
const shelves = new Map();
let renewed = '';

/** The locales in the order they are searched: as asked, of the same language, the others. */
function inOrder(locales, lang) {
  const language = (lang || '').split('-')[0];
  const rank = (locale) => (locale === lang ? 0 : locale.split('-')[0] === language ? 1 : 2);
  return locales.slice().sort((one, two) => rank(one) - rank(two));
}

async function siteLocales(lang) {
  const site = await load('index.js' + renewed, 'site');
  if (site.v !== FORMAT) throw new IndexError(VERSION_MESSAGE);
  return inOrder(site.locales, lang || pageLocale());
}

/** The articles of a locale, loaded the first time they are asked for. */
async function openShelf(locale) {
  const found = await load(locale + '/index.js' + renewed, 'shelf ' + locale);
  if (found.v !== FORMAT) throw new IndexError(VERSION_MESSAGE);
  if (!shelves.has(found)) {
    const stemmer = found.stemmer && (await load(locale + '/' + found.stemmer + '.js', 'stemmer'));
    shelves.set(found, new Shelf(found, stemmer));
  }
  return shelves.get(found);
}

/** Resolves to whether the articles of one of these locales pass a test. */
async function anyShelf(locales, test) {
  for (const locale of locales) if (await test(await openShelf(locale))) return true;
  return false;
}

const languageOf = (locale) => locale.split('-')[0];

/** Articles of the locales after the first that have every word, and their number (see engine.py). */
async function elsewhere(query, [own, ...others], before, limit, filters) {
  const candidates = [];
  let number = 0;
  for (const locale of others) {
    const shelf = await openShelf(locale);
    const search = await shelf.search(query, Math.max(limit, shelf.weights.reread), true, filters, null, true);
    number += search.total;
    const further = Number(languageOf(locale) !== languageOf(own));
    candidates.push(...search.found.map((found) => ({ further, found, search, shelf })));
  }
  const best = bestOfTranslations(candidates, new Set(before.map((one) => one.record.id)));
  const more = best.slice(0, limit - before.length).map(({ found, search, shelf }) => shown(shelf, search, found));
  return [more, number - candidates.length + best.length];
}

/** An article found, read, and the result that is shown. */
function shown(shelf, search, found) {
  const one = shelf.read(found, search);
  return [one, shelf.result(one, search)];
}

/** Candidates by falling score, one's own language first; of each article the best. */
function bestOfTranslations(candidates, but) {
  const best = new Map();
  candidates.sort((one, two) => one.further - two.further || rounded(two.found.score) - rounded(one.found.score));
  for (const one of candidates) {
    const { id } = one.found.record;
    if (!but.has(id) && !best.has(id)) best.set(id, one);
  }
  return Array.from(best.values());
}

/** Those of some words that articles of these locales have. */
async function knownIn(locales, words) {
  const known = [];
  for (const word of words) if (await anyShelf(locales, (shelf) => shelf.has(word))) known.push(word);
  return known;
}

/**
 * Searches the site's articles.
 * @param {string} text what the reader typed
 * @param {{limit?: number, lang?: string, exact?: boolean, filters?: Object<string, string>}} [options]
 *   how many articles, which language first, every word as typed, narrowed by area, tag, audience
 * @returns {Promise<object>} what `kbgen search --json` prints; rejected with a message that tells
 *   what is wrong when the index cannot be used
 */
kb.search = async (text, options) => {
  try {
    return await answer(text, options || {});
  } catch (problem) {
    if (!(problem instanceof IndexError)) throw problem;
    // The site may have been built anew since the page was opened: once more with new directories.
    renewed = '?' + Date.now();
    return answer(text, options || {});
  }
};

async function answer(text, { limit = 10, lang, exact = false, filters }) {
  const started = performance.now();
  const query = String(text);
  const locales = await siteLocales(lang);
  const took = () => Math.round((performance.now() - started) * 100) / 100;
  if (!locales.length) return { query, lang: '', total: 0, took_ms: took(), results: [], suggestions: [] };
  const shelf = await openShelf(locales[0]);
  // An unaccented word that is, as it was typed, in another language is not misspelled.
  const stands = (word) => anyShelf(locales.slice(1), (other) => other.store.word(word));
  const search = await shelf.search(query, limit, exact, filters, stands);
  const own = search.found;
  const [more, others] = own.length < limit ? await elsewhere(query, locales, own, limit, filters) : [[], 0];
  const found = [...own.map((one) => shown(shelf, search, one)), ...more];
  const read = found.map(([one]) => one);
  const missing = shelf.missing(search);
  const known = await knownIn(locales.slice(1), missing);
  const results = found.map(([, result]) => result);
  const terms = matchedWords(read);
  const total = search.total + others;
  return { query, lang: shelf.locale, total, took_ms: took(), results, ...readingOf(search, read.slice(0, own.length)), missing, elsewhere: known, terms };
}

/** Loads what every search needs, ahead of the first one. */
kb.warm = async (lang) => {
  const [locale] = await siteLocales(lang);
  if (locale !== undefined) await openShelf(locale);
};

/** Resolves to the addresses of all files of an index, and that of the folder which has no others. */
kb.files = async (lang) => {
  const [locale] = await siteLocales(lang);
  const { stemmer } = await load(locale + '/index.js' + renewed, 'shelf ' + locale);
  const { store } = await openShelf(locale);
  const paths = ['index.js', locale + '/index.js', ...(stemmer ? [locale + '/' + stemmer + '.js'] : []), ...store.paths()];
  const folder = base() + 'search/';
  return { folder: folder + locale + '/', files: paths.map((path) => folder + path) };
};

/** Resolves to the languages that the site has articles in, that of the page first. */
kb.locales = () => siteLocales();

function pageLocale() {
  const meta = document.querySelector('meta[name="kb:locale"]');
  return meta ? meta.content : document.documentElement.lang;
}
