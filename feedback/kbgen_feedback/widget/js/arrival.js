const WAY = 'kb.way';
const OPENED = 'kb.opened';
const COUNTED = 'kb.counted';

/** The search result through which the page was opened; null when it was another way. */
function openedResult() {
  const opened = stored('sessionStorage', OPENED);
  return opened && meta('page') && opened.page === meta('page') ? opened : null;
}

/** The query that led to the article, "" when none did. */
function leadingQuery() {
  const opened = openedResult();
  return opened && !asksForPrivacy() ? redacted(opened.q || '') : '';
}

/** Remembers at a click where it leads and what kind of link it was. */
function rememberWay(event) {
  const link = event.target instanceof Element && event.target.closest('a[href]');
  if (!link || link.closest('.kb-dialog')) return;
  const kind = meta('notfound') ? 'notfound' : link.closest('[data-kb-path]') ? 'path' : 'nav';
  store('sessionStorage', WAY, { href: documentOf(link.href), kind });
}

/** The kind of the link that was clicked on the page before, if it led here. */
function rememberedWay() {
  const way = stored('sessionStorage', WAY);
  store('sessionStorage', WAY, null);
  return way && way.href === documentOf(location.href) ? way.kind : '';
}

/** True when the page was loaded again or came back from the history. */
function isReturn() {
  const [entry] = performance.getEntriesByType('navigation');
  return Boolean(entry) && entry.type !== 'navigate';
}

/** True when the link that led here was on this site. */
function isFromSite() {
  return Boolean(document.referrer) && new URL(document.referrer).origin === location.origin;
}

/** How the reader came: search, nav, path, external or notfound. */
function arrival() {
  const opened = openedResult();
  const way = rememberedWay();
  if (opened && opened.at !== stored('sessionStorage', COUNTED)) {
    store('sessionStorage', COUNTED, opened.at);
    return 'search';
  }
  return way || (isReturn() || isFromSite() ? 'nav' : 'external');
}
