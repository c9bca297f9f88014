// Puts a form into <div data-lh-form="FORM_ID"></div>, checks it with the server and sends it once.
// One submission id for one filled form: a double click, a retry or a lost answer is stored once.
import { uuid } from "./uuid.js";

const script = document.currentScript || document.querySelector("script[src*='lh-form.js']");
const origin = script.dataset.api || new URL(script.src).origin;

const make = (tag, attributes, ...children) => {
  const element = Object.assign(document.createElement(tag), attributes);
  element.append(...children.filter(Boolean));
  return element;
};

function control(field, id) {
  const shared = { id, name: field.key, required: field.required, placeholder: field.placeholder || "" };
  if (field.max_length) shared.maxLength = field.max_length;
  if (field.type === "textarea") return make("textarea", { ...shared, rows: 4 });
  if (field.type === "select")
    return make("select", shared, make("option", { value: "", textContent: "Please choose" }),
      ...field.options.map((value) => make("option", { value, textContent: value })));
  if (field.type === "checkbox") return make("input", { ...shared, type: "checkbox", value: "yes" });
  const types = { email: "email", phone: "tel", url: "url", number: "number", hidden: "hidden" };
  const hints = { email: "email", phone: "tel", first_name: "given-name", last_name: "family-name", company: "organization" };
  return make("input", { ...shared, type: types[field.type] || "text", autocomplete: hints[field.maps_to] || "on" });
}

function row(field, formId) {
  const id = `lh-${formId}-${field.key}`;
  const input = control(field, id);
  if (field.type === "hidden") {
    input.value = new URLSearchParams(location.search).get(field.key) || field.value || "";
    return input;
  }
  const label = make("label", { htmlFor: id, textContent: field.label + (field.required ? "" : " (optional)") });
  const problem = make("p", { className: "lh-problem", id: id + "-problem", hidden: true });
  input.setAttribute("aria-describedby", problem.id);
  return make("div", { className: `lh-field lh-${field.type}` }, label, input, problem);
}

// People do not see it, programs fill it in.
const trap = () =>
  make("div", { className: "lh-trap", ariaHidden: "true", style: "position:absolute;left:-9999px" },
    make("input", { name: "lh_website", tabIndex: -1, autocomplete: "off", ariaLabel: "Leave this empty" }));

function consentRow(about, formId) {
  if (!about.consent_text) return null;
  const id = `lh-${formId}-consent`;
  return make("div", { className: "lh-field lh-consent" },
    make("input", { id, type: "checkbox", name: "lh_consent" }),
    make("label", { htmlFor: id, textContent: about.consent_text }));
}

const visitor = () =>
  new Promise((answer) => (window.lh?.on ? window.lh("ids", answer) : answer({ anonymous_id: null, consent: "anonymous" })));

async function submission(form, about, submissionId) {
  const answers = Object.fromEntries(new FormData(form));
  const { lh_website: honeypot, lh_consent: agreed, ...fields } = answers;
  const { anonymous_id, consent } = await visitor();
  const utm = {};
  new URLSearchParams(location.search).forEach((value, name) => {
    if (name.startsWith("utm_")) utm[name.slice(4)] = value;
  });
  return JSON.stringify({
    submission_id: submissionId, token: about.token, answers: fields, honeypot, consent_given: agreed === "on",
    consent_version: about.consent_version, anonymous_id, consent,
    page_url: location.href.split("#")[0], referrer: document.referrer, utm,
  });
}

async function send(url, body, tries = 3) {
  for (let attempt = 1; ; attempt++) {
    const response = await fetch(url, { method: "POST", body, headers: { "Content-Type": "application/json" } }).catch(() => null);
    if (response && response.status < 500) return response;
    if (attempt === tries) return response;
    await new Promise((go) => setTimeout(go, 600 * 2 ** attempt * (0.5 + Math.random() / 2)));
  }
}

function showProblems(form, problems) {
  form.querySelectorAll(".lh-problem").forEach((place) => (place.hidden = true));
  form.querySelectorAll("[aria-invalid]").forEach((input) => input.removeAttribute("aria-invalid"));
  for (const { field, message } of problems) {
    const input = form.elements[field];
    if (!input) continue;
    input.setAttribute("aria-invalid", "true");
    Object.assign(document.getElementById(input.id + "-problem"), { textContent: message, hidden: false });
  }
  form.querySelector("[aria-invalid]")?.focus();
}

async function mount(place) {
  const formId = place.dataset.lhForm;
  const response = await fetch(`${origin}/v1/forms/${formId}`).catch(() => null);
  if (!response?.ok) return; // what stood in the place (a mail address, say) stays
  const about = await response.json();
  const status = make("p", { className: "lh-status", role: "status" });
  const button = make("button", { type: "submit", textContent: about.submit_label });
  const form = make("form", { className: "lh-form", noValidate: true },
    ...about.fields.map((field) => row(field, formId)), consentRow(about, formId), trap(), button, status);
  form.dataset.lhForm = formId;
  let submissionId = uuid();
  form.addEventListener("submit", async (event) => {
    event.preventDefault();
    button.disabled = true;
    status.textContent = "Sending…";
    const answer = await send(`${origin}/v1/forms/${formId}/submissions`, await submission(form, about, submissionId));
    const result = (await answer?.json().catch(() => null)) || {};
    button.disabled = false;
    if (answer?.ok) {
      if (result.redirect_url) return location.assign(result.redirect_url);
      form.replaceWith(make("p", { className: "lh-thanks", role: "status", textContent: result.message }));
    } else if (answer?.status === 422 && result.errors) {
      status.textContent = "Please look at the marked fields.";
      submissionId = uuid();
      showProblems(form, result.errors);
    } else status.textContent = result.detail || "This could not be sent. Please try again in a moment.";
  });
  place.replaceChildren(form);
}

const mountAll = () => document.querySelectorAll("div[data-lh-form]").forEach(mount);
if (document.readyState === "loading") addEventListener("DOMContentLoaded", mountAll);
else mountAll();
