// The service worker. It answers for what is named in `start` and leaves everything else to the browser: pages of the
// clinic's staff and whatever names a patient are never kept.

import { exchange } from "../player/contact.js";
import * as store from "../player/store.js";
import * as kept from "./kept.js";
import * as push from "./push.js";
import { Shell } from "./shell.js";

const PATIENCE = 5_000; // ms until a phone that says it is connected is taken for one that is not

const later = (milliseconds) => new Promise((resolve) => setTimeout(resolve, milliseconds));

export function start(given) {
  const shell = new Shell(given.shell, given.player);
  const [beforeId, afterId] = given.picture.split("*");
  const isPicture = (path) => path.startsWith(beforeId) && path.endsWith(afterId);

  addEventListener("install", (event) => event.waitUntil(shell.install().then(() => skipWaiting())));
  addEventListener("activate", (event) => event.waitUntil(shell.dropOthers().then(() => clients.claim())));
  addEventListener("sync", (event) => event.tag === "outbox" && event.waitUntil(sendWhatWaits()));
  addEventListener("fetch", (event) => {
    const answer = answerTo(event.request, new URL(event.request.url));
    if (answer) event.respondWith(answer);
  });
  push.prepare({ icon: given.icon, badge: given.badge });

  function answerTo(request, { origin, pathname }) {
    if (origin !== location.origin) return null;
    if (request.method === "POST" && pathname === given.signOut) return signOut(request);
    if (request.method !== "GET") return null;
    if (pathname === given.routine) return routine(request);
    if (isPicture(pathname)) return picture(request);
    if (shell.has(pathname)) return shell.answer(request);
    return request.mode === "navigate" ? page(request, pathname) : null;
  }

  async function routine(request) {
    const answer = await fetch(request).catch(() => null);
    if (!answer || answer.status >= 500) return kept.keptRoutine();
    if (answer.ok) await kept.keep(await answer.clone().json());
    else if (answer.status === 404) await kept.wipe();
    return answer;
  }

  async function picture(request) {
    const answer = await fetch(request).catch(() => null);
    if (!answer || answer.status >= 500) return kept.keptPicture(request);
    if (answer.ok) await kept.keepPicture(request, answer.clone());
    return answer;
  }

  // A page comes from the server. Without a connection the player stands in for the pages of today.
  async function page(request, path) {
    const asked = fetch(request);
    asked.catch(() => {}); // looked at below, in its turn
    const instead = given.pages.includes(path) ? await shell.keptPage() : undefined;
    if (!instead) return heed(await asked);
    const answer = await Promise.race([asked.catch(() => null), later(PATIENCE)]);
    if (!answer || answer.status >= 500) return instead;
    if (path === given.player && answer.ok) await shell.keepPage(answer.clone());
    return heed(answer);
  }

  async function heed(answer) {
    const owner = answer.headers.get("Limber-Owner");
    if (owner) await kept.wipeUnlessOf(owner);
    return answer;
  }

  // Send what waits while there is still somebody to send it for; then nothing is left on this device.
  async function signOut(request) {
    const last = await Promise.race([exchange(given.routine).catch(() => null), later(PATIENCE)]);
    await kept.wipe();
    const answer = await fetch(request);
    if (last?.how === "fresh") await store.wipe();
    return answer;
  }

  async function sendWhatWaits() {
    const { how, said } = await exchange(given.routine, { isByItself: true });
    if (how === "fresh") await kept.keep(said);
    if (how === "away") throw new Error("no connection: the browser tries again later");
  }
}
