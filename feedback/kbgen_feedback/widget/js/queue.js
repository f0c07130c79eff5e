const QUEUED = 'kb.q.';
const QUEUED_MOST = 500;
const QUEUED_MS = 7 * 24 * 3600 * 1000;

/**
 * Events on their way to one collector. Each has an entry of its own in localStorage, so that tabs
 * cannot overwrite each other's; where storage is blocked they live as long as the page.
 */
class Queue {
  /** @param {string} collector its address: pages of other sites may share the storage */
  constructor(collector) {
    this.collector = collector;
    this.memory = new Map();
  }

  /** Adds an event, or puts it in place of an unsent one of the same id; it is due after `holdMs`. */
  put(event, holdMs = 0) {
    this.write({ to: this.collector, after: holdMs && Date.now() + holdMs, event });
  }

  /** Makes entries wait; used after a beacon, whose answer nobody hears. */
  hold(entries, ms) {
    for (const { event } of entries) this.put(event, ms);
  }

  /** True while an event waits. */
  has(id) {
    return this.memory.has(id) || stored('localStorage', QUEUED + id) !== null;
  }

  remove(entries) {
    for (const { event } of entries) {
      this.memory.delete(event.id);
      store('localStorage', QUEUED + event.id, null);
    }
  }

  /** All entries for this collector, oldest first; what is too old or too much goes. */
  entries() {
    const found = [...this.memory.values(), ...this.names().map((name) => stored('localStorage', name))];
    const mine = found.filter((entry) => entry && entry.to === this.collector && entry.event);
    mine.sort((one, other) => (one.event.at < other.event.at ? -1 : 1));
    const keep = mine.filter((entry) => Date.now() - Date.parse(entry.event.at) < QUEUED_MS).slice(-QUEUED_MOST);
    if (keep.length < mine.length) this.remove(mine.filter((entry) => !keep.includes(entry)));
    return keep;
  }

  write(entry) {
    const { id } = entry.event;
    if (store('localStorage', QUEUED + id, entry)) this.memory.delete(id);
    else this.memory.set(id, entry);
  }

  names() {
    try {
      return Object.keys(localStorage).filter((name) => name.startsWith(QUEUED));
    } catch (blocked) {
      return [];
    }
  }
}
