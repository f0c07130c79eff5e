/** A random UUID; also where `crypto.randomUUID` is kept for secure pages. */
function randomId() {
  if (crypto.randomUUID) return crypto.randomUUID();
  const bytes = crypto.getRandomValues(new Uint8Array(16));
  bytes[6] = (bytes[6] & 15) | 64;
  bytes[8] = (bytes[8] & 63) | 128;
  const hex = Array.from(bytes, (byte) => byte.toString(16).padStart(2, '0')).join('');
  return [hex.slice(0, 8), hex.slice(8, 12), hex.slice(12, 16), hex.slice(16, 20), hex.slice(20)].join('-');
}

/** The random name of this tab's visit; a new one each page for readers who ask for privacy. */
function visitId() {
  if (asksForPrivacy()) return randomId();
  const visit = stored('sessionStorage', 'kb.visit') || randomId();
  store('sessionStorage', 'kb.visit', visit);
  return visit;
}

/** What is about the article is in its language, whatever that of the page around it is. */
function localeOf(type) {
  return (['view', 'vote'].includes(type) && meta('article-locale')) || meta('locale');
}

/** An event of the collector's contract, made now. */
function makeEvent(type, fields) {
  const event = { id: randomId(), type, at: new Date().toISOString(), locale: localeOf(type), visit: visitId(), ...fields };
  if (navigator.webdriver) event.bot = true;
  return event;
}
