// What the page knows of the daemon, and who wants to hear when that changes.

const listeners = new Map();

export const state = {
  link: "lost", // "open" or "lost"
  about: null,
  mode: null,
  cameras: [],
  health: null,
  frames: new Map(), // camera -> { frame, at }, `at` in ms of performance.now()
  alarms: new Map(), // id -> event, alarms that nobody has acknowledged
};

let ahead_ms = 0;

/** Call `listener(value)` whenever something of that kind is told; gives a function that ends it. */
export function on(kind, listener) {
  if (!listeners.has(kind)) listeners.set(kind, new Set());
  listeners.get(kind).add(listener);
  return () => listeners.get(kind).delete(listener);
}

export function tell(kind, value) {
  for (const listener of [...(listeners.get(kind) ?? [])]) listener(value);
}

/** The board's time, ms since 1970: its clock counts, not the phone's. */
export function boardNow() {
  return Date.now() + ahead_ms;
}

/** Take over all that the board says when a connection opens. */
export function takeState({ about, mode, cameras, health }) {
  ahead_ms = about.now_ms - Date.now();
  Object.assign(state, { about, mode, cameras, health });
  for (const kind of ["about", "mode", "cameras", "health"]) tell(kind, state[kind]);
}

export function takeMode(mode) {
  state.mode = mode;
  tell("mode", mode);
}

export function takeHealth(health) {
  state.health = health;
  for (const camera of state.cameras) camera.health = health.cameras[camera.name] ?? camera.health;
  tell("health", health);
}

/** A camera after its zones were saved. */
export function takeCamera(camera) {
  state.cameras = state.cameras.map((other) => (other.name === camera.name ? camera : other));
  tell("cameras", state.cameras);
}

export function takeEvent(event) {
  if (waits(event)) state.alarms.set(event.id, event);
  else state.alarms.delete(event.id);
  tell("alarms", state.alarms);
  tell("event", event);
}

/** Take over which alarms wait, all of them. */
export function takeAlarms(events) {
  state.alarms = new Map(events.filter(waits).map((event) => [event.id, event]));
  tell("alarms", state.alarms);
}

/** Whether an event is an alarm that nobody has acknowledged. */
export function waits(event) {
  return event.severity === "alarm" && event.acknowledged_ms === null;
}

export function takeFrame(camera, frame) {
  state.frames.set(camera, { frame, at: performance.now() });
  tell("frame", camera);
}

/** Other cameras are shown from now on: what came before is old. */
export function forgetFrames() {
  state.frames.clear();
}

export function takeLink(word) {
  if (state.link === word) return;
  state.link = word;
  tell("link", word);
}
