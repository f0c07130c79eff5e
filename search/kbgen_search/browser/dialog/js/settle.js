const IDLE_MS = 1000;

/** Finds out when a query is settled: by Enter, a click, leaving, or a second without typing. */
class Settler {
  /** @param {function({q: string, response: Object}, string)} report called once a query */
  constructor(report) {
    this.report = report;
    this.query = '';
    this.told = '';
    this.shown = null;
    this.waiting = '';
    this.timer = 0;
  }

  /** The reader typed: nothing is settled yet. */
  type(query) {
    this.query = query;
    this.waiting = '';
    clearTimeout(this.timer);
    this.timer = setTimeout(() => this.settle('idle'), IDLE_MS);
  }

  /** The page came back from the browser's memory with its results: they are looked at anew. */
  again() {
    this.told = '';
    this.type(this.query);
  }

  /** Results of a query are on screen. */
  show(q, response) {
    this.shown = { q, response };
    if (this.waiting) this.settle(this.waiting);
  }

  /** The query is settled; told as soon as its results are on screen. */
  settle(by) {
    clearTimeout(this.timer);
    if (!this.query || this.query === this.told) return;
    if (!this.shown || this.shown.q !== this.query) {
      this.waiting = by;
      return;
    }
    this.waiting = '';
    this.told = this.query;
    this.report(this.shown, by);
  }
}
