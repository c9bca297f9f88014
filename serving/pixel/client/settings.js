// What the script tag says: <script async src="https://leads.example.com/lh.js" data-key="lhw_…"></script>
const tag = document.currentScript || document.querySelector("script[data-key]");

const said = { consent: "full", minVisit: 10, heartbeat: 30, patience: 800, ...tag.dataset };

// Seconds a page must be visible before its first heartbeat (data-min-visit), and between two of them.
export const minVisit = said.minVisit * 1e3;
export const heartbeat = said.heartbeat * 1e3;
// Milliseconds that an event waits for company, so that one request carries several.
export const patience = +said.patience;
export const defaultConsent = said.consent;
// For an id shared by subdomains: data-cookie-domain="example.com".
export const cookieDomain = said.cookieDomain ? ";domain=" + said.cookieDomain : "";
export const endpoint = (said.api || new URL(tag.src).origin) + "/v1/collect?k=" + said.key;

// All listeners sit on the window, before any of the page's own can stop an event.
export const listen = (name, hear) => addEventListener(name, hear, true);

// data-trap: a link that nobody sees or reaches by keyboard. What follows it is a program.
export const layTrap = () =>
  said.trap && tag.insertAdjacentHTML("afterend", `<a href=${said.trap} rel=nofollow aria-hidden=true hidden>`);
