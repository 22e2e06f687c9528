// Turns fingers, mouse and keys on the picture into changes of zones.

import { fill, set, shape } from "./dom.js";
import { drawPaper } from "./zone-paper.js";
import * as shapes from "./zone-shapes.js";

const NEAR_PX = 20;
const STEP = 0.01;
const ARROWS = { ArrowLeft: [-1, 0], ArrowRight: [1, 0], ArrowUp: [0, -1], ArrowDown: [0, 1] };

/**
 * `desk` holds { zones, chosen, corner, draft, aim } and is told: change(zones, tag), choose(i, k), place(point),
 * aimAt(point), cancel().
 */
export class ZoneBoard {
  #drag = null;
  #n = 0;

  constructor(stage, desk) {
    this.stage = stage;
    this.desk = desk;
    this.svg = shape("svg", { class: "paper", role: "group", "aria-label": "Zones in the picture",
      onpointerdown: (event) => this.#down(event), onpointermove: (event) => this.#move(event),
      onpointerup: () => this.#up(), onpointercancel: () => this.#up(), onkeydown: (event) => this.#key(event) });
    stage.element.append(this.svg);
    this.sizes = new ResizeObserver(() => this.draw());
    this.sizes.observe(this.svg);
  }

  draw() {
    const { desk, svg } = this;
    const focused = keyOf(document.activeElement);
    fill(svg, drawPaper(desk, [svg.clientWidth, svg.clientHeight]));
    set(svg, "class", desk.draft ? "paper drawing" : "paper");
    set(svg, "tabindex", desk.draft ? 0 : null);
    if (focused) svg.querySelector(focused)?.focus({ preventScroll: true });
  }

  /** Put the keyboard on a corner. */
  focusCorner(i, k) {
    this.svg.querySelector(`[data-zone="${i}"][data-corner="${k}"]`)?.focus({ preventScroll: true });
  }

  #pointOf(event) {
    const box = this.svg.getBoundingClientRect();
    return [(event.clientX - box.left) / box.width, (event.clientY - box.top) / box.height];
  }

  #down(event) {
    if (event.button) return;
    event.preventDefault();
    const point = this.#pointOf(event);
    if (this.desk.draft) return this.#place(point);
    this.svg.setPointerCapture(event.pointerId);
    this.#grab(event.target.closest("[data-zone]")?.dataset, point);
  }

  #grab(found, point) {
    if (!found) return this.desk.choose(-1);
    const i = Number(found.zone);
    const tag = `drag-${(this.#n += 1)}`;
    if (found.middle) this.desk.change(shapes.insertCorner(this.desk.zones, i, Number(found.middle), point), tag);
    const corner = Number(found.corner ?? found.middle ?? -1);
    this.desk.choose(i, corner);
    this.#drag = { i, corner, tag, point, zone: this.desk.zones[i] };
    if (corner >= 0) this.focusCorner(i, corner);
  }

  #place(point) {
    const [first] = this.desk.draft.points;
    const { clientWidth, clientHeight } = this.svg;
    const near = first && Math.hypot((point[0] - first[0]) * clientWidth, (point[1] - first[1]) * clientHeight) < NEAR_PX;
    if (near && this.desk.draft.points.length > 2) this.desk.finish();
    else this.desk.place(shapes.settlePoint(point));
  }

  #move(event) {
    const point = this.#pointOf(event);
    if (this.desk.draft) return event.pointerType === "mouse" && this.desk.aimAt(point);
    if (!this.#drag) return undefined;
    const { i, corner, tag, zone, point: from } = this.#drag;
    const by = [point[0] - from[0], point[1] - from[1]];
    if (corner < 0 && Math.hypot(by[0] * this.svg.clientWidth, by[1] * this.svg.clientHeight) < 4) return undefined;
    return this.desk.change(corner >= 0 ? shapes.moveCorner(this.desk.zones, i, corner, point)
      : shapes.replaceZone(this.desk.zones, i, shapes.moveZone(zone, by)), tag);
  }

  #up() {
    this.#drag = null;
  }

  #key(event) {
    const arrow = ARROWS[event.key];
    const step = arrow && arrow.map((way) => way * STEP * (event.shiftKey ? 5 : 1));
    const handled = this.desk.draft ? this.#draftKey(event.key, step) : this.#cornerKey(event.key, step, event.target.dataset);
    if (handled) event.preventDefault();
  }

  #draftKey(key, step) {
    const aim = this.desk.aim ?? [0.5, 0.5];
    if (step) this.desk.aimAt([aim[0] + step[0], aim[1] + step[1]].map((value) => Math.max(0, Math.min(1, value))));
    else if (key === "Enter" || key === " ") this.#place(aim);
    else if (key === "Escape") this.desk.cancel();
    else return false;
    return true;
  }

  #cornerKey(key, step, { zone, corner, middle }) {
    const [i, k] = [Number(zone), Number(corner)];
    if (middle !== undefined) return this.#middleKey(key, i, Number(middle));
    if (corner === undefined) return false;
    const { points } = this.desk.zones[i];
    if (step) this.desk.change(shapes.moveCorner(this.desk.zones, i, k, [points[k][0] + step[0], points[k][1] + step[1]]), `keys-${i}-${k}`);
    else if (key === "Delete" || key === "Backspace") this.desk.removeCorner(i, k);
    else if (key === "Enter" || key === " ") this.desk.choose(i, k);
    else return false;
    return true;
  }

  #middleKey(key, i, k) {
    if (key !== "Enter" && key !== " ") return false;
    const [x, y] = shapes.middles(this.desk.zones[i].points)[k - 1];
    this.desk.change(shapes.insertCorner(this.desk.zones, i, k, [x, y]));
    this.desk.choose(i, k);
    this.focusCorner(i, k);
    return true;
  }

  close() {
    this.sizes.disconnect();
  }
}

/** What finds a handle again after all was drawn anew. */
function keyOf(element) {
  const { zone, corner, middle } = element?.dataset ?? {};
  if (corner !== undefined) return `[data-zone="${zone}"][data-corner="${corner}"]`;
  return middle === undefined ? null : `[data-zone="${zone}"][data-middle="${middle}"]`;
}
