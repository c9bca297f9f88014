// Ids are random, made here, and never derived from a person or a device.
import { forget, keep, mayLink, readCookie, writeCookie } from "./consent.js";
import { uuid } from "./uuid.js";

const VISITOR = "lh_id";
const SESSION = "lh_session";
const WAITING = "lh_queue";
const SESSION_ENDS = 18e5; // 30 minutes without an event

// Null where the level of consent allows no id, or the browser keeps none: an id that lasts for one event counts nobody.
export function visitorId() {
  const id = readCookie(VISITOR) || keep(VISITOR) || uuid();
  if (mayLink()) writeCookie(VISITOR, id, 34e6); // 13 months
  return keep(VISITOR, id) || readCookie(VISITOR) ? id : null;
}

export function sessionId() {
  const [id, seen] = (keep(SESSION) || "").split("/");
  const now = Date.now();
  const current = now - seen < SESSION_ENDS ? id : uuid();
  return keep(SESSION, current + "/" + now) ? current : null;
}

export const forgetIds = () => forget([VISITOR, SESSION, WAITING]);

// Events that could not be sent; tabs share the list, and what two of them send is known by its event ids.
export const waitingEvents = (text) => keep(WAITING, text);
