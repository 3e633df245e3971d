// The questions after a stretch: why it was skipped, how it was; and what follows from a red answer.

import * as screen from "./screen.js";
import { say } from "./words.js";

export function askWhy(stretch, { chosen, back }) {
  const root = screen.show("skip", { name: stretch.name });
  for (const button of root.querySelectorAll("[data-reason]")) {
    button.addEventListener("click", () => chosen(button.dataset.reason));
  }
  screen.on(root, "back", back);
}

// `answered` gets {pain_score, has_spread, effort, note}. Pain and spreading have to be answered, each with a tap.
export function askHow(stretch, answered) {
  const root = screen.show("how", { name: stretch.name });
  const form = root.querySelector("form");
  const missing = (name) => form.querySelector(`[data-missing="${name}"]`);
  form.addEventListener("change", ({ target }) => missing(target.name)?.setAttribute("hidden", ""));
  form.addEventListener("submit", (event) => {
    event.preventDefault();
    const fields = new FormData(form);
    const open = ["pain_score", "has_spread"].filter((name) => !fields.has(name));
    for (const name of open) missing(name).hidden = false;
    if (open.length) {
      form.querySelector(`[name="${open[0]}"]`).focus();
      return;
    }
    answered({
      pain_score: fields.get("pain_score"),
      has_spread: fields.get("has_spread"),
      effort: fields.get("effort") ?? "",
      note: fields.get("note").trim(),
    });
  });
}

// The stretch is gone; `told` says whether the clinic knows. Returns a function that says it anew.
export function tellRed(stretch, { told, calls, isLast }, next) {
  const words = { name: stretch.name, told: say(told), calls, next: say(isLast ? "finish" : "next") };
  const root = screen.show("red", words);
  screen.on(root, "next", next);
  return (news) => screen.fill(root, { told: say(news) });
}
