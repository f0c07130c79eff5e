/** The box of a wide table can be reached with the keys while there is something to scroll. */
function letScroll(box) {
  if (box.scrollWidth > box.clientWidth) box.tabIndex = 0;
  else box.removeAttribute('tabindex');
}

/** Looks after the wide tables of the page on screen, which Material has put into boxes by then. */
function letTablesScroll() {
  const sizes = new ResizeObserver((changes) => changes.forEach(({ target }) => letScroll(target)));
  for (const box of document.querySelectorAll('.md-typeset__scrollwrap')) sizes.observe(box);
}
