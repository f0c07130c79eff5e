/* Arabic words to stems (see arabic.py); handed over like a Snowball stemmer, to Arabic sites alone. */
const NO_ARTICLE = 'غاء|كترون|زام|وان|بوم|عاب|مان|تزام|تحاق|تقاط|تماس|تهاب';
const ARTICLE = new RegExp(`^[وف]?(?:ب?ال(?!${NO_ARTICLE})|كال|لل)(?=..)`);
const PARTICLES = [/^[وبل](?=...)/, /^و[بل](?=...)/];
const PRONOUN = /(?<=...)(?:(?:ات|ت)(?:ها|ه|ي)|(?:ات|ت)?(?:كم|ك|نا|هم))$/;
const ENDINGS = [['ها', 2], ['ان', 3], ['ات', 2], ['ون', 3], ['ين', 3], ['يه', 3], ['ه', 2], ['ي', 2]];

const withoutEndings = (word) => ENDINGS.reduce((left, [ending, least]) =>
  (left.endsWith(ending) && left.length - ending.length >= least ? left.slice(0, -ending.length) : left), word);

/** The stems of a word that is lower-cased and folded, the likeliest first. */
function stems(word) {
  if (ARTICLE.test(word)) return [withoutEndings(word.replace(ARTICLE, ''))];
  const begun = [word, ...PARTICLES.filter((one) => one.test(word)).map((one) => word.replace(one, ''))];
  const owned = begun.filter((one) => PRONOUN.test(one)).map((one) => one.replace(PRONOUN, ''));
  return Array.from(new Set([...begun, ...owned].map(withoutEndings)));
}
