/* Words that may stand for one that is unknown: corrections and completions (see spelling.py). */
const SHORTEST = 3;
const BRIEF_WORD = 5;
const LONG = 8;
const NEVER = 99;
const HALF_WORD = 3;

/** Orders words: the commonest first, equals by their unaccented form. */
const byCount = (one, two) => two.count - one.count || (one.bare < two.bare ? -1 : 1);
const written = (words) => words.map((one) => one.word);

/** Whether one word becomes the other by one insertion, deletion, substitution or swap. */
function oneEdit(one, two) {
  if (one.length > two.length) return oneEdit(two, one);
  if (two.length - one.length > 1 || one === two) return false;
  let at = 0;
  while (at < one.length && one[at] === two[at]) at++;
  if (one.length < two.length) return one.slice(at) === two.slice(at + 1);
  if (one.slice(at + 1) === two.slice(at + 1)) return true;
  return one[at] === two[at + 1] && one[at + 1] === two[at] && one.slice(at + 2) === two.slice(at + 2);
}

/** The edits from one word to the other, or `most` + 1 when there are more. */
function distance(one, two, most) {
  if (Math.abs(one.length - two.length) > most) return most + 1;
  let older = [];
  let before = [];
  let row = Array.from({ length: two.length + 1 }, (_, at) => at);
  for (let i = 1; i <= one.length; i++) {
    [older, before, row] = [before, row, [i]];
    for (let j = 1; j <= two.length; j++) {
      let cost = Math.min(before[j] + 1, row[j - 1] + 1, before[j - 1] + (one[i - 1] !== two[j - 1]));
      if (i > 1 && j > 1 && one[i - 1] === two[j - 2] && one[i - 2] === two[j - 1]) cost = Math.min(cost, older[j - 2] + 1);
      row.push(cost);
    }
    if (Math.min(...row) > most) return most + 1;
  }
  return Math.min(row[two.length], most + 1);
}

const sortedLetters = (text) => Array.from(text).sort().join('');

/** How common a neighbour of a word must be to be its correction, in a site of so many articles. */
function leastCommon(word, other, size) {
  if (word.length > BRIEF_WORD || other.length > word.length || sortedLetters(word) === sortedLetters(other)) return 0;
  const chance = Math.max(0, Math.floor((32 - Math.clz32(size) - 9) / 2));
  const likely = word.length === BRIEF_WORD || (other.length === word.length && word.length > SHORTEST);
  return likely ? chance : NEVER;
}

/** The words among these that are one edit away: swapped letters first, then the commonest. */
function neighbours(bare, among, size) {
  const letters = sortedLetters(bare);
  const other = (one) => Number(sortedLetters(one.bare) !== letters);
  const near = among.filter((one) => ALPHABETIC.test(one.bare) && oneEdit(bare, one.bare));
  return near.filter((one) => one.count >= leastCommon(bare, one.bare, size))
    .sort((one, two) => other(one) - other(two) || byCount(one, two));
}

/** Resolves to the words that begin as a word does and may be corrections. */
async function alike(bare, store) {
  const words = await store.wordsStarting(bare.slice(0, 2));
  return words.filter((one) => one.bare.length >= 3 && one.bare.length < 25);
}

/** What an unknown unaccented word may have been meant to be, the likeliest first; with `only`, near ones. */
async function corrections(bare, store, only) {
  if (bare.length < SHORTEST || !ALPHABETIC.test(bare)) return [];
  const near = await alike(bare, store);
  let found = neighbours(bare, near, store.size);
  if (!only && !(found.length && found[0].count)) {
    found = neighbours(bare, await store.wordsOfLength(bare.length - 1, bare.length + 1), store.size);
  }
  if (found.length || only) return written(found).map((word) => ({ words: [word], edits: 1 }));
  const halves = await split(bare, store);
  if (halves) return [{ words: halves, edits: 1 }];
  if (bare.length < LONG) return [];
  const far = near.filter((one) => ALPHABETIC.test(one.bare) && distance(bare, one.bare, 2) === 2);
  return written(far.sort(byCount)).map((word) => ({ words: [word], edits: 2 }));
}

/** The two known words that a word is made of, those that are most common, if any. */
async function split(bare, store) {
  if (bare.length < 2 * HALF_WORD) return null;
  const words = await store.wordsOfLength(HALF_WORD, bare.length - HALF_WORD);
  const known = new Map(words.map((one) => [one.bare, one]));
  let best = null;
  let highest = 0;
  for (let at = HALF_WORD; at <= bare.length - HALF_WORD; at++) {
    const [one, two] = [known.get(bare.slice(0, at)), known.get(bare.slice(at))];
    const commonness = one && two ? Math.min(one.count, two.count) : 0;
    if (commonness > highest) [best, highest] = [[one.word, two.word], commonness];
  }
  return best;
}

/** The words that begin with an unaccented prefix and are longer, the commonest first. */
async function completions(prefix, store) {
  const words = (await store.wordsStarting(prefix)).filter((one) => one.bare !== prefix);
  return words.sort(byCount);
}
