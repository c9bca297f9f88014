/* A board of deals: drawn from `data`, moved by mouse, touch or keyboard, saved by the API of the same origin.

   A move is shown at once and put back when the API refuses it. Python hears `moved` (then it reads the board anew),
   `refused` (a stage asks for something, or the deal changed meanwhile) and `opened`. */
import Sortable from 'sortablejs/modular/sortable.core.esm.js';

const boards = new WeakMap();

export default function ({ data, parentElement: root, setTriggerValue }) {
  const bar = root.querySelector('.bar');
  let board = boards.get(root);
  if (!board) {
    board = new Board(bar, root.querySelector('.voice'));
    boards.set(root, board);
  }
  board.tell = setTriggerValue;
  board.show(data);
  return () => {
    board.release();
    boards.delete(root);
  };
}

class Board {
  constructor(bar, voice) {
    this.bar = bar;
    this.voice = voice;
    this.lists = [];
    this.signature = '';
    bar.addEventListener('keydown', (event) => this.onKey(event));
    bar.addEventListener('dblclick', (event) => this.open(event.target.closest('.card')));
    bar.addEventListener('click', (event) => {
      if (!this.data.may_move) this.open(event.target.closest('.card'));
    });
  }

  show(data) {
    this.data = data;
    const signature = JSON.stringify([data.revision, data.may_move, data.columns]);
    if (signature === this.signature) return;
    this.signature = signature;
    this.draw();
  }

  draw() {
    this.release();
    this.bar.classList.toggle('still', !this.data.may_move);
    this.deals = new Map(this.data.columns.flatMap((column) => column.deals.map((deal) => [deal.deal_id, deal])));
    this.bar.replaceChildren(...this.data.columns.map((column) => this.column(column)));
    if (!this.data.may_move) return;
    this.lists = [...this.bar.querySelectorAll('.cards')].map((list) => new Sortable(list, {
      group: 'deals', sort: false, animation: 130, delay: 120, delayOnTouchOnly: true, scroll: this.bar,
      ghostClass: 'ghost', dragClass: 'dragged',
      onEnd: ({ item, from, to }) => { if (from !== to) this.save(item, from.dataset.stage, to.dataset.stage); },
    }));
  }

  release() {
    this.lists.forEach((list) => list.destroy());
    this.lists = [];
  }

  column(column) {
    const section = element('section', 'column');
    section.setAttribute('aria-label', column.name);
    const head = element('div', 'head');
    const dot = element('span', 'dot');
    dot.style.background = column.color;
    head.append(dot, element('span', 'name', column.name), element('span', 'count', column.count));
    const sums = element('div', 'sums');
    sums.append(element('span', 'total', column.total), element('span', 'weighted', column.weighted));
    if (column.missing) sums.append(element('span', 'missing', column.missing));
    const cards = element('ul', 'cards');
    cards.dataset.stage = column.key;
    cards.dataset.empty = this.data.empty;
    cards.setAttribute('aria-label', `${column.name}: deals`);
    cards.append(...column.deals.map((deal) => this.card(deal, column)));
    section.append(head, sums, cards);
    if (column.more) section.append(element('div', 'more', column.more));
    return section;
  }

  card(deal, column) {
    const card = element('li', 'card');
    card.dataset.id = deal.deal_id;
    card.tabIndex = 0;
    card.setAttribute('role', 'button');
    card.setAttribute('aria-pressed', 'false');
    const help = this.data.may_move ? ' Enter opens it, space picks it up.' : ' Enter opens it.';
    card.setAttribute('aria-label', `${deal.name}, ${deal.who || 'nobody'}, ${deal.value}, ${column.name}.${help}`);
    const facts = element('div', 'facts');
    facts.append(element('span', 'value', deal.value), element('span', 'chance', deal.chance));
    if (deal.rots) facts.append(flag('rot', deal.rots, 'Longer in this stage than it should be'));
    else if (deal.idle) facts.append(flag('idle', deal.idle, 'Nothing is planned for this deal'));
    if (deal.owner) {
      const owner = element('span', 'owner', deal.owner.initials);
      owner.style.background = deal.owner.color;
      owner.title = deal.owner.name;
      facts.append(owner);
    }
    card.append(element('div', 'title', deal.name), element('div', 'who', deal.who), facts);
    return card;
  }

  async save(card, from, to) {
    const deal = this.deals.get(card.dataset.id);
    const name = this.data.columns.find((column) => column.key === to).name;
    card.classList.add('saving');
    this.say(`${deal.name} moves to ${name}`);
    let answer;
    try {
      answer = await fetch(`/v1/deals/${deal.deal_id}/move`, {
        method: 'POST', credentials: 'same-origin',
        headers: {
          'Content-Type': 'application/json', 'X-CSRF-Token': this.data.csrf, 'X-LH-Organization': this.data.organization_id,
          'If-Match': deal.etag, 'Idempotency-Key': crypto.randomUUID ? crypto.randomUUID() : `${Date.now()}-${Math.random()}`,
        },
        body: JSON.stringify({ stage: to, pipeline: this.data.pipeline }),
      });
    } catch {
      answer = null;
    }
    if (answer && answer.ok) {
      this.tell('moved', { deal_id: deal.deal_id, name: deal.name, stage: name, at: Date.now() });
      return;
    }
    const problem = answer ? await answer.json().catch(() => ({})) : { code: 'away', detail: 'The server cannot be reached.' };
    this.signature = '';
    this.draw();
    this.say(`${deal.name} stays: ${problem.detail || 'the move was refused'}`);
    this.tell('refused', { deal_id: deal.deal_id, name: deal.name, from, stage: to, at: Date.now(),
      code: problem.code || 'internal', detail: problem.detail || '', hint: problem.hint || '' });
  }

  open(card) {
    if (card) this.tell('opened', { deal_id: card.dataset.id, at: Date.now() });
  }

  say(text) {
    this.voice.textContent = text;
  }

  onKey(event) {
    const card = event.target.closest('.card');
    if (!card) return;
    const held = card.getAttribute('aria-pressed') === 'true';
    const lists = [...this.bar.querySelectorAll('.cards')];
    const place = lists.indexOf(card.parentElement);
    if (event.key === 'Enter') {
      event.preventDefault();
      if (held) this.drop(card);
      else this.open(card);
    } else if (event.key === ' ') {
      event.preventDefault();
      if (held) this.drop(card);
      else if (this.data.may_move) this.lift(card);
    } else if (event.key === 'Escape' && held) {
      card.setAttribute('aria-pressed', 'false');
      lists.find((list) => list.dataset.stage === card.dataset.from).prepend(card);
      card.focus();
      this.say('Put back');
    } else if (event.key.startsWith('Arrow')) {
      event.preventDefault();
      if (held) this.carry(card, lists, place, event.key);
      else this.walk(card, lists, place, event.key);
    }
  }

  lift(card) {
    card.dataset.from = card.parentElement.dataset.stage;
    card.setAttribute('aria-pressed', 'true');
    this.say('Picked up. Left and right arrows choose a stage, space drops, escape puts it back.');
  }

  drop(card) {
    card.setAttribute('aria-pressed', 'false');
    const to = card.parentElement.dataset.stage;
    if (to !== card.dataset.from) this.save(card, card.dataset.from, to);
  }

  carry(card, lists, place, key) {
    const target = { ArrowRight: lists[place + 1], ArrowLeft: lists[place - 1] }[key];
    if (!target) return;
    target.prepend(card);
    card.focus();
    card.scrollIntoView({ block: 'nearest', inline: 'nearest' });
    this.say(target.getAttribute('aria-label'));
  }

  walk(card, lists, place, key) {
    const next = {
      ArrowDown: () => card.nextElementSibling, ArrowUp: () => card.previousElementSibling,
      ArrowRight: () => firstCard(lists.slice(place + 1)), ArrowLeft: () => firstCard(lists.slice(0, place).reverse()),
    }[key];
    if (next) next()?.focus();
  }
}

function firstCard(lists) {
  return lists.map((list) => list.firstElementChild).find(Boolean);
}

function flag(kind, text, title) {
  const made = element('span', `flag ${kind}`, text);
  made.title = title;
  return made;
}

function element(tag, className, text) {
  const made = document.createElement(tag);
  made.className = className;
  if (text !== undefined && text !== null) made.textContent = text;
  return made;
}
