// The panel with what can be switched on and off; what is set is remembered at once.

import * as settings from "./settings.js";
import * as vibration from "./vibration.js";
import * as voice from "./voice.js";

const button = document.getElementById("settings");
const panel = document.getElementById("settings-panel");

export const chosen = settings.load();

const hide = (name) => panel.querySelector(`[name="${name}"]`).closest("label").setAttribute("hidden", "");

// `onChange` is called after each change, for a picture to stand still at once.
export function prepare(onChange) {
  if (!voice.isThere) hide("voice");
  if (!vibration.isThere) hide("vibration");
  for (const field of panel.querySelectorAll("input, select")) {
    if (field.type === "checkbox") field.checked = chosen[field.name];
    else field.value = String(chosen[field.name]);
  }
  panel.addEventListener("change", ({ target }) => {
    chosen[target.name] = target.type === "checkbox" ? target.checked : Number(target.value);
    settings.save(chosen);
    if (!chosen.voice) voice.hush();
    onChange();
  });
  button.addEventListener("click", () => panel.showModal());
  button.hidden = false;
}

export const isOpen = () => panel.open;
