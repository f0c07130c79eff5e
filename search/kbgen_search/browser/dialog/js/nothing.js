const NEAR_LEAST = 4;
const NEAR_SHARE = 0.5;

/** Articles that come near, as a plain list of links. */
function nearestList(heading, articles) {
  if (!articles || !articles.length) return null;
  const items = articles.slice(0, 3).map((article, index) =>
    element('li', {}, element('a', { href: address(article.url), dir: 'auto', 'data-page': article.page, 'data-rank': index + 1, lang: isForeign(article) && article.locale }, article.title)),
  );
  return element('section', { class: 'kb-nearest' }, element('h2', {}, heading), element('ul', {}, ...items));
}

/** Takes the place of a form when it was sent. */
function thank(form) {
  const thanks = element('p', { role: 'status', tabindex: '-1' }, text('wanted_thanks'));
  form.replaceWith(thanks);
  thanks.focus();
}

/** The field in which a reader says what they were looking for; null where nobody listens. */
function wantedForm(q) {
  if (!meta('collector')) return null;
  const field = element('textarea', { id: 'kb-wanted', rows: '2', maxlength: '500', required: true, dir: 'auto' });
  const submit = (event) => {
    event.preventDefault();
    if (!field.value.trim()) return;
    tell('wanted', { q, text: field.value.trim() });
    thank(event.target);
  };
  return element(
    'form', { class: 'kb-wanted', submit },
    element('label', { for: 'kb-wanted' }, text('wanted')), field,
    element('button', { type: 'submit', class: 'kb-button' }, text('send')),
  );
}

/** Articles with words that begin as those of the query do, the longest word first. */
async function nearArticles(q) {
  const words = q.split(/[^\p{L}\p{M}\p{N}]+/u).sort((one, other) => other.length - one.length);
  for (const word of words.slice(0, 3)) {
    const beginning = word.slice(0, Math.max(NEAR_LEAST, Math.ceil(word.length * NEAR_SHARE)));
    if (beginning.length < NEAR_LEAST) return [];
    const { results } = await kb.search(beginning, { limit: 3, lang: meta('locale') || undefined, exact: true });
    if (results.length) return results;
  }
  return [];
}

/** A place for near articles, filled when they are known. */
function nearPlace(q, response) {
  const place = element('div', {});
  const fill = (articles) => place.append(...[nearestList(text('nearest'), articles)].filter(Boolean));
  if (response.nearest) fill(response.nearest);
  else nearArticles(q).then(fill, () => null);
  return place;
}

/** What stands in place of results when there are none: near articles, a field, the way to support. */
function nothingFound(q, response) {
  const heading = element('p', { class: 'kb-none' }, text('none', { q: isolated(q) }));
  return [heading, nearPlace(q, response), wantedForm(q), contactLink(q, text('contact'))].filter(Boolean);
}
