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

/** Resolves to whether an unaccented word is, as it was typed, in articles of these locales. */
async function standsIn(locales, word) {
  for (const locale of locales) if (await (await openShelf(locale)).store.word(word)) return true;
  return false;
}

/** Articles of other locales that have every word, none that is shown already. */
async function elsewhere(query, locales, before, limit, filters) {
  const shown = new Set(before.map(([, result]) => result.page));
  const more = [];
  for (const locale of locales) {
    const shelf = await openShelf(locale);
    const search = await shelf.search(query, limit, true, filters);
    for (const one of shelf.complete(search)) {
      if (shown.has(one.record.id) || before.length + more.length >= limit) continue;
      shown.add(one.record.id);
      more.push([one, shelf.result(one, search)]);
    }
  }
  return more;
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
  const search = await shelf.search(query, limit, exact, filters, (word) => standsIn(locales.slice(1), word));
  const found = search.found.map((one) => [one, shelf.result(one, search)]);
  if (found.length < limit) found.push(...(await elsewhere(query, locales.slice(1), found, limit, filters)));
  const total = Math.max(search.total, found.length);
  const results = found.map(([, result]) => result);
  const terms = matchedWords(found.map(([one]) => one));
  return { query, lang: shelf.locale, total, took_ms: took(), results, ...readingOf(search), terms };
}

/** Loads what every search needs, ahead of the first one. */
kb.warm = async (lang) => {
  const [locale] = await siteLocales(lang);
  if (locale !== undefined) await openShelf(locale);
};

/** Resolves to the languages that the site has articles in, that of the page first. */
kb.locales = () => siteLocales();

function pageLocale() {
  const meta = document.querySelector('meta[name="kb:locale"]');
  return meta ? meta.content : document.documentElement.lang;
}
