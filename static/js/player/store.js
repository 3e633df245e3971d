// What this device keeps in IndexedDB: "facts" under a name, and in "outbox", in order, what the server has to be told.

const NAME = "limber";

const settled = (request) =>
  new Promise((resolve, reject) => {
    request.onsuccess = () => resolve(request.result);
    request.onerror = () => reject(request.error);
  });

function opened() {
  const request = indexedDB.open(NAME, 1);
  request.onupgradeneeded = () => {
    request.result.createObjectStore("facts");
    request.result.createObjectStore("outbox", { keyPath: "place", autoIncrement: true });
  };
  return settled(request);
}

// Opened for each use: a connection left open would keep the database from being deleted at sign-out.
async function within(store, mode, use) {
  const database = await opened();
  try {
    const transaction = database.transaction(store, mode);
    const done = new Promise((resolve, reject) => {
      transaction.oncomplete = resolve;
      transaction.onabort = () => reject(transaction.error);
    });
    const [result] = await Promise.all([settled(use(transaction.objectStore(store))), done]);
    return result;
  } finally {
    database.close();
  }
}

export const recall = (name) => within("facts", "readonly", (facts) => facts.get(name));
export const remember = (name, value) => within("facts", "readwrite", (facts) => facts.put(value, name));
export const forget = (name) => within("facts", "readwrite", (facts) => facts.delete(name));

export const waiting = () => within("outbox", "readonly", (outbox) => outbox.getAll());
export const enqueue = (entry) => within("outbox", "readwrite", (outbox) => outbox.add(entry));
export const amend = (entry) => within("outbox", "readwrite", (outbox) => outbox.put(entry));
export const drop = (place) => within("outbox", "readwrite", (outbox) => outbox.delete(place));

// Without asking for the database to be made: whether it is worth a look.
export async function isEmpty() {
  if (indexedDB.databases && !(await indexedDB.databases()).some(({ name }) => name === NAME)) return true;
  return (await waiting()).length === 0;
}

export const wipe = () => settled(indexedDB.deleteDatabase(NAME));
