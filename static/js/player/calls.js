// The clinics' telephone numbers and what they say about urgent care, word for word.

import { filled } from "./screen.js";
import { say } from "./words.js";

export function callsOf(routines) {
  return unique(routines, "phone").map(({ phone }) => {
    const root = filled("call", { words: say("call", { phone }) });
    root.querySelector("a").href = `tel:${phone.replaceAll(" ", "")}`;
    return root.firstElementChild;
  });
}

export const urgentOf = (routines) =>
  unique(routines, "clinic").map((routine) => {
    const values = { clinic: routine.clinic, text: routine.urgent_care_text, calls: callsOf([routine]) };
    return filled("urgent", values).firstElementChild;
  });

const unique = (routines, field) =>
  routines.filter((each, index) => each[field] && routines.findIndex((other) => other[field] === each[field]) === index);
