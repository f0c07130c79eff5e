const NOTED_MOST = 1000;

/** One page's life: what is observed begins when it is shown and is sent when it goes. */
class Page {
  constructor(post, searches) {
    this.post = post;
    this.searches = searches;
    this.view = null;
    this.observes = !asksForPrivacy();
  }

  /** A page is on screen. */
  enter() {
    this.finish();
    if (meta('notfound')) this.tellMissing();
    if (!meta('page')) return;
    this.view = new View();
    const question = new Question(new Votes(this.post, () => this.view.dwell()));
    this.post.sender.onFailure = () => question.undelivered();
    question.show();
  }

  /** Something happened on the page that shows it was of use: "printed" or "copied". */
  note(what) {
    if (this.view) this.view.event[what] = true;
  }

  /** The page was shown or hidden; hidden pages may never come back, so what is known is kept. */
  show(visible) {
    if (!this.view) return;
    this.view.show(visible);
    if (!visible && this.observes && this.view.dwell() > 0) this.post.draft(this.view.now());
  }

  finish() {
    const { view } = this;
    // A page that was never before anyone's eyes (opened behind, rendered ahead) was not viewed.
    if (view && this.observes && view.dwell() > 0) this.post.send(view.now());
    this.view = null;
  }

  leave() {
    this.searches.finish();
    this.finish();
    this.post.leave();
  }

  /** An address that does not exist; paths of a reader's own disk are nobody's business. */
  tellMissing() {
    if (!this.observes || location.protocol === 'file:') return;
    const path = decodedPath(location.pathname);
    const referrer = documentOf(document.referrer);
    this.post.send(makeEvent('notfound', { path, referrer }));
  }
}

/** A path as people read it, within bounds. */
function decodedPath(path) {
  try {
    return decodeURI(path).slice(0, NOTED_MOST);
  } catch (malformed) {
    return path.slice(0, NOTED_MOST);
  }
}

/** What the reader says on purpose in the search dialog. */
function listenForWords(post, searches) {
  document.addEventListener('kb:wanted', ({ detail }) => {
    post.send(makeEvent('wanted', { q: redacted(detail.q), text: redacted(detail.text, 500), page: meta('page') }));
  });
  document.addEventListener('kb:contact', ({ detail }) => {
    const queries = Array.from(new Set([...searches.queries, redacted(detail.q)])).filter(Boolean).slice(-10);
    if (!asksForPrivacy()) post.send(makeEvent('contact', { page: meta('page'), queries, pages: detail.pages.slice(-10) }));
  });
}

function listenForUse(page) {
  if (page.observes) document.addEventListener('click', rememberWay, true);
  document.addEventListener('visibilitychange', () => page.show(!document.hidden));
  document.addEventListener('copy', () => page.note('copied'));
  window.addEventListener('beforeprint', () => page.note('printed'));
  window.addEventListener('pagehide', () => page.leave());
  window.addEventListener('pageshow', (event) => event.persisted && page.enter());
}

function start(collector) {
  const post = new Post(collector);
  const searches = new Searches(post);
  const page = new Page(post, searches);
  if (page.observes) searches.listen();
  listenForWords(post, searches);
  listenForUse(page);
  post.open();
  if (window.document$) window.document$.subscribe(() => page.enter());
  else page.enter();
}

if (collectorAddress()) start(collectorAddress());
