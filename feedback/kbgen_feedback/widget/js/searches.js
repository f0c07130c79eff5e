/** Turns what the search dialog tells into one event a search, with every result opened from it. */
class Searches {
  constructor(post) {
    this.post = post;
    this.open = null;
    this.queries = [];
  }

  listen() {
    const on = (name, act) => document.addEventListener('kb:' + name, (event) => act(event.detail));
    on('search', (detail) => this.search(detail));
    on('click', ({ page, rank }) => this.extend({ clicked: [...((this.open && this.open.clicked) || []), { page, rank }] }));
    on('preview', () => this.extend({ previewed: true }));
    on('close', () => this.finish());
  }

  search({ q, results, total, settled_by, corrected }) {
    this.finish();
    const query = redacted(q);
    if (!query) return;
    this.queries = [...this.queries.filter((other) => other !== query), query].slice(-10);
    this.open = makeEvent('search', { q: query, results: total, shown: results.slice(0, 10), clicked: [], settled_by, page: meta('page') });
    if (corrected) this.open.corrected = redacted(corrected);
    this.post.draft(this.open);
  }

  extend(fields) {
    if (!this.open) return;
    Object.assign(this.open, fields);
    this.post.draft(this.open);
  }

  /** The search is over: nothing will be added to it. */
  finish() {
    if (this.open) this.post.send(this.open);
    this.open = null;
  }
}
