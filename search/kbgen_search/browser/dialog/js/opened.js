const OPENED = 'kb.opened';
const OPENED_FRESH_MS = 30000;

const isFresh = (opened) => Boolean(opened) && Date.now() - opened.at < OPENED_FRESH_MS;
const isHere = (opened) => opened.page === meta('page');

/** What was opened in new tabs just now. A tab does not see what another one has in its session. */
function passedOn() {
  const list = stored('localStorage', siteName(OPENED));
  return Array.isArray(list) ? list.filter(isFresh) : [];
}

/** Puts what waits for new tabs in place of what did; nothing at all when none does. */
function passOn(list) {
  store('localStorage', siteName(OPENED), list.length ? list : null);
}

/** Remembers, for the tab it opens in, which result was opened for which query. */
function rememberOpened(opened, isNewTab) {
  if (!isNewTab) return store('sessionStorage', OPENED, opened);
  passOn([...passedOn(), opened]);
  return setTimeout(() => passOn(passedOn()), OPENED_FRESH_MS + 1);
}

/** What was opened just now, when it is the page on screen; else null. */
function openedHere() {
  const passed = passedOn();
  const mine = passed.find(isHere);
  passOn(passed.filter((opened) => opened !== mine));
  if (mine) store('sessionStorage', OPENED, mine);
  const opened = mine || stored('sessionStorage', OPENED);
  return isFresh(opened) && isHere(opened) ? opened : null;
}
