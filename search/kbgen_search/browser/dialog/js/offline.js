/* Where the site has a worker (see worker.js), what was read and the search stay when the network goes. */
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

/** Ends a worker that the site no longer has. */
async function dismissWorker(workers, root) {
  const found = workers.controller && (await workers.getRegistration(root));
  if (found && found.active && found.active.scriptURL === root + WORKER) {
    await found.unregister();
    await caches.delete('kbgen ' + root);
  }
}

async function keepOffline() {
  const workers = location.protocol.startsWith('http') && navigator.serviceWorker;
  if (!workers) return;
  const root = new URL(meta('base') || './', document.baseURI).href;
  if (!meta('worker')) {
    await dismissWorker(workers, root);
    return;
  }
  const seen = Boolean(workers.controller);
  await workers.register(root + WORKER, { scope: root });
  const { active } = await workers.ready;
  if (!seen) active.postMessage({ files: filesOfPage() });
  document.addEventListener('kb:search', () => keepSearch(active).catch(() => {}), { once: true });
}
