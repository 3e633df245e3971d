// The player: which screen comes after which. What it knows: what the server said, and what this device learnt since.

import * as alarm from "./alarm.js";
import * as asking from "./asking.js";
import { callsOf } from "./calls.js";
import { choosePart, refusedNodes, sumUp } from "./choosing.js";
import * as contact from "./contact.js";
import * as cues from "./cues.js";
import { doStretch } from "./doing.js";
import { redFlagEntry, stretchLogEntry } from "./entries.js";
import * as notices from "./notices.js";
import * as outbox from "./outbox.js";
import { chosen as settings, isOpen as panelIsOpen } from "./panel.js";
import * as picture from "./picture.js";
import { isExpired, isRed, isStillThere, isStopped, partsOf, pausedOf, stretchesOf } from "./routine.js";
import { say } from "./words.js";

export class Player {
  constructor({ routineAddress, signInAddress, homeAddress }) {
    Object.assign(this, { routineAddress, signInAddress, homeAddress });
    this.said = null;
    this.how = "away";
    this.learnt = null;
    this.place = null; // the part of the day that is being done, its stretches as they were at the start
    this.at = 0;
    this.results = [];
    this.onScreen = null; // the stretch that is being done
    this.retell = null; // says anew, on the screen that is shown, what is stored and who is told
    this.exchanging = Promise.resolve();
  }

  async begin() {
    await this.exchange();
    this.atStart();
  }

  // With the server ------------------------------------------------------------------------------------------------
  exchange(options) {
    this.exchanging = this.exchanging.catch(() => {}).then(() => this.exchangeNow(options));
    return this.exchanging;
  }

  async exchangeNow(options) {
    const answer = await contact.exchange(this.routineAddress, options);
    const isOther = this.said && answer.said && answer.said.owner !== this.said.owner;
    if (answer.how === "none" || isOther) return location.assign(this.homeAddress);
    const hadSaid = this.said;
    if (answer.said && (answer.how === "fresh" || !hadSaid)) this.said = answer.said;
    this.how = answer.how;
    notices.tell(this.how, this.said, Date.now(), this.signInAddress);
    if (!this.said) return null;
    this.learnt = await contact.learnt(this.said);
    if (answer.how === "fresh") picture.fetchAll(stretchesOf(this.said), settings);
    if (hadSaid) await this.heed(JSON.stringify(hadSaid.routines) !== JSON.stringify(this.said.routines));
    return null;
  }

  // What has changed while a screen is shown: stop at once, take away at once.
  async heed(hasChanged) {
    const screen = document.body.dataset.screen;
    if (isStopped(this.said, this.learnt) || screen === "stopped") return this.atStart();
    if (hasChanged && screen === "choose") return this.atStart();
    if (this.onScreen && screen === "stretch" && !isStillThere(this.said, this.learnt, this.onScreen.item, Date.now())) {
      cues.announce(say("taken_away"));
      const values = { kind: "excluded", title: this.onScreen.name, text: say("taken_away"), go: say("go_on") };
      this.keep(this.onScreen, "stopped");
      alarm.showMessage({ ...values, calls: callsOf(this.said.routines) }, () => this.next());
    }
    await this.retell?.();
    return null;
  }

  // Kept first, then sent: what is kept is not lost.
  async tellServer(entries) {
    for (const entry of entries) await outbox.put(entry);
    this.learnt = await contact.learnt(this.said);
    navigator.serviceWorker?.ready.then((worker) => worker.sync?.register("outbox")).catch(() => {});
    this.exchange();
  }

  async told() {
    if ((await outbox.waitingOf(this.said.owner)).length === 0) return "told_sent";
    return this.how === "sign-in" ? "told_sign_in" : "told_waiting";
  }

  async refused() {
    return refusedNodes(await outbox.refusedOf(this.said.owner), outbox.dismiss);
  }

  // Screens ----------------------------------------------------------------------------------------------------------
  async atStart() {
    this.onScreen = this.retell = null;
    const { said, learnt } = this;
    document.getElementById("wrong").hidden = !said;
    if (!said) return this.message({ "sign-in": "sign_in", expired: "expired" }[this.how] ?? "away");
    if (isStopped(said, learnt)) {
      return this.showStopped();
    }
    if (isExpired(said, Date.now())) return this.message("expired");
    const parts = partsOf(said, learnt, Date.now());
    if (parts.length) {
      const choice = { said, learnt, parts, refused: await this.refused() };
      return choosePart(choice, { chosen: (index) => this.play(parts[index]), answer: () => this.wrong() });
    }
    if (said.routines.some(({ state }) => state === "on-hold")) return this.message("hold");
    return this.message(pausedOf(said, learnt).length ? "paused" : "nothing");
  }

  // Shown anew only when something has changed: a screen reader would read it all again.
  async showStopped() {
    const shown = [await this.told(), await this.refused()];
    const state = JSON.stringify([this.said.routines, this.learnt.tiers, shown[0], shown[1].length]);
    if (this.stoppedAs === state && document.body.dataset.screen === "stopped") return;
    this.stoppedAs = state;
    alarm.showStopped(this.said, this.learnt, ...shown);
  }

  message(about) {
    const calls = this.said ? callsOf(this.said.routines) : [];
    if (about === "sign_in") {
      return alarm.showMessage({ title: say("sign_in"), text: say("sign_in_text"), calls, go: say("sign_in") }, this.signInAddress);
    }
    const values = { title: say(`${about}_title`), text: say(`${about}_text`), calls };
    if (about === "away" || about === "expired") {
      return alarm.showMessage({ ...values, go: say("try_again") }, () => this.begin());
    }
    const text = about === "paused" ? `${values.text} ${pausedOf(this.said, this.learnt).join(", ")}` : values.text;
    return alarm.showMessage({ ...values, text, go: say("today") }, this.homeAddress);
  }

  play(place) {
    this.place = place;
    this.results = [];
    const open = place.stretches.findIndex(({ outcome }) => !outcome);
    this.at = Math.max(0, open);
    this.showStretch();
  }

  showStretch() {
    this.retell = null;
    const stretch = this.place.stretches[this.at];
    if (isExpired(this.said, Date.now())) return this.atStart();
    if (!isStillThere(this.said, this.learnt, stretch.item, Date.now())) return this.next();
    this.onScreen = stretch;
    this.exchange();
    return doStretch(stretch, { number: this.at + 1, all: this.place.stretches.length }, settings, {
      over: (run) => this.ask(run, "done"),
      skip: (run) => asking.askWhy(stretch, { chosen: (reason) => this.skip(run, reason), back: () => this.showStretch() }),
      back: () => this.previous(),
      isBlocked: panelIsOpen,
    });
  }

  next() {
    this.onScreen = this.retell = null;
    this.at += 1;
    if (this.at < this.place.stretches.length) return this.showStretch();
    return this.end();
  }

  previous() {
    if (this.at === 0) return this.atStart();
    this.at -= 1;
    return this.showStretch();
  }

  // Whoever had begun, or was hurt, is asked how it was; who had not is not asked about pain.
  skip(run, reason) {
    run.leave();
    if (run.wasBegun || reason === "pain") return this.ask(run, run.wasBegun ? "partly" : "skipped", reason);
    return this.log({ outcome: "skipped", skip_reason: reason });
  }

  ask(run, outcome, reason = "") {
    const held = run.heldSeconds || "";
    const known = { outcome: run.isWhole ? "done" : outcome, skip_reason: reason, held_seconds: held };
    asking.askHow(this.onScreen, (answers) => this.log({ ...known, ...answers }));
  }

  async log(answers) {
    const stretch = this.onScreen;
    const isStop = isRed(answers);
    this.keep(stretch, isStop ? "stopped" : answers.outcome);
    await this.tellServer([stretchLogEntry(this.said, this.place, stretch, answers)]);
    if (!isStop) return this.next();
    const isLast = this.at === this.place.stretches.length - 1;
    const values = { told: await this.told(), calls: callsOf([this.place.routine]), isLast };
    const retell = asking.tellRed(stretch, values, () => this.next());
    this.retell = async () => retell(await this.told());
    return null;
  }

  keep(stretch, outcome) {
    this.results = [...this.results.filter(({ item }) => item !== stretch.item), { ...stretch, outcome }];
  }

  async end() {
    const waiting = async () => (await outbox.waitingOf(this.said.owner)).length;
    const retell = sumUp(this.results, await waiting(), await this.refused());
    this.retell = async () => retell(await waiting());
    await this.exchange();
  }

  // Something is wrong -------------------------------------------------------------------------------------------------
  wrong() {
    if (!this.said || document.body.dataset.screen === "stopped") return;
    alarm.askWhatIsWrong(this.said, {
      yes: (question) => this.stop(question),
      none: () => this.nothingWrong(),
    });
  }

  // The screen first: whatever becomes of the rest, this person has read what to do.
  async stop(question) {
    const { said } = this;
    alarm.showStopped(said, { ...this.learnt, tiers: [question.tier] }, "told_waiting", []);
    const answers = { [question.slug]: "yes" };
    await this.tellServer([redFlagEntry(said, said.routines[0], answers)]); // the server stops every clinic's routine
    await this.atStart();
  }

  nothingWrong() {
    const answers = Object.fromEntries(this.said.red_flag_questions.map(({ slug }) => [slug, "no"]));
    this.tellServer(this.said.routines.map((routine) => redFlagEntry(this.said, routine, answers)));
    alarm.showNone(this.said, () => (this.onScreen ? this.showStretch() : this.atStart()));
  }
}
