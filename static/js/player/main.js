// Starts the player on its page.

import { chosen as settings, isOpen as panelIsOpen, prepare } from "./panel.js";
import { showPicture } from "./doing.js";
import { Player } from "./player.js";

const EVERY = 60_000; // ms between two looks whether the clinic has changed something

const place = document.getElementById("screen");
const leave = document.getElementById("leave");
const { routine: routineAddress, signIn: signInAddress } = place.dataset;
const player = new Player({ routineAddress, signInAddress, homeAddress: leave.href });

prepare(() => player.onScreen && showPicture(place, player.onScreen, settings));
document.getElementById("wrong").addEventListener("click", () => player.wrong());
document.addEventListener("keydown", (event) => {
  if (event.key === "Escape" && !panelIsOpen()) leave.click();
});

// What was said before the service worker answered for this page was not kept.
navigator.serviceWorker?.addEventListener("controllerchange", () => player.exchange({ isByItself: true }));
addEventListener("online", () => player.exchange({ isByItself: true }));
document.addEventListener("visibilitychange", () => document.visibilityState === "visible" && player.exchange());
setInterval(() => navigator.onLine && player.exchange({ isByItself: true }), EVERY);

player.begin();
