// The websocket: opens again by itself, ever less often, at once when the phone wakes up.

import { ask } from "./api.js";
import * as store from "./store.js";

const FIRST_MS = 500;
const LAST_MS = 15000;
const SILENCE_MS = 30000; // the board says something every ten seconds

const TAKERS = {
  state: ({ state }) => store.takeState(state),
  poses: ({ camera, poses }) => store.takeFrame(camera, poses),
  event: ({ event }) => store.takeEvent(event),
  mode: ({ mode }) => store.takeMode(mode),
  health: ({ health }) => store.takeHealth(health),
  missed: () => store.tell("missed"),
  tick: () => {},
};

export class Link {
  #socket = null;
  #wait_ms = FIRST_MS;
  #timer = 0;
  #silence = 0;
  #closed = false;
  #watched = null;

  open() {
    addEventListener("online", this.#hurry);
    document.addEventListener("visibilitychange", this.#hurry);
    this.#connect();
  }

  close() {
    this.#closed = true;
    removeEventListener("online", this.#hurry);
    document.removeEventListener("visibilitychange", this.#hurry);
    clearTimeout(this.#timer);
    this.#drop();
  }

  /** Say which cameras are shown, a list of names; the others' poses need not be sent. */
  watch(cameras) {
    this.#watched = cameras;
    store.forgetFrames();
    if (this.#socket?.readyState === WebSocket.OPEN) this.#socket.send(JSON.stringify({ watch: cameras }));
  }

  #hurry = () => {
    if (this.#socket === null && !document.hidden) this.#connect();
  };

  #connect() {
    clearTimeout(this.#timer);
    const socket = new WebSocket(`${location.protocol.replace("http", "ws")}//${location.host}/api/live`);
    this.#socket = socket;
    socket.onmessage = (message) => this.#take(JSON.parse(message.data));
    socket.onclose = () => socket === this.#socket && this.#retry();
    this.#listenForSilence();
  }

  #take(message) {
    this.#listenForSilence();
    TAKERS[message.type]?.(message);
    if (message.type === "state") this.#opened();
  }

  #opened() {
    this.#wait_ms = FIRST_MS;
    this.watch(this.#watched);
    store.takeLink("open");
    store.tell("missed"); // whatever happened while nobody listened
  }

  #listenForSilence() {
    clearTimeout(this.#silence);
    this.#silence = setTimeout(() => this.#retry(), SILENCE_MS);
  }

  #drop() {
    const socket = this.#socket;
    this.#socket = null;
    clearTimeout(this.#silence);
    socket?.close();
  }

  #retry() {
    this.#drop();
    store.takeLink("lost");
    if (this.#closed) return;
    clearTimeout(this.#timer);
    this.#timer = setTimeout(() => this.#connect(), this.#wait_ms * (0.75 + Math.random() / 2));
    this.#wait_ms = Math.min(LAST_MS, this.#wait_ms * 2);
    ask("/api/session").then(({ csrf }) => csrf ?? store.tell("signed-out"), () => {});
  }
}

/** Ask which alarms wait. */
export async function refreshAlarms() {
  const { events } = await ask("/api/events?waiting&limit=20");
  store.takeAlarms(events);
}
