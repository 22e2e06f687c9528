// What is wrong with a camera just now, if anything.

import { boardNow, state } from "./store.js";
import { BLIND, span } from "./words.js";

const STALE_MS = 4000;

/**
 * How a camera is doing, and whether poses come, which are asked for since then, ms of performance.now().
 * { word, tone, says, detail }: `word` for a chip, `says` for a veil over the stage or null where all is well.
 */
export function conditionOf(camera, since) {
  const last = Math.max(since, state.frames.get(camera.name)?.at ?? 0);
  const age = performance.now() - last;
  const found = healthOf(camera);
  return found.says === null && age > STALE_MS ? trouble("Stale", `No poses for ${span(age)}`, "") : found;
}

/** The same, whether poses are asked for or not. */
export function healthOf({ health }) {
  if (state.link !== "open") return trouble("Not connected", "Not connected to the board", "Shown is the last that came.");
  if (health.state !== "live") return ofState(health);
  if (health.blind) return { word: "Blind", tone: "warn", says: BLIND[health.blind] ?? health.blind, detail: "" };
  return { word: `${Math.round(health.fps * 10) / 10} fps`, tone: "good", says: null, detail: "" };
}

function ofState(health) {
  const since = span(boardNow() - health.since_ms);
  if (health.state === "connecting") return trouble("Connecting", "Connecting to the camera", `for ${since}`);
  if (health.state === "stalled") return trouble("Stalled", `No picture for ${since}`, "The camera sends nothing.");
  return trouble("Down", "The camera cannot be reached", `for ${since}`);
}

function trouble(word, says, detail) {
  return { word, tone: "warn", says, detail };
}
