/** Puts the query into the page's address, or takes it out; some places (file:) do not allow it. */
function showInAddress(q) {
  try {
    const url = new URL(location.href);
    if ((url.searchParams.get('q') || '') === q) return;
    if (q) url.searchParams.set('q', q);
    else url.searchParams.delete('q');
    history.replaceState(history.state, '', url);
  } catch (forbidden) {
    // The address stays as it is; everything else works.
  }
}
