const RECENT = 'kb.recent';
const RECENT_KEPT = 8;

/** The reader's latest searches, newest first; they never leave the browser. */
function recentSearches() {
  const list = stored('localStorage', siteName(RECENT));
  return Array.isArray(list) ? list.filter((q) => typeof q === 'string').slice(0, RECENT_KEPT) : [];
}

/** Puts a search on top of the list. */
function rememberSearch(q) {
  const others = recentSearches().filter((other) => other !== q);
  store('localStorage', siteName(RECENT), [q, ...others].slice(0, RECENT_KEPT));
}

/** Clears the list. */
function forgetSearches() {
  store('localStorage', siteName(RECENT), null);
}

/** The recent searches as options of the list. */
function recentGroup(recent) {
  const options = recent.map((q) =>
    element('div', { role: 'option', class: 'kb-option kb-recent', 'aria-selected': 'false', 'data-query': q, dir: 'auto' }, q));
  const heading = element('p', { class: 'kb-heading', role: 'presentation' }, text('recent'));
  return element('div', { role: 'group', 'aria-label': text('recent') }, heading, ...options);
}
