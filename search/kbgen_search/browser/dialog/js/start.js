/** Each time a page is on screen: marks, the articles read, what a missing page may have been. */
function enterPage() {
  extendTrail();
  const opened = openedHere();
  if (opened) markArticle(opened.terms);
  suggestForMissingPage();
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
  if (q && q.trim()) dialog.open(q.trim().slice(0, 300));
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
  if (window.document$) window.document$.subscribe(enterPage);
  else enterPage();
  openFromAddress(dialog);
}

if (window.HTMLDialogElement) start();
