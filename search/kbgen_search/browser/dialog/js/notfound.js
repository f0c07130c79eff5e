/** The words of an address that is not there: "guide/reset-pasword.html" gives "guide reset pasword". */
function wordsOfPath(path) {
  return decoded(path).replace(/(index)?(\.\w+)?$/, '').split(/[^\p{L}\p{M}\p{N}]+/u).filter(Boolean).slice(-8).join(' ');
}

/** Articles that the address may have meant: of the language whose folder it leads into, else of another that has some. */
async function meantArticles() {
  const { pathname } = location;
  const path = pathname.startsWith(meta('base')) ? pathname.slice(meta('base').length) : pathname;
  const locales = kb.locales ? await kb.locales() : [];
  const folder = path.split('/')[0].replace('_', '-').toLowerCase();
  const own = locales.find((locale) => locale.toLowerCase() === folder);
  const words = wordsOfPath(own ? path.slice(own.length) : path);
  for (const lang of words ? [own || meta('locale'), ...locales] : []) {
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
