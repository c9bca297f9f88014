/* The picture: steps and lines, dragged, drawn and walked by keys. What it may do it asks of the editor. */
import { END, connect, graphOf, insert, move, stepsOf } from './document.js';
import { element } from './elements.js';
import { HEIGHT, WIDTH, layOut } from './layout.js';
import { KINDS, kindOf } from './words.js';

const NEAR = 90;
const START = 56;
const SVG = 'http://www.w3.org/2000/svg';

export class Graph {
  constructor(editor) {
    this.editor = editor;
    this.zoom = 1;
    this.stage = element('div', { class: 'stage' });
    this.size = element('div', { class: 'size' }, this.stage);
    this.root = element('div', { class: 'canvas', role: 'group', 'aria-label': 'Steps of the sequence' }, this.size);
    this.root.addEventListener('keydown', (event) => this.onKey(event));
    this.root.addEventListener('pointerdown', (event) => this.onDown(event));
    this.root.addEventListener('wheel', (event) => this.onWheel(event), { passive: false });
    new ResizeObserver(() => { if (!this.isFitted && this.root.clientWidth) this.fit(); }).observe(this.root);
  }

  draw() {
    this.isStale = this.isHeld; // what somebody drags must not be drawn anew under their hand
    if (this.isHeld) return;
    const focused = this.stage.getRootNode().activeElement?.dataset?.id;
    this.laid = layOut(this.editor.document);
    const { places, ends, lines, lost, width, height } = this.laid;
    const steps = stepsOf(this.editor.document);
    this.stage.style.width = `${width}px`;
    this.stage.style.height = `${height + START}px`;
    const parts = [this.lines()];
    const first = steps[0] && places.get(steps[0].id);
    const startX = first ? first.x : width / 2;
    parts.push(pill('start', 'People are put in', startX, 12), this.slot(null, startX, START - 4));
    for (const step of steps.filter((each, index) => steps.findIndex((other) => other.id === each.id) === index)) {
      parts.push(this.node(step, places.get(step.id), lost.includes(step.id)));
      for (const line of lines.filter((each) => each.from === step.id)) {
        parts.push(this.slot({ from: line.from, port: line.port }, line.slot.x, line.slot.y + START));
      }
    }
    for (const end of ends) {
      const made = pill(end.isMissing ? 'end missing' : 'end', end.isMissing ? 'No such step' : 'End', end.x, end.y + START);
      made.dataset.end = 'end';
      parts.push(made);
    }
    this.stage.replaceChildren(...parts);
    this.scale();
    if (focused) this.nodeOf(focused)?.focus({ preventScroll: true });
  }

  lines() {
    const svg = document.createElementNS(SVG, 'svg');
    svg.setAttribute('class', 'lines');
    svg.setAttribute('aria-hidden', 'true');
    const first = stepsOf(this.editor.document)[0];
    const top = first && this.laid.places.get(first.id);
    if (top) svg.append(path([{ x: top.x, y: 36 }, { x: top.x, y: top.y + START }], 'line'));
    for (const line of this.laid.lines) {
      const points = line.points.map(({ x, y }) => ({ x, y: y + START }));
      svg.append(path(points, `line${[line.from, line.target].includes(this.editor.selected) ? ' chosen' : ''}`));
      svg.append(arrow(points.at(-1)));
      if (!line.label) continue;
      const label = document.createElementNS(SVG, 'text');
      const sideways = points[2].x === points[0].x ? 8 : points[2].x > points[0].x ? 6 : -6;
      label.setAttribute('x', points[2].x + sideways + (sideways === 8 ? 0 : 2 * Math.sign(sideways)));
      label.setAttribute('y', points[2].y - 5);
      label.setAttribute('text-anchor', sideways < 0 ? 'start' : sideways === 8 ? 'start' : 'end');
      label.setAttribute('class', 'way');
      label.textContent = line.label;
      svg.append(label);
    }
    this.pencil = path([], 'line drawn');
    svg.append(this.pencil);
    return svg;
  }

  node(step, place, isLost) {
    const kind = kindOf(step);
    const { selected, data } = this.editor;
    const number = stepsOf(this.editor.document).findIndex((each) => each.id === step.id);
    const faults = this.editor.problems.filter((each) => each.step === number);
    const people = data.people[step.id];
    const title = faults.map((each) => each.message).join('\n');
    const made = element('div', {
      class: ['node', selected === step.id && 'chosen', faults.length && 'faulty', isLost && 'lost'].filter(Boolean).join(' '),
      style: `--kind:${kind.color};left:${place.x - WIDTH / 2}px;top:${place.y + START}px`, role: 'button', tabindex: 0,
      'data-id': step.id, 'aria-pressed': String(selected === step.id), title: title || null,
      'aria-label': `${kind.label} ${step.id}: ${kind.say(step)}.${faults.length ? ` Wrong: ${title}` : ''}`,
    },
    element('span', { class: 'icon', html: kind.icon }),
    element('span', { class: 'name' }, step.id ?? '?'),
    element('span', { class: 'says' }, kind.say(step)),
    people ? element('span', { class: 'people', title: 'People who stand here now' }, `${people.toLocaleString()} here`) : null,
    faults.length ? element('span', { class: 'flag', 'aria-hidden': 'true' }, '!') : null);
    for (const line of this.laid.lines.filter((each) => each.from === step.id)) {
      made.append(element('span', { class: 'port', 'data-port': line.port, title: 'Draw a line from here', style: `left:${line.start.x - place.x + WIDTH / 2}px` }));
    }
    return made;
  }

  slot(at, x, y) {
    const words = at ? `Add a step after ${at.from}${at.port === 'next' ? '' : `, ${this.wayName(at)}`}` : 'Add a step at the beginning';
    const made = element('button', { type: 'button', class: 'slot', 'aria-label': words, title: 'Add a step here', style: `left:${x}px;top:${y}px`,
      onclick: (event) => { event.stopPropagation(); this.menu(at, made); } }, '+');
    made.hidden = !this.editor.data.may_write;
    made.at = at;
    made.middle = { x, y };
    return made;
  }

  wayName(at) {
    return this.laid.lines.find((line) => line.from === at.from && line.port === at.port)?.label ?? '';
  }

  /* Kinds of steps to put on a line. */
  menu(at, beside) {
    this.closeMenu();
    const add = (kind) => { this.closeMenu(); this.add(kind, at); };
    const items = Object.entries(KINDS).map(([kind, { label, icon, color }]) => element('button', { type: 'button', role: 'menuitem', style: `--kind:${color}`, onclick: () => add(kind) },
      element('span', { class: 'icon', html: icon }), label));
    const menu = element('div', { class: 'menu', role: 'menu', 'aria-label': 'Kind of step', style: `left:${beside.offsetLeft}px;top:${beside.offsetTop + 14}px` }, ...items);
    menu.addEventListener('keydown', (event) => {
      event.stopPropagation();
      const index = items.indexOf(menu.getRootNode().activeElement);
      if (event.key === 'ArrowDown') items[(index + 1) % items.length].focus();
      else if (event.key === 'ArrowUp') items[(index + items.length - 1) % items.length].focus();
      else if (event.key === 'Escape') { this.closeMenu(); beside.focus(); } else return;
      event.preventDefault();
    });
    this.stage.append(menu);
    items[0].focus();
  }

  closeMenu() {
    this.stage.querySelector('.menu')?.remove();
  }

  add(kind, at) {
    const isFirst = kind === 'email' && !this.hasMessageBefore(at);
    this.editor.attempt(() => {
      const { document, id } = insert(this.editor.document, { id: kind, type: kind, ...KINDS[kind].fresh(isFirst) }, at);
      this.editor.selected = id;
      return document;
    });
    this.editor.show('step');
    this.nodeOf(this.editor.selected)?.focus({ preventScroll: true });
    this.reveal(this.editor.selected);
  }

  hasMessageBefore(at) {
    const graph = graphOf(this.editor.document);
    const before = (id) => [...graph].filter(([, ways]) => ways.some((way) => way.target === id)).map(([name]) => name);
    const ahead = at ? [at.from] : [];
    const seen = new Set();
    while (ahead.length) {
      const id = ahead.pop();
      if (seen.has(id)) continue;
      seen.add(id);
      if (stepsOf(this.editor.document).find((step) => step.id === id)?.type === 'email') return true;
      ahead.push(...before(id));
    }
    return false;
  }

  nodeOf(id) {
    return [...this.stage.querySelectorAll('.node')].find((node) => node.dataset.id === id);
  }

  reveal(id) {
    this.nodeOf(id)?.scrollIntoView({ block: 'nearest', inline: 'nearest' });
  }

  /* Mouse and touch: a step is chosen or dragged onto a line, a line is drawn from a port, the ground is pushed about. */
  onDown(event) {
    if (event.button !== 0 || event.target.closest('.menu, .slot')) return;
    this.closeMenu();
    const node = event.target.closest('.node');
    const port = event.target.closest('.port');
    if (port && this.editor.data.may_write) this.draws(event, node.dataset.id, port.dataset.port);
    else if (node) this.drags(event, { id: node.dataset.id, ghost: node, isChosen: true });
    else this.pushes(event);
  }

  /* `what`: {id} of a step, or {kind} of a new one, and the element whose copy follows the pointer. */
  drags(event, what) {
    const start = { x: event.clientX, y: event.clientY };
    let ghost = null;
    let slots = [];
    const begin = () => {
      slots = [...this.stage.querySelectorAll('.slot')].filter((slot) => what.kind || this.mayMove(what.id, slot.at));
      slots.forEach((slot) => slot.classList.add('open'));
      ghost = what.ghost.cloneNode(true);
      ghost.classList.add('ghost');
      ghost.removeAttribute('style');
      ghost.style.cssText = `--kind:${kindOf({ type: what.kind ?? this.typeOf(what.id) }).color}`;
      this.editor.root.append(ghost);
      this.nodeOf(what.id)?.classList.add('taken');
    };
    const onMove = (at) => {
      if (!this.editor.data.may_write) return;
      if (!ghost && Math.hypot(at.clientX - start.x, at.clientY - start.y) > 5) begin();
      if (!ghost) return;
      const frame = this.editor.root.getBoundingClientRect();
      ghost.style.transform = `translate(${at.clientX - frame.left - 40}px, ${at.clientY - frame.top - 20}px)`;
      this.scrollAlong(at);
      const near = this.nearest(slots, at);
      slots.forEach((slot) => slot.classList.toggle('near', slot === near));
    };
    const onUp = (at, isOff) => {
      const near = ghost && this.nearest(slots, at);
      ghost?.remove();
      slots.forEach((slot) => slot.classList.remove('open', 'near'));
      this.nodeOf(what.id)?.classList.remove('taken');
      if (isOff) return;
      if (!ghost && what.isChosen) this.editor.select(what.id);
      else if (!ghost && what.kind) this.addSomewhere(what.kind);
      else if (near && what.kind) this.add(what.kind, near.at);
      else if (near) this.editor.attempt(() => move(this.editor.document, what.id, near.at));
    };
    this.follow(event, onMove, onUp);
  }

  draws(event, from, portName) {
    const line = this.laid.lines.find((each) => each.from === from && each.port === portName);
    const start = { x: line.start.x, y: line.start.y + START };
    const goalAt = (at) => {
      const under = this.root.getRootNode().elementFromPoint(at.clientX, at.clientY);
      const goal = under?.closest('.node, .pill.end');
      return goal && goal.dataset.id !== from ? goal : null;
    };
    const aim = (goal) => this.stage.querySelectorAll('.node, .pill').forEach((each) => each.classList.toggle('aim', each === goal));
    this.follow(event, (at) => {
      this.scrollAlong(at);
      const end = this.pointOf(at);
      const middle = (start.y + end.y) / 2;
      this.pencil.setAttribute('d', `M${start.x},${start.y} C${start.x},${middle} ${end.x},${middle} ${end.x},${end.y}`);
      aim(goalAt(at));
    }, (at, isOff) => {
      this.pencil.setAttribute('d', '');
      aim(null);
      const goal = goalAt(at);
      if (goal && !isOff) this.editor.attempt(() => connect(this.editor.document, { from, port: portName }, goal.dataset.id ?? END));
    });
  }

  pushes(event) {
    const start = { x: event.clientX + this.root.scrollLeft, y: event.clientY + this.root.scrollTop };
    let moved = false;
    this.follow(event, (at) => {
      moved ||= Math.hypot(start.x - this.root.scrollLeft - at.clientX, start.y - this.root.scrollTop - at.clientY) > 4;
      this.root.scrollTo(start.x - at.clientX, start.y - at.clientY);
    }, () => { if (!moved) this.editor.select(null); });
  }

  /* Hears the pointer until it is let go; Escape calls it off. */
  follow(event, onMove, onUp) {
    event.preventDefault();
    event.target.closest('[tabindex]')?.focus({ preventScroll: true });
    this.isHeld = true;
    const done = (at, isOff) => {
      for (const [name, heard] of Object.entries(ears)) window.removeEventListener(name, heard, true);
      this.isHeld = false;
      onUp(at, isOff);
      if (this.isStale) this.draw();
    };
    const ears = {
      pointermove: onMove,
      pointerup: (at) => done(at, false),
      pointercancel: (at) => done(at, true),
      keydown: (pressed) => { if (pressed.key === 'Escape') done(event, true); },
    };
    for (const [name, heard] of Object.entries(ears)) window.addEventListener(name, heard, true);
  }

  mayMove(id, at) {
    try {
      return move(this.editor.document, id, at) !== this.editor.document;
    } catch {
      return false;
    }
  }

  /* A click on a kind: after the chosen step, or where the way ends first. */
  addSomewhere(kind) {
    const { lines } = this.laid;
    const line = lines.find((each) => each.from === this.editor.selected) ?? [...lines].reverse().find((each) => each.target === END);
    this.add(kind, line ? { from: line.from, port: line.port } : null);
  }

  typeOf(id) {
    return stepsOf(this.editor.document).find((step) => step.id === id)?.type;
  }

  pointOf(at) {
    const frame = this.stage.getBoundingClientRect();
    return { x: (at.clientX - frame.left) / this.zoom, y: (at.clientY - frame.top) / this.zoom };
  }

  nearest(slots, at) {
    const point = this.pointOf(at);
    const far = (slot) => Math.hypot(slot.middle.x - point.x, slot.middle.y - point.y);
    const found = slots.reduce((best, slot) => (!best || far(slot) < far(best) ? slot : best), null);
    return found && far(found) < NEAR ? found : null;
  }

  scrollAlong(at) {
    const frame = this.root.getBoundingClientRect();
    const step = (near, farther) => (near < 36 ? -14 : farther < 36 ? 14 : 0);
    this.root.scrollBy(step(at.clientX - frame.left, frame.right - at.clientX), step(at.clientY - frame.top, frame.bottom - at.clientY));
  }

  onWheel(event) {
    if (!event.ctrlKey && !event.metaKey) return;
    event.preventDefault();
    this.setZoom(this.zoom * (event.deltaY < 0 ? 1.1 : 1 / 1.1));
  }

  setZoom(zoom) {
    this.zoom = Math.min(1.6, Math.max(0.35, zoom));
    this.scale();
  }

  fit() {
    this.isFitted = true;
    this.setZoom(Math.min(1, (this.root.clientWidth - 16) / this.laid.width, Math.max(0.72, (this.root.clientHeight - 16) / (this.laid.height + START))));
    this.root.scrollTo((this.laid.width * this.zoom - this.root.clientWidth) / 2, 0);
  }

  scale() {
    this.stage.style.transform = `scale(${this.zoom})`;
    this.size.style.width = `${this.laid.width * this.zoom}px`;
    this.size.style.height = `${(this.laid.height + START) * this.zoom}px`;
  }

  onKey(event) {
    const node = event.target.closest('.node');
    if (!node) return;
    const { id } = node.dataset;
    const acts = {
      Enter: () => { this.editor.select(id); this.editor.panel.body.querySelector('input, textarea, select')?.focus(); },
      ' ': () => this.editor.select(id),
      Delete: () => this.editor.remove(id),
      Backspace: () => this.editor.remove(id),
      '+': () => { const slot = [...this.stage.querySelectorAll('.slot')].find((each) => each.at?.from === id); if (slot) this.menu(slot.at, slot); },
      ArrowDown: () => (event.altKey ? this.carry(id, 1) : this.walk(this.laid.lines.find((line) => line.from === id)?.target)),
      ArrowUp: () => (event.altKey ? this.carry(id, -1) : this.walk(this.laid.lines.find((line) => line.target === id)?.from)),
      ArrowLeft: () => this.walk(this.beside(id, -1)),
      ArrowRight: () => this.walk(this.beside(id, 1)),
    };
    if (!acts[event.key] || (event.ctrlKey || event.metaKey)) return;
    event.preventDefault();
    if (!this.editor.data.may_write && ['Delete', 'Backspace', '+'].includes(event.key)) return;
    acts[event.key]();
  }

  walk(id) {
    const node = id && this.nodeOf(id);
    if (!node) return;
    node.focus();
    this.reveal(id);
  }

  beside(id, way) {
    const here = this.laid.places.get(id);
    const row = [...this.laid.places].filter(([, place]) => place.y === here.y && Math.sign(place.x - here.x) === way);
    return row.sort((one, other) => Math.abs(one[1].x - here.x) - Math.abs(other[1].x - here.x))[0]?.[0];
  }

  /* Moves a step one place up or down its way. */
  carry(id, way) {
    if (!this.editor.data.may_write) return;
    const { lines } = this.laid;
    const other = way > 0 ? lines.find((line) => line.from === id)?.target : lines.find((line) => line.target === id)?.from;
    if (!other || other === END) return;
    const into = lines.find((line) => line.target === other);
    const outOf = lines.find((line) => line.from === other);
    const at = way > 0 ? { from: other, port: outOf?.port } : into ? { from: into.from, port: into.port } : null;
    this.editor.attempt(() => move(this.editor.document, id, at));
    this.walk(id);
  }
}

function pill(kind, words, x, y) {
  return element('div', { class: `pill ${kind}`, style: `left:${x}px;top:${y}px` }, words);
}

/* A line through points with rounded corners. */
function path(points, className) {
  const made = document.createElementNS(SVG, 'path');
  made.setAttribute('class', className);
  const corners = points.filter((point, index) => index === 0 || point.x !== points[index - 1].x || point.y !== points[index - 1].y);
  let d = corners.length ? `M${corners[0].x},${corners[0].y}` : '';
  for (let index = 1; index < corners.length; index += 1) {
    const [before, here, after] = [corners[index - 1], corners[index], corners[index + 1]];
    if (!after) {
      d += ` L${here.x},${here.y}`;
      continue;
    }
    const into = Math.min(10, distance(before, here) / 2, distance(here, after) / 2);
    const one = towards(here, before, into);
    const two = towards(here, after, into);
    d += ` L${one.x},${one.y} Q${here.x},${here.y} ${two.x},${two.y}`;
  }
  made.setAttribute('d', d);
  return made;
}

function arrow({ x, y }) {
  const made = document.createElementNS(SVG, 'path');
  made.setAttribute('class', 'arrow');
  made.setAttribute('d', `M${x - 4},${y - 7} L${x},${y - 1} L${x + 4},${y - 7}`);
  return made;
}

function distance(one, other) {
  return Math.hypot(one.x - other.x, one.y - other.y);
}

function towards(from, to, by) {
  const whole = distance(from, to) || 1;
  return { x: from.x + ((to.x - from.x) * by) / whole, y: from.y + ((to.y - from.y) * by) / whole };
}
