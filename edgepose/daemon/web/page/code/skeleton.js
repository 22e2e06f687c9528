// Draws people. One person is { id, points: [x, y, score, ...] }, in px of the picture, scores 0..1.

const SIDES = { left: "#56b4e9", right: "#f09600", middle: "#f5f5f5" }; // apart for every kind of colour vision
const LEAST = 0.2; // a keypoint that scores less is not drawn
const MIXES = ["#2f7f78", "#8a5aa8", "#a8553d", "#4d7a35", "#3f63ae", "#9b7a1f", "#a04470", "#4f7280"];

/** People of a frame as the websocket brings it. */
export function readFrame(frame) {
  return frame.poses.map((pose) => ({ id: pose.track_id, points: pose.keypoints.flat() }));
}

/** People of a clip's frame: integers, 1/16 px and percent. */
export function readClipPeople(people) {
  return people.map(([id, , points]) => ({
    id: id < 0 ? null : id,
    points: points.map((value, i) => (i % 3 === 2 ? value / 100 : value / 16)),
  }));
}

const FACE = ["nose", "left_eye", "right_eye", "left_ear", "right_ear"];
const TRUNK = ["left_shoulder", "right_shoulder", "right_hip", "left_hip"];

/** How a skeleton is drawn: { edges: [[a, b, colour], ...], dots: [colour, ...], face, trunk: [keypoint, ...] }. */
export function planOf(skeleton) {
  const sides = skeleton.keypoints.map((name) => /^(left|right)_/.exec(name)?.[1] ?? "middle");
  const edges = skeleton.edges.map(([a, b]) => [a, b, SIDES[sides[a] === sides[b] ? sides[a] : "middle"]]);
  const places = (names) => names.map((name) => skeleton.keypoints.indexOf(name)).filter((k) => k >= 0);
  return { edges, dots: sides.map((side) => SIDES[side]), face: places(FACE), trunk: places(TRUNK) };
}

/**
 * Draw people on a canvas whose units are px of the picture.
 * `unit` is the length of one px of the screen in them; `faded` draws them as of long ago.
 */
export function drawPeople(pen, people, plan, unit, faded = false) {
  pen.save();
  pen.lineCap = "round";
  pen.globalAlpha = faded ? 0.35 : 1;
  for (const person of people) drawPerson(pen, person, plan, unit);
  pen.restore();
}

function drawPerson(pen, { id, points }, plan, unit) {
  const width = Math.max(2.2 * unit, Math.min(5 * unit, heightOf(points) / 45));
  drawBody(pen, points, plan, mixOf(id));
  const edges = plan.edges.filter(([a, b]) => seen(points, a) && seen(points, b));
  for (const [a, b] of edges) stroke(pen, points, a, b, mixOf(id), width + 3.4 * unit);
  for (const [a, b, colour] of edges) stroke(pen, points, a, b, colour, width);
  plan.dots.forEach((colour, k) => seen(points, k) && dot(pen, points, k, colour, 0.85 * width));
}

/** A head and a trunk behind the strokes, so that people look like people. */
function drawBody(pen, points, { face, trunk }, colour) {
  pen.fillStyle = colour;
  const seenTrunk = trunk.filter((k) => seen(points, k));
  if (trunk.length === 4 && seenTrunk.length === 4) drawTrunk(pen, points, trunk);
  const seenFace = face.filter((k) => seen(points, k));
  if (seenFace.length > 1) drawHead(pen, points, seenFace);
}

function drawTrunk(pen, points, trunk) {
  pen.save();
  pen.globalAlpha *= 0.55;
  pen.beginPath();
  for (const k of trunk) pen.lineTo(points[3 * k], points[3 * k + 1]);
  pen.fill();
  pen.restore();
}

function drawHead(pen, points, face) {
  const x = face.reduce((sum, k) => sum + points[3 * k], 0) / face.length;
  const y = face.reduce((sum, k) => sum + points[3 * k + 1], 0) / face.length;
  const reach = Math.max(...face.map((k) => Math.hypot(points[3 * k] - x, points[3 * k + 1] - y)));
  pen.beginPath();
  pen.arc(x, y, Math.max(1.25 * reach, heightOf(points) / 17), 0, 2 * Math.PI);
  pen.fill();
}

function stroke(pen, points, a, b, colour, width) {
  pen.strokeStyle = colour;
  pen.lineWidth = width;
  pen.beginPath();
  pen.moveTo(points[3 * a], points[3 * a + 1]);
  pen.lineTo(points[3 * b], points[3 * b + 1]);
  pen.stroke();
}

function dot(pen, points, k, colour, radius) {
  pen.fillStyle = colour;
  pen.beginPath();
  pen.arc(points[3 * k], points[3 * k + 1], radius, 0, 2 * Math.PI);
  pen.fill();
}

function seen(points, k) {
  return points[3 * k + 2] >= LEAST;
}

function heightOf(points) {
  let top = Infinity;
  let bottom = -Infinity;
  for (let i = 0; i < points.length; i += 3) {
    if (points[i + 2] < LEAST) continue;
    top = Math.min(top, points[i + 1]);
    bottom = Math.max(bottom, points[i + 1]);
  }
  return bottom - top;
}

/** The colour that goes with a person. */
function mixOf(id) {
  return MIXES[(id ?? 0) % MIXES.length];
}
