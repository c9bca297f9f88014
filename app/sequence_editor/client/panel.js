/* Beside the graph: the fields of the chosen step, the sequence's own, its YAML, and its versions. */
import { END, addArm, change, connect, removeArm, rename, stepsOf, waysOf } from './document.js';
import { element } from './elements.js';
import { conditionRow, input, select, valueAt, withValue } from './fields.js';
import { ACTION_FIELDS, SETTINGS, STEP_FIELDS, kindOf } from './words.js';

const TABS = [['step', 'Step'], ['settings', 'Sequence'], ['yaml', 'YAML'], ['versions', 'Versions']];

export class Panel {
  /* `editor` has document, selected, problems, text, data, and the acts `apply`, `write`, `show`. */
  constructor(editor) {
    this.editor = editor;
    this.tab = 'step';
    this.tabs = element('div', { class: 'tabs', role: 'tablist', 'aria-label': 'What is shown beside the graph' });
    this.body = element('div', { class: 'body', role: 'tabpanel' });
    this.root = element('aside', { class: 'panel', 'aria-label': 'Details' }, this.tabs, this.body);
  }

  open(tab) {
    this.tab = tab;
    this.draw();
  }

  draw() {
    this.root.classList.toggle('wide', this.tab === 'yaml');
    this.tabs.replaceChildren(...TABS.map(([key, words]) => element('button', {
      type: 'button', role: 'tab', 'aria-selected': String(key === this.tab), onclick: () => this.open(key),
    }, words)));
    this.body.replaceChildren(...{ step: () => this.step(), settings: () => this.settings(), yaml: () => this.yaml(), versions: () => this.versions() }[this.tab]());
    this.mark();
  }

  /* Faults at their fields, without drawing the fields anew: somebody may be writing in one. */
  mark() {
    const { problems, selected, document, text } = this.editor;
    const number = stepsOf(document).findIndex((step) => step.id === selected);
    const here = problems.filter((each) => each.step === (this.tab === 'step' ? number : null));
    const fields = [...this.body.querySelectorAll('[data-field]')];
    for (const each of fields) {
      const wrong = here.find((problem) => problem.field && sameField(problem.field, each.dataset.field));
      each.classList.toggle('faulty', Boolean(wrong));
      const place = each.querySelector('.wrong');
      if (place) place.textContent = wrong ? wrong.message : '';
    }
    const general = this.body.querySelector('.general');
    if (general) {
      const shown = this.tab === 'yaml' ? problems : here.filter((each) => !fields.some((field) => sameField(each.field, field.dataset.field)));
      general.replaceChildren(...shown.map((each) => element('div', { class: 'wrong' }, each.message)));
    }
    const area = this.body.querySelector('.source');
    if (area && area.getRootNode().activeElement !== area) area.value = text;
  }

  step() {
    const { document, selected, data } = this.editor;
    const steps = stepsOf(document);
    const number = steps.findIndex((each) => each.id === selected);
    if (number < 0) return [element('p', { class: 'hint' }, 'Choose a step, or drag a new one onto a line.'), keys()];
    const step = steps[number];
    const kind = kindOf(step);
    const set = (fields, merge) => this.editor.apply(change(this.editor.document, this.editor.selected, fields), merge);
    const head = element('div', { class: 'kind', style: `--kind:${kind.color}` },
      element('span', { class: 'icon', html: kind.icon }), element('b', {}, kind.label),
      data.may_write && element('button', { type: 'button', class: 'quiet danger', onclick: () => this.editor.remove(this.editor.selected) }, 'Delete'));
    const name = this.field({ path: 'id', label: 'Name', kind: 'line', placeholder: 'letters_and_digits' }, step.id, (value) => {
      if (value && !steps.some((each) => each.id === value)) this.editor.apply(rename(this.editor.document, this.editor.selected, value), 'id', value);
    });
    const field = (each) => this.field(each, step[each.path], (value) => {
      set({ [each.path]: value }, `${step.id}.${each.path}`);
      if (each.path === 'do') this.draw();
    });
    const special = { email: () => this.email(step, set), condition: () => this.conditions(step, set), split: () => this.arms(step),
      action: () => (ACTION_FIELDS[step.do] ?? []).map(field) }[step.type] ?? (() => []);
    const ways = step.type === 'split' ? [] : waysOf(step, steps[number + 1]?.id ?? END).map((way) => this.way(step, way));
    return [head, element('div', { class: 'general' }), name, ...(STEP_FIELDS[step.type] ?? []).map(field), ...special(), ...ways];
  }

  email(step, set) {
    const fields = [
      { path: 'subject', label: 'Subject', kind: 'line', placeholder: 'Empty: it follows in the thread of the one before' },
      { path: 'text', label: 'Text', kind: 'area', rows: 11, help: "Liquid with spintax: {{ contact.first_name | default: 'there' }}, {Hello|Good day}" },
    ];
    const designed = { path: step.html ? 'html' : 'mjml', label: step.html ? 'HTML' : 'MJML', kind: 'area', rows: 9,
      help: 'A second, designed part; those who read plain text see the text above.' };
    const drawn = (each) => this.field(each, step[each.path], (value) => set({ [each.path]: value }, `${step.id}.${each.path}`));
    const design = element('details', { open: Boolean(step.mjml || step.html) }, element('summary', {}, 'Designed part'), drawn(designed));
    return [...fields.map(drawn), design];
  }

  conditions(step, set) {
    const held = Array.isArray(step.when) ? step.when : [];
    const again = (next) => { set({ when: next }); this.draw(); };
    const rows = held.map((text, index) => conditionRow(text, this.editor.data.choices, this.editor.data.may_write, (changed) => {
      const now = stepsOf(this.editor.document).find((each) => each.id === step.id).when;
      const isSameShape = String(now[index]).split(':').slice(0, 2).join() === changed.split(':').slice(0, 2).join();
      set({ when: now.map((each, at) => (at === index ? changed : each)) }, `${step.id}.when.${index}`);
      if (!isSameShape) this.draw();
    }, () => again(held.filter((_, at) => at !== index))));
    const add = this.editor.data.may_write && element('button', { type: 'button', class: 'quiet', onclick: () => again([...held, 'score:gte:60']) }, '+ And also');
    return [element('div', { class: 'field', 'data-field': 'when' }, element('div', { class: 'label' }, 'If all of these hold'), ...rows, add, element('div', { class: 'wrong', role: 'alert' }))];
  }

  arms(step) {
    const { data } = this.editor;
    const steps = stepsOf(this.editor.document);
    const armed = (index, fields, merge) => {
      const now = stepsOf(this.editor.document).find((each) => each.id === step.id);
      const arms = now.arms.map((arm, at) => (at === index ? Object.fromEntries(Object.entries({ ...arm, ...fields }).filter(([, value]) => value !== undefined)) : arm));
      this.editor.apply(change(this.editor.document, step.id, { arms }), merge);
    };
    const rows = (Array.isArray(step.arms) ? step.arms : []).map((arm, index) => {
      const row = element('div', { class: 'arm', 'data-field': `arms[${index}]` },
        element('input', { value: arm.id ?? '', 'aria-label': `Name of arm ${index + 1}`, oninput: (event) => armed(index, { id: event.target.value }, `${step.id}.arm${index}.id`) }),
        element('input', { type: 'number', min: 1, max: 100, value: arm.weight ?? '', placeholder: 1, 'aria-label': `Weight of arm ${index + 1}`,
          oninput: (event) => armed(index, { weight: event.target.value ? Number(event.target.value) : undefined }, `${step.id}.arm${index}.weight`) }),
        this.targets(step, `arms.${index}`, arm.next, `Arm ${index + 1} leads to`),
        element('input', { type: 'checkbox', checked: arm.is_enabled !== false, title: 'Gets new people', 'aria-label': `Arm ${index + 1} gets new people`,
          onchange: (event) => armed(index, { is_enabled: event.target.checked ? undefined : false }) }),
        step.arms.length > 2 ? element('button', { type: 'button', class: 'quiet', 'aria-label': `Take arm ${index + 1} out`,
          onclick: () => { this.editor.apply(removeArm(this.editor.document, step.id, index)); this.draw(); } }, '✕') : element('span'),
        element('div', { class: 'wrong', role: 'alert' }));
      row.querySelectorAll('input, select, button').forEach((each) => { each.disabled = !data.may_write; });
      return row;
    });
    const add = data.may_write && step.arms?.length < 6 && element('button', { type: 'button', class: 'quiet',
      onclick: () => { this.editor.apply(addArm(this.editor.document, step.id)); this.draw(); } }, '+ Another arm');
    return [element('div', { class: 'field', 'data-field': 'arms' },
      element('div', { class: 'arm label' }, element('span', {}, 'Arm'), element('span', {}, 'Weight'), element('span', {}, 'Leads to'), element('span', {}, 'On')),
      ...rows, add, element('div', { class: 'wrong', role: 'alert' })), steps.length < 2 && element('p', { class: 'hint' }, 'Drag steps onto its lines.')].filter(Boolean);
  }

  way(step, way) {
    const words = { next: step.type === 'condition' ? 'Then' : 'And then', otherwise: 'Otherwise' }[way.port];
    const made = this.targets(step, way.port, way.target, words);
    return element('div', { class: 'field', 'data-field': way.port }, element('div', { class: 'label' }, words), made, element('div', { class: 'wrong', role: 'alert' }));
  }

  targets(step, port, target, words) {
    const others = stepsOf(this.editor.document).filter((each) => each.id !== step.id).map((each) => [each.id, `${each.id} · ${kindOf(each).label}`]);
    const made = select([...others, [END, 'The end']], target, (event) => {
      const done = this.editor.attempt(() => connect(this.editor.document, { from: step.id, port }, event.target.value));
      if (!done) this.draw();
    });
    made.setAttribute('aria-label', words);
    made.disabled = !this.editor.data.may_write;
    return made;
  }

  settings() {
    const drawn = (field) => this.field(field, valueAt(this.editor.document, field.path), (value) => {
      this.editor.apply(withValue(this.editor.document, field.path, value), field.path);
    });
    return [element('div', { class: 'general' }), ...SETTINGS.map(({ title, fields }, index) => element('details', { open: index < 2 || null, class: 'group' },
      element('summary', { hidden: !title }, title), ...fields.map(drawn)))];
  }

  yaml() {
    const { text, data } = this.editor;
    const area = element('textarea', { class: 'source', spellcheck: 'false', 'aria-label': 'The sequence as YAML', readonly: !data.may_write,
      oninput: (event) => this.editor.write(event.target.value), onkeydown: indent });
    area.value = text;
    return [element('p', { class: 'hint' }, 'The same sequence. What you change on either side shows on the other; comments and order stay.'), element('div', { class: 'general' }), area];
  }

  versions() {
    const list = element('div', { class: 'versions' }, element('p', { class: 'hint' }, 'Looking …'));
    this.editor.readVersions().then((items) => list.replaceChildren(...items.map((one) => element('div', { class: 'version' },
      element('b', {}, `Version ${one.version}`), one.version === this.editor.saved.version && element('span', { class: 'now' }, 'now'),
      element('div', { class: 'help' }, `${new Date(one.created_at).toLocaleString()}${this.by(one)} · ${one.step_count} steps`),
      one.note && element('div', {}, one.note),
      this.editor.data.may_write && one.version !== this.editor.saved.version
        && element('button', { type: 'button', class: 'quiet', onclick: () => this.editor.bringBack(one.version) }, 'Bring back'))))).catch((error) => list.replaceChildren(element('div', { class: 'wrong' }, error.message)));
    return [element('p', { class: 'hint' }, 'People keep the version they began with.'), list];
  }

  by(one) {
    const name = this.editor.data.names[one.created_by];
    return name ? ` · ${name}` : '';
  }

  field(field, value, tell) {
    const { choices, may_write: mayWrite } = this.editor.data;
    return input(field, value, choices, mayWrite, tell);
  }
}

function keys() {
  const rows = [['Arrows', 'walk along the steps'], ['Enter', 'edit the step'], ['+', 'add one after it'], ['Alt ↑ ↓', 'move it'], ['Delete', 'take it out'], ['Ctrl Z', 'undo']];
  return element('dl', { class: 'keys' }, ...rows.flatMap(([key, words]) => [element('dt', {}, key), element('dd', {}, words)]));
}

function sameField(fault, field) {
  return fault === field || fault.startsWith(`${field}.`) || fault.startsWith(`${field}[`);
}

/* A new line begins under the one before. */
function indent(event) {
  const { target } = event;
  const isMidLine = target.value.slice(0, target.selectionStart).split('\n').pop().trim() !== '';
  if (event.key !== 'Enter' || !isMidLine) return;
  const line = target.value.slice(0, target.selectionStart).split('\n').pop();
  const margin = line.match(/^ */)[0];
  if (!margin) return;
  event.preventDefault();
  target.setRangeText(`\n${margin}`, target.selectionStart, target.selectionEnd, 'end');
  target.dispatchEvent(new Event('input'));
}
