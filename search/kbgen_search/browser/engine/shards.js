/* The files of the index: loaded as scripts, so that it works from file:// as well. */
const FORMAT = 1;
const HALF = 45;
const MOST_FILES = 2000;
const MOST_RECORDS = 1000;
const GROUP = 64; // files of records of one edition (see recordfiles.py)
const kb = (window.kb = window.kb || {});
const waiting = new Map();
const loaded = new Map();
const engineScript = document.currentScript;

/** The address of the folder of the site, from the page's meta element or this script's address. */
function base() {
  const meta = document.querySelector('meta[name="kb:base"]');
  if (meta) return new URL(meta.content, document.baseURI).href;
  return new URL('../../', (engineScript && engineScript.src) || document.baseURI).href;
}

/** An index file that cannot be used; its message tells a person what is wrong. */
class IndexError extends Error {}

/** Called by each file of the index with its name and content; which file calls, the page knows. */
kb.shard = (name, value) => {
  const take = waiting.get(document.currentScript);
  if (take) take(name, value);
};
kb.site = (value) => kb.shard('site', value);
kb.shelf = (value) => kb.shard('shelf ' + value.locale, value);

/** A truncated file is told by the search that needs it, not as an exception in the console. */
function hushDamage(event) {
  const ours = !event.filename || event.filename.startsWith(base() + 'search/');
  if (waiting.size && ours && (!event.error || event.error instanceof SyntaxError)) event.preventDefault();
}
window.addEventListener('error', hushDamage);

/** Loads a script of the index; resolves to what it hands over under `name`. */
function fetchScript(path, name) {
  return new Promise((resolve, reject) => {
    const script = document.createElement('script');
    const fail = (how) => reject(new IndexError('The search index ' + how + ' Reload the page.'));
    waiting.set(script, (found, value) => (found === name ? resolve(value) : fail('has changed: ' + path + '.')));
    script.onload = script.onerror = ({ type }) => {
      waiting.delete(script);
      script.remove();
      // Says nothing where the file was handed over.
      fail(type === 'load' ? 'is damaged: ' + path + ' holds nothing usable.' : 'is incomplete: ' + path + ' cannot be loaded.');
    };
    script.charset = 'utf-8';
    script.src = base() + 'search/' + path;
    document.head.append(script);
  });
}

/** Loads a file of the index once; a file that failed is tried again the next time. */
function load(path, name) {
  if (!loaded.has(path)) {
    if (loaded.size > MOST_FILES) loaded.delete(loaded.keys().next().value);
    loaded.set(path, fetchScript(path, name).catch((problem) => {
      loaded.delete(path);
      throw problem;
    }));
  }
  return loaded.get(path);
}

const digit = (text, at) => {
  const code = text.charCodeAt(at);
  return code > 92 ? code - 36 : code - 35;
};

/** Reads numbers from text, one after the other (see encoding.py). */
class Numbers {
  constructor(text, at) {
    this.text = text;
    this.at = at || 0;
  }

  more() {
    return this.at < this.text.length;
  }

  digit() {
    return digit(this.text, this.at++);
  }

  next() {
    let value = 0;
    let one = this.digit();
    while (one < HALF) {
      value = (value + one + 1) * HALF;
      one = this.digit();
    }
    return value + one - HALF;
  }
}

/** The entries of a file: texts that share their beginnings, each with its payload. */
function entries(text) {
  const fields = text.split(' ');
  const found = [];
  let before = '';
  for (let at = 0; at + 1 < fields.length; at += 2) {
    before = before.slice(0, digit(fields[at], 0)) + fields[at].slice(1);
    found.push([before, fields[at + 1]]);
  }
  return found;
}

/** A term's articles and impacts from text; a common term carries its frequency before them. */
function postings(text) {
  const common = text.startsWith('~');
  const numbers = new Numbers(text, common ? 1 : 0);
  const frequency = common ? numbers.next() : 0;
  const articles = [];
  const impacts = [];
  for (let article = -1; numbers.more(); ) {
    articles.push((article += numbers.next() + 1));
    impacts.push(numbers.digit());
  }
  return { frequency: common ? frequency : articles.length, articles, impacts };
}

/** The names of files in order of their first key, to be looked up by key. */
class Directory {
  constructor(text) {
    const fields = text ? text.split(' ') : [];
    this.starts = fields.filter((_, at) => at % 2 === 0);
    this.names = fields.filter((_, at) => at % 2 === 1);
  }

  /** The place of the file that would hold a key; -1 when it lies before the first. */
  place(key) {
    let low = 0;
    let high = this.starts.length;
    while (low < high) {
      const middle = (low + high) >> 1;
      if (this.starts[middle] <= key) low = middle + 1;
      else high = middle;
    }
    return low - 1;
  }

  name(key) {
    return this.names[this.place(key)];
  }

  /** The files that may hold keys that begin with a prefix. */
  starting(prefix) {
    return this.names.slice(Math.max(this.place(prefix), 0), this.place(prefix + '\u{10ffff}') + 1);
  }
}

/** The index of one locale, of which only what is asked for is loaded. */
class Store {
  constructor(shelf) {
    this.folder = shelf.locale + '/';
    this.size = shelf.size;
    this.docs = shelf.docs;
    this.facetsName = shelf.facets;
    this.termFiles = new Directory(shelf.terms);
    this.wordFiles = new Directory(shelf.words);
    this.lengths = shelf.lengths;
    this.files = new Map();
    this.postings = new Map();
    this.records = new Map();
  }

  /** The paths of all files of the index, but for its directory and its stemmer. */
  paths() {
    const blocks = Array.from({ length: Math.ceil(this.size / this.docs.each) }, (_, block) => this.block(block));
    const names = [...this.termFiles.names, ...this.wordFiles.names, ...Object.values(this.lengths), this.facetsName];
    return [...names.filter(Boolean).map((name) => this.folder + name + '.js'), ...blocks];
  }

  /** The path of a file of records. */
  block(number) {
    return this.folder + 'd/' + number + '.js?v=' + this.docs.stamp;
  }

  /** Loads a file; resolves to its entries. */
  async entries(name) {
    const text = await load(this.folder + name + '.js', name);
    if (!this.files.has(name)) this.files.set(name, entries(text));
    return this.files.get(name);
  }

  /** Makes terms ready for `term`. */
  async prepare(terms) {
    await Promise.all(terms.filter((term) => !this.postings.has(term)).map((term) => this.prepareTerm(term)));
  }

  async prepareTerm(term) {
    const name = this.termFiles.name(term);
    const found = name && (await this.entries(name)).find(([key]) => key === term);
    this.postings.set(term, postings(found ? found[1] : ''));
  }

  /** Where a term is found: its frequency, its articles, their impacts. */
  term(term) {
    return this.postings.get(term) || postings('');
  }

  /** Resolves to the words that begin with an unaccented prefix. */
  async wordsStarting(prefix) {
    const files = await Promise.all(this.wordFiles.starting(prefix).map((name) => this.words(name)));
    return files.flat().filter((one) => one.bare.startsWith(prefix));
  }

  /** Resolves to the word of an unaccented form, to undefined when it is unknown. */
  async word(bare) {
    return (await this.wordsStarting(bare)).find((one) => one.bare === bare);
  }

  /** Resolves to the words of so many letters. */
  async wordsOfLength(shortest, longest) {
    const names = Object.keys(this.lengths).filter((length) => shortest <= length && length <= longest);
    return (await Promise.all(names.map((length) => this.words(this.lengths[length])))).flat();
  }

  /** Resolves to the words in a file, with their unaccented form and how common they are. */
  async words(name) {
    const found = await this.entries(name);
    if (found.length && !found[0].bare) found.forEach((one) => Object.assign(one, { word: one[0], bare: fold(one[0]), count: digit(one[1], 0) }));
    return found;
  }

  /** Resolves to the articles by facet and value. */
  async facets() {
    if (!this.facetsName) return {};
    return load(this.folder + this.facetsName + '.js', this.facetsName);
  }

  /** Resolves to what is kept of an article for showing it. */
  async record(article) {
    if (!this.records.has(article)) {
      if (this.records.size > MOST_RECORDS) this.records.clear();
      this.records.set(article, await this.loadRecord(article));
    }
    return this.records.get(article);
  }

  async loadRecord(article) {
    const block = Math.floor(article / this.docs.each);
    const path = this.block(block);
    const at = 4 * Math.floor(block / GROUP);
    const fields = (await load(path, 'd' + block + '-' + this.docs.editions.slice(at, at + 4)))[article % this.docs.each];
    if (!fields) throw new IndexError('The search index is damaged: ' + path + ' lacks an article.');
    const [id, url, title, area, tags, audience, questions, passages] = fields;
    return {
      id, url, title, area, tags, audience, questions,
      passages: passages.map(([anchor, heading, text]) => ({ anchor, heading, text })),
    };
  }
}
