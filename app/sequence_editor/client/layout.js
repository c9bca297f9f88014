/* Where steps stand and lines run: from the top down, branches side by side, meeting again under where they parted. Pure.

   A step hangs under the step that every way to it passes last (its dominator). The ways out of a step are columns: one
   holds the branch that begins there, or, where the way leads further down, a lane for its line. */
import { END, graphOf, stepsOf } from './document.js';

export const WIDTH = 216;
export const HEIGHT = 66;
const GAP_X = 28;
const GAP_Y = 62;
const LANE = 84;
const MARGIN = 28;

/* {places: Map(id → {x, y}), ends: [{from, port, x, y}], lines: [{from, port, target, label, points, slot}], lost: [ids],
   width, height}; x and y are the middle of the top edge. */
export function layOut(document) {
  const steps = stepsOf(document);
  const graph = graphOf(document);
  if (!steps.length) return { places: new Map(), ends: [], lines: [], lost: [], width: 320, height: 160 };
  const order = inOrder(graph, steps[0].id);
  const lost = steps.map((step) => step.id).filter((id) => !order.includes(id));
  const rows = rowsOf(graph, order);
  const parents = dominators(graph, order);
  const children = new Map(order.map((id) => [id, order.filter((other) => other !== id && parents.get(other) === id)]));

  const placed = new Map();
  const widths = new Map();
  const columnsOf = (id) => {
    const heads = new Set();
    return (graph.get(id) ?? []).map((way) => {
      const isHead = children.get(id).includes(way.target) && !heads.has(way.target) && comesOnlyFrom(graph, order, way.target, id);
      if (isHead) heads.add(way.target);
      return { way, head: isHead ? way.target : null };
    });
  };
  const widthOf = (id) => {
    if (!widths.has(id)) {
      widths.set(id, 0);
      const columns = columnsOf(id);
      const heads = columns.map((column) => column.head).filter(Boolean);
      const across = columns.reduce((sum, column) => sum + (column.head ? widthOf(column.head) : LANE), 0)
        + GAP_X * Math.max(0, columns.length - 1);
      const below = children.get(id).filter((child) => !heads.includes(child)).map(widthOf);
      widths.set(id, Math.max(WIDTH, across, ...below));
    }
    return widths.get(id);
  };
  const lanes = new Map();
  const place = (id, middle) => {
    placed.set(id, middle);
    const columns = columnsOf(id);
    const width = columns.reduce((sum, column) => sum + (column.head ? widthOf(column.head) : LANE), 0) + GAP_X * Math.max(0, columns.length - 1);
    let left = middle - width / 2;
    for (const { way, head } of columns) {
      const size = head ? widthOf(head) : LANE;
      lanes.set(`${id}|${way.port}`, columns.length === 1 ? middle : left + size / 2);
      if (head) place(head, columns.length === 1 ? middle : left + size / 2);
      left += size + GAP_X;
    }
    const heads = columns.map((column) => column.head);
    const meeting = children.get(id).filter((child) => !heads.includes(child));
    const byRow = new Map();
    meeting.forEach((child) => byRow.set(rows.get(child), [...(byRow.get(rows.get(child)) ?? []), child]));
    for (const row of byRow.values()) {
      const total = row.reduce((sum, child) => sum + widthOf(child), GAP_X * (row.length - 1));
      let at = middle - total / 2;
      for (const child of row) {
        place(child, at + widthOf(child) / 2);
        at += widthOf(child) + GAP_X;
      }
    }
  };
  place(order[0], 0);

  const lowest = Math.max(...rows.values());
  lost.forEach((id, number) => {
    rows.set(id, lowest + 2);
    placed.set(id, (number - (lost.length - 1) / 2) * (WIDTH + GAP_X));
  });
  const all = [...placed.values(), ...lanes.values()];
  const shift = MARGIN + WIDTH / 2 - Math.min(...all);
  const top = (id) => MARGIN + rows.get(id) * (HEIGHT + GAP_Y);
  const places = new Map([...placed].map(([id, x]) => [id, { x: x + shift, y: top(id) }]));
  const ends = [];
  const lines = [];
  for (const id of [...order, ...lost]) {
    const { x, y } = places.get(id);
    const ways = graph.get(id) ?? [];
    ways.forEach((way, number) => {
      const start = { x: x + (number - (ways.length - 1) / 2) * Math.min(64, (WIDTH - 40) / Math.max(1, ways.length)), y: y + HEIGHT };
      const lane = (lanes.get(`${id}|${way.port}`) ?? start.x - shift) + shift;
      const goal = places.get(way.target);
      const end = goal && way.target !== id ? goal : { x: lane, y: start.y + GAP_Y };
      if (!goal) ends.push({ from: id, port: way.port, ...end, isMissing: way.target !== END });
      const turn = start.y + 22;
      const approach = Math.max(end.y - 22, turn);
      lines.push({
        from: id, port: way.port, target: way.target, label: way.label, start,
        points: [start, { x: start.x, y: turn }, { x: lane, y: turn }, { x: lane, y: approach }, { x: end.x, y: approach }, end],
        slot: { x: lane, y: turn + 16 },
      });
    });
  }
  const bottom = Math.max(...[...places.values()].map((each) => each.y + HEIGHT), ...ends.map((each) => each.y + 24));
  return { places, ends, lines, lost, width: Math.max(...all) + shift + WIDTH / 2 + MARGIN, height: bottom + MARGIN };
}

/* Reached steps, each after all that lead to it (circles are cut). */
function inOrder(graph, first) {
  const seen = new Set();
  const done = [];
  const walk = (id) => {
    if (seen.has(id) || !graph.has(id)) return;
    seen.add(id);
    [...graph.get(id)].reverse().forEach((way) => walk(way.target));
    done.unshift(id);
  };
  walk(first);
  return done;
}

function comingTo(graph, order, id) {
  const at = order.indexOf(id);
  return order.filter((other, number) => number < at && graph.get(other).some((way) => way.target === id));
}

function comesOnlyFrom(graph, order, id, from) {
  const sources = comingTo(graph, order, id);
  return sources.length === 1 && sources[0] === from;
}

function rowsOf(graph, order) {
  const rows = new Map();
  for (const id of order) rows.set(id, Math.max(-1, ...comingTo(graph, order, id).map((source) => rows.get(source))) + 1);
  return rows;
}

function dominators(graph, order) {
  const parents = new Map([[order[0], order[0]]]);
  const meet = (one, other) => {
    let [a, b] = [one, other];
    while (a !== b) {
      if (order.indexOf(a) > order.indexOf(b)) a = parents.get(a);
      else b = parents.get(b);
    }
    return a;
  };
  for (const id of order.slice(1)) parents.set(id, comingTo(graph, order, id).reduce(meet));
  return parents;
}
