const BATCH_EVENTS = 20;
const BATCH_BYTES = 8000;
const RETRY_MS = 2000;
const RETRY_MOST_MS = 300000;
const BEACON_MS = 5000;
const BEACONS_MOST = 4;
const REFUSED = [400, 413, 415, 422];

/** The first of the entries that fit into one request. */
function firstBatch(entries, most) {
  const batch = [];
  let bytes = 2;
  for (const entry of entries.slice(0, most)) {
    bytes += new Blob([JSON.stringify(entry.event)]).size + 1;
    if (batch.length && bytes > BATCH_BYTES) break;
    batch.push(entry);
  }
  return batch;
}

/** A batch as the body of a request. */
function bodyOf(batch) {
  return JSON.stringify(batch.map((entry) => entry.event));
}

/** Milliseconds that an answer asks to wait, or 0. */
function askedWait(answer) {
  return (Number(answer && answer.headers.get('Retry-After')) || 0) * 1000;
}

/** Runs a task unless another tab runs one of the same name; where locks are denied, always. */
function alone(name, task) {
  if (!navigator.locks) return task();
  return navigator.locks.request(name, { ifAvailable: true }, (lock) => lock && task()).catch(task);
}

/** Sends what is due, in batches; an event leaves the queue only when the collector has it. */
class Sender {
  /**
   * @param {Queue} queue
   * @param {string} url where batches are posted
   */
  constructor(queue, url) {
    /** Called when a batch could not be delivered. */
    this.onFailure = () => null;
    this.queue = queue;
    this.url = url;
    this.most = BATCH_EVENTS;
    this.failures = 0;
    this.timer = 0;
    this.busy = false;
  }

  /** Sends in `ms`, together with what is put until then. */
  later(ms) {
    clearTimeout(this.timer);
    this.timer = setTimeout(() => this.send(), ms);
  }

  /** Sends everything that is due now. */
  async send() {
    if (this.busy) return;
    this.busy = true;
    await alone('kb.send', () => this.sendDue());
    this.busy = false;
    this.schedule();
  }

  /** The next attempt: when the next entry is due, later after failures. */
  schedule() {
    const entries = this.queue.entries();
    if (!entries.length) return;
    const due = Math.min(...entries.map((entry) => entry.after)) - Date.now();
    const pause = this.failures ? Math.min(RETRY_MS * 2 ** (this.failures - 1), RETRY_MOST_MS) * (0.75 + Math.random() / 2) : RETRY_MS;
    this.later(Math.max(due, pause, this.asked || 0));
  }

  async sendDue() {
    const due = () => this.queue.entries().filter((entry) => entry.after <= Date.now());
    for (let batch = firstBatch(due(), this.most); batch.length; batch = firstBatch(due(), this.most)) {
      if (!(await this.deliver(batch))) return;
    }
  }

  /** Sends one batch; false when it is to be tried again later. */
  async deliver(batch) {
    const answer = await this.post(bodyOf(batch));
    this.asked = askedWait(answer);
    if (answer && answer.status === 202) return this.accepted(batch);
    if (answer && REFUSED.includes(answer.status)) return this.refused(batch);
    this.failures += 1;
    this.onFailure();
    return false;
  }

  accepted(batch) {
    this.queue.remove(batch);
    this.failures = 0;
    this.most = BATCH_EVENTS;
    return true;
  }

  /** A refused batch is sent again by halves, so that only the event at fault is given up. */
  refused(batch) {
    if (batch.length === 1) return this.accepted(batch);
    this.most = Math.ceil(batch.length / 2);
    return true;
  }

  /** Posts as plain text, which needs no preflight; null when the collector cannot be reached. */
  async post(body) {
    const headers = { 'Content-Type': 'text/plain' };
    try {
      return await fetch(this.url, { method: 'POST', body, headers, credentials: 'omit', keepalive: true, cache: 'no-store' });
    } catch (unreachable) {
      return null;
    }
  }

  /** The page goes away: sends what waits without hearing the answer; a later page makes sure. */
  beacon() {
    let entries = this.queue.entries().filter((entry) => entry.after <= Date.now());
    for (let count = 0; count < BEACONS_MOST && entries.length && navigator.sendBeacon; count += 1) {
      const batch = firstBatch(entries, BATCH_EVENTS);
      const body = new Blob([bodyOf(batch)], { type: 'text/plain' });
      if (!navigator.sendBeacon(this.url, body)) return;
      this.queue.hold(batch, BEACON_MS);
      entries = entries.slice(batch.length);
    }
  }
}
