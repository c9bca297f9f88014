// Page views, the time a page was really seen, and how far down.
import { sendsBehaviour } from "./consent.js";
import { page, readCampaign, report } from "./events.js";
import { abandon } from "./forms.js";
import { flush, flushAtLeave } from "./queue.js";
import { heartbeat, listen, minVisit } from "./settings.js";

const STEPS = [25, 50, 75, 100];

let route; // path and query: what makes it another page
let seenSince = 0; // moment from which it is visible, 0 while it is hidden
let unreported = 0; // visible milliseconds before that moment
let hasBeaten;
let depth;
let timer;

function look() {
  if (document.hidden) return;
  seenSince = Date.now();
  clearTimeout(timer);
  timer = setTimeout(() => beat(), (hasBeaten ? heartbeat : minVisit) - unreported);
}

// Each heartbeat tells the time since the one before it, so that their sum is the time the page was seen.
export function beat(isLast) {
  clearTimeout(timer);
  unreported += seenSince && Date.now() - seenSince;
  seenSince = 0;
  if (unreported > 999) {
    if (sendsBehaviour()) report("page_ping", { engaged_seconds: unreported / 1e3, scroll_percent: depth });
    unreported = 0;
    hasBeaten = 1;
  }
  if (!isLast) look();
}

function leave() {
  abandon();
  beat(1);
}

function measure() {
  const { scrollHeight, scrollTop } = document.documentElement;
  const now = Math.min(100, Math.round((100 * (scrollTop + innerHeight)) / scrollHeight));
  if (sendsBehaviour()) STEPS.filter((step) => depth < step && step <= now).forEach((percent) => report("scroll", { percent }));
  depth = Math.max(depth, now);
}

export function view(isAgain) {
  const here = location.pathname + location.search;
  if (route == here && !isAgain) return;
  if (route) leave();
  page.referrer = page.url || document.referrer;
  page.url = location.href;
  page.title = document.title;
  route = here;
  depth = unreported = hasBeaten = 0;
  look();
  readCampaign();
  report("page_view");
}

export function watchPages() {
  const moved = () => setTimeout(view); // the application sets its title first
  ["pushState", "replaceState"].forEach((method) => {
    const original = history[method];
    history[method] = function () {
      original.apply(this, arguments);
      moved();
    };
  });
  listen("popstate", moved);
  listen("pageshow", (event) => event.persisted && view(1)); // back from the back-forward cache
  listen("visibilitychange", () => {
    if (!document.hidden) return look();
    beat(1); // on a phone this may be the last that is heard of a page
    flushAtLeave();
  });
  listen("pagehide", () => {
    leave();
    flushAtLeave();
  });
  listen("online", flush);
  listen("scroll", measure);
  view();
}
