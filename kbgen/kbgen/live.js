'use strict';
// Waits for the next build of the preview; reloads the page then, or shows what is wrong.
(function () {
  const script = document.currentScript;
  let version = script.dataset.version;

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
          location.reload();
          return;
        }
        version = state.version;
        show(state.problem);
        wait();
      })
      .catch(() => setTimeout(wait, 1000));
  }

  show(script.dataset.problem);
  wait();
})();
