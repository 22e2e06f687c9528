// Plays a skeleton clip on a canvas: play, pause, scrub, slower.

import { Clip } from "./clip.js";
import { fill, make, set } from "./dom.js";
import { icon } from "./icons.js";
import { drawPeople, planOf } from "./skeleton.js";
import { Stage, drawGrid, drawZones } from "./stage.js";
import { minutes } from "./words.js";

const STEP_MS = 500;
const SPEEDS = [1, 0.5, 2];

export class ClipPlayer {
  #request = 0;
  #last = 0;
  #t_ms = 0;
  #speed = 1;

  constructor(table) {
    this.clip = new Clip(table);
    this.plan = planOf(table.skeleton);
    this.stage = new Stage(`Replay of ${table.camera}, drawn from keypoints`);
    this.stage.resize(table.width, table.height);
    this.element = make("div", { class: "card player", onkeydown: (event) => this.#key(event) },
      this.stage.element, this.#makeKeys());
    this.sizes = new ResizeObserver(() => requestAnimationFrame(() => this.#show()));
    this.sizes.observe(this.stage.canvas);
    this.#tellPlaying();
  }

  #makeKeys() {
    const { length_ms } = this.clip;
    this.button = make("button", { class: "button plain square", type: "button", onclick: () => this.#toggle() });
    this.slider = make("input", { type: "range", min: 0, max: length_ms, step: 20, value: 0, "aria-label": "Time",
      oninput: () => this.seek(Number(this.slider.value)) });
    this.clock = make("span", { class: "small soft number" });
    this.rate = make("button", { class: "button plain", type: "button", "aria-label": "Speed",
      onclick: () => this.#nextSpeed() }, "1×");
    return make("div", { class: "keys" }, this.button,
      make("div", { class: "scrub" }, this.slider, this.#makeSpan()), this.clock, this.rate);
  }

  /** When the event was, below the slider. */
  #makeSpan() {
    const { length_ms, opened_ms, closed_ms } = this.clip;
    const part = make("div", { class: "span", "aria-hidden": "true" });
    part.style.left = `${(100 * opened_ms) / length_ms}%`;
    part.style.width = `${Math.max(1, (100 * ((closed_ms ?? length_ms) - opened_ms)) / length_ms)}%`;
    return part;
  }

  get playing() {
    return this.#request !== 0;
  }

  play() {
    if (this.playing) return;
    if (this.#t_ms >= this.clip.length_ms) this.#t_ms = 0;
    this.#last = performance.now();
    this.#request = requestAnimationFrame((now) => this.#step(now));
    this.#tellPlaying();
  }

  pause() {
    cancelAnimationFrame(this.#request);
    this.#request = 0;
    this.#tellPlaying();
  }

  /** Show a time of the clip, ms. */
  seek(t_ms) {
    this.#t_ms = Math.max(0, Math.min(this.clip.length_ms, t_ms));
    this.#show();
  }

  #step(now) {
    const t_ms = this.clip.afterGap(this.#t_ms + Math.max(0, now - this.#last) * this.#speed);
    this.#last = now;
    this.seek(t_ms);
    if (t_ms >= this.clip.length_ms) return this.pause();
    this.#request = requestAnimationFrame((next) => this.#step(next));
  }

  #show() {
    const { clip, stage } = this;
    stage.paint((pen, unit) => {
      drawGrid(pen, stage.width, stage.height, unit);
      drawZones(pen, clip.zones, stage.width, stage.height, unit);
      drawPeople(pen, clip.people(this.#t_ms), this.plan, unit);
    });
    this.slider.value = this.#t_ms;
    set(this.slider, "aria-valuetext", `${minutes(this.#t_ms)} of ${minutes(clip.length_ms)}`);
    this.clock.textContent = `${minutes(this.#t_ms)} / ${minutes(clip.length_ms)}`;
  }

  #toggle() {
    if (this.playing) this.pause();
    else this.play();
  }

  #nextSpeed() {
    this.#speed = SPEEDS[(SPEEDS.indexOf(this.#speed) + 1) % SPEEDS.length];
    fill(this.rate, `${this.#speed}×`);
  }

  #tellPlaying() {
    set(this.button, "aria-label", this.playing ? "Pause" : "Play");
    fill(this.button, icon(this.playing ? "pause" : "play"));
  }

  #key(event) {
    const steps = { ArrowLeft: -STEP_MS, ArrowRight: STEP_MS };
    if (event.target !== this.slider || !(event.key in steps)) return;
    event.preventDefault();
    this.seek(this.#t_ms + steps[event.key]);
  }

  close() {
    this.pause();
    this.sizes.disconnect();
    this.stage.close();
  }
}
