/* Folding: the same word written differently becomes the same string (see folding.py). */
const MARKS = /(?<![иу])\u0306|[\u0300-\u0305\u0307-\u036f\u0483-\u0487\u0591-\u05bd\u05bf\u05c1\u05c2\u05c4\u05c5\u05c7\u0610-\u061a\u064b-\u065f\u0670\u06d6-\u06dc\u06df-\u06e8\u06ea-\u06ed]/g;
const INVISIBLE = /[ \u00ad\u0640\u200c\u200d\u2060\ufe00-\ufe0f]/g;
const LETTERS = {
  æ: 'ae', œ: 'oe', ø: 'o', đ: 'd', ð: 'd', þ: 'th', ł: 'l', ħ: 'h', ı: 'i',
  '\u0629': '\u0647', '\u0649': '\u064a', '\u06cc': '\u064a', '\u06a9': '\u0643',
};
const LETTER = new RegExp('[' + Object.keys(LETTERS).join('') + ']', 'g');
const ASCII = /^[\x00-\x7f]*$/;

/** The text in compatibility form and lower case, without invisible characters. */
function lower(text, turkish) {
  if (ASCII.test(text) && !turkish) return text.toLowerCase().replace(/ /g, '');
  text = text.normalize('NFKC').replace(INVISIBLE, '');
  if (turkish) text = text.replace(/I/g, 'ı').replace(/İ/g, 'i');
  return text.toLowerCase().replace(/i\u0307/g, 'i').replace(/ß/g, 'ss').replace(/ς/g, 'σ').normalize('NFC');
}

/** A lower-cased word without accents and with variant letters unified. */
function fold(word) {
  if (ASCII.test(word)) return word;
  const bare = word.normalize('NFD').replace(MARKS, '').normalize('NFC');
  return bare.replace(LETTER, (letter) => LETTERS[letter]);
}
