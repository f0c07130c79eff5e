const OPENED = 'kb.opened';
const OPENED_FRESH_MS = 30000;

/** Remembers, in this tab, which result was opened for which query. */
function rememberOpened(q, page, rank, terms) {
  store('sessionStorage', OPENED, { q, page, rank, terms, at: Date.now() });
}

/** What was opened just now, when it is the page on screen; else null. */
function openedHere() {
  const opened = stored('sessionStorage', OPENED);
  const here = opened && opened.page === meta('page') && Date.now() - opened.at < OPENED_FRESH_MS;
  return here ? opened : null;
}
