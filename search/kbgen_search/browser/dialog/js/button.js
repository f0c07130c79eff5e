const PLACES = '[data-kb-search], .md-header__inner, .navbar__items--right';

/** Sets the label of the shortcut as this kind of machine has it. */
function labelShortcut(button) {
  const key = button.querySelector('.kb-key');
  if (key) key.textContent = /Mac|iP(hone|ad|od)/.test(navigator.platform) ? '⌘K' : 'Ctrl K';
}

/** The magnifying glass. */
function searchIcon() {
  const icon = document.createElementNS('http://www.w3.org/2000/svg', 'svg');
  const shape = document.createElementNS('http://www.w3.org/2000/svg', 'path');
  const set = (node, values) => Object.entries(values).forEach(([name, value]) => node.setAttribute(name, value));
  set(icon, { class: 'kb-icon', viewBox: '0 0 24 24', width: 24, height: 24, 'aria-hidden': 'true', focusable: 'false' });
  set(shape, { d: 'M10 4a6 6 0 1 1 0 12 6 6 0 0 1 0-12zm4.5 10.5L20 20', fill: 'none', stroke: 'currentColor', 'stroke-width': 2, 'stroke-linecap': 'round' });
  icon.append(shape);
  return icon;
}

/** A button for pages whose HTML has none: in the header, else fixed in a corner. */
function addButton() {
  const button = element(
    'button', { type: 'button', class: 'kb-open', 'aria-haspopup': 'dialog', 'aria-keyshortcuts': 'Control+K Meta+K /' },
    searchIcon(), element('span', { class: 'kb-open-text' }, text('search')), element('kbd', { class: 'kb-key', 'aria-hidden': 'true' }),
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
