// A short shake at what the ear may miss. Phones that cannot do nothing.

export const isThere = "vibrate" in navigator;

const PATTERNS = { begin: [120], end: [80, 80, 80], done: [200, 100, 200] };

export function shake(name) {
  if (isThere && PATTERNS[name]) navigator.vibrate(PATTERNS[name]);
}
