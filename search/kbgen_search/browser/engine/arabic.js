/* Arabic words to stems (see arabic.py); handed over like a Snowball stemmer, to Arabic sites alone. */
const NO_ARTICLE = 'غاء|كترون|زام|وان|بوم|عاب|مان|تزام|تحاق|تقاط|تماس|تهاب|غي$';
const ARTICLE = new RegExp(`^[وف]?(?:ب?ال(?!${NO_ARTICLE})|كال|لل)(?=..)`);
const PARTICLES = [/^[وبل](?=...)/, /^و[بل](?=...)/];
const PRONOUN = /(?<=...)(?:(?:ات|ت)(?:ها|ه|ي)|(?:ات|ت)?(?:كم|ك|نا|هم))$/;
const ENDINGS = [['ها', 2], ['ان', 3], ['ات', 2], ['ون', 3], ['ين', 3], ['يه', 3], ['ه', 2], ['ي', 2]];

const VERBS = [
  ['[اتين]([^اويه][^اه][^اويه])', '$1'], ['ت(..)ي(.)', '$1$2'], ['ا(..)ا(.)', '$1$2'], ['ا(..)اء', 'ا$1'],
  ['م(..)و(.)', '$1$2'], ['[اتينم](ت?.ا..)', '$1'], ['[اين](ت[^ا]{3})', '$1'], ['[تين](ست...|.ت..)', 'ا$1'],
  ['(ا(?:ست..|.ت.))ا(.)', '$1$2'], ['ا(.)ا(.)ه?', '$1ا$2'], ['[ايتن](.)ي(.)', '$1ا$2'],
  ['[ايتن](.ت)(?:يا|ا)(.)', 'ا$1ا$2'], ['[يتن](..)ي', 'ا$1'], ['(..)ا(.)ه', '$1$2'],
].map(([pattern, common]) => [new RegExp(`^${pattern}$`), common]);

const withoutEndings = (word) => ENDINGS.reduce((left, [ending, least]) =>
  (left.endsWith(ending) && left.length - ending.length >= least ? left.slice(0, -ending.length) : left), word);

/** The stems of words, each once, and after them what verbs and their nouns have in common. */
function withCommon(words) {
  const stems = words.map(withoutEndings);
  const common = Array.from(new Set([...stems, ...words])).flatMap((one) =>
    VERBS.filter(([verb]) => verb.test(one)).map(([verb, has]) => one.replace(verb, has)));
  return Array.from(new Set([...stems, ...common]));
}

/** The stems of a word that is lower-cased and folded, the likeliest first. */
function stems(word) {
  if (ARTICLE.test(word)) return withCommon([word.replace(ARTICLE, '')]);
  const begun = [word, ...PARTICLES.filter((one) => one.test(word)).map((one) => word.replace(one, ''))];
  const owned = begun.filter((one) => PRONOUN.test(one)).map((one) => one.replace(PRONOUN, ''));
  return withCommon([...begun, ...owned]);
}
