// Drawings of 24 by 24, in strokes of the text's colour.

import { shape } from "./dom.js";

const PATHS = {
  live: "M3 6h13v12H3zM16 10l5-3v10l-5-3",
  events: "M8 6h13M8 12h13M8 18h13M3.5 6h.01M3.5 12h.01M3.5 18h.01",
  zones: "M5 5l14 3-2 11-11-2zM5 5h.01M19 8h.01M17 19h.01M6 17h.01",
  health: "M3 12h4l2.5-7 5 14 2.5-7h4",
  enter: "M14 4h5v16h-5M3 12h11M10 8l4 4-4 4",
  leave: "M10 4H5v16h5M10 12h11M17 8l4 4-4 4",
  line: "M12 3v4M12 10v4M12 17v4M4 12h16M16 8l4 4-4 4",
  loiter: "M12 3a9 9 0 100 18 9 9 0 000-18M12 7v5l3 2",
  count: "M9 11a3 3 0 100-6 3 3 0 000 6M3 19c0-3 2.5-5 6-5s6 2 6 5M16 5.5a3 3 0 010 5M17.5 14.3c2.200.6 3.500 2.300 3.500 4.700",
  fall: "M5 5a2 2 0 104 0 2 2 0 00-4 0M8.500 8.500l4 4.500 6 1M12.500 13L9 17M3 20h18M17 5v5M14.500 8L17 10.500 19.500 8",
  lying: "M3 18h18M4 14a2 2 0 104 0 2 2 0 00-4 0M10 14.500h6l4 1.500",
  missing: "M3 16c2 0 2 1.500 4.500 1.500S10 16 12 16s2 1.500 4.500 1.500S19 16 21 16M12 4a3 3 0 013 3c0 2-3 2-3 4.500M12 13.500h.01",
  alone: "M12 8a2.500 2.500 0 100-5 2.500 2.500 0 000 5M12 8v7M8 11h8M12 15l-3 6M12 15l3 6",
  blind: "M3 3l18 18M10.500 6.200A9.800 9.800 0 0112 6c5 0 8.500 4 9.500 6-.4.9-1.300 2.200-2.600 3.300M6.500 7.500C4.300 8.800 3 10.800 2.500 12c1 2 4.500 6 9.500 6 1.600 0 3-.4 4.300-1",
  prompt: "M12 3a9 9 0 100 18 9 9 0 000-18M12 8v5M12 16h.01",
  alarm: "M12 4l9 16H3zM12 10v4M12 17h.01",
  check: "M4 12.500l5 5L20 6.500",
  shield: "M12 3l8 3v5c0 5-3.400 8.500-8 10-4.600-1.500-8-5-8-10V6z",
  picture: "M3 5h18v14H3zM3 16l5-5 4 4 3-3 6 5M15.500 9h.01",
  back: "M15 5l-7 7 7 7",
  play: "M7 4.500v15l12.500-7.500z",
  pause: "M8 5v14M16 5v14",
  undo: "M9 7L4 12l5 5M4 12h10a6 6 0 016 6v1",
  redo: "M15 7l5 5-5 5M20 12H10a6 6 0 00-6 6v1",
  area: "M5 6l13-2 2 13-12 3z",
  stroke: "M4 19L20 5M4 19h.01M20 5h.01",
  bin: "M4 7h16M9 7V4h6v3M6 7l1 13h10l1-13M10 11v5M14 11v5",
  flip: "M7 4L3 8l4 4M3 8h18M17 12l4 4-4 4M21 16H3",
  out: "M14 4h5v16h-5M14 12H4M8 8l-4 4 4 4",
  lost: "M3 3l18 18M8.500 15.500a5 5 0 016-.500M5 12a10 10 0 014-2.400M19 12a10 10 0 00-5-2.700M12 19h.01",
};

/** An icon by name; it says nothing to those who listen to the page. */
export function icon(name) {
  return shape("svg", { class: "icon", viewBox: "0 0 24 24", "aria-hidden": "true" },
    shape("path", { d: PATHS[name] ?? PATHS.prompt }));
}
