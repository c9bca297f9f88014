// Forms: begun, sent or left. Names of fields are told, never what was written into them.
import { report } from "./events.js";
import { listen } from "./settings.js";

let begun; // {form, at, field} of the form somebody is at

function tell(type, form) {
  const facts = { form_id: form.getAttribute("data-lh-form") || form.id || form.getAttribute("action") };
  if (begun && begun.form == form) {
    facts.last_field = begun.field;
    facts.seconds = Math.round((Date.now() - begun.at) / 1e3);
  }
  report("form_" + type, facts);
}

export function abandon() {
  if (begun) tell("abandon", begun.form);
  begun = 0;
}

export function watchForms() {
  listen("input", ({ target }) => {
    const { form } = target;
    if (!form) return;
    if (!begun || begun.form != form) {
      abandon();
      tell("start", form);
      begun = { form, at: Date.now() };
    }
    begun.field = target.name;
  });
  listen("submit", ({ target }) => {
    tell("submit", target);
    begun = 0;
  });
}
