/* A sequence as a document, and what may be done to it. Pure: every act answers a new document, or throws `Refused`.

   Steps lead to the one below unless they name another (`domain/outreach/steps.py`). Acts see all ways written out; when
   they are done, a way is written down only where it is not the one below, so that short YAML stays short. */

export const END = 'end';

export class Refused extends Error {}

export function stepsOf(document) {
  return Array.isArray(document?.steps) ? document.steps.filter((step) => step && typeof step === 'object') : [];
}

/* The ways out of a step: [{port, label, target}]; `below` is the id of the step under it. */
export function waysOf(step, below) {
  if (step.type === 'split') {
    return listOf(step.arms).map((arm, number) => ({ port: `arms.${number}`, label: arm.id, target: arm.next ?? END }));
  }
  const next = { port: 'next', label: '', target: step.next ?? below };
  if (step.type !== 'condition') return [next];
  return [{ ...next, label: 'yes' }, { port: 'otherwise', label: 'no', target: step.otherwise ?? END }];
}

/* All of them by the id of the step. */
export function graphOf(document) {
  const steps = stepsOf(document);
  return new Map(steps.map((step, number) => [step.id, waysOf(step, steps[number + 1]?.id ?? END)]));
}

export function insert(document, step, at) {
  const list = spread(document);
  const names = new Set(list.map((each) => each.step.id));
  const made = { step: { ...step, id: freeName(step.id ?? step.type, names) }, ways: {} };
  const target = at ? wayOf(list, at) : list[0]?.step.id ?? END;
  for (const { port } of waysOf(made.step, END)) made.ways[port] = port === 'otherwise' ? END : target;
  put(list, made, at, target);
  return { document: gathered(document, list), id: made.step.id };
}

export function remove(document, id) {
  const list = spread(document);
  const { ahead } = takeOut(list, id);
  bringToTop(list, ahead);
  return gathered(document, list);
}

/* Puts a step, without what follows it, on another way. `at`: {from, port}, or null for the beginning. */
export function move(document, id, at) {
  if (at?.from === id || (at && wayOf(spread(document), at) === id)) return document;
  const list = spread(document);
  if (find(list, id).step.type === 'split') throw new Refused('An A/B step is moved by its lines: draw them to where they should lead.');
  const isFirst = list[0].step.id === id;
  if (!at && isFirst) return document;
  const { taken, ahead } = takeOut(list, id);
  if (isFirst) bringToTop(list, ahead);
  const target = at ? wayOf(list, at) : list[0]?.step.id ?? END;
  taken.ways.next = target;
  put(list, taken, at, target);
  return checked(document, list, at?.from ?? id);
}

export function connect(document, at, target) {
  const list = spread(document);
  find(list, at.from).ways[at.port] = target;
  return checked(document, list, at.from);
}

export function rename(document, id, name) {
  const list = spread(document);
  const index = list.findIndex((each) => each.step.id === id);
  list[index] = { ...list[index], step: { ...list[index].step, id: name } };
  for (const each of list) for (const port of Object.keys(each.ways)) if (each.ways[port] === id) each.ways[port] = name;
  return gathered(document, list);
}

/* Sets fields of a step; `undefined` takes one out. */
export function change(document, id, fields) {
  const steps = stepsOf(document).map((step) => (step.id === id ? without({ ...step, ...fields }) : step));
  return { ...document, steps };
}

export function addArm(document, id) {
  const list = spread(document);
  const each = find(list, id);
  const arms = listOf(each.step.arms);
  const name = freeName('abcdefgh'[arms.length] ?? 'arm', new Set(arms.map((arm) => arm.id)));
  each.step = { ...each.step, arms: [...arms, { id: name, next: END }] };
  each.ways[`arms.${arms.length}`] = each.ways[`arms.${arms.length - 1}`] ?? END;
  return gathered(document, list);
}

export function removeArm(document, id, number) {
  const list = spread(document);
  const each = find(list, id);
  const targets = listOf(each.step.arms).map((_, index) => each.ways[`arms.${index}`]);
  each.step = { ...each.step, arms: each.step.arms.filter((_, index) => index !== number) };
  each.ways = {};
  targets.filter((_, index) => index !== number).forEach((target, index) => { each.ways[`arms.${index}`] = target; });
  return gathered(document, list);
}

/* Whether one may get from a step to another by following lines. */
export function reaches(graph, from, to) {
  const seen = new Set();
  const ahead = [from];
  while (ahead.length) {
    const name = ahead.pop();
    if (name === to) return true;
    if (seen.has(name)) continue;
    seen.add(name);
    ahead.push(...(graph.get(name) ?? []).map((way) => way.target));
  }
  return false;
}

function spread(document) {
  const steps = stepsOf(document);
  return steps.map((step, number) => ({
    step,
    ways: Object.fromEntries(waysOf(step, steps[number + 1]?.id ?? END).map((way) => [way.port, way.target])),
  }));
}

function gathered(document, list) {
  const steps = list.map(({ step, ways }, number) => {
    const below = list[number + 1]?.step.id ?? END;
    const made = { ...step };
    if (step.type === 'split') {
      made.arms = listOf(step.arms).map((arm, index) => ({ ...arm, next: ways[`arms.${index}`] ?? END }));
      return made;
    }
    if (ways.next !== (step.next ?? below)) made.next = ways.next === below ? undefined : ways.next;
    if (step.type === 'condition' && ways.otherwise !== (step.otherwise ?? END)) made.otherwise = ways.otherwise;
    return without(made);
  });
  return { ...document, steps };
}

function checked(document, list, from) {
  const made = gathered(document, list);
  const graph = graphOf(made);
  if ((graph.get(from) ?? []).some((way) => reaches(graph, way.target, from))) {
    throw new Refused('That would lead round in a circle.');
  }
  return made;
}

function takeOut(list, id) {
  const index = list.findIndex((each) => each.step.id === id);
  const [taken] = list.splice(index, 1);
  const onward = Object.values(taken.ways)[0] ?? END;
  const ahead = onward === id ? END : onward;
  for (const each of list) for (const port of Object.keys(each.ways)) if (each.ways[port] === id) each.ways[port] = ahead;
  return { taken, ahead };
}

/* The first step of the list is where everybody begins. */
function bringToTop(list, id) {
  const index = list.findIndex((each) => each.step.id === id);
  if (index > 0 && !list.some((each) => Object.values(each.ways).includes(list[0].step.id))) return;
  if (index > 0) list.unshift(...list.splice(index, 1));
}

function put(list, made, at, target) {
  if (!at) {
    list.unshift(made);
    return;
  }
  find(list, at.from).ways[at.port] = made.step.id;
  const after = list.findIndex((each) => each.step.id === at.from) + 1;
  const before = list.findIndex((each) => each.step.id === target);
  list.splice(at.port === 'next' ? after : before < 0 ? list.length : before, 0, made);
}

function wayOf(list, at) {
  return find(list, at.from).ways[at.port] ?? END;
}

function find(list, id) {
  const found = list.find((each) => each.step.id === id);
  if (!found) throw new Refused(`There is no step ${id} any more.`);
  return found;
}

function freeName(wanted, taken) {
  let name = wanted;
  for (let number = 2; taken.has(name) || name === END; number += 1) name = `${wanted}_${number}`;
  return name;
}

function without(step) {
  return Object.fromEntries(Object.entries(step).filter(([, value]) => value !== undefined));
}

function listOf(value) {
  return Array.isArray(value) ? value.filter((each) => each && typeof each === 'object') : [];
}
