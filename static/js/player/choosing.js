// The first screen, on which a part of the day is chosen, and the last one, which sums up.

import { callsOf } from "./calls.js";
import { dueIndex, isDone, pausedOf } from "./routine.js";
import * as screen from "./screen.js";
import { count, oneOf, say } from "./words.js";

// `on` has chosen(index) and answer(), for the questions that are asked before the first stretch.
export function choosePart({ said, learnt, parts, refused }, on) {
  const due = dueIndex(parts);
  const severalClinics = said.routines.length > 1;
  const buttons = parts.map((place, index) => {
    const root = screen.filled("part", valuesOf(place, severalClinics));
    const button = root.querySelector("button");
    button.classList.toggle("is-due", index === due);
    button.classList.toggle("is-done", isDone(place));
    button.addEventListener("click", () => on.chosen(index));
    return button;
  });
  const paused = pausedOf(said, learnt);
  const asks = said.routines.some((routine) => routine.asks_red_flags) && !learnt.isScreened;
  const timing = said.routines.flatMap((routine) => routine.timing ?? []).map(({ names, advice }) => `${names.join(", ")}: ${advice}`);
  const root = screen.show("choose", { parts: buttons, paused, calls: callsOf(said.routines), refused, asks, timing });
  screen.on(root, "answer", on.answer);
}

function valuesOf(place, severalClinics) {
  const { part, routine, stretches } = place;
  const open = stretches.filter(({ outcome }) => !outcome).length;
  const hasBegun = open < stretches.length;
  return {
    words: part.words.charAt(0).toLocaleUpperCase() + part.words.slice(1),
    what: isDone(place) ? say("all_done") : count(hasBegun ? "left" : "stretches", hasBegun ? open : stretches.length),
    clinic: severalClinics ? routine.clinic : "",
    go: say(isDone(place) ? "again" : hasBegun ? "go_on" : "start"),
  };
}

// `results` is [{name, outcome}]; `waiting` how many answers the server has not got yet.
export function sumUp(results, waiting, refused) {
  const root = screen.show("end", {
    sum: say("sum", { done: results.filter(({ outcome }) => outcome === "done").length, all: results.length }),
    done: results.map(({ name, outcome }) => `${name}: ${oneOf("outcomes", outcome)}`),
    ...storedWords(waiting),
    refused,
  });
  return (left) => screen.fill(root, storedWords(left));
}

const storedWords = (waiting) => ({ stored: waiting ? count("waiting", waiting) : say("stored") });

// What the server would not store, with its reasons and what was written, until it has been read.
export function refusedNodes(entries, dismiss) {
  return entries.map((entry) => {
    const box = document.createElement("div");
    box.className = "card-box verdict-caution";
    const written = entry.fields.note ? [`“${entry.fields.note}”`] : [];
    for (const text of [say("refused", { about: entry.about }), ...entry.refused.messages, ...written]) {
      const line = document.createElement("p");
      line.dir = "auto";
      line.textContent = text;
      box.append(line);
    }
    const button = document.createElement("button");
    button.type = "button";
    button.className = "btn btn-secondary";
    button.textContent = say("dismiss");
    button.addEventListener("click", () => dismiss(entry).then(() => box.remove()));
    box.append(button);
    return box;
  });
}
