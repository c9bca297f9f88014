// How much the visitor agreed to decides what may be kept on the device and what an event may carry.
//
//   none       bare facts: page views, forms and named events, without device details
//   anonymous  all kinds of events, but still no id and nothing kept on the device
//   session    an id that lives in sessionStorage, as long as the tab
//   full       an id in a first-party cookie and localStorage; only now may it be linked to a person
//
// Global Privacy Control and Do Not Track cap the level at anonymous, whatever was answered.
import { cookieDomain, defaultConsent } from "./settings.js";

const LEVELS = ["none", "anonymous", "session", "full"];
const ANSWER = "lh_consent"; // the answer itself names nobody, and forgetting a refusal would undo it

export const signals = { gpc: !!navigator.globalPrivacyControl, dnt: navigator.doNotTrack == 1 };

let level;

function understand(name) {
  level = Math.max(0, LEVELS.indexOf(name)); // a word we do not know is no agreement
  if (signals.gpc || signals.dnt) level = Math.min(level, 1);
}

export const consentName = () => LEVELS[level];
export const sendsBehaviour = () => level > 0;
export const mayKeepIds = () => level > 1;
export const mayLink = () => level > 2;

// Reads (no value), writes (and answers true if it is written), or removes (null). A browser may refuse storage
// altogether, or be full: then nothing is remembered.
function storage(isLasting, name, value) {
  try {
    const place = isLasting ? localStorage : sessionStorage;
    if (value) return !place.setItem(name, value);
    if (value === null) place.removeItem(name);
    else return place.getItem(name);
  } catch {}
}

// The same, where the present level allows it.
export const keep = (name, value) => mayKeepIds() && storage(mayLink(), name, value);

export const readCookie = (name) => mayLink() && document.cookie.match("(?:^|; )" + name + "=([^;]+)")?.[1];

export function writeCookie(name, value, seconds) {
  document.cookie =
    `${name}=${value};path=/;samesite=lax;max-age=${seconds}${cookieDomain}` +
    (location.protocol == "https:" ? ";secure" : "");
}

// Removes every id and every waiting event from the device.
export const forget = (names) =>
  names.forEach((name) => {
    storage(0, name, null);
    storage(1, name, null);
    writeCookie(name, "", 0);
  });

export function answer(name) {
  storage(1, ANSWER, name);
  understand(name);
}

understand(storage(1, ANSWER) || defaultConsent);
