/** The options of the listbox and which one is chosen; the focus stays in the input. */
class Options {
  constructor(input, list) {
    this.input = input;
    this.list = list;
    this.chosen = -1;
  }

  /** The options on screen, in order. */
  all() {
    return Array.from(this.list.querySelectorAll('[role=option]'));
  }

  /** The chosen option, or null. */
  current() {
    return this.all()[this.chosen] || null;
  }

  /** Puts new options in place of the old; none is chosen. */
  fill(nodes) {
    this.list.replaceChildren(...nodes);
    this.all().forEach((option, index) => (option.id = 'kb-option-' + index));
    this.list.hidden = !nodes.length;
    this.input.setAttribute('aria-expanded', String(nodes.length > 0));
    this.choose(-1);
  }

  /** Chooses the option at `index`; -1 for none. */
  choose(index) {
    const options = this.all();
    this.chosen = index;
    options.forEach((option, place) => option.setAttribute('aria-selected', String(place === index)));
    if (!options[index]) return this.input.removeAttribute('aria-activedescendant');
    this.input.setAttribute('aria-activedescendant', options[index].id);
    return options[index].scrollIntoView({ block: 'nearest' });
  }

  /** Moves the choice by one, around the ends. */
  step(by) {
    const count = this.all().length;
    if (!count) return;
    const from = this.chosen < 0 && by < 0 ? count : this.chosen;
    this.choose((from + by + count) % count);
  }
}
