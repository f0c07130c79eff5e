/** The words of an address that is not there: "guide/reset-pasword.html" gives "guide reset pasword". */
function wordsOfPath(path) {
  return decoded(path).replace(/\.\w+$/, '').replace(/index$/, '').split(/[^\p{L}\p{M}\p{N}]+/u).filter(Boolean).slice(-8).join(' ');
}

/** On a page that says "not found": the articles that the address may have meant. */
async function suggestForMissingPage() {
  const words = meta('notfound') && wordsOfPath(location.pathname);
  if (!words) return;
  try {
    const response = await kb.search(words, { limit: 3, lang: meta('locale') || undefined });
    const list = nearestList(text('notfound'), response.results.length ? response.results : response.nearest);
    if (list) articleElement().append(element('div', { class: 'kb kb-notfound' }, list));
  } catch (unavailable) {
    // The page says what it has to say without the list.
  }
}
