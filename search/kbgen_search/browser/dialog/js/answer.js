const ANSWER_SHORT = 240;
const ANSWER_READ_MS = 3000;

/** A long answer shows its beginning; the rest opens with a button. */
function answerText(answer, opened) {
  const long = Array.from(answer.text).length > ANSWER_SHORT;
  const passage = element('p', { class: long ? 'kb-passage kb-clipped' : 'kb-passage', dir: 'auto' }, ...marked(answer.text, answer.highlights));
  if (!long) return [passage];
  const open = (event) => {
    passage.classList.remove('kb-clipped');
    event.target.remove();
    opened();
  };
  return [passage, element('button', { type: 'button', class: 'kb-link', click: open }, text('more'))];
}

/**
 * The box with the answer itself.
 * @param {Object} answer page, url, title, section, text, highlights
 * @param {function()} opened called when the reader has it before their eyes
 * @returns {HTMLElement}
 */
function answerBox(answer, opened) {
  const box = element(
    'section', { class: 'kb-answer', 'aria-label': text('answer') },
    ...answerText(answer, opened),
    element('a', { href: address(answer.url), 'data-page': answer.page, 'data-rank': '1', dir: 'auto' }, answer.title),
  );
  if (!box.querySelector('.kb-clipped')) setTimeout(() => box.isConnected && opened(), ANSWER_READ_MS);
  return box;
}
