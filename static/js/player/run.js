// One stretch as it is being done: a state machine over its phases. Pure but for the clock that it is given.
//
// status: "waiting" before the start, then "running" and "paused", at the end "over". Each action returns what
// happened, for sound, voice and screen to say: {type: "phase" | "count" | "paused" | "resumed" | "slept" | "over"}.

import { isWork } from "./steps.js";

const COUNTED = 3; // the last seconds of getting ready, each with a beep
const AWAY = 3; // seconds by which a phase is overrun only if the phone slept: nobody was told what to do meanwhile

export class Run {
  constructor(phases, clock) {
    this.phases = phases;
    this.clock = clock;
    this.index = 0;
    this.status = "waiting";
    this.heldSeconds = 0; // the longest hold of one repetition
    this.finished = new Set(); // which phases of work were done to their end
    this.counted = null;
  }

  get phase() {
    return this.phases[this.index];
  }

  get secondsLeft() {
    return Math.max(0, this.phase.seconds - this.clock.seconds());
  }

  get wasBegun() {
    return this.finished.size > 0 || this.heldSeconds > 0;
  }

  get isWhole() {
    return this.phases.every((phase, index) => !isWork(phase) || this.finished.has(index));
  }

  start() {
    this.status = "running";
    return this.enter(0);
  }

  pause() {
    if (this.status !== "running") return [];
    this.status = "paused";
    this.clock.pause();
    return [{ type: "paused" }];
  }

  resume() {
    if (this.status !== "paused") return [];
    this.status = "running";
    this.clock.resume();
    return [{ type: "resumed" }];
  }

  // To the start of this phase, or to the one before if this one has just begun.
  back() {
    if (this.status === "waiting" || this.status === "over") return [];
    this.status = "running";
    return this.enter(Math.max(0, this.index - (this.clock.seconds() < AWAY ? 1 : 0)));
  }

  // Leave it where it stands: what was held so far counts.
  leave() {
    if (this.status === "running" || this.status === "paused") this.record();
    this.status = "over";
  }

  tick() {
    if (this.status !== "running") return [];
    const overrun = this.clock.seconds() - this.phase.seconds;
    if (overrun < 0) return this.count();
    this.record();
    if (this.index === this.phases.length - 1) {
      this.status = "over";
      return [{ type: "over" }];
    }
    const events = this.enter(this.index + 1);
    return overrun > AWAY ? [...events, ...this.pause(), { type: "slept" }] : events;
  }

  enter(index) {
    this.index = index;
    this.counted = null;
    this.clock.start();
    return [{ type: "phase", phase: this.phase }];
  }

  count() {
    const left = Math.ceil(this.secondsLeft);
    if (isWork(this.phase) || left > COUNTED || left === this.counted) return [];
    this.counted = left;
    return [{ type: "count", left }];
  }

  record() {
    if (!isWork(this.phase)) return;
    const seconds = Math.min(this.phase.seconds, Math.floor(this.clock.seconds()));
    if (seconds === this.phase.seconds) this.finished.add(this.index);
    if (this.phase.kind === "hold") this.heldSeconds = Math.max(this.heldSeconds, seconds);
  }
}
