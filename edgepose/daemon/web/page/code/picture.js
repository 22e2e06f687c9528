// The camera's picture, where that is allowed: asked for again and again while somebody wants to see it.

import { askBlob } from "./api.js";

const EVERY_MS = 200;
const AFTER_FAULT_MS = 3000;

export class Picture {
  #timer = 0;
  #on = false;

  /** `changed()` is called when `bitmap` is another one. */
  constructor(camera, changed) {
    this.bitmap = null;
    this.path = `/api/cameras/${encodeURIComponent(camera)}/picture`;
    this.changed = changed;
  }

  get on() {
    return this.#on;
  }

  start() {
    if (this.#on) return;
    this.#on = true;
    this.#next();
  }

  stop() {
    this.#on = false;
    clearTimeout(this.#timer);
    this.#show(null);
  }

  async #next() {
    const bitmap = document.hidden ? this.bitmap : await fetchBitmap(this.path);
    if (!this.#on) return bitmap?.close();
    if (bitmap !== this.bitmap) this.#show(bitmap);
    this.#timer = setTimeout(() => this.#next(), bitmap ? EVERY_MS : AFTER_FAULT_MS);
  }

  #show(bitmap) {
    this.bitmap?.close();
    this.bitmap = bitmap;
    this.changed();
  }
}

async function fetchBitmap(path) {
  try {
    const blob = await askBlob(path);
    return blob && (await createImageBitmap(blob));
  } catch {
    return null;
  }
}
