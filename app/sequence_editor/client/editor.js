/* The editor of a sequence: graph, fields and YAML of one document, with undo, checked while it is written, saved as a new
   version. Python hears `saved`; everything else is asked of the API of the same origin. */
import { remove, stepsOf } from './document.js';
import { ask, element } from './elements.js';
import { Graph } from './graph.js';
import { Panel } from './panel.js';
import { KINDS } from './words.js';

const editors = new WeakMap();
const PAUSE_MS = 250;
const MERGE_MS = 1500;
const MOST_UNDOS = 200;

export default function ({ data, parentElement: root, setTriggerValue }) {
  const frame = root.querySelector('.editor');
  let editor = editors.get(root);
  if (!editor) {
    editor = new Editor(frame, root.querySelector('.voice'), data);
    editors.set(root, editor);
  }
  editor.tell = setTriggerValue;
  editor.receive(data);
  return () => {
    editor.release();
    editors.delete(root);
  };
}

class Editor {
  constructor(root, voice, data) {
    this.root = root;
    this.voice = voice;
    this.data = data;
    this.problems = [];
    this.selected = null;
    this.isBroken = false;
    this.graph = new Graph(this);
    this.panel = new Panel(this);
    this.bar = element('div', { class: 'bar' });
    root.style.height = `${data.height}px`;
    root.replaceChildren(this.bar, element('div', { class: 'both' }, this.graph.root, this.panel.root));
    root.addEventListener('keydown', (event) => this.onKey(event));
    this.leaving = (event) => { if (this.isChanged()) event.preventDefault(); };
    window.addEventListener('beforeunload', this.leaving);
    this.load(data);
  }

  release() {
    window.removeEventListener('beforeunload', this.leaving);
    clearTimeout(this.timer);
  }

  /* New data of Python: after a save, or because somebody else has saved. Work that is not saved stays. */
  receive(data) {
    const before = this.data;
    this.data = data;
    const isOther = data.sequence_id !== before.sequence_id;
    if (isOther || (data.version !== this.saved.version && !this.isChanged())) this.load(data);
    else if (data.version === this.saved.version || data.source === this.text) this.saved = { source: data.source, version: data.version, etag: data.etag };
    if (JSON.stringify([before.people, before.may_write]) !== JSON.stringify([data.people, data.may_write])) this.graph.draw();
    this.tools();
  }

  load(data) {
    this.saved = { source: data.source, version: data.version, etag: data.etag };
    this.state = { document: data.document, source: data.source, isWorkedIn: true };
    this.text = data.source;
    this.past = [];
    this.ahead = [];
    this.problems = [];
    if (!stepsOf(data.document).some((step) => step.id === this.selected)) this.selected = null;
    this.graph.isFitted = false;
    this.redraw();
    if (this.graph.root.clientWidth) this.graph.fit();
    this.check();
  }

  get document() {
    return this.state.document;
  }

  isChanged() {
    return this.isBroken || !this.state.isWorkedIn || this.state.source !== this.saved.source;
  }

  redraw() {
    this.graph.draw();
    this.panel.draw();
    this.tools();
  }

  /* A new document, to be undone later. Changes with the same `merge` that follow closely are one. */
  apply(document, merge = '', selected = this.selected) {
    if (document === this.document || !this.data.may_write) return;
    const isSame = merge && merge === this.merge && Date.now() - this.mergedAt < MERGE_MS;
    if (!isSame) this.past = [...this.past.slice(-MOST_UNDOS), { ...this.state, selected: this.selected, of: this.state }];
    [this.merge, this.mergedAt, this.ahead] = [merge, Date.now(), []];
    this.state = { document, source: this.state.source, isWorkedIn: false };
    this.selected = selected;
    this.graph.draw();
    this.tools();
    this.checkSoon();
  }

  /* Does what may be refused, and says why it was. */
  attempt(act) {
    if (this.isBroken) {
      this.say('The YAML cannot be read: mend it first.', true);
      return false;
    }
    try {
      this.apply(act());
      this.panel.draw();
      return true;
    } catch (error) {
      this.say(error.message, true);
      return false;
    }
  }

  remove(id) {
    if (!this.data.may_write) return;
    const after = this.graph.laid.lines.find((line) => line.from === id)?.target;
    this.attempt(() => remove(this.document, id));
    this.select(stepsOf(this.document).some((step) => step.id === after) ? after : null);
    this.graph.nodeOf(this.selected)?.focus();
    this.say(`${id} is taken out. Undo brings it back.`);
  }

  select(id) {
    this.selected = id;
    this.graph.draw();
    this.show(id || this.panel.tab !== 'step' ? 'step' : this.panel.tab);
  }

  show(tab) {
    this.panel.open(tab);
  }

  /* YAML that somebody writes by hand. */
  write(text) {
    this.text = text;
    this.isBroken = true; // until it was read
    this.tools();
    this.checkSoon();
  }

  travel(from, to) {
    const next = from.pop();
    if (!next) return;
    to.push({ ...this.state, selected: this.selected, of: this.state });
    this.state = next.of;
    this.selected = next.selected;
    this.isBroken = false;
    this.merge = '';
    this.text = this.state.source;
    this.redraw();
    this.check();
  }

  undo() {
    this.travel(this.past, this.ahead);
  }

  redo() {
    this.travel(this.ahead, this.past);
  }

  checkSoon() {
    clearTimeout(this.timer);
    this.timer = setTimeout(() => this.check(), PAUSE_MS);
  }

  /* Works the document into the YAML, or reads the YAML that was written by hand; and learns what is wrong. */
  async check() {
    clearTimeout(this.timer);
    const { state, isBroken, text } = this;
    const body = isBroken ? { source: text } : { source: state.source, ...(state.isWorkedIn ? {} : { document: state.document }) };
    let found;
    try {
      found = await ask(this.data, 'POST', '/v1/sequences/check', body);
    } catch (error) {
      this.say(error.message, true);
      return;
    }
    if (!isBroken) Object.assign(state, { source: found.source, isWorkedIn: true });
    if (this.state !== state || (isBroken && this.text !== text)) return;
    if (isBroken && found.document) {
      this.isBroken = false;
      if (JSON.stringify(found.document) !== JSON.stringify(state.document) || text !== state.source) {
        const isSame = this.merge === 'yaml' && Date.now() - this.mergedAt < 4 * MERGE_MS;
        if (!isSame) this.past = [...this.past, { ...state, selected: this.selected, of: state }];
        [this.merge, this.mergedAt, this.ahead] = ['yaml', Date.now(), []];
        this.state = { document: found.document, source: text, isWorkedIn: true };
      }
    }
    if (!this.isBroken) this.text = this.state.source;
    const isNews = this.state !== state || JSON.stringify(found.problems) !== JSON.stringify(this.problems);
    this.problems = found.problems;
    if (isNews) this.graph.draw();
    this.panel.mark();
    this.tools();
  }

  async save() {
    await this.check();
    if (this.isBroken || this.problems.length || !this.isChanged()) return;
    const { source } = this.state;
    const note = this.bar.querySelector('.note').value.trim();
    this.isSaving = true;
    this.tools();
    try {
      const made = await ask(this.data, 'PUT', `/v1/sequences/${this.data.sequence_id}`, { source, note }, { 'If-Match': this.saved.etag });
      this.saved = { source, version: made.version, etag: made.etag };
      this.bar.querySelector('.note').value = '';
      this.say(`Saved as version ${made.version}.`);
      if (this.panel.tab === 'versions') this.panel.draw();
      this.tell('saved', { version: made.version, name: made.name, at: Date.now() });
    } catch (error) {
      this.say(error.status === 412 ? 'Somebody saved another version meanwhile. Look at it under Versions; yours is kept here.' : error.message, true);
      if (error.status === 412) await this.readAnew();
    } finally {
      this.isSaving = false;
      this.tools();
    }
  }

  /* What holds now, so that the next save is one on top of it. */
  async readAnew() {
    const now = await ask(this.data, 'GET', `/v1/sequences/${this.data.sequence_id}`);
    this.saved = { source: now.source, version: now.version, etag: now.etag };
  }

  async readVersions() {
    return (await ask(this.data, 'GET', `/v1/sequences/${this.data.sequence_id}/versions`)).items;
  }

  /* An older version as a change that can be looked at, undone or saved. */
  async bringBack(version) {
    const found = await ask(this.data, 'GET', `/v1/sequences/${this.data.sequence_id}/versions/${version}`);
    this.write(found.source);
    this.merge = '';
    await this.check();
    this.redraw();
    this.say(`Version ${version} is back, not yet saved.`);
  }

  tools() {
    const { data, problems } = this;
    if (!this.status) this.makeTools();
    const changed = this.isChanged();
    const waiting = !this.state.isWorkedIn;
    const words = this.said ?? (this.isSaving ? 'Saving …' : problems.length ? count(problems.length, 'problem')
      : changed ? 'Not saved yet' : `Version ${this.saved.version}`);
    this.status.textContent = words;
    this.status.classList.toggle('bad', Boolean(this.saidBadly || (!this.said && problems.length)));
    this.status.disabled = !problems.length;
    this.buttons.undo.disabled = !this.past.length;
    this.buttons.redo.disabled = !this.ahead.length;
    this.buttons.save.disabled = !data.may_write || !changed || Boolean(problems.length) || this.isBroken || waiting || this.isSaving;
    this.buttons.save.textContent = `Save as version ${this.saved.version + 1}`;
    this.bar.querySelectorAll('.writes').forEach((each) => { each.hidden = !data.may_write; });
  }

  makeTools() {
    const button = (words, label, act, className = 'tool') => element('button', { type: 'button', class: className, 'aria-label': label, title: label, onclick: act }, words);
    this.buttons = {
      undo: button('↶', 'Undo (Ctrl Z)', () => this.undo()), redo: button('↷', 'Redo (Ctrl Shift Z)', () => this.redo()),
      save: button('', '', () => this.save(), 'save writes'),
    };
    this.buttons.save.removeAttribute('aria-label');
    this.status = element('button', { type: 'button', class: 'status', onclick: () => this.showProblem() });
    const chips = Object.entries(KINDS).map(([kind, { label, icon, color }]) => {
      const chip = element('button', { type: 'button', class: 'chip', style: `--kind:${color}`, title: `Drag it onto a line, or click to add: ${label}` },
        element('span', { class: 'icon', html: icon }), label);
      chip.addEventListener('pointerdown', (event) => { if (event.button === 0) this.graph.drags(event, { kind, ghost: chip }); });
      chip.addEventListener('keydown', (event) => { if (event.key === 'Enter' || event.key === ' ') { event.preventDefault(); this.graph.addSomewhere(kind); } });
      return chip;
    });
    this.bar.replaceChildren(
      element('div', { class: 'chips writes', role: 'group', 'aria-label': 'Steps to add' }, ...chips),
      element('div', { class: 'tools' }, this.buttons.undo, this.buttons.redo,
        button('−', 'Smaller', () => this.graph.setZoom(this.graph.zoom / 1.2)), button('+', 'Larger', () => this.graph.setZoom(this.graph.zoom * 1.2)),
        button('⤢', 'All of it', () => this.graph.fit())),
      element('div', { class: 'saving' }, this.status,
        element('input', { class: 'note writes', maxlength: 300, placeholder: 'What did you change?', 'aria-label': 'Note of the version' }), this.buttons.save));
  }

  showProblem() {
    const [first] = this.problems;
    if (!first) return;
    const step = stepsOf(this.document)[first.step];
    if (step) this.select(step.id);
    else this.show(this.isBroken ? 'yaml' : 'settings');
  }

  /* For a moment beside the tools, and for those who hear the page. */
  say(words, isBad = false) {
    [this.said, this.saidBadly, this.voice.textContent] = [words, isBad, words];
    clearTimeout(this.quiet);
    this.quiet = setTimeout(() => { this.said = null; this.saidBadly = false; this.tools(); }, 6000);
    this.tools();
  }

  onKey(event) {
    const isUndo = (event.ctrlKey || event.metaKey) && event.key.toLowerCase() === 'z';
    const isWritten = event.target.matches('textarea.source');
    if (isUndo && !isWritten) {
      event.preventDefault();
      if (event.shiftKey) this.redo();
      else this.undo();
    } else if ((event.ctrlKey || event.metaKey) && event.key.toLowerCase() === 's') {
      event.preventDefault();
      this.save();
    }
    const isPages = (event.ctrlKey || event.metaKey) && event.key.toLowerCase() === 'k';
    if (!isPages) event.stopPropagation(); // letters are shortcuts of pages
  }
}

function count(number, word) {
  return `${number} ${word}${number === 1 ? '' : 's'}`;
}
