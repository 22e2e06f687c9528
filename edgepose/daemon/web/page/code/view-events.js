// What happened, newest first.

import { ask } from "./api.js";
import { acknowledge } from "./banners.js";
import { fill, make, set } from "./dom.js";
import { icon } from "./icons.js";
import { boardNow, on, state, waits } from "./store.js";
import { KINDS, clock, day, people, span, titleOf } from "./words.js";

const PAGE = 30;

export class EventsView {
  title = "Events";
  #events = [];
  #before = null;
  #ends = [];
  #asked = 0;

  constructor() {
    this.list = make("div", {});
    this.fault = make("p", { class: "note alarm", role: "alert", hidden: true });
    this.more = make("button", { class: "button", type: "button", onclick: () => this.#load(this.#before) }, "Older events");
    this.element = make("section", {},
      make("header", {}, make("h1", { tabindex: "-1" }, "Events")),
      this.#makeFilters(), this.fault, this.list, make("div", { class: "more" }, this.more));
    this.#ends = [on("event", (event) => this.#take(event)), on("missed", () => this.#load())];
    this.#load();
  }

  #makeFilters() {
    const reload = () => this.#load();
    this.camera = choice("Camera", [["", "All cameras"], ...state.cameras.map(({ name }) => [name, name])], reload);
    this.kind = choice("What", [["", "Everything"], ...Object.entries(KINDS)], reload);
    this.which = choice("Which", [["", "All"], ["waiting", "To acknowledge"], ["severity=alarm", "Alarms"],
      ["state=open", "Still going on"]], reload);
    return make("form", { class: "filters", "aria-label": "Filters", onsubmit: (event) => event.preventDefault() },
      [this.camera, this.kind, this.which].map(({ field }) => field));
  }

  #query(before) {
    const query = new URLSearchParams(this.which.value());
    for (const key of ["camera", "kind"]) if (this[key].value()) query.set(key, this[key].value());
    query.set("limit", PAGE);
    if (before) query.set("before", before);
    return query;
  }

  async #load(before = null) {
    const asked = ++this.#asked;
    try {
      const answer = await ask(`/api/events?${this.#query(before)}`);
      if (asked !== this.#asked) return;
      this.#events = before ? [...this.#events, ...answer.events] : answer.events;
      this.#before = answer.before;
      set(this.fault, "hidden", true);
      this.#show();
    } catch (error) {
      set(this.fault, "hidden", false);
      fill(this.fault, error.message);
    }
  }

  /** An event is new or has changed: into its place with it, if the filters let it pass. */
  #take(event) {
    const others = this.#events.filter((other) => other.id !== event.id);
    const wanted = this.#passes(event);
    const old = !wanted || (others.length && this.#before && event.id < others[others.length - 1].id);
    this.#events = old ? others : [...others, event].sort((a, b) => (a.id < b.id ? 1 : -1));
    this.#show();
  }

  #passes(event) {
    const which = { "": true, waiting: waits(event), "severity=alarm": event.severity === "alarm",
      "state=open": event.state === "open" }[this.which.value()];
    return which && (!this.camera.value() || this.camera.value() === event.camera)
      && (!this.kind.value() || this.kind.value() === event.kind);
  }

  #show() {
    const days = new Map();
    for (const event of this.#events) {
      const name = day(event.opened_ms, boardNow());
      days.set(name, [...(days.get(name) ?? []), event]);
    }
    const parts = [...days].map(([name, events]) => make("section", { class: "day" }, make("h3", {}, name),
      make("ul", { class: "card" }, events.map(eventRow))));
    fill(this.list, parts.length ? parts : make("p", { class: "empty" }, "Nothing happened that matches."));
    set(this.more, "hidden", this.#before === null);
  }

  close() {
    this.#asked += 1;
    this.#ends.forEach((end) => end());
  }
}

function choice(label, options, changed) {
  const select = make("select", { onchange: changed },
    options.map(([value, text]) => make("option", { value }, text)));
  return { field: make("label", { class: "field" }, label, select), value: () => select.value };
}

/** An event's round mark. */
export function badge(event) {
  const tone = `${event.severity === "alarm" ? "alarm " : ""}${event.state === "open" ? "open" : ""}`;
  return make("span", { class: `badge ${tone}` }, icon(event.kind));
}

function eventRow(event) {
  return make("li", { class: "event", "data-event": event.id },
    make("a", { href: `#/events/${event.id}` }, badge(event),
      make("span", { class: "title" }, titleOf(event)),
      make("span", { class: "when" }, [clock(event.opened_ms), event.camera, ...lengthOf(event)].join(", "))),
    waits(event)
      ? make("button", { class: "button urgent", type: "button", onclick: () => acknowledge(event) }, "Acknowledge")
      : mark(event));
}

/** How many people and how long, in words; what happened in an instant has no length. */
function lengthOf(event) {
  const lasted = event.closed_ms === null ? "still going on" : span(event.closed_ms - event.opened_ms);
  return [event.people > 1 && people(event.people), event.closed_ms !== event.opened_ms && lasted].filter(Boolean);
}

function mark(event) {
  if (event.severity !== "alarm") return event.state === "open" ? make("span", { class: "chip accent" }, "Now") : null;
  return make("span", { class: "chip good" }, icon("check"), "Seen");
}
