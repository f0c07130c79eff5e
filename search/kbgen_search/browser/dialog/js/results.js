/** The name of a language in the language of the page, or its code. */
function languageName(locale) {
  try {
    return new Intl.DisplayNames([meta('locale') || 'en'], { type: 'language' }).of(locale);
  } catch (unknown) {
    return locale;
  }
}

/** True when a result is in another language than the page. */
function isForeign(result) {
  const language = (locale) => (locale || '').split('-')[0];
  return Boolean(result.locale && meta('locale') && language(result.locale) !== language(meta('locale')));
}

/** One option of the list: a link that the combobox can choose. */
function optionLink(result, rank, url, ...children) {
  return element(
    'a',
    { role: 'option', class: 'kb-option', tabindex: '-1', 'aria-selected': 'false', href: address(url),
      'data-page': result.page, 'data-rank': rank, lang: isForeign(result) && result.locale },
    ...children,
  );
}

/** The line under a title: part of the site, section, and the language when it is another. */
function whereLine(result) {
  const section = result.section && result.section.title;
  const parts = [result.area, section !== result.title && section].filter(Boolean);
  const language = isForeign(result) && element('span', { class: 'kb-badge' }, languageName(result.locale));
  if (!parts.length && !language) return null;
  return element('span', { class: 'kb-where' }, parts.join(' › '), language || null);
}

/** One article: its best section, and links to further sections that match. */
function resultGroup(result, rank) {
  const best = optionLink(
    result, rank, result.url,
    element('span', { class: 'kb-title', dir: 'auto' }, ...marked(result.title, result.title_highlights)),
    whereLine(result),
    result.snippet ? element('span', { class: 'kb-snippet', dir: 'auto' }, ...marked(result.snippet, result.highlights)) : null,
  );
  const sections = (result.sections || []).map((section) =>
    optionLink(result, rank, section.url, element('span', { class: 'kb-section', dir: 'auto' }, section.title)),
  );
  return element('div', { role: 'group', class: 'kb-group', 'aria-label': result.title }, best, ...sections);
}

/** The results, the first without the passage that already stands above as the answer. */
function withoutRepeat({ results, answer }) {
  const [first, ...others] = results;
  return answer && first && first.page === answer.page ? [{ ...first, snippet: '', highlights: [] }, ...others] : results;
}
