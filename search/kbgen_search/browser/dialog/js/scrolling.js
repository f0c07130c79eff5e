/** A box can be reached with the keys while there is something in it to scroll. */
function letScroll(box) {
  if (box.scrollWidth > box.clientWidth) box.tabIndex = 0;
  else box.removeAttribute('tabindex');
}

/** Looks after wide tables and code on screen; tables are in their boxes by the time Material has told of the page. */
function watchWideBoxes() {
  const sizes = new ResizeObserver((changes) => changes.forEach(({ target }) => letScroll(target)));
  for (const box of document.querySelectorAll('.md-typeset__scrollwrap, .md-typeset pre > code')) sizes.observe(box);
}
