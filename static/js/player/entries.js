// What the server is told, as the contract of routines:stretch_log_record and routines:red_flags_record has it.

import { say } from "./words.js";

const { log, redFlags } = document.getElementById("screen").dataset;
const ANY = "00000000-0000-0000-0000-000000000000"; // stands in the addresses for whom or what they are about

// crypto.randomUUID is there only where the page came over HTTPS or from this machine.
function uuid() {
  if (crypto.randomUUID) return crypto.randomUUID();
  const bytes = crypto.getRandomValues(new Uint8Array(16));
  bytes[6] = (bytes[6] & 0x0f) | 0x40;
  bytes[8] = (bytes[8] & 0x3f) | 0x80;
  const hex = Array.from(bytes, (byte) => byte.toString(16).padStart(2, "0")).join("");
  return hex.replace(/^(.{8})(.{4})(.{4})(.{4})(.{12})$/, "$1-$2-$3-$4-$5");
}

export const stretchLogEntry = ({ owner }, { routine, part, on }, stretch, answers) => ({
  owner,
  about: stretch.name,
  url: log.replace(ANY, routine.prescription),
  fields: {
    id: uuid(),
    item: stretch.item,
    on,
    part_of_day: part.part_of_day,
    logged_at: new Date().toISOString(),
    ...answers,
  },
});

export const redFlagEntry = ({ owner }, routine, answers) => ({
  owner,
  about: say("red_flags"),
  url: redFlags.replace(ANY, routine.patient),
  fields: { id: uuid(), answered_at: new Date().toISOString(), ...answers },
});
