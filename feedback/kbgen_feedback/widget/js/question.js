const REASONS = [
  'hard_to_understand', 'hard_to_find', 'missing_information', 'wrong_or_outdated',
  'wrong_product_or_version', 'something_broken', 'other',
];

/** "Was this page helpful?" with its buttons, reasons and thanks. */
class Question {
  /** @param {Votes} votes */
  constructor(votes) {
    this.votes = votes;
    this.status = element('p', { class: 'kb-said', role: 'status', tabindex: '-1' });
    this.buttons = ['yes', 'no'].map((value) => this.button(value));
    this.form = this.reasonForm();
    const ask = element('fieldset', { class: 'kb-ask' }, element('legend', {}, text('question')), ...this.buttons);
    const own = meta('article-locale') && { lang: meta('locale'), dir: document.body.dir };
    this.section = element('section', { class: 'kb kb-vote', 'aria-label': text('feedback'), ...own }, ask, this.form, this.status);
    this.press(votes.value);
    if (votes.value) this.status.textContent = text('voted_' + votes.value);
  }

  button(value) {
    return element('button', { type: 'button', class: 'kb-button', 'data-value': value, click: () => this.choose(value) }, text(value));
  }

  reasonForm() {
    const boxes = REASONS.map((reason) =>
      element('label', { class: 'kb-reason' }, element('input', { type: 'checkbox', name: 'reasons', value: reason }), element('span', {}, text(reason))));
    const comment = element('textarea', { id: 'kb-comment', name: 'comment', rows: '3', maxlength: '1000', dir: 'auto', 'aria-describedby': 'kb-hint' });
    return element(
      'form', { class: 'kb-why', hidden: true, submit: (event) => this.submit(event) },
      element('fieldset', {}, element('legend', {}, text('why')), ...boxes),
      element('label', { for: 'kb-comment' }, text('comment')), comment,
      element('p', { id: 'kb-hint', class: 'kb-hint' }, text('hint')),
      element('button', { type: 'submit', class: 'kb-button' }, text('send')),
    );
  }

  press(value) {
    for (const button of this.buttons) button.setAttribute('aria-pressed', String(button.dataset.value === value));
  }

  choose(value) {
    this.votes.cast(value, { final: value === 'yes' });
    this.press(value);
    this.form.hidden = value === 'yes';
    if (value === 'yes') this.say('thanks_yes');
    else this.form.querySelector('input').focus();
  }

  submit(event) {
    event.preventDefault();
    const values = new FormData(this.form);
    this.votes.cast('no', { reasons: values.getAll('reasons'), comment: values.get('comment').trim() });
    this.form.hidden = true;
    this.form.reset();
    this.say('thanks');
    this.status.focus();
    this.offerContact();
  }

  say(key) {
    for (const old of this.section.querySelectorAll('.kb-contact')) old.remove();
    this.status.textContent = text(key);
  }

  /** Something could not be delivered: says so when it was the vote just cast. */
  undelivered() {
    if (this.form.hidden && this.votes.isWaiting()) this.say('later');
  }

  /** Whoever says no may go on to support, when the search dialog knows the way. */
  offerContact() {
    const link = kb.contactLink && kb.contactLink(leadingQuery(), text('contact'));
    if (link) this.status.after(link);
  }

  /** Takes the place of the plain form, else stands at the end of the article. */
  show() {
    for (const old of document.querySelectorAll('.kb-vote')) old.remove();
    const place = document.querySelector('form.kb-form, [data-kb-vote]');
    if (place) place.replaceWith(this.section);
    else articleElement().append(this.section);
  }
}
