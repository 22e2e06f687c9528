// All cameras, or one of them, as they are now.

import { CameraCard } from "./camera-card.js";
import { fill, make } from "./dom.js";
import { icon } from "./icons.js";
import { on, state } from "./store.js";
import { PRIVACY } from "./words.js";

const CONDITION_EVERY_MS = 500;

export class LiveView {
  title = "Live";
  #cards = [];
  #ends = [];
  #request = 0;

  constructor({ link, argument }) {
    this.only = argument;
    this.link = link;
    this.grid = make("div", { class: this.only ? "cameras alone" : "cameras" });
    this.privacy = make("span", { class: "chip accent" });
    this.element = make("section", {}, this.#makeHead(), this.grid);
    this.#ends = [on("cameras", () => this.#build()), on("about", () => this.#tellPrivacy())];
    this.#build();
    this.#tellPrivacy();
    this.timer = setInterval(() => this.#tellConditions(), CONDITION_EVERY_MS);
    this.#request = requestAnimationFrame((now) => this.#draw(now));
  }

  #makeHead() {
    const back = make("a", { class: "button plain square", href: "#/live", "aria-label": "All cameras" }, icon("back"));
    return make("header", {},
      make("div", { class: "row" }, this.only ? back : null, make("h1", { tabindex: "-1" }, this.only || "Live")),
      this.privacy);
  }

  #tellPrivacy() {
    fill(this.privacy, icon("shield"), PRIVACY[state.about.privacy] ?? state.about.privacy);
  }

  #build() {
    const shown = state.cameras.filter((camera) => !this.only || camera.name === this.only);
    if (sameNames(shown, this.#cards)) return this.#tellConditions();
    this.#cards.forEach((card) => card.close());
    this.#cards = shown.map((camera) => new CameraCard(camera));
    fill(this.grid, shown.length ? this.#cards.map((card) => card.element)
      : make("p", { class: "empty" }, this.only ? "There is no such camera any more." : "There are no cameras yet."));
    this.link.watch(this.only ? [this.only] : null);
    this.#tellConditions();
  }

  #tellConditions() {
    const byName = new Map(state.cameras.map((camera) => [camera.name, camera]));
    for (const card of this.#cards) card.tellCondition(byName.get(card.camera.name) ?? card.camera);
  }

  #draw(now) {
    for (const card of this.#cards) card.draw(now);
    this.#request = requestAnimationFrame((next) => this.#draw(next));
  }

  close() {
    cancelAnimationFrame(this.#request);
    clearInterval(this.timer);
    this.#ends.forEach((end) => end());
    this.#cards.forEach((card) => card.close());
  }
}

function sameNames(cameras, cards) {
  return cards.length > 0 && cameras.length === cards.length
    && cameras.every((camera, i) => camera.name === cards[i].camera.name);
}
