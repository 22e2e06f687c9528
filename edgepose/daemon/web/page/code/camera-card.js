// One camera, live.

import { conditionOf } from "./camera-condition.js";
import { fill, make, set } from "./dom.js";
import { icon } from "./icons.js";
import { Motion } from "./motion.js";
import { Picture } from "./picture.js";
import { drawPeople, planOf, readFrame } from "./skeleton.js";
import { Stage, drawGrid, drawZones } from "./stage.js";
import { state } from "./store.js";
import { people } from "./words.js";

export class CameraCard {
  #motion = new Motion();
  #plan = planOf(state.about.skeleton);
  #last = null;
  #held = null; // the people who belong to the picture: it comes less often than poses do
  #n = 0;
  #faded = false;
  #told = "";
  #born = performance.now();

  constructor(camera) {
    this.camera = camera;
    this.stage = new Stage(`${camera.name}: nobody`);
    this.stage.resize(camera.health.width, camera.health.height);
    this.picture = new Picture(camera.name, () => this.#pictureChanged());
    this.element = make("article", { class: "card camera", "aria-label": camera.name, "data-camera": camera.name },
      this.#makeStage(), this.#makeFoot());
    if (camera.show_picture && localStorage.getItem(this.#key) === "on") this.#togglePicture();
  }

  get #key() {
    return `picture:${this.camera.name}`;
  }

  #makeStage() {
    this.veil = make("div", { class: "says", hidden: true });
    this.seen = make("span", { class: "chip", hidden: true });
    this.stage.element.append(this.veil, make("div", { class: "corner" }, this.seen));
    return this.stage.element;
  }

  #makeFoot() {
    const { name, show_picture } = this.camera;
    this.chip = make("span", { class: "chip" });
    this.toggle = make("button", { class: "button plain", type: "button", onclick: () => this.#togglePicture() });
    this.#labelToggle();
    return make("div", { class: "foot" },
      make("h2", {}, make("a", { href: `#/live/${encodeURIComponent(name)}` }, name)),
      this.chip, show_picture ? this.toggle : null);
  }

  #togglePicture() {
    if (this.picture.on) this.picture.stop();
    else this.picture.start();
    localStorage.setItem(this.#key, this.picture.on ? "on" : "off");
    this.#labelToggle();
  }

  #labelToggle() {
    set(this.toggle, "aria-pressed", String(this.picture.on));
    fill(this.toggle, icon(this.picture.on ? "shield" : "picture"), this.picture.on ? "Hide picture" : "Show picture");
  }

  #pictureChanged() {
    const { bitmap } = this.picture;
    this.#held = bitmap && this.#last ? readFrame(this.#last.frame) : null;
    if (bitmap) this.stage.resize(bitmap.width, bitmap.height);
    this.stage.dirty = true;
  }

  /** Called once for every picture of the screen. */
  draw(now) {
    this.#takeFrame();
    if (!this.stage.dirty && this.#motion.share(now) >= 1) return;
    this.stage.paint((pen, unit) => this.#paint(pen, unit, now));
    this.stage.dirty = this.#motion.share(now) < 1;
  }

  #takeFrame() {
    const entry = state.frames.get(this.camera.name);
    if (!entry || entry === this.#last) return;
    this.#last = entry;
    this.stage.resize(entry.frame.width, entry.frame.height);
    this.#motion.push(readFrame(entry.frame), entry.at);
    this.#n = entry.frame.poses.length;
    this.stage.dirty = true;
  }

  #paint(pen, unit, now) {
    const { width, height } = this.stage;
    if (this.picture.bitmap) pen.drawImage(this.picture.bitmap, 0, 0, width, height);
    else drawGrid(pen, width, height, unit);
    drawZones(pen, this.camera.zones, width, height, unit);
    drawPeople(pen, this.#held ?? this.#motion.people(now), this.#plan, unit, this.#faded);
  }

  /** Say in words how the camera is doing; called a few times a second. */
  tellCondition(camera) {
    this.camera = camera;
    const condition = conditionOf(camera, this.#born);
    const told = `${condition.word} ${condition.says} ${this.#n}`;
    if (told === this.#told) return;
    this.#told = told;
    this.#faded = condition.says !== null;
    this.stage.dirty = true;
    this.#show(condition);
  }

  #show({ word, tone, says, detail }) {
    set(this.chip, "class", `chip ${tone}`);
    fill(this.chip, make("span", { class: "dot" }), word);
    set(this.veil, "hidden", says === null);
    fill(this.veil, icon("alarm"), make("strong", {}, says ?? ""), make("span", { class: "small" }, detail));
    set(this.seen, "hidden", says !== null);
    fill(this.seen, this.#n ? people(this.#n) : "nobody");
    this.stage.label(`${this.camera.name}: ${says ?? (this.#n ? people(this.#n) : "nobody")}`);
  }

  close() {
    this.picture.on && this.#stopQuietly();
    this.stage.close();
  }

  #stopQuietly() {
    this.picture.changed = () => {};
    this.picture.stop();
  }
}
