// What there is to do, from what the server said and what this device has learnt since. Pure.
//
// `said` is the answer of routines:routine_data. `learnt` is {blocked: {item: name}, logged: {key: outcome}, tiers: […],
// isScreened}, the tiers being those of red-flag questions that were answered with yes: any of them stops everything.

export const PAIN_RED = 5; // above it: as dosage.pain_tier on the server

export const isExpired = (said, now) => !(Date.parse(said.expires_at) > now);

export const ageMinutes = (said, now) => Math.max(0, Math.floor((now - Date.parse(said.made_at)) / 60_000));

export const isRed = ({ pain_score: pain, has_spread: hasSpread }) => hasSpread === "yes" || Number(pain ?? 0) > PAIN_RED;

const keyOf = (item, on, partOfDay) => `${item} ${on} ${partOfDay}`;

// From what waits to be sent, or was sent and is not answered for: see outbox.js.
export function learntFrom(entries, said) {
  const learnt = { blocked: {}, logged: {}, tiers: [], isScreened: false };
  for (const { fields, about } of entries) {
    if (fields.item) {
      learnt.logged[keyOf(fields.item, fields.on, fields.part_of_day)] = fields.outcome;
      if (isRed(fields)) learnt.blocked[fields.item] = about;
    } else {
      learnt.isScreened = true;
      learnt.tiers.push(...said.red_flag_questions.filter(({ slug }) => fields[slug] === "yes").map(({ tier }) => tier));
    }
  }
  return learnt;
}

const DAY = 86_400_000;
const dayNumber = (date) => Math.round(Date.UTC(date.getFullYear(), date.getMonth(), date.getDate()) / DAY);

// How many days ago this was said, by the calendar: what is kept in the evening is done the next morning.
const daysSince = (said, now) => Math.max(0, dayNumber(new Date(now)) - dayNumber(new Date(said.made_at)));

const daysLater = (on, days) => new Date(Date.parse(`${on}T00:00:00Z`) + days * DAY).toISOString().slice(0, 10);

// Every part of the day of every clinic, without what is blocked here, and the day that it is done `on`; a stretch
// carries what was logged of it on that day.
export function partsOf(said, learnt, now) {
  if (learnt.tiers.length) return [];
  const days = daysSince(said, now);
  return said.routines
    .filter((routine) => routine.state !== "stopped")
    .flatMap((routine) => routine.parts.map((part) => ({ routine, part, on: daysLater(routine.on, days) })))
    .map((place) => ({ ...place, stretches: leftOf(place, learnt, days === 0) }))
    .filter(({ stretches }) => stretches.length);
}

export const stretchesOf = (said) => said.routines.flatMap(({ parts }) => parts.flatMap(({ stretches }) => stretches));

function leftOf({ part, on }, learnt, isOfToday) {
  return part.stretches
    .filter((stretch) => !(stretch.item in learnt.blocked))
    .map((stretch) => {
      const known = isOfToday ? stretch.logged?.outcome : null;
      return { ...stretch, outcome: learnt.logged[keyOf(stretch.item, on, part.part_of_day)] ?? known ?? null };
    });
}

export const isDone = ({ stretches }) => stretches.every((stretch) => stretch.outcome);

// Which part is due: the server's word while it is of this hour's making, otherwise the first that is not done; it sets
// the parts in the order of the day from there.
export function dueIndex(parts) {
  const next = parts.findIndex((each) => each.part.is_next && !isDone(each));
  return next >= 0 ? next : parts.findIndex((each) => !isDone(each));
}

// Names of what is paused: by the clinic or the safety rule, and on this device.
export function pausedOf(said, learnt) {
  const named = said.routines.flatMap((routine) => routine.paused.map((each) => each.name ?? each));
  return [...new Set([...named, ...Object.values(learnt.blocked)])];
}

export const isStopped = (said, learnt) => learnt.tiers.length > 0 || said.routines.some(({ state }) => state === "stopped");

// Whether a stretch may still be done, as the latest answer has it.
export const isStillThere = (said, learnt, item, now) =>
  partsOf(said, learnt, now).some(({ stretches }) => stretches.some((stretch) => stretch.item === item));
