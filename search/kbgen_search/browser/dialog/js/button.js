const PLACES = '[data-kb-search], .md-header__inner, .navbar__items--right';

/** Sets the label of the shortcut as this kind of machine has it. */
function labelShortcut(button) {
  const key = button.querySelector('.kb-key');
  if (key) key.textContent = /Mac|iP(hone|ad|od)/.test(navigator.platform) ? '⌘K' : 'Ctrl K';
}

/** A button for pages whose HTML has none: in the header, else fixed in a corner. */
function addButton() {
  const button = element(
    'button', { type: 'button', class: 'kb-open', 'aria-haspopup': 'dialog', 'aria-keyshortcuts': 'Control+K Meta+K /' },
    element('span', { class: 'kb-icon', 'aria-hidden': 'true' }), element('span', { class: 'kb-open-text' }, text('search')), element('kbd', { class: 'kb-key', 'aria-hidden': 'true' }),
  );
  const place = document.querySelector(PLACES);
  button.classList.toggle('kb-fixed', !place);
  if (place) place.insertBefore(button, place.querySelector(':scope > .md-header__source'));
  else document.body.append(button);
  return button;
}

/** True where the keys belong to a field. */
function isEditable(target) {
  return target instanceof HTMLElement && (target.isContentEditable || /^(INPUT|TEXTAREA|SELECT)$/.test(target.tagName));
}

/** True for the keys that open the search: Ctrl or Cmd and K, and the slash outside of fields. */
function opensSearch(event) {
  if (event.altKey || event.isComposing) return false;
  if (event.ctrlKey || event.metaKey) return !event.shiftKey && event.key.toLowerCase() === 'k';
  return event.key === '/' && !isEditable(event.target);
}
