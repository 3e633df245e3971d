// The queue of what the server has to be told: kept on the device until the server's own word has come back.
//
// An entry is {owner, url, fields, about}: `owner` is whose it is (an opaque mark), `about` is its name on screen. Its
// uuid in `fields.id` was made with it, so that sending twice stores once. Once stored it is marked `sent`, and stays
// until a routine has come that knows of it: a stretch that was stopped is not shown in between. An entry that the
// server refuses stays, with the reasons in `refused`, until its owner has read them; the rest goes on without it.

import * as store from "./store.js";

const REFUSALS = new Set([400, 404, 409, 410, 413, 422]);

export const put = (entry) => store.enqueue(entry);
export const dismiss = (entry) => store.drop(entry.place);

export const keptOf = async (owner) => (await store.waiting()).filter((entry) => entry.owner === owner);
export const waitingOf = async (owner) => (await keptOf(owner)).filter((entry) => !entry.refused && !entry.sent);
export const refusedOf = async (owner) => (await keptOf(owner)).filter((entry) => entry.refused);
export const sentOf = async (owner) => (await keptOf(owner)).filter((entry) => entry.sent);

// Send what waits, in order, one after the other, in one tab at a time. `post(entry)` answers {status, body}, status 0
// for no connection. Stops at the first entry that can go another time; says how many went, and why it stopped.
export function send(owner, post) {
  return inTurn(async () => {
    const result = { sent: 0, stoppedBy: null };
    for (const entry of await waitingOf(owner)) {
      const { status, body } = await post(entry);
      if (status === 200 || status === 201) {
        await store.amend({ ...entry, sent: true });
        result.sent += 1;
      } else if (REFUSALS.has(status)) {
        await store.amend({ ...entry, refused: { status, messages: messagesIn(body) } });
      } else {
        result.stoppedBy = status;
        break;
      }
    }
    return result;
  });
}

function messagesIn(body) {
  const errors = body?.errors ?? {};
  return [...Object.values(errors).flat(), ...(body?.message ? [body.message] : [])].map(String);
}

const inTurn = (work) => (navigator.locks ? navigator.locks.request("limber-outbox", work) : work());
