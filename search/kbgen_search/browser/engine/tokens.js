/* Text to chunks and parts: where words begin and end (see tokens.py). */
const MARK =
  '\\u00ad\\u0300-\\u036f\\u0483-\\u0487\\u0591-\\u05bd\\u05bf\\u05c1\\u05c2\\u05c4\\u05c5\\u05c7' +
  '\\u0610-\\u061a\\u064b-\\u065f\\u0670\\u06d6-\\u06dc\\u06df-\\u06e8\\u06ea-\\u06ed\\u0900-\\u0903' +
  '\\u093a-\\u094f\\u0951-\\u0957\\u0962\\u0963\\u0981-\\u0983\\u09bc-\\u09d7\\u0a01-\\u0a51\\u0a81-\\u0acd' +
  '\\u0b01-\\u0b57\\u0b82-\\u0bd7\\u0c00-\\u0c56\\u0c81-\\u0cd6\\u0d00-\\u0d57\\u0d81-\\u0ddf\\u0e31' +
  '\\u0e34-\\u0e3a\\u0e47-\\u0e4e\\u0eb1\\u0eb4-\\u0ebc\\u0ec8-\\u0ecd\\u0f71-\\u0f84\\u102b-\\u103e' +
  '\\u17b4-\\u17d3\\u200c\\u200d\\u3099\\u309a\\ufe00-\\ufe0f\\uff9e\\uff9f';
const SEAMLESS =
  '\\u0e00-\\u0eff\\u1000-\\u109f\\u1780-\\u17ff\\u3005-\\u3007\\u3031-\\u3035\\u3040-\\u30ff\\u3130-\\u318f' +
  '\\u31f0-\\u31ff\\u3400-\\u4dbf\\u4e00-\\u9fff\\uac00-\\ud7af\\uf900-\\ufaff\\uff66-\\uff9f\\u{20000}-\\u{3ffff}';
const INNER = `[\\p{L}\\p{N}_${MARK}]+`;
const CHUNK = new RegExp(
  `(?:(?<![\\p{L}\\p{N}_\\-])--?(?=[A-Za-z]))?${INNER}(?:(?:[.'’\\-]|::)${INNER})*` +
    `(?:(?<=(?<![\\p{L}\\p{N}_])[A-Za-z])(?:\\+\\+|#))?`, 'gu');
const ASCII_PART = /[A-Z]+(?![a-z])|[A-Z]?[a-z]+|[0-9]+/g;
const PART = new RegExp(`\\p{Nd}+|[\\p{L}\\p{Nl}\\p{No}${MARK}]+`, 'gu');
const VERSION = /^[vV]?([0-9]+(?:\.[0-9]+)+)$/;
const JOINED = /[a-z][A-Z]|[A-Z]{2}[a-z]|[\p{L}\p{Nl}\p{No}]\p{Nd}|\p{Nd}[\p{L}\p{Nl}\p{No}]|[._:\-+#]/u;
const RUN = new RegExp(`[${SEAMLESS}]+|[^${SEAMLESS}]+`, 'gu');
const SCRIPT = new RegExp(`[${SEAMLESS}]`, 'u');

const STARTS_SEAMLESS = new RegExp(`^[${SEAMLESS}]`, 'u');

/** Whether a chunk begins in a script that puts no spaces between words. */
const seamless = (chunk) => STARTS_SEAMLESS.test(chunk);
const part = (start, text) => ({ start, end: start + text.length, text });

/** The stretches of a chunk that are wholly in, or out of, a script without spaces. */
function runs(chunk) {
  return SCRIPT.test(chunk) ? Array.from(chunk.matchAll(RUN), (found) => part(found.index, found[0])) : [part(0, chunk)];
}

/** The words that a chunk is made of: identifiers are split, version numbers are not. */
function parts(chunk) {
  if (!JOINED.test(chunk)) return [part(0, chunk)];
  const version = VERSION.exec(chunk);
  if (version) return [part(chunk.length - version[1].length, version[1])];
  return Array.from(chunk.matchAll(ASCII.test(chunk) ? ASCII_PART : PART), (found) => part(found.index, found[0]));
}
