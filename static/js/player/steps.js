// What one stretch is made of, in order: get ready, hold, rest, change sides. Pure.

export const MOVE_SECONDS = 5; // one slow repetition of what is not held: as dosage.SECONDS_A_MOVEMENT on the server

// All repetitions on one side and then all on the other: whoever lies on the floor turns over once.
export function phasesOf({ sides, repetitions, hold_seconds: holdSeconds }, { readySeconds, restSeconds }) {
  const work = holdSeconds ? { kind: "hold", seconds: holdSeconds } : { kind: "move", seconds: MOVE_SECONDS };
  return sides.flatMap((side, turn) => [
    { kind: turn ? "switch" : "ready", side, repetition: 1, seconds: readySeconds },
    ...Array.from({ length: repetitions }, (_, done) => [
      ...(done && holdSeconds && restSeconds ? [{ kind: "rest", side, repetition: done + 1, seconds: restSeconds }] : []),
      { ...work, side, repetition: done + 1 },
    ]).flat(),
  ]);
}

export const isWork = (phase) => phase.kind === "hold" || phase.kind === "move";
