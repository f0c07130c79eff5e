const kb = (window.kb = window.kb || {});
const text = textsOf('dialog');

/** Tells the rest of the page what the reader did; nothing else leaves this script. */
function tell(name, detail) {
  document.dispatchEvent(new CustomEvent('kb:' + name, { detail }));
}

/** The full address of a page given relative to the site's root; "#" for what is no page. */
function address(url) {
  try {
    const full = new URL((meta('base') || './') + url, document.baseURI);
    return /^(https?|file):$/.test(full.protocol) ? full.href : '#';
  } catch (malformed) {
    return '#';
  }
}

/** An address without its query and fragment: what tells documents apart. */
function documentOf(href) {
  return href.split(/[?#]/)[0];
}
