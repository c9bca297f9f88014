// Clicks that leave the site, files, and elements that name an event of their own.
import { sendsBehaviour } from "./consent.js";
import { report } from "./events.js";
import { listen } from "./settings.js";

const FILE = /\.(pdf|zip|docx?|xlsx?|pptx?|csv|txt|mp[34]|exe|dmg|ics)$/i;

function click({ button, target }) {
  if (button > 1 || !target.closest) return;
  const named = target.closest("[data-lh-event]");
  if (named) report("track", {}, { name: named.getAttribute("data-lh-event") });
  const link = target.closest("a[href]");
  if (!link || !sendsBehaviour()) return;
  const { host, protocol } = link;
  const file = FILE.exec(link.pathname);
  // The rest of a mailto: or tel: link is personal data, and so may a query be.
  const url = host ? link.href.split(/[?#]/)[0] : protocol;
  if (file) report("file_download", { url, extension: file[1].toLowerCase() });
  else if (host != location.host && protocol != "javascript:") report("link_click", { url, host });
}

export function watchClicks() {
  listen("click", click);
  listen("auxclick", click); // the middle button
}
