/* Has what was read, and the search, kept by the site's worker (see worker.js). */
const WORKER = 'kb-worker.js';
const MOST_KEPT = 1500; // files of an index

/** What this page was made of, which was loaded before the worker could see it. */
function filesOfPage() {
  return [location.href, ...performance.getEntriesByType('resource').map((one) => one.name)];
}

/** Has the index of this page's language kept, once a reader searches; not where data are dear. */
async function keepSearch(worker) {
  const { saveData } = navigator.connection || {};
  const { folder, files } = await kb.files();
  if (!saveData && files.length <= MOST_KEPT) worker.postMessage({ files, folder });
}

async function keepOffline(workers) {
  const root = new URL(meta('base') || './', document.baseURI).href;
  const seen = Boolean(workers.controller);
  await workers.register(root + WORKER, { scope: root });
  const { active } = await workers.ready;
  if (!seen) active.postMessage({ files: filesOfPage() });
  document.addEventListener('kb:search', () => keepSearch(active).catch(() => {}), { once: true });
}

// Where workers are not allowed all is as without one.
if (location.protocol.startsWith('http') && navigator.serviceWorker) keepOffline(navigator.serviceWorker).catch(() => {});
