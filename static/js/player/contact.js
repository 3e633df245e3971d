// Talking with the server: fetch the routine, send what waits, and believe the newer word.

import * as outbox from "./outbox.js";
import { learntFrom } from "./routine.js";
import * as store from "./store.js";

export const KEPT = "Limber-Kept"; // the header with which the service worker marks a routine that it had kept

const PATIENCE = 15_000; // ms: a phone that says it is connected and is not
const isSignIn = (answer) => answer.type === "opaqueredirect" || answer.status === 401;

// A page that asks on its own shows nobody there: such a question keeps no session alive.
const BACKGROUND = { "X-Limber-Background": "yes" };

async function ask(url, options = {}) {
  const headers = { Accept: "application/json", ...options.headers };
  try {
    const signal = AbortSignal.timeout?.(PATIENCE);
    return await fetch(url, { credentials: "same-origin", redirect: "manual", cache: "no-store", signal, ...options, headers });
  } catch {
    return null;
  }
}

// {how: "fresh" | "kept" | "expired" | "away" | "sign-in" | "none", said}
export async function routine(url, { isByItself = false } = {}) {
  const answer = await ask(url, { headers: isByItself ? BACKGROUND : {} });
  if (!answer) return { how: "away" };
  if (isSignIn(answer)) return { how: "sign-in" };
  if (answer.headers.get(KEPT) === "expired") return { how: "expired" };
  if (!answer.ok) return { how: answer.status >= 500 ? "away" : "none" };
  const said = await answer.json();
  return { how: answer.headers.has(KEPT) ? "kept" : "fresh", said };
}

const poster = (csrf) => async (entry) => {
  const headers = { "X-CSRFToken": csrf };
  const answer = await ask(entry.url, { method: "POST", headers, body: new URLSearchParams(entry.fields) });
  if (!answer) return { status: 0 };
  if (isSignIn(answer)) return { status: 401 };
  return { status: answer.status, body: await answer.json().catch(() => null) };
};

// One exchange: what there is to do now, after everything that waited has been sent.
export async function exchange(url, options) {
  const known = await store.recall("owner");
  const heard = known ? await outbox.sentOf(known) : []; // what a routine that comes from now on knows of
  let answer = await routine(url, options);
  if (answer.how !== "fresh") return { ...answer, sent: 0 };
  const { owner, csrf } = answer.said;
  if (known !== owner) await store.remember("owner", owner);
  let sent = 0;
  if ((await outbox.waitingOf(owner)).length) {
    ({ sent } = await outbox.send(owner, poster(csrf)));
    heard.push(...(await outbox.sentOf(owner)));
    answer = await routine(url, options);
  }
  if (answer.how === "fresh") for (const entry of heard) await outbox.dismiss(entry);
  return { ...answer, sent };
}

// What this device has to go by besides what the server said: all that its owner logged and the server has not
// answered for.
export async function learnt(said) {
  return learntFrom(await outbox.keptOf(said.owner), said);
}
