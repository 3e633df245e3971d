// The screen on which a stretch is done: how to do it, then the timer.

import * as awake from "./awake.js";
import { Clock } from "./clock.js";
import * as cues from "./cues.js";
import { addressOf, showMore } from "./picture.js";
import { Run } from "./run.js";
import * as screen from "./screen.js";
import * as sound from "./sound.js";
import { isWork, phasesOf } from "./steps.js";
import * as voice from "./voice.js";
import { oneOf, say } from "./words.js";

const TICK = 200; // ms between two looks at the clock; what they show is computed from it

// `place` is {number, all}; `on` has over(run), skip(run), back() and isBlocked(), which says that keys go elsewhere.
export function doStretch(stretch, place, settings, on) {
  const run = new Run(phasesOf(stretch, settings), new Clock());
  const root = screen.show("stretch", valuesOf(stretch, place), stop);
  const look = viewOf(root, run);
  const ticking = setInterval(() => happen(run.tick()), TICK);
  document.addEventListener("keydown", press);
  screen.on(root, "go", go);
  screen.on(root, "back", back);
  screen.on(root, "skip", skip);
  showPicture(root, stretch, settings);
  showMore(root, stretch);
  look();

  function stop() {
    clearInterval(ticking);
    document.removeEventListener("keydown", press);
    awake.release();
    voice.hush();
  }

  function happen(events) {
    for (const event of events) {
      cues.tell(event, settings);
      if (event.type === "over") return on.over(run);
      if (event.type === "paused") awake.release();
      if (event.type === "resumed") awake.keep();
    }
    look(events.some(({ type }) => type === "slept"));
  }

  function go() {
    sound.wake();
    if (run.status === "waiting") {
      awake.keep();
      happen(run.start());
    } else happen(run.status === "running" ? run.pause() : run.resume());
  }

  function back() {
    if (run.status === "waiting") on.back();
    else happen(run.back());
  }

  function skip() {
    happen(run.pause());
    on.skip(run);
  }

  function press(event) {
    if (on.isBlocked() || event.altKey || event.ctrlKey || event.metaKey) return;
    const act = { " ": go, ArrowLeft: back, ArrowRight: skip }[event.key];
    if (!act || (event.key === " " && event.target.closest("a, button, summary, input"))) return;
    event.preventDefault();
    act();
  }
}

export function showPicture(root, stretch, settings) {
  const picture = root.querySelector("[data-picture]");
  if (!picture) return;
  picture.src = addressOf(stretch, settings);
  picture.alt = stretch.alt ?? "";
}

function valuesOf(stretch, { number, all }) {
  const { hold_seconds: seconds, target_hold_seconds: target, video } = stretch;
  return {
    ...stretch,
    video_elsewhere: video ? say("video_elsewhere", video) : "",
    watch_on: video ? say("watch_on", video) : "",
    place: say("place", { number, all }),
    dose: stretch.dose_words.join(", "),
    hold: seconds ? say(seconds < target ? "hold_towards" : "hold_today", { seconds, target }) : "",
    go: say("start"),
  };
}

// What the timer shows. Written only where it has changed, so that nothing is laid out anew five times a second.
function viewOf(root, run) {
  const slot = (name) => root.querySelector(`[data-slot="${name}"]`);
  const timer = root.querySelector("[data-timer]");
  const button = root.querySelector('[data-do="go"]');
  const ring = root.querySelector("[data-ring]");
  const write = (element, text) => element.textContent === text || (element.textContent = text);

  return (hasSlept = false) => {
    const { phase, status } = run;
    const hasBegun = status !== "waiting";
    timer.hidden = !hasBegun;
    document.body.classList.toggle("is-running", hasBegun);
    screen.setIcon(button, status === "running" ? "pause" : "play");
    write(slot("go"), say({ waiting: "start", running: "pause", paused: "go_on", over: "go_on" }[status]));
    if (!hasBegun) return;
    timer.dataset.kind = phase.kind;
    write(slot("seconds"), String(Math.ceil(run.secondsLeft)));
    ring.setAttribute("stroke-dashoffset", (100 * (1 - run.secondsLeft / phase.seconds)).toFixed(1));
    write(slot("phase"), hasSlept ? say("slept") : oneOf("phases", phase.kind));
    write(slot("side"), oneOf("sides", phase.side));
    const all = run.phases.filter((each) => isWork(each) && each.side === phase.side).length;
    write(slot("turn"), isWork(phase) || phase.kind === "rest" ? say("turn", { number: phase.repetition, all }) : "");
  };
}
