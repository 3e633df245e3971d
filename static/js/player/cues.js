// What is heard, felt and announced while a stretch runs, as far as it is wanted.

import * as sound from "./sound.js";
import * as vibration from "./vibration.js";
import * as voice from "./voice.js";
import { oneOf, say } from "./words.js";

const region = document.getElementById("announce");

const TONE_OF = { hold: "begin", move: "begin", rest: "end", switch: "end", ready: null };

// For a screen reader: only what starts, changes sides or ends. A count would drown everything else.
export function announce(words) {
  region.textContent = words;
}

function cue(name, settings) {
  if (!name) return;
  if (settings.sound) sound.play(name);
  if (settings.vibration) vibration.shake(name);
}

function speak(words, settings) {
  announce(words);
  if (settings.voice) voice.say(words);
}

export function tell(event, settings) {
  switch (event.type) {
    case "phase":
      cue(TONE_OF[event.phase.kind], settings);
      // Of many slow movements the first is announced, the others have their tone.
      if (event.phase.kind !== "move" || event.phase.repetition === 1) speak(wordsOf(event.phase), settings);
      break;
    case "count":
      if (settings.sound) sound.play("count");
      break;
    case "over":
      cue("done", settings);
      speak(say("say_over"), settings);
      break;
    case "slept":
      speak(say("slept"), settings);
      break;
    case "paused":
      voice.hush();
      break;
  }
}

function wordsOf({ kind, side }) {
  const words = oneOf("phases", kind);
  const named = oneOf("sides", side);
  if (!named || kind === "rest" || kind === "move") return `${words}.`;
  return kind === "hold" ? `${words}. ${named}.` : `${words}. ${say("say_now", { side: named })}`;
}
