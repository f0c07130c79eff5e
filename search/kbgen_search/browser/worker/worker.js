/* Keeps what a reader has seen, and the search, for when there is no network (see offline.js). */
const SITE = self.registration.scope;
const KEPT = 'kbgen ' + SITE;
const PATIENCE = 4000; // ms until a page that is kept is shown in place of one that does not come
const MOST = 4000; // files; the oldest go first
const AT_ONCE = 4;
// A change of their content is a change of their names.
const LASTING = /^(?:assets\/kb\/[^/]+\.[0-9a-f]{8}\.(?:js|css)|search\/[^/]+\/(?:[twlfs][a-z2-7]{7}\.js|d\/\d+\.js\?v=.+))$/;

const within = (address) => address.startsWith(SITE);
const lasts = (address) => LASTING.test(address.slice(SITE.length));

/** The address under which a file is kept: a page's without what was asked of it. */
function keyOf(address) {
  const url = new URL(address);
  url.hash = '';
  if (!lasts(url.href)) url.search = '';
  return url.href;
}

/** Whether an answer may be kept: whole, from this address, and not forbidden by the server. */
function isKeepable(answer) {
  const rules = answer.headers.get('Cache-Control') || '';
  return answer.status === 200 && answer.type === 'basic' && !answer.redirected && !/no-store|private/i.test(rules);
}

async function keep(key, answer) {
  const cache = await caches.open(KEPT);
  await cache.put(key, answer).catch(() => {}); // no room
}

async function kept(key) {
  const cache = await caches.open(KEPT);
  return cache.match(key, { ignoreVary: true });
}

/** Asks the network; what it answers is kept. */
async function fresh(event, key) {
  const answer = await fetch(event.request);
  if (isKeepable(answer)) event.waitUntil(keep(key, answer.clone()));
  return answer;
}

const later = (value) => new Promise((resolve) => setTimeout(resolve, PATIENCE, value));

/** What lasts comes from what is kept; all else from the network, unless that fails or takes long. */
async function answer(event) {
  const key = keyOf(event.request.url);
  const found = await kept(key);
  if (found && lasts(key)) return found;
  const asked = fresh(event, key);
  event.waitUntil(asked.catch(() => {})); // to keep what comes too late for this time
  return found ? Promise.race([asked.catch(() => found), later(found)]) : asked;
}

/** Fetches what is not kept yet, a few files at a time. */
async function fetchAll(addresses) {
  const waiting = Array.from(new Set(addresses.filter(within).map(keyOf)));
  const work = async () => {
    for (let key = waiting.pop(); key; key = waiting.pop()) {
      if (lasts(key) && (await kept(key))) continue;
      const found = await fetch(key).catch(() => null);
      if (!found) return; // no network: another time
      if (isKeepable(found)) await keep(key, found);
    }
  };
  await Promise.all(Array.from({ length: AT_ONCE }, work));
}

/** Forgets files of a folder that are not among those named, and the oldest of very many. */
async function forget(folder, named) {
  const cache = await caches.open(KEPT);
  const keys = (await cache.keys()).map((request) => request.url);
  const staying = new Set(named.map(keyOf));
  const old = keys.filter((key) => folder && key.startsWith(folder) && !staying.has(key));
  const many = keys.slice(0, Math.max(keys.length - old.length - MOST, 0));
  await Promise.all([...old, ...many].map((key) => cache.delete(key)));
}

/** Ends this worker, and leaves nothing, when the site has given it up. */
async function leaveIfGone() {
  const { status } = await fetch(self.location.href, { cache: 'no-cache' });
  if (status !== 404 && status !== 410) return;
  await self.registration.unregister();
  await caches.delete(KEPT);
}

self.addEventListener('install', () => self.skipWaiting());
self.addEventListener('activate', (event) => event.waitUntil(self.clients.claim()));
self.addEventListener('fetch', (event) => {
  const { method, mode, url, headers } = event.request;
  if (mode === 'navigate') event.waitUntil(leaveIfGone().catch(() => {})); // no network: it stays
  if (method === 'GET' && within(url) && !headers.has('range')) event.respondWith(answer(event));
});
self.addEventListener('message', (event) => {
  const { files, folder } = event.data;
  event.waitUntil(forget(folder, files).then(() => fetchAll(files)));
});
