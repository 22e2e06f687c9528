// Zones as they were: undo and redo. Zones are never changed in place, so keeping them is cheap.

const MOST = 200;

export class ZoneHistory {
  #past = [];
  #future = [];
  #tag = null;

  constructor(zones) {
    this.zones = zones;
    this.saved = zones;
  }

  /** The zones are others now. Changes in a row with the same tag, such as a drag, are one step. */
  push(zones, tag = null) {
    if (tag === null || tag !== this.#tag) this.#past.push(this.zones);
    if (this.#past.length > MOST) this.#past.shift();
    this.#future = [];
    this.#tag = tag;
    this.zones = zones;
  }

  undo() {
    this.#step(this.#past, this.#future);
  }

  redo() {
    this.#step(this.#future, this.#past);
  }

  #step(from, to) {
    if (!from.length) return;
    to.push(this.zones);
    this.zones = from.pop();
    this.#tag = null;
  }

  get undoable() {
    return this.#past.length > 0;
  }

  get redoable() {
    return this.#future.length > 0;
  }

  get changed() {
    return this.zones !== this.saved && JSON.stringify(this.zones) !== JSON.stringify(this.saved);
  }
}
