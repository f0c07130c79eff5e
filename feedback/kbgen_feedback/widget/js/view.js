/** One article on screen: how the reader came, and how long they had it before their eyes. */
class View {
  constructor() {
    this.visible = 0;
    this.since = document.hidden ? 0 : performance.now();
    this.event = makeEvent('view', { page: meta('page'), revision: meta('revision'), from: arrival() });
  }

  /** Visible time so far, in milliseconds. */
  dwell() {
    return Math.round(this.visible + (this.since ? performance.now() - this.since : 0));
  }

  /** The page was shown or hidden. */
  show(visible) {
    this.visible = this.dwell();
    this.since = visible ? performance.now() : 0;
  }

  /** The view as an event, as it stands. */
  now() {
    return { ...this.event, dwell_ms: this.dwell() };
  }
}
