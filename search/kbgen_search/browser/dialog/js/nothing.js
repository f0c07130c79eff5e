/** Articles that come near, as a plain list of links. */
function nearestList(heading, articles) {
  if (!articles || !articles.length) return null;
  const items = articles.slice(0, 3).map((article, index) =>
    element('li', {}, element('a', { href: address(article.url), dir: 'auto', 'data-page': article.page, 'data-rank': index + 1 }, article.title)),
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

/** What stands in place of results when there are none: near articles, a field, the way to support. */
function nothingFound(q, response) {
  const heading = element('p', { class: 'kb-none' }, text('none', { q: isolated(q) }));
  return [heading, nearestList(text('nearest'), response.nearest), wantedForm(q), contactLink(q, text('contact'))].filter(Boolean);
}
