// A skeleton clip, schema edgepose.clip/1, ready to be played.

import { readClipPeople } from "./skeleton.js";

const LOOK_MS = 1500; // how long the last people stay where no further frame came

export class Clip {
  constructor(table) {
    if (table.schema !== "edgepose.clip/1") throw new Error("This clip was kept in a way that this page cannot read.");
    Object.assign(this, table);
    this.times = table.frames.map(([t_ms]) => t_ms);
    this.#people = table.frames.map(() => null);
  }

  #people;

  /** People at a time of the clip, ms. */
  people(t_ms) {
    const i = this.#at(t_ms);
    if (i < 0 || t_ms - this.times[i] > LOOK_MS) return [];
    this.#people[i] ??= readClipPeople(this.frames[i][1]);
    return this.#people[i];
  }

  /** The last frame that is not after a time, -1 before the first. */
  #at(t_ms) {
    let low = 0;
    let high = this.times.length;
    while (low < high) {
      const middle = (low + high) >> 1;
      if (this.times[middle] <= t_ms) low = middle + 1;
      else high = middle;
    }
    return low - 1;
  }

  /** The time to go on at: where nothing was kept, that is jumped over. */
  afterGap(t_ms) {
    const gap = this.gaps.find(([from, to]) => from <= t_ms && t_ms < to);
    return gap ? gap[1] : t_ms;
  }
}
