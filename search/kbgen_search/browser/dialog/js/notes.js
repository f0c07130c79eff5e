/** A button that reads like a link. */
function linkButton(label, click) {
  return element('button', { type: 'button', class: 'kb-link', click }, label);
}

/** What was searched instead of the query, and the way to search for exactly what was typed. */
function correctionNote(q, corrected, searchExactly) {
  const exactly = linkButton(text('instead', { q: isolated(q) }), searchExactly);
  return element('p', { class: 'kb-note' }, element('strong', {}, text('corrected', { q: isolated(corrected) })), ' · ', exactly);
}

/** Words that no article has, in whatever language, when others were found; else null. */
function missingNote({ missing = [], elsewhere = [], total }) {
  const words = missing.filter((word) => !elsewhere.includes(word)).map(isolated).join(', ');
  return words && total ? element('p', { class: 'kb-total' }, text('missing', { words })) : null;
}

/**
 * How the query was read: corrected, or with suggestions, and which words count for nothing.
 * @param {string} q
 * @param {Object} response
 * @param {function()} searchExactly
 * @param {function(string)} searchFor
 * @returns {Array<?HTMLElement>}
 */
function readingNotes(q, response, searchExactly, searchFor) {
  const { corrected, suggestions = [] } = response;
  const suggested = () => suggestions.slice(0, 2).map((meant) =>
    linkButton(text('meant', { q: isolated(meant) }), () => searchFor(meant)));
  const note = corrected && corrected !== q ? [correctionNote(q, corrected, searchExactly)] : suggested();
  return [...note, missingNote(response)];
}
