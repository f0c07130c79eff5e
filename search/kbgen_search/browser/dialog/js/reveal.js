/** A part of an address in plain letters, as it stands where it cannot be read. */
function decoded(part) {
  try {
    return decodeURIComponent(part);
  } catch (malformed) {
    return part;
  }
}

/** Opens what hides an element: blocks that are closed, tabs that are not selected. True when there was any. */
function reveal(hidden) {
  let opened = false;
  for (let box = hidden; box; box = box.parentElement) {
    const set = box.matches('.tabbed-block') && box.closest('.tabbed-set');
    // A set of tabs begins with its buttons, in the order of its blocks.
    const tab = set && set.children[Array.from(box.parentElement.children).indexOf(box)];
    if (box.matches('details:not([open])')) opened = box.open = true;
    if (tab && !tab.checked) opened = !tab.click();
  }
  return opened;
}

/** Shows where a result leads, and the first mark from there on, where either is out of sight. */
function showFound(hash) {
  const target = document.getElementById(decoded(hash.slice(1)));
  const follows = (mark) => (target ? target.compareDocumentPosition(mark) & Node.DOCUMENT_POSITION_FOLLOWING : !mark.closest('h1'));
  const mark = Array.from(document.querySelectorAll('.kb-mark-page')).find(follows);
  if (![mark, target].map(reveal).some(Boolean)) return;
  if (target) target.scrollIntoView();
  else mark.scrollIntoView({ block: 'center' });
}
