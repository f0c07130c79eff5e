/** The name under which a vote is kept; translations may share their page's id. */
function voteName(page) {
  return siteName('kb.vote.' + page + ':' + localeOf('vote'));
}

/** The reader's latest vote on an article, kept in this browser: `{token, value, revision}`. */
function storedVote(page) {
  // Votes were once kept by page alone; that one was on this translation, only its revision tells.
  const older = stored('localStorage', siteName('kb.vote.' + page));
  return stored('localStorage', voteName(page)) || (older && older.revision === meta('revision') ? older : null);
}

/** Votes on one article: each later one takes the place of the earlier. */
class Votes {
  /**
   * @param {Post} post
   * @param {function(): number} dwell visible time in milliseconds
   */
  constructor(post, dwell) {
    this.post = post;
    this.dwell = dwell;
    this.page = meta('page');
    const before = storedVote(this.page);
    this.token = (before && before.token) || randomId().replace(/-/g, '');
    this.value = before && before.revision === meta('revision') ? before.value : '';
    this.last = null;
  }

  /** A vote as an event; it replaces a draft that was not sent yet. */
  make(value, reasons, comment) {
    // Another tab may have voted since: one reader has one vote.
    const known = storedVote(this.page);
    if (known && known.token) this.token = known.token;
    const fields = {
      page: this.page, revision: meta('revision'), value, reasons, comment, q: leadingQuery(),
      token: this.token, dwell_ms: Math.round(this.dwell()),
    };
    const event = makeEvent('vote', fields);
    if (this.last && this.post.isDraft(this.last.id)) event.id = this.last.id;
    this.last = event;
    return event;
  }

  /** True while the latest vote has not reached the collector. */
  isWaiting() {
    return Boolean(this.last) && this.post.queue.has(this.last.id);
  }

  /** Casts a vote; one that is still being explained waits for its reasons. */
  cast(value, { reasons = [], comment = '', final = true } = {}) {
    const event = this.make(value, reasons, comment);
    if (final) this.post.send(event);
    else this.post.draft(event);
    this.value = value;
    store('localStorage', voteName(this.page), { token: this.token, value, revision: meta('revision') });
  }
}
