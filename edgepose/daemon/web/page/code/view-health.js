// How cameras, loop and outlets are doing.

import { healthOf } from "./camera-condition.js";
import { logOut } from "./api.js";
import { fill, make } from "./dom.js";
import { icon } from "./icons.js";
import { boardNow, on, state } from "./store.js";
import { BLIND, PRIVACY, STATES, ago, count, span } from "./words.js";

export class HealthView {
  title = "Health";

  constructor({ password }) {
    this.tiles = make("dl", { class: "tiles" });
    this.cameras = make("div", { class: "report" });
    this.outlets = make("div", { class: "report" });
    this.board = make("dl", { class: "facts card" });
    const out = make("button", { class: "button", type: "button", onclick: () => logOut() }, icon("out"), "Log out");
    this.element = make("section", {},
      make("header", {}, make("h1", { tabindex: "-1" }, "Health"), password ? out : null),
      this.tiles, make("h2", { class: "part" }, "Cameras"), this.cameras,
      make("h2", { class: "part" }, "Where events go"), this.outlets,
      make("h2", { class: "part" }, "This board"), this.board);
    this.ends = ["health", "cameras", "link"].map((kind) => on(kind, () => this.#tell()));
    this.timer = setInterval(() => this.#tell(), 2000);
    this.#tell();
  }

  #tell() {
    const { health, about } = state;
    fill(this.tiles, tilesOf(health).map(([name, value, unit]) => make("div", { class: "card tile" },
      make("dt", {}, name), make("dd", { class: "number" }, value, " ", make("small", {}, unit)))));
    fill(this.cameras, state.cameras.map(cameraReport));
    fill(this.outlets, outletReport(["This board's disk", health.store]),
      Object.entries(health.outlets).map(outletReport));
    fill(this.board, rows(boardOf(about)));
  }

  close() {
    clearInterval(this.timer);
    this.ends.forEach((end) => end());
  }
}

function tilesOf({ loop, memory_bytes, temperature_mc, uptime_s }) {
  const p99 = quantile(loop.latency_us, 0.99);
  return [
    tile("Camera to result, 99 of 100", p99, (value) => `≤ ${Math.round(value / 1000)}`, "ms"),
    tile("Inference is busy", loop.busy_share, (value) => Math.round(100 * value), "%"),
    tile("Temperature", temperature_mc, (value) => (value / 1000).toFixed(1), "°C"),
    tile("Memory", memory_bytes, (value) => Math.round(value / 1e6), "MB"),
    tile("Running for", uptime_s, (value) => span(1000 * value), ""),
  ];
}

/** [name, text, unit]; a dash for what the board does not know. */
function tile(name, value, text, unit) {
  return value === null || value === undefined ? [name, "–", ""] : [name, text(value), unit];
}

/** The upper edge of the bucket that a share of all lie in or below, us; buckets are cumulative. */
function quantile({ count = 0, buckets } = {}, share) {
  if (!count) return null;
  return buckets.find(([, n]) => n >= share * count)?.[0] ?? buckets[buckets.length - 1]?.[0] ?? null;
}

function cameraReport(camera) {
  const { health } = camera;
  const { word, tone } = healthOf(camera);
  return report(camera.name, make("span", { class: `chip ${tone}` }, make("span", { class: "dot" }), word), [
    ["Source", camera.source],
    ["State", `${STATES[health.state] ?? health.state} for ${span(boardNow() - health.since_ms)}`],
    ["Picture", `${health.width ? `${health.width} × ${health.height}` : "none yet"}, ${camera.show_picture ? "may be shown here" : "never shown"}`],
    health.blind && ["Sight", BLIND[health.blind] ?? health.blind],
    ["Frames", `${count(health.n_frames)}, ${count(health.n_drops)} dropped, ${count(health.n_broken)} broken`],
    ["Reconnected", health.n_reconnects === 1 ? "once" : `${count(health.n_reconnects)} times`],
  ], health.last_error);
}

const GOOD = ["live", "writing"];

/** The store, or what takes events on: a broker, a webhook, a file. */
function outletReport([name, { state: word, error, ...rest }]) {
  const chip = word && make("span", { class: `chip ${GOOD.includes(word) ? "good" : "warn"}` },
    make("span", { class: "dot" }), STATES[word] ?? word);
  return report(name, chip, plainRows(rest), error);
}

const ROWS = {
  n_waiting: "Waiting", n_written: "Written", n_lost: "Lost", n_delivered: "Delivered", n_refused: "Refused",
  n_retries: "Tried again", n_connects: "Connections", n_poses: "Poses sent", n_failures: "Faults", n_faults: "Faults",
  bytes: "Bytes",
};

function plainRows(table) {
  return Object.entries(table).filter(([name, value]) => typeof value !== "object" && (name in ROWS || value))
    .map(([name, value]) => [ROWS[name] ?? name.replace(/^n_/, "").replaceAll("_", " "), typeof value === "number" ? count(value) : `${value ?? "–"}`]);
}

function report(name, chip, facts, fault) {
  return make("article", { class: "card", "aria-label": name },
    make("header", {}, make("h2", {}, name), chip),
    fault ? make("p", { class: "note warn" }, fault) : null,
    make("dl", { class: "facts" }, rows(facts.filter(Boolean))));
}

function rows(facts) {
  return facts.map(([name, value]) => [make("dt", {}, name), make("dd", { class: "number" }, value)]);
}

function boardOf(about) {
  return [
    ["Board", about.board], ["Version", about.version], ["Model", `${about.model}, run by ${about.backend}`],
    ["Privacy", PRIVACY[about.privacy] ?? about.privacy], ["Configuration", about.config],
    ["Started", ago(about.started_ms, boardNow())],
  ];
}
