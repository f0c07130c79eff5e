/* Indonesian words to stems (see indonesian.py); handed over with Snowball's, to Indonesian sites alone. */
const NASAL = /^(?:me|pe)(ng|n|m)(?=[aiueo])/;
const SWALLOWED = { ng: 'k', n: 't', m: 'm' };
const LIKE_PREFIX = /^(?:ke|te|pe[rls])/;
const PARTICLES = /(?<=...)(?:(?:lah|kah|pun)|(?:ku|mu|nya)(?:lah|kah|pun)?)$/;
const SUFFIX = /(?<=....)k?an$/;
const LIKE_SUFFIX = /[aueo]i$/;

/** The stems of a word that is lower-cased and folded, that of Snowball first. */
function stems(word) {
  const first = snowball.stemWord(word);
  const plain = word.replace(PARTICLES, '');
  const found = [first];
  const nasal = NASAL.exec(word);
  if (nasal) {
    const rest = nasal[1] === 'm' && first.startsWith('p') ? first.slice(1) : first;
    if (word.startsWith(rest.slice(0, 2), nasal[0].length)) found.push(SWALLOWED[nasal[1]] + rest);
  }
  if (LIKE_PREFIX.test(word) && !first.startsWith(word.slice(0, 2))) found.push(plain.replace(SUFFIX, ''));
  if (LIKE_SUFFIX.test(plain) && !first.endsWith('i')) found.push(first + 'i');
  return Array.from(new Set(found));
}
