/** Each time a page is on screen, also one that was swapped in without loading. */
function enterPage(dialog) {
  if (dialog.dialog.open) dialog.close();
  extendTrail();
  watchWideBoxes();
  const opened = openedHere();
  if (opened) {
    markArticle(opened.terms, opened.q);
    showFound(location.hash);
  }
  suggestForMissingPage();
  openFromAddress(dialog);
}

/** Esc takes the marks away when nothing else wants the key. */
function listenForKeys(dialog) {
  document.addEventListener('keydown', (event) => {
    if (event.key === 'Escape' && !dialog.dialog.open) unmarkArticle();
    if (!opensSearch(event) || (event.key === '/' && dialog.dialog.open)) return;
    event.preventDefault();
    event.stopImmediatePropagation();
    dialog.open();
  }, true);
}

/** Opens the dialog for the query that a shared address carries. */
function openFromAddress(dialog) {
  const q = new URLSearchParams(location.search).get('q');
  if (q && q.trim()) dialog.open(q.trim().slice(0, QUERY_MOST));
}

function start() {
  const dialog = new SearchDialog();
  const button = document.querySelector('.kb-open') || addButton();
  labelShortcut(button);
  document.documentElement.classList.add('kb-on');
  document.addEventListener('click', (event) => {
    if (event.target instanceof Element && event.target.closest('.kb-open')) dialog.open();
  });
  listenForKeys(dialog);
  window.addEventListener('pagehide', () => dialog.settler.settle('blur'));
  window.addEventListener('pageshow', (event) => event.persisted && dialog.dialog.open && dialog.settler.again());
  kb.open = (q) => dialog.open(q);
  kb.contactLink = contactLink;
  if (window.document$) window.document$.subscribe(() => enterPage(dialog));
  else enterPage(dialog);
}

if (window.HTMLDialogElement) start();
