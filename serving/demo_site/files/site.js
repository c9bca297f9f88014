// The queue before the pixel is there, the privacy choice, and work shown without loading a page.
window.lh = window.lh || function () { (lh.q = lh.q || []).push(arguments); };

addEventListener("DOMContentLoaded", () => {
  const banner = document.getElementById("consent");
  const answered = localStorage.getItem("brightside_answered");
  banner.hidden = !!answered;
  banner.addEventListener("click", ({ target }) => {
    if (!target.dataset.consent) return;
    localStorage.setItem("brightside_answered", "yes");
    lh("consent", target.dataset.consent);
    banner.hidden = true;
  });
  document.getElementById("change-consent").addEventListener("click", () => (banner.hidden = false));

  const cases = [...document.querySelectorAll(".case")];
  if (!cases.length) return;
  const show = () => {
    const slug = location.pathname.split("/case-studies/")[1] || cases[0].id.replace("case-", "");
    cases.forEach((one) => (one.hidden = one.id !== "case-" + slug));
    document.querySelectorAll("[data-case]").forEach((tab) => tab.setAttribute("aria-selected", tab.dataset.case === slug));
    const shown = document.getElementById("case-" + slug);
    if (shown) document.title = shown.dataset.title + " · Brightside Studio";
  };
  document.querySelector(".tabs").addEventListener("click", (event) => {
    if (!event.target.dataset.case || event.metaKey || event.ctrlKey) return;
    event.preventDefault();
    history.pushState({}, "", event.target.href);
    show();
  });
  addEventListener("popstate", show);
  show();
});
