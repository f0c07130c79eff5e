/** The words of an address that is not there: "guide/reset-pasword.html" gives "guide reset pasword". */
function wordsOfPath(path) {
  return decoded(path).replace(/\.\w+$/, '').replace(/index$/, '').split(/[^\p{L}\p{M}\p{N}]+/u).filter(Boolean).slice(-8).join(' ');
}

/** The address of the page from the site's root on. */
function pathInSite() {
  const { pathname } = location;
  return pathname.startsWith(meta('base')) ? pathname.slice(meta('base').length) : pathname;
}

/** The language whose folder a path leads into: "pt-BR" for "pt_br/guide/"; undefined for none. */
function localeOfPath(path, locales) {
  const folder = path.split('/')[0].replace('_', '-').toLowerCase();
  return locales.find((locale) => locale.toLowerCase() === folder);
}

/** Articles that the address may have meant: of its own language, else of another that has some. */
async function meantArticles() {
  const path = pathInSite();
  const locales = kb.locales ? await kb.locales() : [meta('locale') || undefined];
  const own = kb.locales && localeOfPath(path, locales);
  const words = wordsOfPath(own ? path.slice(own.length) : path);
  for (const lang of words ? new Set([own || locales[0], ...locales]) : []) {
    const { results, nearest } = await kb.search(words, { limit: 3, lang });
    if (results.length || nearest) return results.length ? results : nearest;
  }
  return [];
}

/** On a page that says "not found": the articles that the address may have meant. */
async function suggestForMissingPage() {
  if (!meta('notfound')) return;
  try {
    const list = nearestList(text('notfound'), await meantArticles());
    if (list) articleElement().append(element('div', { class: 'kb kb-notfound' }, list));
  } catch (unavailable) {
    // The page says what it has to say without the list.
  }
}
