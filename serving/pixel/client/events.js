// What every event carries, as far as consent allows.
import { consentName, mayKeepIds, sendsBehaviour, signals } from "./consent.js";
import { sessionId, visitorId } from "./ids.js";
import { enqueue } from "./queue.js";
import { uuid } from "./uuid.js";

const CLICK_ID = /^(gclid|fbclid|msclkid|li_fat_id|ttclid)$/;

// The page that events belong to: set when it is entered, so that what is said on leaving it still names it.
export const page = {};

let campaign = { utm: {}, click_ids: {} };

// The campaign stays with the visit to this document: a route change inside an application drops it from the address,
// and consent may come later than the landing.
export function readCampaign() {
  let found;
  new URLSearchParams(location.search).forEach((value, name) => {
    const isTag = name.startsWith("utm_");
    if (!isTag && !CLICK_ID.test(name)) return;
    found = found || { utm: {}, click_ids: {} };
    (isTag ? found.utm : found.click_ids)[name.replace("utm_", "")] = value;
  });
  campaign = found || campaign;
}

// Without consent to an id a query string stays behind: it may hold one.
const address = (url) => url.split(mayKeepIds() ? "#" : /[?#]/)[0];

const device = () => ({
  viewport: innerWidth + "x" + innerHeight,
  language: navigator.language,
  time_zone: Intl.DateTimeFormat().resolvedOptions().timeZone,
  hints: { ...navigator.userAgentData?.toJSON(), webdriver: navigator.webdriver },
});

export const report = (type, properties, extra) =>
  enqueue({
    // By time, for events alone: ids made together lie together in the server's index, so that a commit of many touches
    // few of its pages. The id of a visitor would tell when they were first seen.
    event_id: Date.now() + uuid().slice(13),
    type,
    anonymous_id: visitorId(),
    session_id: sessionId(),
    occurred_at: new Date(),
    consent: consentName(),
    signals,
    page: { url: address(page.url), title: page.title, referrer: address(page.referrer) },
    utm: campaign.utm,
    click_ids: mayKeepIds() ? campaign.click_ids : {},
    device: sendsBehaviour() ? device() : {},
    properties,
    ...extra,
  });
