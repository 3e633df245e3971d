// Seconds that have passed, computed from moments and never counted from ticks: a tab that sleeps misses ticks.
//
// Two clocks are asked. The steady one never jumps, but on some phones stands still while the phone sleeps; the one on
// the wall goes on, but may be set back. Whichever says more is right.

export const moment = () => ({ steady: performance.now(), wall: Date.now() });

export class Clock {
  constructor(now = moment) {
    this.now = now;
    this.before = 0; // seconds that had passed when it was last paused
    this.since = null; // the moment from which it has been running; null while it is paused
  }

  start() {
    this.before = 0;
    this.since = this.now();
  }

  pause() {
    this.before = this.seconds();
    this.since = null;
  }

  resume() {
    this.since ??= this.now();
  }

  seconds() {
    if (this.since === null) return this.before;
    const { steady, wall } = this.now();
    return this.before + Math.max(steady - this.since.steady, wall - this.since.wall, 0) / 1000;
  }
}
