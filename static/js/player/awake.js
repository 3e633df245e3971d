// Keep the screen lit while a stretch runs. The lock is lost whenever the page is hidden, so it is asked for again.

let lock = null;
let isWanted = false;

async function take() {
  if (!isWanted || lock || document.visibilityState !== "visible") return;
  try {
    lock = (await navigator.wakeLock?.request("screen")) ?? null;
    lock?.addEventListener("release", () => (lock = null));
  } catch {
    lock = null; // low battery: the phone has the last word
  }
}

export async function keep() {
  isWanted = true;
  await take();
}

export async function release() {
  isWanted = false;
  await lock?.release();
}

document.addEventListener("visibilitychange", take);
