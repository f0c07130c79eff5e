const TYPING_MS = 80;
const ANNOUNCE_MS = 600;
const LOADING_MS = 400;
const RESULTS_STEP = 10;
const QUERY_MOST = 400; // as the engine and the command line

/** The search dialog: a combobox in a native modal dialog. */
class SearchDialog {
  constructor() {
    this.chosen = {};
    this.further = { open: false };
    this.exact = false;
    this.limit = RESULTS_STEP;
    this.run = 0;
    this.response = null;
    this.typing = 0;
    this.announcing = 0;
    this.build();
    this.options = new Options(this.input, this.list);
    this.settler = new Settler((shown, by) => this.tellSearch(shown, by));
    this.listen();
  }

  build() {
    this.input = element('input', {
      type: 'text', class: 'kb-input', role: 'combobox', inputmode: 'search', enterkeyhint: 'search', maxlength: QUERY_MOST,
      autocomplete: 'off', autocapitalize: 'off', spellcheck: 'false', dir: 'auto', 'aria-autocomplete': 'list',
      'aria-controls': 'kb-list', 'aria-expanded': 'false', 'aria-label': text('search'), placeholder: text('search'),
    });
    this.list = element('div', { id: 'kb-list', class: 'kb-list', role: 'listbox', 'aria-label': text('results'), hidden: true });
    this.filters = element('div', { class: 'kb-filters' });
    this.above = element('div', { class: 'kb-above' });
    this.below = element('div', { class: 'kb-below' });
    this.live = element('p', { class: 'kb-live', role: 'status' });
    this.body = element('div', { class: 'kb-body' }, this.above, this.list, this.below);
    this.dialog = element('dialog', { class: 'kb kb-dialog', 'aria-label': text('search') },
      this.bar(), this.filters, this.body, this.keys(), this.live);
    document.body.append(this.dialog);
  }

  bar() {
    const close = element('button', { type: 'button', class: 'kb-close', 'aria-label': text('close'), click: () => this.close() }, '✕');
    return element('div', { class: 'kb-bar', role: 'search' }, this.input, close);
  }

  keys() {
    const key = (name, meaning) => element('span', {}, element('kbd', {}, name), ' ', text(meaning));
    return element('p', { class: 'kb-keys', 'aria-hidden': 'true' },
      key('↑↓', 'key_move'), key('↵', 'key_open'), key('Esc', 'key_close'));
  }

  listen() {
    this.input.addEventListener('input', () => this.type());
    this.input.addEventListener('keydown', (event) => this.press(event));
    this.dialog.addEventListener('pointerdown', (event) => (this.pressed = event.target));
    this.dialog.addEventListener('click', (event) => this.click(event));
    this.dialog.addEventListener('auxclick', (event) => event.button === 1 && this.openLink(event));
    // A menu's "open in a new tab" tells nobody: the tab is prepared in case it is chosen.
    this.dialog.addEventListener('contextmenu', (event) => this.prepareTab(event));
    // Esc is heard at once; the close event comes late, perhaps after the next letter.
    this.dialog.addEventListener('cancel', () => this.settler.settle('blur'));
    this.dialog.addEventListener('close', () => this.closed());
    const sizes = new ResizeObserver(() => this.letScroll());
    for (const box of [this.body, this.above, this.list, this.below]) sizes.observe(box);
  }

  /** Results that are taller than the dialog can be scrolled with the keys, too. */
  letScroll() {
    const scrolls = this.body.scrollHeight > this.body.clientHeight;
    for (const [name, value] of Object.entries({ tabindex: '0', role: 'region', 'aria-label': text('results') })) {
      if (scrolls) this.body.setAttribute(name, value);
      else this.body.removeAttribute(name);
    }
  }

  /** What stands in the field, within bounds and without halves of characters, which no address can carry. */
  query() {
    return this.input.value.slice(0, QUERY_MOST).replace(/[\ud800-\udfff]/gu, '').trim();
  }

  /** Opens the dialog, with a query when one is given. */
  open(q) {
    if (!this.dialog.isConnected) document.body.append(this.dialog);
    if (!this.dialog.open) this.dialog.showModal();
    if (typeof q === 'string') this.input.value = q;
    this.input.select();
    if (kb.warm) Promise.resolve(kb.warm()).catch(() => null);
    if (typeof q === 'string' || !this.query()) this.type();
  }

  close() {
    this.settler.settle('blur');
    this.dialog.close();
  }

  closed() {
    this.settler.settle('blur');
    showInAddress('');
    tell('close', {});
  }

  /** The reader typed: search when the keys rest. */
  type() {
    this.exact = false;
    this.limit = RESULTS_STEP;
    this.settler.type(this.query());
    clearTimeout(this.typing);
    this.typing = setTimeout(() => this.search(), this.query() ? TYPING_MS : 0);
  }

  /** Searches for what stands in the field and shows the outcome, unless a later search began. */
  async search() {
    clearTimeout(this.typing);
    const run = ++this.run;
    const q = this.query();
    if (!q) return this.showRecent();
    const loading = setTimeout(() => run === this.run && this.announce(text('loading')), LOADING_MS);
    try {
      const response = await kb.search(q, this.searchOptions());
      if (run === this.run) this.show(q, response);
    } catch (problem) {
      if (run === this.run) this.showError(problem);
    }
    return clearTimeout(loading);
  }

  searchOptions() {
    const lang = meta('locale') || undefined;
    return { limit: this.limit, lang, filters: { ...this.chosen }, exact: this.exact };
  }

  show(q, response) {
    this.response = response;
    const found = response.results.length > 0;
    this.above.replaceChildren(...this.notes(q, response));
    this.options.fill(withoutRepeat(response).map((result, index) => resultGroup(result, index + 1)));
    this.below.replaceChildren(...(found ? this.moreLink(response) : this.nothing(q, response)));
    this.showFilters(response);
    if (this.limit === RESULTS_STEP) this.body.scrollTop = 0;
    this.announce(found ? text('count', { n: response.total }) : text('none', { q }));
    this.settler.show(q, response);
  }

  /** What stands above the results: how the query was read, the answer, the count. */
  notes(q, response) {
    const preview = () => tell('preview', { q, page: response.answer.page });
    return [
      ...readingNotes(q, response, () => this.searchExactly(), (meant) => this.searchFor(meant)),
      response.answer ? answerBox(response.answer, preview) : null,
      response.total ? element('p', { class: 'kb-total' }, text('count', { n: response.total })) : null,
    ].filter(Boolean);
  }

  /** The way to further results; the choice goes to the first of them. */
  moreLink(response) {
    const shown = response.results.length;
    if (response.total <= shown || shown < this.limit) return [];
    const more = async () => {
      const next = this.options.all().length;
      this.limit += RESULTS_STEP;
      this.input.focus();
      await this.search();
      this.options.choose(next);
    };
    return [linkButton(text('more_results'), more)];
  }

  nothing(q, response) {
    if (!Object.keys(this.chosen).length) return nothingFound(q, response);
    return [
      element('p', { class: 'kb-none' }, text('none_filtered')),
      linkButton(text('unfilter'), () => this.filter(null)),
    ];
  }

  showFilters(response) {
    const focused = document.activeElement && document.activeElement.getAttribute('data-value');
    const groups = filterGroups(response.facets, this.chosen, (facet, value) => this.filter(facet, value), this.further);
    this.filters.replaceChildren(...groups);
    const again = focused && Array.from(this.filters.querySelectorAll('.kb-chip')).find((one) => one.dataset.value === focused);
    if (again) again.focus();
  }

  /** Chooses a value of a facet, null for none; without a facet all filters go. */
  filter(facet, value) {
    if (!facet) this.chosen = {};
    else if (value === null) delete this.chosen[facet];
    else this.chosen[facet] = value;
    if (!facet) this.input.focus();
    this.search();
  }

  showError(problem) {
    const message = element('p', { class: 'kb-error', role: 'alert' }, text('error'));
    const foreseen = problem instanceof Error && !(problem instanceof TypeError);
    const detail = foreseen ? element('p', { class: 'kb-where', dir: 'auto' }, problem.message) : null;
    this.empty([message, detail, contactLink(this.query(), text('contact'))].filter(Boolean));
  }

  empty(below) {
    this.response = null;
    this.above.replaceChildren();
    this.filters.replaceChildren();
    this.options.fill([]);
    this.below.replaceChildren(...below);
  }

  /** With an empty field: what was searched before. */
  showRecent() {
    this.chosen = {};
    this.empty([]);
    this.announce('');
    const recent = recentSearches();
    if (!recent.length) return;
    this.options.fill([recentGroup(recent)]);
    this.below.replaceChildren(linkButton(text('forget'), () => this.forget()));
  }

  forget() {
    forgetSearches();
    this.showRecent();
    this.input.focus();
  }

  /** Says the outcome to screen readers once the keys rest. */
  announce(message) {
    clearTimeout(this.announcing);
    this.announcing = setTimeout(() => (this.live.textContent = message), ANNOUNCE_MS);
  }

  searchFor(q) {
    this.input.value = q;
    this.input.focus();
    this.type();
  }

  searchExactly() {
    this.exact = true;
    this.input.focus();
    this.search();
  }

  press(event) {
    const last = this.options.all().length - 1;
    const chosen = this.options.chosen >= 0;
    const moves = {
      ArrowDown: () => this.options.step(1),
      ArrowUp: () => this.options.step(-1),
      Home: chosen && (() => this.options.choose(0)),
      End: chosen && (() => this.options.choose(last)),
      Enter: () => this.enter(event),
    };
    const move = !event.isComposing && moves[event.key];
    if (!move) return;
    event.preventDefault();
    move();
  }

  /** Enter opens the chosen or the first option; while results are on their way it only asks for them. */
  enter(event) {
    const chosen = this.options.current();
    if (chosen) this.follow(chosen, event);
    if (chosen || !this.query()) return;
    const ready = this.settler.shown && this.settler.shown.q === this.query();
    this.settler.settle('enter');
    const first = this.options.all()[0];
    if (!ready) this.search();
    else if (isTouch()) this.input.blur();
    else if (first) this.follow(first, event);
  }

  /** Clicks an option as the keys held down say: Ctrl or Cmd opens a new tab. */
  follow(option, { ctrlKey, metaKey, shiftKey }) {
    option.dispatchEvent(new MouseEvent('click', { bubbles: true, cancelable: true, ctrlKey, metaKey, shiftKey }));
  }

  click(event) {
    // Selecting text may end outside; only what also began there closes the dialog.
    if (event.target === this.dialog) return this.pressed === this.dialog && this.close();
    const recent = event.target.closest('[data-query]');
    if (recent) return this.searchFor(recent.dataset.query);
    return this.openLink(event);
  }

  /** What the page of a result is told of how it was found. */
  opened(link) {
    const { page, rank } = link.dataset;
    const terms = (this.response && this.response.terms) || [];
    return { q: this.query(), page, rank: Number(rank), terms, at: Date.now() };
  }

  /** A result's menu was opened, from which a new tab may come. */
  prepareTab(event) {
    const link = event.target.closest('a[data-page]');
    if (link) rememberOpened(this.opened(link), true);
  }

  /** A result was opened: says so, remembers it for the page that opens. */
  openLink(event) {
    const link = event.target.closest('a[data-page]');
    if (!link) return;
    const opened = this.opened(link);
    this.settler.settle('click');
    tell('click', { q: opened.q, page: opened.page, rank: opened.rank });
    const isNewTab = event.ctrlKey || event.metaKey || event.shiftKey || event.button === 1;
    rememberOpened(opened, isNewTab);
    if (isNewTab || documentOf(link.href) !== documentOf(location.href)) return;
    event.preventDefault();
    this.close();
    showInAddress('');
    unmarkArticle();
    markArticle(opened.terms, opened.q);
    location.hash = link.hash;
    showFound(link.hash);
  }

  /** A query is settled: it becomes shareable, is remembered, and the page is told. */
  tellSearch({ q, response }, by) {
    rememberSearch(q);
    if (by !== 'blur') showInAddress(q);
    tell('search', {
      q, settled_by: by, lang: meta('locale'), total: response.total, corrected: response.corrected || '',
      results: response.results.slice(0, 10).map((result) => result.page),
    });
  }
}

/** True where typing happens on the screen itself. */
function isTouch() {
  return window.matchMedia('(pointer: coarse)').matches;
}
