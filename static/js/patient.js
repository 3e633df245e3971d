// On every page of a patient: set up what works without a connection, and send what was left from then.

import { exchange } from "./player/contact.js";
import { isEmpty } from "./player/store.js";

const { worker, routine } = document.body.dataset;

async function sendWhatIsLeft() {
  if (await isEmpty()) return;
  const { sent } = await exchange(routine);
  if (sent && !document.getElementById("screen")) location.reload(); // the page does not know yet of what was sent
}

async function setUp() {
  await navigator.serviceWorker?.register(worker, { type: "module", scope: "/" }).catch(() => {}); // an older browser
  await sendWhatIsLeft();
}

if (document.readyState === "complete") setUp();
else addEventListener("load", setUp);
