// How this person wants the player: remembered on this device. Nothing in here says anything about health.

const NAME = "limber-player";

export const DEFAULTS = Object.freeze({
  sound: true,
  voice: true,
  vibration: true,
  still: false,
  readySeconds: 5,
  restSeconds: 5,
});

export function load() {
  try {
    return { ...DEFAULTS, ...JSON.parse(localStorage.getItem(NAME) ?? "{}") };
  } catch {
    return { ...DEFAULTS }; // storage is closed, or somebody wrote in it
  }
}

export function save(settings) {
  try {
    localStorage.setItem(NAME, JSON.stringify(settings));
  } catch {
    // Storage is closed: they hold until the page is left.
  }
}
