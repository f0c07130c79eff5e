/** A name that sites which share an origin do not share: with the path of this site's root. */
function siteName(name) {
  return name + ':' + new URL(meta('base') || './', document.baseURI).pathname;
}

/**
 * What was stored under a name; null where nothing is, or storage is blocked, or it is no JSON.
 * @param {"localStorage"|"sessionStorage"} area
 * @param {string} name
 */
function stored(area, name) {
  try {
    return JSON.parse(window[area].getItem(name));
  } catch (blocked) {
    return null;
  }
}

/** Stores a value as JSON, or removes the name for null. False where storage is blocked or full. */
function store(area, name, value) {
  try {
    if (value == null) window[area].removeItem(name);
    else window[area].setItem(name, JSON.stringify(value));
    return true;
  } catch (blocked) {
    return false;
  }
}
