// What lies below the zones while they are drawn: the picture where that is allowed, people, and where feet were.

import { Motion } from "./motion.js";
import { Picture } from "./picture.js";
import { drawPeople, planOf, readFrame } from "./skeleton.js";
import { Stage, drawGrid } from "./stage.js";
import { state } from "./store.js";

const MOST_STEPS = 800;
const FEET = /ankle/;

export class ZoneGround {
  #motion = new Motion();
  #plan = planOf(state.about.skeleton);
  #steps = [];
  #last = null;

  constructor(camera) {
    this.camera = camera;
    this.stage = new Stage(`${camera.name}, to draw zones on`);
    this.stage.resize(camera.health.width, camera.health.height);
    this.picture = new Picture(camera.name, () => this.#takePicture());
    this.feet = state.about.skeleton.keypoints.flatMap((name, k) => (FEET.test(name) ? [k] : []));
    if (camera.show_picture) this.picture.start();
    this.#request = requestAnimationFrame((now) => this.#draw(now));
  }

  #request = 0;

  #takePicture() {
    const { bitmap } = this.picture;
    if (bitmap) this.stage.resize(bitmap.width, bitmap.height);
    this.stage.dirty = true;
  }

  #draw(now) {
    this.#takeFrame();
    if (this.stage.dirty || this.#motion.share(now) < 1) this.stage.paint((pen, unit) => this.#paint(pen, unit, now));
    this.#request = requestAnimationFrame((next) => this.#draw(next));
  }

  #takeFrame() {
    const entry = state.frames.get(this.camera.name);
    if (!entry || entry === this.#last) return;
    this.#last = entry;
    const people = readFrame(entry.frame);
    this.stage.resize(entry.frame.width, entry.frame.height);
    this.#motion.push(people, entry.at);
    for (const { points } of people) this.#remember(points);
    this.stage.dirty = true;
  }

  #remember(points) {
    for (const k of this.feet) if (points[3 * k + 2] > 0.4) this.#steps.push([points[3 * k], points[3 * k + 1]]);
    this.#steps.splice(0, this.#steps.length - MOST_STEPS);
  }

  #paint(pen, unit, now) {
    const { width, height } = this.stage;
    if (this.picture.bitmap) pen.drawImage(this.picture.bitmap, 0, 0, width, height);
    else drawGrid(pen, width, height, unit);
    pen.fillStyle = "rgb(255 255 255 / 22%)";
    for (const [x, y] of this.#steps) pen.fillRect(x - unit, y - unit, 2 * unit, 2 * unit);
    drawPeople(pen, this.#motion.people(now), this.#plan, unit);
  }

  close() {
    cancelAnimationFrame(this.#request);
    this.picture.changed = () => {};
    this.picture.stop();
    this.stage.close();
  }
}
