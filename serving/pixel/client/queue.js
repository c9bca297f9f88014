// Delivery: batches by fetch, a beacon on leaving, and a bounded list of what has to be tried again.
import { waitingEvents } from "./ids.js";
import { endpoint, patience } from "./settings.js";

const BATCH = 50;
const SURE_TO_OUTLIVE = 3e4; // characters: bodies that outlive a page share 64 KB, and a character takes up to three bytes
const MOST_WAITING = 200;

let queue = [];
let waiting = []; // stands in for storage where consent allows none, or the browser
let timer;
let failures = 0;

export function enqueue(event) {
  queue.push(event);
  timer = timer || setTimeout(flush, patience);
}

function takeWaiting() {
  let kept;
  try {
    kept = JSON.parse(waitingEvents());
  } catch {}
  waitingEvents(null);
  return (kept || []).concat(waiting.splice(0));
}

function putBack(events) {
  const all = takeWaiting().concat(events).slice(-MOST_WAITING);
  if (!waitingEvents(JSON.stringify(all))) waiting = all;
}

// Takes the next batch, oldest first, and offers it as a body; answers what was not taken.
function nextBatch() {
  queue = takeWaiting().concat(queue);
  const events = queue.splice(0, BATCH);
  return { events, body: JSON.stringify({ batch: events, sent_at: new Date() }) };
}

export function flush() {
  clearTimeout(timer);
  timer = 0;
  const { events, body } = nextBatch();
  if (!events[0]) return;
  const later = (seconds) => {
    putBack(events);
    clearTimeout(timer);
    // Doubling from one second to a minute, with jitter, unless the server says how long.
    timer = setTimeout(flush, 1e3 * (+seconds || Math.min(60, 2 ** failures++)) * (1 + Math.random() / 2));
  };
  fetch(endpoint, { method: "POST", body, keepalive: body.length < SURE_TO_OUTLIVE, credentials: "omit" }).then(
    ({ status, headers }) => {
      if (status == 429 || status > 499) return later(headers.get("Retry-After"));
      failures = 0;
      if (queue[0]) flush();
    },
    later, // an error is no number of seconds
  );
}

// On leaving, nothing may wait for an answer. What no beacon takes, the next page sends.
export function flushAtLeave() {
  const { events, body } = nextBatch();
  if (!events[0]) return;
  if (navigator.onLine && navigator.sendBeacon?.(endpoint, body)) flushAtLeave();
  else putBack(events.concat(queue.splice(0)));
}
