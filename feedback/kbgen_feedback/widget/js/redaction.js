const REMOVED = '…';
const QUERY_MOST = 200;
const READ_MOST = 1000;
const UNSEEN = /[\x00-\x1f\x7f-\x9f\u2028\u2029\ufeff\ud800-\udfff]+/gu;
const EMAIL = /[^\s@<>()[\],;:"']+@[^\s@<>()[\],;:"']+\.[^\s@<>()[\],;:"'.]+/g;
const NUMBER = /\p{Nd}(?:[ .-]?\p{Nd}){8,}|\p{Nd}{5,}/gu;
const SECRETS = [
  /(?:password|passwd|pwd|secret|token|api[-_]?key)[=:]./iu,
  /(?:gh[opsur]_|github_pat_|glpat-|sk[-_]|xox[abeprs]-|AKIA|ASIA|AIza|ya29\.|eyJ)[A-Za-z0-9_.-]{10,}/,
  /(?=[0-9a-f]*[0-9])(?=[0-9]*[a-f])[0-9a-f]{16,}/i,
  /[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}/i,
  /(?=[^A-Z]*[A-Z])(?=[^a-z]*[a-z])(?=[^0-9]*[0-9])[A-Za-z0-9_+/=-]{20,}/,
  // As people choose them; not Sheet1!A1, Outer$Inner1, Login@v2, paths, assignments and calls.
  /^(?=.*[a-z])(?=.*[A-Z])(?=.*[0-9])(?=.+([!$^&](?![A-Z])|@(?!v?[0-9])))[^/=<>()[\]{}|\\]{8,}$/,
];

/** True when a word looks like a password, key or token. */
function isSecret(word) {
  return SECRETS.some((rule) => rule.test(word));
}

/**
 * What a reader typed, without what could tell who they are: one line, without e-mail addresses,
 * secret-like words and long numbers, at most `most` characters. The collector has the same rules.
 * @param {string} typed
 * @param {number} [most] in code points
 * @returns {string}
 */
function redacted(typed, most = QUERY_MOST) {
  const begun = Array.from(typed).slice(0, READ_MOST).join('');
  const words = begun.replace(UNSEEN, ' ').split(/\s+/).filter(Boolean);
  const open = words.join(' ').replace(EMAIL, REMOVED).split(' ').map((word) => (isSecret(word) ? REMOVED : word));
  return Array.from(open.join(' ').replace(NUMBER, REMOVED)).slice(0, most).join('').trim();
}
