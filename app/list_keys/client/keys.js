/* Keys of a list: they press what is on the page, and move in its table. The table is a canvas (Glide Data Grid) that
   knows arrows, Shift + Space for a tick and the mouse, and keeps an accessible copy of what it shows inside the canvas.

   `data`: is_on, ticks (whether lines can be ticked now), and the keys of widgets, which Streamlit writes as classes:
   search, edit, next, previous, help. Typed text, keys held together and whatever lies over the page are left alone. */
const lists = new WeakMap();

const SETTLES_MS = 300; // the copy follows the canvas after 200 ms
const HEAD = 38; // of the table, in pixels
const LINE = 36;
const TICK = 32;
const INTO_A_NAME = 13; // 8 of them are the padding of a cell
const TRAVELS = { bubbles: true, cancelable: true, composed: true, view: window };

export default function ({ data, parentElement: root }) {
  let list = lists.get(root);
  if (!list) {
    list = new Keys();
    lists.set(root, list);
    root.querySelector('span').dataset.testid = 'hearsKeys';
  }
  list.data = data;
  return () => {
    list.release();
    lists.delete(root);
  };
}

class Keys {
  constructor() {
    this.movedAt = 0;
    this.waiting = 0;
    this.turn = Promise.resolve();
    this.acts = {
      '/': () => this.toSearch(),
      j: () => this.move('ArrowDown'),
      k: () => this.move('ArrowUp'),
      x: () => this.tick(),
      e: () => this.click('edit', 'input'),
      n: () => this.click('next', 'button'),
      p: () => this.click('previous', 'button'),
      '?': () => this.click('help', 'button'),
    };
    this.heard = (event) => this.onKey(event);
    document.addEventListener('keydown', this.heard, true);
  }

  release() {
    document.removeEventListener('keydown', this.heard, true);
  }

  onKey(event) {
    if (event.ctrlKey || event.metaKey || event.altKey || event.isComposing || !event.isTrusted) return;
    if (this.isCovered()) return;
    const act = this.actOf(event.key, event.composedPath()[0]);
    if (!act) {
      if (event.key.startsWith('Arrow')) this.movedAt = performance.now();
      return;
    }
    event.preventDefault();
    event.stopPropagation();
    this.waiting += 1;
    this.turn = this.turn.then(act).finally(() => { this.waiting -= 1; }).catch(console.error);
  }

  actOf(key, typedIn) {
    if (typedIn === this.widget('search', 'input') && key === 'ArrowDown') return () => this.fromSearch(typedIn);
    if (isTyping(typedIn)) return null;
    if (key === 'Enter') return this.waiting || this.isIn(this.canvas()) ? () => this.open() : null;
    return this.data.is_on ? this.acts[key] : null;
  }

  /* Whether something lies over the page that keys belong to; the list of keys itself is none of it. */
  isCovered() {
    const over = [...document.querySelectorAll('[role="dialog"]')];
    return over.some((each) => !each.querySelector(`.st-key-${this.data.help}_on`));
  }

  widget(name, inside) {
    return document.querySelector(`.st-key-${this.data[name]} ${inside}`);
  }

  click(name, inside) {
    const found = this.widget(name, inside);
    if (found && !found.disabled) found.click();
  }

  toSearch() {
    const search = this.widget('search', 'input');
    search?.focus();
    search?.select();
  }

  fromSearch(search) {
    search.blur(); // at once: the next key is for the list
    return this.move('ArrowDown');
  }

  canvas() {
    const all = document.querySelectorAll('[data-testid="stDataFrame"] [data-testid="data-grid-canvas"]');
    return [...all].find((each) => each.offsetParent !== null) ?? null;
  }

  isIn(canvas) {
    return Boolean(canvas?.contains(document.activeElement));
  }

  /* The number of the line that is marked, from above, as of a moment ago. */
  marked() {
    const number = this.canvas()?.querySelector('[role="gridcell"][aria-selected="true"]')?.id.match(/-(\d+)$/)?.[1];
    return number === undefined ? null : Number(number);
  }

  /* The marked line once the copy has followed the last key. */
  async settled() {
    const rest = this.movedAt + SETTLES_MS - performance.now();
    if (rest > 0) await wait(rest);
    return this.marked();
  }

  /* Down or up a line; where none is marked, the one that was last, or the first in sight. */
  async move(key) {
    const canvas = this.canvas();
    if (!canvas) return;
    const isMoving = this.isIn(canvas) && performance.now() < this.movedAt + SETTLES_MS;
    if (isMoving || this.marked() !== null) {
      if (!this.isIn(canvas)) canvas.focus();
      press(canvas, key);
    } else await this.mark(canvas);
    this.movedAt = performance.now();
    await wait(0);
  }

  /* The table marks what gets the focus. */
  async mark(canvas) {
    const last = this.isIn(canvas) && document.activeElement.closest('[role="gridcell"]');
    await hover(canvas);
    document.activeElement.blur();
    canvas.focus();
    (last || canvas.querySelector('[role="gridcell"]'))?.focus();
  }

  async tick() {
    const line = await this.settled();
    if (line === null || (!this.data.ticks && !(await this.editMany(line)))) return;
    press(this.canvas(), ' ', { shiftKey: true });
  }

  /* Another table comes, with boxes to tick: marks in it what was marked before, and answers whether that worked. */
  async editMany(line) {
    const before = this.canvas();
    this.click('edit', 'input');
    await until(() => this.data.ticks && this.canvas() && this.canvas() !== before);
    this.canvas()?.focus();
    await until(() => this.marked() !== null); // the first, as in every table that gets the focus
    await this.bringIntoSight(line);
    await until(() => this.cell(line));
    this.cell(line)?.focus();
    await until(() => this.marked() === line);
    return this.marked() === line;
  }

  /* Scrolls to a line where that is needed; answers how far the table is scrolled. */
  async bringIntoSight(line) {
    const scroller = this.canvas().closest('[data-testid="stDataFrame"]').querySelector('.dvn-scroller');
    const top = line * LINE - scroller.scrollTop;
    if (top < 0 || top + LINE > scroller.clientHeight - HEAD) {
      scroller.scrollTop = line * LINE;
      await wait(SETTLES_MS);
    }
    return scroller.scrollTop;
  }

  cell(line) {
    return this.canvas()?.querySelector(`[role="gridcell"][id$="-${line}"]`) ?? null;
  }

  /* Presses the button in the first cell as a mouse would: the table knows which line that is, however it is sorted. */
  async open() {
    const line = await this.settled();
    const canvas = this.canvas();
    if (line === null || !canvas) return;
    const scrolled = await this.bringIntoSight(line);
    const box = canvas.getBoundingClientRect();
    const at = {
      clientX: box.left + (this.data.ticks ? TICK : 0) + INTO_A_NAME,
      clientY: box.top + HEAD + line * LINE + LINE / 2 - scrolled,
    };
    for (const step of ['move', 'down', 'up']) mouse(canvas, step, at);
    canvas.dispatchEvent(new MouseEvent('click', { ...at, ...TRAVELS }));
    await wait(SETTLES_MS);
    await hover(canvas); // or the name stays lit
  }
}

/* The table marks nothing once the mouse has left it: brings it back, to where nothing answers to it. */
async function hover(canvas) {
  const box = canvas.getBoundingClientRect();
  mouse(canvas, 'move', { clientX: box.right - 24, clientY: box.top + HEAD + LINE / 2 });
  await wait(50);
}

function mouse(canvas, step, at) {
  canvas.dispatchEvent(new PointerEvent(`pointer${step}`, { ...at, ...TRAVELS, pointerType: 'mouse' }));
  canvas.dispatchEvent(new MouseEvent(`mouse${step}`, { ...at, ...TRAVELS }));
}

function press(canvas, key, held = {}) {
  const keyCode = { ArrowDown: 40, ArrowUp: 38, ' ': 32 }[key];
  const options = { key, code: key === ' ' ? 'Space' : key, keyCode, ...TRAVELS, ...held };
  canvas?.dispatchEvent(new KeyboardEvent('keydown', options));
}

function isTyping(target) {
  return target instanceof HTMLElement
    && (target.isContentEditable || target.matches('input:not([type=checkbox], [type=radio]), textarea, select'));
}

const wait = (milliseconds) => new Promise((done) => setTimeout(done, milliseconds));

async function until(isTrue) {
  for (let tries = 0; tries < 60 && !isTrue(); tries += 1) await wait(50);
}
