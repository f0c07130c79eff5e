/* Turkish words to stems (see turkish.py); handed over with Snowball's, to Turkish sites alone. */
const FEWEST = 3;
const CASE = /(?<=...)(?:[ıiuü][nm]?|[ae]|d[ae]n?)$/;
const OWNED = /[aeıioöuü]s$/;
const OWNER = 'ıiuü';

function stem(word) {
  const found = snowball.stemWord(word);
  return found.length >= FEWEST ? found : word.replace(CASE, '');
}

/** The stems, not folded, of a lower-cased word as written, and of the folded one. */
function stems(word, written) {
  const found = [stem(written)];
  const next = written[found[0].length];
  if (OWNED.test(found[0]) && next && OWNER.includes(next)) found.push(found[0].slice(0, -1));
  return [...found, ...found.map(stem), stem(word)];
}
