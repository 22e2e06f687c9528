// What the zone editor works on: zones, what is chosen, what is being drawn.

import { ZoneHistory } from "./zone-history.js";
import { freeName, isLine, removeCorner } from "./zone-shapes.js";

export class ZoneDesk {
  chosen = -1;
  corner = -1;
  draft = null; // { kind: "area" or "line", points }
  aim = null;
  wrong = []; // names of zones that the board refused

  /** `told()` is called after every change, `say(text)` with what those who listen should hear. */
  constructor(camera, told, say) {
    this.camera = camera;
    this.told = told;
    this.say = say;
    this.history = new ZoneHistory(camera.zones);
  }

  get zones() {
    return this.history.zones;
  }

  change(zones, tag = null) {
    this.history.push(zones, tag);
    this.told();
  }

  choose(i, k = -1) {
    this.chosen = i;
    this.corner = k;
    this.told();
  }

  draw(kind) {
    this.draft = { kind, points: [] };
    this.aim = null;
    this.chosen = -1;
    this.told();
  }

  aimAt(point) {
    this.aim = point;
    this.told();
  }

  place(point) {
    this.draft = { ...this.draft, points: [...this.draft.points, point] };
    this.say(`Corner ${this.draft.points.length} is set.`);
    if (this.draft.kind === "line" && this.draft.points.length === 2) return this.finish();
    return this.told();
  }

  get finishable() {
    return this.draft?.kind === "area" && this.draft.points.length > 2;
  }

  finish() {
    const { kind, points } = this.draft;
    const zone = { name: freeName(this.zones, kind), points, body_near: null, body_far: null };
    this.draft = this.aim = null;
    this.chosen = this.zones.length;
    this.corner = -1;
    this.change([...this.zones, zone]);
    this.say(`${zone.name} is drawn. Give it a name, then save.`);
  }

  cancel() {
    this.draft = this.aim = null;
    this.told();
  }

  /** An area keeps three corners at least. */
  removeCorner(i, k) {
    const zone = this.zones[i];
    if (isLine(zone) || zone.points.length < 4) return this.say("An area needs three corners, a line two.");
    this.corner = -1;
    return this.change(removeCorner(this.zones, i, k));
  }

  removeZone(i) {
    this.say(`${this.zones[i].name} is deleted.`);
    this.chosen = this.corner = -1;
    this.change(this.zones.filter((_, j) => j !== i));
  }

  /** Take the last corner back while drawing, else the last change. */
  undo() {
    if (this.draft?.points.length) this.draft = { ...this.draft, points: this.draft.points.slice(0, -1) };
    else if (this.draft) this.draft = null;
    else this.history.undo();
    this.#settle();
  }

  redo() {
    this.history.redo();
    this.#settle();
  }

  #settle() {
    if (this.chosen >= this.zones.length) this.chosen = -1;
    this.corner = -1;
    this.told();
  }
}
