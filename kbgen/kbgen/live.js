'use strict';
// Waits for the next build of the preview; reloads the page then, or shows what is wrong. The browser
// keeps the place on the page and what was typed into its forms; an open search is opened again.
(function () {
  const script = document.currentScript;
  const KEPT = 'kb.live.search';
  let version = script.dataset.version;

  function searchField() {
    return document.querySelector('dialog[open] [role=combobox]');
  }

  function reload() {
    const field = searchField();
    if (field) sessionStorage.setItem(KEPT, field.value);
    location.reload();
  }

  function reopen() {
    const query = sessionStorage.getItem(KEPT);
    if (query === null || !window.kb?.open) return;
    sessionStorage.removeItem(KEPT);
    kb.open(query);
  }

  function show(text) {
    let box = document.getElementById('kb-live');
    if (!box) {
      box = document.createElement('pre');
      box.id = 'kb-live';
      box.setAttribute('role', 'alert');
      box.style.cssText =
        'position:fixed;inset:auto 0 0 0;z-index:1000;margin:0;padding:1em;max-height:50vh;' +
        'overflow:auto;background:#7a0000;color:#fff;font:14px/1.5 monospace;white-space:pre-wrap';
      document.body.append(box);
    }
    box.textContent = text;
    box.hidden = !text;
  }

  function wait() {
    fetch('/_kb/live?version=' + version)
      .then((response) => response.json())
      .then((state) => {
        if (state.version !== version && !state.problem) {
          reload();
          return;
        }
        version = state.version;
        show(state.problem);
        wait();
      })
      .catch(() => setTimeout(wait, 1000));
  }

  addEventListener('load', reopen);
  show(script.dataset.problem);
  wait();
})();
