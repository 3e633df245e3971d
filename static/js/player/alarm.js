// Something is wrong: the red-flag questions, and the screen on which everything has stopped.

import { callsOf, urgentOf } from "./calls.js";
import * as screen from "./screen.js";
import { say } from "./words.js";

// `yes(question)` and `none()` are called with the answer; `back()` when nothing was answered.
export function askWhatIsWrong(said, { yes, none }) {
  const questions = said.red_flag_questions.map((question) => {
    const root = screen.filled("question", { question: question.question, named: `: ${question.question}` });
    root.querySelector("button").addEventListener("click", () => yes(question));
    return root.firstElementChild;
  });
  const root = screen.show("wrong", { questions, urgent: urgentOf(said.routines) });
  screen.on(root, "none", none);
}

// Nothing but what to do now, and whether the clinic is told.
export function showStopped(said, learnt, told, refused) {
  const here = said.red_flag_tiers.filter((tier) => learnt.tiers.includes(tier)).map((tier) => said.red_flag_messages[tier]);
  const there = said.routines.flatMap((routine) => (routine.state === "stopped" ? routine.messages : []));
  const messages = [...new Set([...here, ...there])].filter(Boolean);
  const values = { messages, told: say(told), urgent: urgentOf(said.routines), refused };
  screen.show("stopped", values);
}

export const showNone = (said, go) =>
  showMessage({ title: say("none_title"), text: say("none_text"), calls: callsOf(said.routines), go: say("go_on") }, go);

// A screen that only says something. `go` is a function, or where its button leads.
export function showMessage({ kind = "caution", ...values }, go) {
  const root = screen.show("message", values);
  root.querySelector("[data-kind]").classList.add(`verdict-${kind}`);
  const button = root.querySelector("[data-go]");
  button.href = typeof go === "string" ? go : "#";
  if (typeof go === "string") return;
  button.addEventListener("click", (event) => {
    event.preventDefault();
    go();
  });
}
