// One event: what is known of it, and its replay.

import { ask, askBlob } from "./api.js";
import { acknowledge } from "./banners.js";
import { ClipPlayer } from "./clip-player.js";
import { fill, make, set } from "./dom.js";
import { icon } from "./icons.js";
import { boardNow, on, waits } from "./store.js";
import { KINDS, MODES, PRIVACY, clockSeconds, day, people, span, titleOf } from "./words.js";

export class EventView {
  title = "Event";
  #player = null;
  #end;
  #closed = false;

  constructor({ argument }) {
    this.id = argument;
    this.heading = make("h1", { tabindex: "-1" }, "Event");
    this.replay = make("div", {}, make("p", { class: "empty" }, "Loading…"));
    this.facts = make("dl", { class: "facts" });
    this.answer = make("div", { class: "row" });
    const back = make("a", { class: "button plain square", href: "#/events", "aria-label": "All events" }, icon("back"));
    this.element = make("section", {},
      make("header", {}, make("div", { class: "row" }, back, this.heading), this.answer),
      make("div", { class: "story" }, this.replay, make("div", { class: "card" }, this.facts)));
    this.#end = on("event", (event) => event.id === this.id && this.#tell(event));
    this.#load();
  }

  async #load() {
    try {
      const event = await ask(`/api/events/${encodeURIComponent(this.id)}`);
      this.#tell(event);
      await this.#loadClip(event);
    } catch (error) {
      fill(this.replay, make("p", { class: "note alarm", role: "alert" }, error.message));
    }
  }

  #tell(event) {
    fill(this.heading, titleOf(event));
    fill(this.facts, factsOf(event).map(([name, value]) => [make("dt", {}, name), make("dd", {}, value)]));
    fill(this.answer, waits(event)
      ? make("button", { class: "button urgent", type: "button", onclick: () => acknowledge(event) },
        icon("check"), "Acknowledge")
      : null);
  }

  async #loadClip(event) {
    const path = `/api/events/${event.id}/clip`;
    const blob = event.clip && event.privacy !== "video" ? await askBlob(path) : null;
    if (this.#closed) return;
    if (event.clip && event.privacy === "video") return fill(this.replay, videoPlayer(path));
    if (blob === null) return fill(this.replay, make("p", { class: "card empty" }, "Nothing was kept of this event."));
    this.#player = new ClipPlayer(JSON.parse(await blob.text()));
    fill(this.replay, this.#player.element);
    this.#player.play();
  }

  close() {
    this.#closed = true;
    this.#player?.close();
    this.#end();
  }
}

function videoPlayer(path) {
  const video = make("video", { src: path, controls: true, playsinline: true, preload: "metadata" });
  video.addEventListener("error", () => set(note, "hidden", false));
  const note = make("p", { class: "note warn", hidden: true },
    "This browser cannot show the camera's format. ", make("a", { href: path, download: "" }, "Download the video"));
  return make("div", { class: "card player" }, video, note);
}

function factsOf(event) {
  return [
    ["What", KINDS[event.kind] ?? event.kind],
    ["Camera", event.camera],
    event.zone && ["Zone", event.zone],
    ["Rule", event.rule],
    ["Began", `${day(event.opened_ms, boardNow())}, ${clockSeconds(event.opened_ms)}`],
    ["Ended", event.closed_ms === null ? "Still going on"
      : `${clockSeconds(event.closed_ms)}, after ${span(event.closed_ms - event.opened_ms)}`],
    ["People", people(event.people)],
    ["Mode", MODES[event.mode] ?? event.mode],
    ["Kind", event.severity === "alarm" ? "Alarm" : "Notice"],
    event.severity === "alarm" && ["Acknowledged", acknowledgedOf(event)],
    event.escalations > 0 && ["Escalated", event.escalations === 1 ? "once" : `${event.escalations} times`],
    ["Privacy", PRIVACY[event.privacy] ?? event.privacy],
    ...Object.entries(event.detail).map(([name, value]) => [name, plain(value)]),
  ].filter(Boolean);
}

function acknowledgedOf(event) {
  return event.acknowledged_ms === null ? "Not yet"
    : `${clockSeconds(event.acknowledged_ms)}, by ${event.acknowledged_by}`;
}

function plain(value) {
  return typeof value === "object" ? JSON.stringify(value) : String(value);
}
