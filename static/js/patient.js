// On every page of a patient: set up what works without a connection, keep today's routine for it, and send what was
// left from then.

import { exchange } from "./player/contact.js";
import { fetchAll } from "./player/picture.js";
import { stretchesOf } from "./player/routine.js";
import * as settings from "./player/settings.js";

const { worker, routine } = document.getElementById("patient-script").dataset;
const workers = navigator.serviceWorker;

const answering = () =>
  workers.controller ? Promise.resolve() : new Promise((done) => workers.addEventListener("controllerchange", done, { once: true }));

async function setUp() {
  const isThere = await workers?.register(worker, { type: "module", scope: "/" }).catch(() => null); // an older browser
  if (isThere) await answering();
  if (document.getElementById("screen")) return; // the player talks for itself
  const { how, said, sent } = await exchange(routine, { isByItself: true });
  if (sent) location.reload(); // the page does not know yet of what was sent
  else if (isThere && how === "fresh") await fetchAll(stretchesOf(said), settings.load());
}

if (document.readyState === "complete") setUp();
else addEventListener("load", setUp);
