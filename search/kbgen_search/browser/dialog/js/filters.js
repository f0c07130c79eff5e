const FACETS = ['area', 'tag', 'audience'];
const VALUES_MOST = 8;

/** The most frequent values of a facet, and always the chosen one. */
function facetValues(counted, chosen) {
  const values = counted.slice(0, VALUES_MOST);
  if (chosen && !values.some(([value]) => value === chosen)) {
    values.unshift(counted.find(([value]) => value === chosen) || [chosen, 0]);
  }
  return values;
}

/** One chip: pressed when its value is chosen. */
function chip(facet, [value, count], chosen, change) {
  const pressed = value === chosen;
  return element(
    'button',
    { type: 'button', class: 'kb-chip', 'aria-pressed': String(pressed), 'data-value': value,
      click: () => change(facet, pressed ? null : value) },
    element('bdi', {}, value), ' ', element('span', { class: 'kb-count' }, String(count)),
  );
}

/** The chips of one facet; null when there is nothing to choose. */
function facetGroup(facet, counted, chosen, change) {
  if (!counted || (counted.length < 2 && !chosen)) return null;
  const chips = facetValues(counted, chosen).map((pair) => chip(facet, pair, chosen, change));
  return element(
    'div', { class: 'kb-facet', role: 'group', 'aria-label': text(facet), 'data-facet': facet },
    element('span', { class: 'kb-facet-name', 'aria-hidden': 'true' }, text(facet)), ...chips,
  );
}

/** The facets after the first, behind a button that shows and hides them. */
function furtherFacets(groups, isOpen, toggle) {
  const box = element('div', { id: 'kb-further', class: 'kb-further', hidden: !isOpen }, ...groups);
  const open = (event) => {
    box.hidden = !box.hidden;
    event.target.setAttribute('aria-expanded', String(!box.hidden));
    toggle(!box.hidden);
  };
  const button = element('button', { type: 'button', class: 'kb-link', 'aria-expanded': String(isOpen), 'aria-controls': 'kb-further', click: open }, text('filters'));
  return [button, box];
}

/**
 * The filters that the results offer: one facet in a row, further ones behind a button.
 * @param {Object<string, Array<[string, number]>>} facets values with counts
 * @param {Object<string, string>} chosen one value a facet
 * @param {function(string, ?string)} change called with a facet and its new value
 * @param {{open: boolean}} further whether the further facets are shown; kept by the caller
 * @returns {HTMLElement[]}
 */
function filterGroups(facets, chosen, change, further) {
  const groups = FACETS.map((facet) => facetGroup(facet, (facets || {})[facet], chosen[facet], change)).filter(Boolean);
  if (groups.length < 2) return groups;
  return [groups[0], ...furtherFacets(groups.slice(1), further.open, (open) => (further.open = open))];
}
