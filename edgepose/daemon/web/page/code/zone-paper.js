// Zones as shapes of SVG, each corner something that can be focused, dragged and moved by keys.

import { shape } from "./dom.js";
import { HUES } from "./stage.js";
import { centreOf, isLine, middles, placeOf } from "./zone-shapes.js";

const REACH = 22; // a finger is that wide, px
const ARROW = 26;

/** All shapes: `look` is { zones, chosen, corner, draft, aim }, `size` [width, height] px. */
export function drawPaper(look, size) {
  const zones = look.zones.map((zone, i) => drawZone(zone, i, look, size));
  const front = zones.splice(look.chosen, look.chosen >= 0 ? 1 : 0); // the chosen one above all others
  return [...zones, ...front, look.draft ? drawDraft(look, size) : null].filter(Boolean);
}

function drawZone(zone, i, look, size) {
  const chosen = i === look.chosen;
  const points = scale(zone.points, size);
  const tag = isLine(zone) ? "polyline" : "polygon";
  const path = points.map((point) => point.join(",")).join(" ");
  return shape("g", { class: `zone ${isLine(zone) ? "line" : ""} ${chosen ? "chosen" : ""}`,
    "--hue": HUES[i % HUES.length], "data-zone": i },
  shape(tag, { class: "shape", points: path, "data-zone": i }),
  isLine(zone) ? [shape(tag, { class: "wide", points: path, "data-zone": i }), drawWay(points)] : null,
  chosen && !look.draft ? [drawScale(zone, size), drawMiddles(zone, i, points), drawCorners(zone, i, points, look.corner)] : null,
  drawName(zone, points));
}

function drawName(zone, points) {
  const [x, y] = centreOf(points);
  const below = isLine(zone) ? -10 : 4;
  return shape("text", { x, y: y + below, "text-anchor": "middle" }, zone.name);
}

/** An arrow to the side that is "in": on the right hand of who walks along the line. */
function drawWay([[x0, y0], [x1, y1]]) {
  const length = Math.hypot(x1 - x0, y1 - y0) || 1;
  const [nx, ny] = [-(y1 - y0) / length, (x1 - x0) / length];
  const [mx, my] = [(x0 + x1) / 2, (y0 + y1) / 2];
  const [tx, ty] = [mx + ARROW * nx, my + ARROW * ny];
  const wing = (side) => `L${tx - 8 * nx + side * 7 * ny} ${ty - 8 * ny - side * 7 * nx}`;
  return shape("path", { class: "way", d: `M${mx} ${my}L${tx} ${ty}${wing(1)}M${tx} ${ty}${wing(-1)}` });
}

/** How tall an adult stands at the nearest and the farthest place. */
function drawScale(zone, [width, height]) {
  const nearest = zone.points.reduce((a, b) => (b[1] > a[1] ? b : a));
  const farthest = zone.points.reduce((a, b) => (b[1] < a[1] ? b : a));
  return [[nearest, zone.body_near], [farthest, zone.body_far]].filter(([, part]) => part).map(([[x, y], part]) =>
    shape("path", { class: "way", "stroke-dasharray": "3 5", d: `M${x * width} ${y * height}v${-part * height}` }));
}

function drawCorners(zone, i, points, chosen) {
  return points.map(([x, y], k) => shape("g", {
    class: `corner-handle ${k === chosen ? "chosen" : ""}`, tabindex: 0, role: "button", "data-zone": i, "data-corner": k,
    "aria-label": `${zone.name}, corner ${k + 1} of ${points.length}, ${placeOf(zone.points[k])}`,
  }, shape("circle", { class: "reach", cx: x, cy: y, r: REACH }), shape("circle", { class: "knob", cx: x, cy: y, r: 7.5 })));
}

function drawMiddles(zone, i, points) {
  if (isLine(zone)) return null;
  return middles(points).map(([x, y, k]) => shape("g", {
    class: "middle-handle", tabindex: 0, role: "button", "data-zone": i, "data-middle": k,
    "aria-label": `${zone.name}, add a corner behind corner ${k}`,
  }, shape("circle", { class: "reach", cx: x, cy: y, r: 16 }), shape("circle", { class: "knob", cx: x, cy: y, r: 4.5 })));
}

function drawDraft({ draft, aim }, size) {
  const points = scale(draft.points, size);
  const path = [...points, ...(aim ? scale([aim], size) : [])].map((point) => point.join(",")).join(" ");
  return shape("g", {}, shape("polyline", { class: "draft", points: path }),
    points.map(([x, y], k) => shape("circle", { cx: x, cy: y, r: k ? 4.5 : 7.5, fill: "#fff" })),
    aim ? drawAim(scale([aim], size)[0]) : null);
}

function drawAim([x, y]) {
  return shape("path", { class: "aim", d: `M${x - 14} ${y}h28M${x} ${y - 14}v28` });
}

function scale(points, [width, height]) {
  return points.map(([x, y]) => [x * width, y * height]);
}
