// Zones in numbers: points are fractions of the picture, and lists of zones are never changed in place.

const SNAP = 0.012;

/** A number of the picture: within it, and on its edge where that is near. */
export function settle(value) {
  if (value < SNAP) return 0;
  if (value > 1 - SNAP) return 1;
  return Math.round(value * 10000) / 10000;
}

export function settlePoint([x, y]) {
  return [settle(x), settle(y)];
}

export function replaceZone(zones, i, change) {
  return zones.map((zone, j) => (j === i ? { ...zone, ...change } : zone));
}

export function moveCorner(zones, i, k, point) {
  return replaceZone(zones, i, { points: zones[i].points.map((old, j) => (j === k ? settlePoint(point) : old)) });
}

export function insertCorner(zones, i, k, point) {
  const { points } = zones[i];
  return replaceZone(zones, i, { points: [...points.slice(0, k), settlePoint(point), ...points.slice(k)] });
}

export function removeCorner(zones, i, k) {
  return replaceZone(zones, i, { points: zones[i].points.filter((_, j) => j !== k) });
}

/** Shift a zone whole; it stops at the picture's edge as it is. */
export function moveZone(zone, [dx, dy]) {
  const limit = (values, by) => Math.max(-Math.min(...values), Math.min(1 - Math.max(...values), by));
  const sx = limit(zone.points.map(([x]) => x), dx);
  const sy = limit(zone.points.map(([, y]) => y), dy);
  return { ...zone, points: zone.points.map(([x, y]) => settlePoint([x + sx, y + sy])) };
}

export function isLine(zone) {
  return zone.points.length === 2;
}

/** The middle of each side: [[x, y, place of a corner that is put there], ...]. */
export function middles(points) {
  return points.map(([x, y], k) => {
    const [u, v] = points[(k + 1) % points.length];
    return [(x + u) / 2, (y + v) / 2, k + 1];
  });
}

export function centreOf(points) {
  const n = points.length;
  return [points.reduce((sum, [x]) => sum + x, 0) / n, points.reduce((sum, [, y]) => sum + y, 0) / n];
}

/** A name that no zone has yet. */
export function freeName(zones, stem) {
  const names = new Set(zones.map(({ name }) => name));
  let n = 1;
  while (names.has(`${stem}-${n}`)) n += 1;
  return `${stem}-${n}`;
}

/** "34 % across, 56 % down". */
export function placeOf([x, y]) {
  return `${Math.round(100 * x)} % across, ${Math.round(100 * y)} % down`;
}
