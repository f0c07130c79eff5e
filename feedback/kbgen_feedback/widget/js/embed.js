const script = document.currentScript;
const folder = script.src.replace(/[^/]*$/, '');
const REVISION_BASE = 0x811c9dc5;

/** A short fingerprint (FNV-1a, twice) of a text: tells one state of an article from the next. */
function fingerprint(words, seed) {
  let hash = seed;
  for (let index = 0; index < words.length; index += 1) hash = Math.imul(hash ^ words.charCodeAt(index), 0x01000193);
  return (hash >>> 0).toString(16).padStart(8, '0');
}

/** The revision of an article whose generator does not tell it: 12 hexadecimal digits. */
function revisionOf(article) {
  const words = article.textContent.split(/\s+/).join(' ');
  return (fingerprint(words, REVISION_BASE) + fingerprint(words, ~REVISION_BASE)).slice(0, 12);
}

/** The id of a page by its address, as kbgen makes them: no suffix, no "index". */
function pageOf(path) {
  return decodeURI(path).replace(/\.html?$/, '').replace(/(^|\/)index$/, '$1').replace(/^\/+|\/+$/g, '') || 'index';
}

/** The texts nearest to a language: its own, else its language's, else English. */
function localeFor(language, known) {
  return [language, language.split('-')[0], 'en'].find((one) => known.includes(one));
}

function setMeta(name, value) {
  if (value && !meta(name)) document.head.append(element('meta', { name: 'kb:' + name, content: value }));
}

function load(name) {
  const script = element('script', { src: folder + name });
  script.async = false;
  document.head.append(script);
}

function embed() {
  const { page, revision, locale, collector } = script.dataset;
  const language = locale || document.documentElement.lang || 'en';
  setMeta('page', page || pageOf(location.pathname));
  setMeta('revision', revision || revisionOf(articleElement()));
  setMeta('locale', language);
  setMeta('collector', collector || folder.replace(/\/v1\/embed\/$/, ''));
  document.head.append(element('link', { rel: 'stylesheet', href: folder + 'kb-widget.css' }));
  load('kb-strings-' + localeFor(language, window.kb.locales) + '.js');
  load('kb-widget.js');
}

if (document.readyState === 'loading') document.addEventListener('DOMContentLoaded', embed);
else embed();
