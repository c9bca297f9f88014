// lh("track", "quote_requested", {plan: "team"}) and its kin; see docs/how-to/install-the-pixel.md.
import { answer, consentName, mayKeepIds, mayLink } from "./consent.js";
import { watchClicks } from "./clicks.js";
import { report } from "./events.js";
import { watchForms } from "./forms.js";
import { forgetIds, sessionId, visitorId } from "./ids.js";
import { beat, view, watchPages } from "./page.js";
import { flush } from "./queue.js";
import { layTrap, listen } from "./settings.js";

const told = []; // identify and group wait here until the visitor may be linked to a person

const commands = {
  track: (name, properties) => report("track", properties || {}, { name }),
  identify: (traits, user_hash) => told.push(["identify", { traits, user_hash }]),
  group: (traits) => told.push(["group", { traits }]),
  page: () => view(1),
  consent(name) {
    beat(); // time seen so far belongs to what was agreed so far
    flush();
    const before = consentName();
    answer(name);
    if (consentName() != before) forgetIds(); // what was gathered before stays apart from what comes after
  },
  // After a logout: the next person at this browser is another one.
  reset: forgetIds,
  ids: (use) => use({ anonymous_id: visitorId(), session_id: sessionId(), consent: consentName() }),
};

function start() {
  const called = window.lh?.q || [];
  window.lh = (name, ...rest) => {
    commands[name]?.(...rest);
    if (mayLink()) told.splice(0).forEach(([type, about]) => report(type, {}, about));
  };
  window.lh.on = 1;
  // Consent is settled before the first event, however late its call stands in the page.
  const replay = (isConsent) => called.forEach((call) => (call[0] == "consent") == isConsent && window.lh(...call));
  replay(true);
  watchForms();
  watchClicks();
  watchPages();
  layTrap();
  replay(false);
}

if (!window.lh?.on) {
  // A prerendered page was not visited yet.
  if (document.prerendering) listen("prerenderingchange", start);
  else start();
}
