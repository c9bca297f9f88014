/* Inputs for fields of a document: each shows a value, hands on what somebody enters, and carries its fault. */
import { element } from './elements.js';
import { OPS, spoken } from './words.js';

const CUSTOM = 'attributes.…';
let count = 0;

/* `field`: a row of words.js; `tell(value)` hears a new value, undefined where it was emptied. */
export function input(field, value, choices, mayWrite, tell) {
  count += 1;
  const id = `field${count}`;
  const made = { line, number, area, lines, commas, tick, choice }[field.kind](field, value, choices, tell);
  made.id = id;
  made.disabled = !mayWrite;
  const words = element('label', { for: id }, field.label);
  const wrong = element('div', { class: 'wrong', role: 'alert' });
  const help = field.help ? element('div', { class: 'help' }, field.help) : null;
  const parts = field.kind === 'tick' ? [element('div', { class: 'tick' }, made, words)] : [words, made];
  return element('div', { class: `field ${field.kind}`, 'data-field': field.path }, ...parts, help, wrong);
}

export function valueAt(document, path) {
  return path.split('.').reduce((value, name) => value?.[name], document);
}

/* A copy with the value at the path; empty mappings go, new names of the whole stand before the steps. */
export function withValue(document, path, value) {
  const [name, ...rest] = path.split('.');
  const inner = rest.length ? withValue(document?.[name] ?? {}, rest.join('.'), value) : value;
  const made = { ...document };
  const isEmpty = inner === undefined || (rest.length && !Object.keys(inner).length);
  if (isEmpty) delete made[name];
  else if (name in made || !('steps' in made)) made[name] = inner;
  else return Object.fromEntries(Object.entries(made).flatMap(([key, held]) => (key === 'steps' ? [[name, inner], [key, held]] : [[key, held]])));
  return made;
}

/* One condition of `when`: field, comparison, value. */
export function conditionRow(text, choices, mayWrite, tell, drop) {
  const [name, op = 'eq', ...more] = String(text).split(':');
  const value = more.join(':');
  const isCustom = name.startsWith('attributes.');
  const kind = choices.fields[name] ?? 'text';
  const say = (next) => {
    const made = { name, op, value, ...next };
    tell(['empty', 'filled'].includes(made.op) ? `${made.name}:${made.op}` : `${made.name}:${made.op}:${made.value}`);
  };
  const pickName = (event) => {
    const next = event.target.value === CUSTOM ? 'attributes.key' : event.target.value;
    const isFlag = choices.fields[next] === 'boolean';
    say({ name: next, op: isFlag ? 'eq' : op, value: isFlag ? 'true' : value === 'true' ? '' : value });
  };
  const names = [...Object.keys(choices.fields).map((each) => [each, spoken(each)]), [CUSTOM, 'Custom field …']];
  const asked = isCustom
    ? element('input', { value: name.replace('attributes.', ''), onchange: (event) => say({ name: event.target.value ? `attributes.${event.target.value.trim()}` : 'score' }) })
    : select(names, name, pickName);
  const bare = ['empty', 'filled'].includes(op);
  const valued = kind === 'boolean'
    ? select([['true', 'yes'], ['false', 'no']], value, (event) => say({ value: event.target.value }))
    : element('input', { value, placeholder: op.endsWith('in') ? 'DE, AT' : '', oninput: (event) => say({ value: event.target.value }) });
  valued.setAttribute('aria-label', 'Value');
  const row = element('div', { class: 'condition' },
    labelled(asked, isCustom ? 'Key of the custom field' : 'Field'),
    labelled(select((choices.ops[kind] ?? choices.ops.text).map((each) => [each, OPS[each] ?? each]), op, (event) => say({ op: event.target.value })), 'Comparison'),
    bare ? element('span') : valued,
    element('button', { type: 'button', class: 'quiet', 'aria-label': 'Take this condition out', onclick: drop }, '✕'));
  row.querySelectorAll('input, select, button').forEach((each) => { each.disabled = !mayWrite; });
  return row;
}

export function select(pairs, value, onchange) {
  const made = element('select', { onchange });
  const known = pairs.some(([key]) => key === value) || value === undefined || value === '';
  for (const [key, words] of known ? pairs : [[value, value], ...pairs]) made.append(element('option', { value: key, selected: key === value }, words));
  if (value === undefined || value === '') made.selectedIndex = pairs.findIndex(([key]) => key === '');
  return made;
}

function labelled(made, words) {
  made.setAttribute('aria-label', words);
  return made;
}

function line(field, value, _choices, tell) {
  return element('input', { value: value ?? '', placeholder: field.placeholder, oninput: (event) => tell(event.target.value || undefined) });
}

function number(field, value, _choices, tell) {
  const oninput = (event) => tell(event.target.value === '' ? undefined : Number(event.target.value));
  return element('input', { type: 'number', min: 0, max: field.most, value: value ?? '', placeholder: field.placeholder, oninput });
}

function area(field, value, _choices, tell) {
  const made = element('textarea', { rows: field.rows, spellcheck: 'true', oninput: (event) => tell(event.target.value || undefined) });
  made.value = value ?? '';
  return made;
}

function lines(field, value, _choices, tell) {
  const made = element('textarea', { rows: field.rows, oninput: (event) => tell(listed(event.target.value, '\n')) });
  made.value = (Array.isArray(value) ? value : []).join('\n');
  return made;
}

function commas(field, value, _choices, tell) {
  const shown = Array.isArray(value) ? value.join(', ') || 'closed' : '';
  return element('input', { value: shown, placeholder: field.placeholder, oninput: (event) => tell(event.target.value.trim() === 'closed' ? [] : listed(event.target.value, ',')) });
}

function tick(field, value, _choices, tell) {
  return element('input', { type: 'checkbox', checked: Boolean(value), onchange: (event) => tell(event.target.checked || undefined) });
}

function choice(field, value, choices, tell) {
  const names = Array.isArray(field.choices) ? field.choices : choices[field.choices];
  const pairs = names.map((name) => [name, name ? spoken(name) : field.unsaid]);
  return select(pairs, value ?? field.preset, (event) => tell(event.target.value || undefined));
}

function listed(text, separator) {
  const found = text.split(separator).map((part) => part.trim()).filter(Boolean);
  return found.length ? found : undefined;
}
