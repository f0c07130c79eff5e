const kb = (window.kb = window.kb || {});
const text = textsOf('widget');

/** The collector's address without a slash at its end; "" where none is configured. */
function collectorAddress() {
  try {
    const url = new URL(meta('collector') || 'none:', document.baseURI);
    return /^https?:$/.test(url.protocol) ? url.href.replace(/\/+$/, '') : '';
  } catch (malformed) {
    return '';
  }
}

/** True when the browser asks not to be observed: then only what the reader says is sent. */
function asksForPrivacy() {
  return navigator.globalPrivacyControl === true || navigator.doNotTrack === '1' || window.doNotTrack === '1';
}

/** An address without its query and fragment. */
function documentOf(href) {
  return href.split(/[?#]/)[0];
}
