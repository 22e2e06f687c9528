// How things are called for people.

export const MODES = { away: "Away", supervised: "Supervised", off: "Off" };

export const KINDS = {
  enter: "Somebody entered",
  leave: "Somebody left",
  line: "Line crossed",
  loiter: "Somebody stays",
  count: "Number of people",
  fall: "Fall",
  lying: "Somebody is lying",
  missing: "Somebody is missing",
  alone: "Child alone",
  blind: "Camera is blind",
  prompt: "Question about the mode",
};

export const STATES = {
  live: "Live", connecting: "Connecting", stalled: "Stalled", down: "Not reachable", writing: "Writing",
  failing: "Cannot write",
};

export const BLIND = {
  dark: "The picture is dark", covered: "The lens is covered", frozen: "The picture is frozen",
  moved: "The camera was moved",
};

export const PRIVACY = {
  skeleton: "Skeletons only", video: "Video of events is kept", none: "Nothing is kept",
};

export const PROMPTS = {
  "adult-arrived": { text: "An adult has arrived.", ask: "Switch to supervised?", mode: "supervised" },
  "last-adult-left": { text: "The last adult has left.", ask: "Switch to away?", mode: "away" },
};

/** An event in one line. */
export function titleOf(event) {
  const kind = KINDS[event.kind] ?? event.kind;
  return event.zone ? `${kind}: ${event.zone}` : kind;
}

/** "1 person", "3 people". */
export function people(n) {
  return n === 1 ? "1 person" : `${n} people`;
}

/** A length of time, from ms: "8 s", "4 min", "3 h 20 min", "5 days". */
export function span(ms) {
  const s = Math.max(0, Math.round(ms / 1000));
  if (s < 60) return `${s} s`;
  if (s < 3600) return `${Math.floor(s / 60)} min`;
  if (s < 86400) return `${Math.floor(s / 3600)} h ${Math.floor((s % 3600) / 60)} min`;
  return s < 172800 ? "1 day" : `${Math.floor(s / 86400)} days`;
}

export function ago(ms, now_ms) {
  return now_ms - ms < 2000 ? "just now" : `${span(now_ms - ms)} ago`;
}

const CLOCK = new Intl.DateTimeFormat(undefined, { hour: "2-digit", minute: "2-digit" });
const CLOCK_S = new Intl.DateTimeFormat(undefined, { hour: "2-digit", minute: "2-digit", second: "2-digit" });
const DAY = new Intl.DateTimeFormat(undefined, { weekday: "long", day: "numeric", month: "long" });

export function clock(ms) {
  return CLOCK.format(ms);
}

export function clockSeconds(ms) {
  return CLOCK_S.format(ms);
}

/** The day of a time: "Today", "Yesterday", or its name. */
export function day(ms, now_ms) {
  const days = Math.round((new Date(now_ms).setHours(0, 0, 0, 0) - new Date(ms).setHours(0, 0, 0, 0)) / 86400000);
  return ["Today", "Yesterday"][days] ?? DAY.format(ms);
}

/** Minutes and seconds of a clip: "0:07". */
export function minutes(ms) {
  const s = Math.floor(ms / 1000);
  return `${Math.floor(s / 60)}:${String(s % 60).padStart(2, "0")}`;
}

/** A count with its thousands apart. */
export function count(n) {
  return n.toLocaleString();
}
