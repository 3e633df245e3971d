// The line above every screen: no connection and how old this is, or signed out.

import { ageMinutes } from "./routine.js";
import { count, say } from "./words.js";

const place = document.getElementById("notices");
const OLD = 2; // minutes from which the age of what is shown is worth a word

let shown = "";

function show(words, link) {
  if (words === shown) return; // a screen reader would read it again
  shown = words;
  const line = document.createElement("p");
  line.textContent = words;
  if (link) {
    const anchor = document.createElement("a");
    anchor.href = link;
    anchor.textContent = say("sign_in");
    line.append(" ", anchor);
  }
  place.replaceChildren(...(words ? [line] : []));
}

export function tell(how, said, now, signIn) {
  if (how === "sign-in") return show(say("sign_in_text"), signIn);
  if (how !== "kept" && how !== "away") return show("");
  const minutes = said ? ageMinutes(said, now) : 0;
  if (minutes < OLD) return show(say("offline"));
  return show(minutes < 60 ? count("age", minutes) : count("age_hours", Math.floor(minutes / 60)));
}
