// Talks to the board. Every change carries the token that no other site's page can read.

let csrf = null;
let whenSignedOut = () => {};

/** The board said no: `lines` holds all that it said, `wait_s` how long to wait where it said that. */
export class Refused extends Error {
  constructor(status, table) {
    super(table.error ?? `the board answered ${status}`);
    this.status = status;
    this.lines = table.errors ?? [this.message];
    this.wait_s = table.wait_s ?? 0;
  }
}

/** Call a function whenever the session turns out to be over. */
export function onSignedOut(listener) {
  whenSignedOut = listener;
}

/** {password, csrf}: whether one is asked, and the token where somebody is logged in. */
export async function session() {
  const table = await ask("/api/session");
  csrf = table.csrf;
  return table;
}

export async function logIn(password) {
  csrf = (await change("POST", "/api/login", { password })).csrf;
}

export async function logOut() {
  await change("POST", "/api/logout", {});
  csrf = null;
  whenSignedOut();
}

/** Plain values of an address. */
export async function ask(path) {
  return read(await call(path, {}));
}

/** An address's bytes as a Blob, null where there is none. */
export async function askBlob(path) {
  const answer = await call(path, {});
  return answer.ok ? answer.blob() : null;
}

/** Change something: PUT or POST a table. */
export async function change(method, path, table = {}) {
  const headers = { "Content-Type": "application/json", "X-CSRF-Token": csrf ?? "" };
  return read(await call(path, { method, headers, body: JSON.stringify(table) }));
}

async function call(path, options) {
  try {
    return await fetch(path, { credentials: "same-origin", ...options });
  } catch {
    throw new Refused(0, { error: "The board does not answer." });
  }
}

async function read(answer) {
  const table = await answer.json().catch(() => ({}));
  if (answer.ok) return table;
  if (answer.status === 401 && !answer.url.endsWith("/api/login")) whenSignedOut();
  throw new Refused(answer.status, table);
}
