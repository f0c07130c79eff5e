const SOON_MS = 600;
const DRAFT_MS = 600000;

/** Where events go: into the queue at once, to the collector soon. Drafts wait for their end. */
class Post {
  constructor(collector) {
    this.queue = new Queue(collector);
    this.sender = new Sender(this.queue, collector + '/v1/events');
    this.drafts = new Map();
  }

  /** An event that is final. */
  send(event) {
    this.drafts.delete(event.id);
    this.queue.put(event);
    this.sender.later(SOON_MS);
  }

  /** An event that may still change: kept safe, sent when it is final or the page goes away. */
  draft(event) {
    this.drafts.set(event.id, event);
    this.queue.put(event, DRAFT_MS);
  }

  /** True while a draft can still be changed. */
  isDraft(id) {
    return this.drafts.has(id) && this.queue.has(id);
  }

  /** The page goes away: what is there is final. */
  leave() {
    for (const event of [...this.drafts.values()]) {
      if (this.queue.has(event.id)) this.queue.put(event);
    }
    this.drafts.clear();
    this.sender.beacon();
  }

  /** Begins to deliver, also what earlier pages and other tabs left behind. */
  open() {
    this.sender.later(SOON_MS);
    window.addEventListener('online', () => {
      this.sender.failures = 0;
      this.sender.later(0);
    });
    document.addEventListener('visibilitychange', () => !document.hidden && this.sender.later(SOON_MS));
  }
}
