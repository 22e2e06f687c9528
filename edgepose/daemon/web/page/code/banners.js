// What must not be overlooked, on every view: a lost connection, alarms that wait, a question.

import { change } from "./api.js";
import { fill, make } from "./dom.js";
import { icon } from "./icons.js";
import { switchMode } from "./modes.js";
import { boardNow, on, state, takeEvent } from "./store.js";
import { toast } from "./toast.js";
import { MODES, PROMPTS, ago, titleOf } from "./words.js";

const MOST = 2;
const PATIENCE_MS = 1500;

/** Acknowledge an event. */
export async function acknowledge(event) {
  try {
    takeEvent(await change("POST", `/api/events/${event.id}/acknowledge`));
  } catch (error) {
    toast(error.message, null, "alarm");
  }
}

export class Banners {
  #lost = make("div", {});
  #alarms = make("div", { role: "alert", class: "banners-part" });
  #prompt = make("div", { role: "status", class: "banners-part" });
  #answered = 0; // when the mode that was asked about began
  #timer = 0;

  constructor() {
    this.element = make("div", { class: "banners" }, this.#lost, this.#alarms, this.#prompt);
    on("link", () => this.#tellLink());
    on("alarms", () => this.#tellAlarms());
    on("mode", () => this.#tellPrompt());
    setInterval(() => state.alarms.size && this.#tellTimes(), 5000);
    this.#tellAlarms();
    this.#tellPrompt();
  }

  #tellLink() {
    clearTimeout(this.#timer);
    if (state.link === "open") fill(this.#lost);
    else this.#timer = setTimeout(() => fill(this.#lost, lostBanner()), PATIENCE_MS);
  }

  #tellAlarms() {
    const waiting = [...state.alarms.values()].sort((a, b) => b.opened_ms - a.opened_ms);
    const more = waiting.length - MOST;
    fill(this.#alarms, waiting.slice(0, MOST).map(alarmBanner),
      more > 0 ? make("a", { class: "small", href: "#/events" }, more === 1 ? "1 more alarm waits" : `${more} more alarms wait`) : null);
    document.title = waiting.length ? `(${waiting.length}) edgepose` : "edgepose";
  }

  #tellTimes() {
    for (const place of this.#alarms.querySelectorAll("[data-since]")) {
      place.textContent = ago(Number(place.dataset.since), boardNow());
    }
  }

  #tellPrompt() {
    const { mode } = state;
    const asked = mode && PROMPTS[mode.prompt];
    const open = asked && asked.mode !== mode.mode && this.#answered !== mode.since_ms;
    fill(this.#prompt, open ? promptBanner(asked, () => this.#stay()) : null);
  }

  #stay() {
    this.#answered = state.mode.since_ms;
    this.#tellPrompt();
  }
}

function lostBanner() {
  return make("div", { class: "banner warn", role: "status" }, icon("lost"),
    make("p", { class: "words" }, make("strong", {}, "Connection lost"), "Trying again. What you see may be old."));
}

function alarmBanner(event) {
  return make("div", { class: "banner alarm", "data-event": event.id }, icon("alarm"),
    make("p", { class: "words" },
      make("a", { href: `#/events/${event.id}` }, make("strong", {}, titleOf(event))), `${event.camera}, `,
      make("span", { "data-since": event.opened_ms }, ago(event.opened_ms, boardNow()))),
    make("button", { class: "button urgent", type: "button", onclick: () => acknowledge(event) },
      icon("check"), "Acknowledge"));
}

function promptBanner(asked, stay) {
  return make("div", { class: "banner" }, icon("prompt"),
    make("p", { class: "words" }, make("strong", {}, asked.text), asked.ask),
    make("div", { class: "row" },
      make("button", { class: "button main", type: "button", onclick: () => switchMode(asked.mode) },
        `Switch to ${MODES[asked.mode].toLowerCase()}`),
      make("button", { class: "button plain", type: "button", onclick: stay }, `Stay in ${MODES[state.mode.mode].toLowerCase()}`)));
}
