// What the phone keeps of its owner: the routine of the day and its pictures, for 24 hours. Nothing else of anybody.

import { isExpired } from "../player/routine.js";
import { KEPT } from "../player/contact.js";

const OWN = "limber-own";
const ROUTINE = "/kept-routine"; // a name in the cache; no address answers to it
const AS_JSON = { "Content-Type": "application/json" };

export const wipe = () => caches.delete(OWN);

async function keptSaid() {
  const cache = await caches.open(OWN);
  return (await cache.match(ROUTINE))?.json();
}

// The newer word replaces the older. Its token is not kept: it would be as good as nothing when it is needed.
export async function keep(said) {
  await wipeUnlessOf(said.owner);
  const cache = await caches.open(OWN);
  await cache.put(ROUTINE, new Response(JSON.stringify({ ...said, csrf: "" }), { headers: AS_JSON }));
}

// Somebody else is signed in: nothing of the former stays.
export async function wipeUnlessOf(owner) {
  const said = await keptSaid();
  if (said && said.owner !== owner) await wipe();
}

// The routine as it is kept, marked as such; none, and nothing kept any more, when it is too old.
export async function keptRoutine() {
  const said = await keptSaid();
  if (!said) return new Response(null, { status: 504 });
  if (!isExpired(said, Date.now())) return new Response(JSON.stringify(said), { headers: { ...AS_JSON, [KEPT]: "yes" } });
  await wipe();
  return new Response(null, { status: 504, headers: { [KEPT]: "expired" } });
}

export async function keepPicture(request, answer) {
  if (await keptSaid()) await (await caches.open(OWN)).put(request, answer);
}

// In another theme, or still, rather than none.
export async function keptPicture(request) {
  const cache = await caches.open(OWN);
  return (await cache.match(request)) ?? (await cache.match(request, { ignoreSearch: true })) ?? Response.error();
}
