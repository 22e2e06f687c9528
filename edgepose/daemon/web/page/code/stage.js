// A dark picture-sized place with a canvas that is as sharp as the screen.

import { make, set } from "./dom.js";

export class Stage {
  /** `label` tells those who cannot see it what it shows. */
  constructor(label) {
    this.canvas = make("canvas", { role: "img", "aria-label": label });
    this.element = make("div", { class: "stage" }, this.canvas);
    this.width = 4;
    this.height = 3;
    this.dirty = true;
    this.#sizes.observe(this.canvas);
  }

  #sizes = new ResizeObserver(() => this.#fit());

  #fit() {
    const sharpness = Math.min(devicePixelRatio || 1, 3);
    this.canvas.width = Math.max(1, Math.round(this.canvas.clientWidth * sharpness));
    this.canvas.height = Math.max(1, Math.round(this.canvas.clientHeight * sharpness));
    this.unit_px = sharpness;
    this.dirty = true;
  }

  /** The camera's picture is that large, px. */
  resize(width, height) {
    if (!width || !height || (width === this.width && height === this.height)) return;
    this.width = width;
    this.height = height;
    this.element.style.aspectRatio = `${width} / ${height}`;
    this.dirty = true;
  }

  /** Clear, then draw in px of the picture: `draw(pen, unit)`, `unit` being one px of the screen's layout. */
  paint(draw) {
    const pen = this.canvas.getContext("2d");
    const scale = this.canvas.width / this.width;
    pen.setTransform(1, 0, 0, 1, 0, 0);
    pen.clearRect(0, 0, this.canvas.width, this.canvas.height);
    pen.setTransform(scale, 0, 0, scale, 0, 0);
    draw(pen, (this.unit_px ?? 1) / scale);
    this.dirty = false;
  }

  label(text) {
    set(this.canvas, "aria-label", text);
  }

  close() {
    this.#sizes.disconnect();
  }
}

/** Draw the floor that people stand on where there is no picture: a faint grid, so that movement is seen. */
export function drawGrid(pen, width, height, unit) {
  pen.strokeStyle = "rgb(255 255 255 / 4.5%)";
  pen.lineWidth = unit;
  const step = width / 12;
  pen.beginPath();
  for (let x = step; x < width; x += step) line(pen, x, 0, x, height);
  for (let y = step; y < height; y += step) line(pen, 0, y, width, y);
  pen.stroke();
}

function line(pen, x0, y0, x1, y1) {
  pen.moveTo(x0, y0);
  pen.lineTo(x1, y1);
}

export const HUES = ["#6fd6c4", "#f3b562", "#b79cf0", "#f08a9b", "#8cc1f5", "#c3d96b"];

/** Outline zones, as a hint of where rules look. */
export function drawZones(pen, zones, width, height, unit) {
  zones.forEach((zone, i) => {
    pen.strokeStyle = HUES[i % HUES.length];
    pen.fillStyle = HUES[i % HUES.length];
    pen.lineWidth = 1.4 * unit;
    pen.beginPath();
    zone.points.forEach(([x, y]) => pen.lineTo(x * width, y * height));
    if (zone.points.length > 2) pen.closePath();
    pen.globalAlpha = 0.75;
    pen.stroke();
    pen.globalAlpha = 0.07;
    if (zone.points.length > 2) pen.fill();
    pen.globalAlpha = 1;
  });
}
