// The zones in words: names, who uses them, how tall people stand there.

import { fill, make, set } from "./dom.js";
import { icon } from "./icons.js";
import { HUES } from "./stage.js";
import { isLine, replaceZone } from "./zone-shapes.js";

export class ZoneList {
  #drawn = "";

  /** `desk` as ZoneBoard has it. */
  constructor(desk) {
    this.desk = desk;
    this.element = make("ul", { class: "zone-list" });
  }

  /** Fields stay as they are while somebody types in them. */
  draw() {
    const { zones, wrong } = this.desk;
    const drawn = JSON.stringify([zones.map(({ points, ...rest }) => [rest, points.length]), wrong]);
    const typing = this.element.contains(document.activeElement?.closest("input"));
    if (drawn !== this.#drawn && !typing) this.#build(zones);
    if (!typing) this.#drawn = drawn;
    this.#mark();
  }

  #build(zones) {
    fill(this.element, zones.length ? zones.map((zone, i) => this.#item(zone, i))
      : make("li", { class: "empty card" }, "No zones yet: rules look at the whole picture."));
  }

  /** Which one is chosen is told without building anew: somebody may be pressing what is there. */
  #mark() {
    [...this.element.querySelectorAll(".zone-item")].forEach((item, i) =>
      item.classList.toggle("chosen", i === this.desk.chosen));
  }

  #item(zone, i) {
    const { desk } = this;
    const change = (table, tag) => desk.change(replaceZone(desk.zones, i, table), tag);
    return make("li", { class: "card zone-item", "--hue": HUES[i % HUES.length],
      onpointerdown: () => desk.chosen === i || desk.choose(i), onfocusin: () => desk.chosen === i || desk.choose(i) },
    make("div", { class: "head" },
      make("span", { class: "swatch", "aria-hidden": "true" }),
      make("label", { class: "field grow" }, isLine(zone) ? "Line" : "Area",
        make("input", { value: zone.name, maxlength: 64, spellcheck: "false", autocomplete: "off",
          "aria-invalid": desk.wrong.includes(zone.name) ? "true" : null,
          oninput: (event) => change({ name: event.target.value }, `name-${i}`) })),
      isLine(zone) ? make("button", { class: "button plain square", type: "button", "aria-label": `Turn ${zone.name} round`,
        title: "Turn round", onclick: () => change({ points: [...zone.points].reverse() }) }, icon("flip")) : null,
      make("button", { class: "button plain square", type: "button", "aria-label": `Delete ${zone.name}`, title: "Delete",
        onclick: () => desk.removeZone(i) }, icon("bin"))),
    this.#users(zone), isLine(zone) ? null : scaleFields(zone, i, change));
  }

  #users(zone) {
    const users = this.desk.camera.rules.filter(({ zones }) => zones.includes(zone.name));
    return make("p", { class: "small soft" }, users.length ? `Used by ${users.map(({ name }) => name).join(", ")}`
      : "No rule looks at it yet.");
  }
}

function scaleFields(zone, i, change) {
  const known = zone.body_near !== null || zone.body_far !== null;
  const field = (label, key) => make("label", { class: "field" }, label,
    make("input", { type: "number", min: 1, max: 100, step: 1, inputmode: "numeric",
      value: zone[key] === null ? "" : String(Math.round(100 * zone[key])),
      oninput: (event) => change({ [key]: partOf(event.target) }, `${key}-${i}`) }));
  const details = make("details", {}, make("summary", {}, "How tall adults stand here"),
    make("p", { class: "soft" }, "In percent of the picture's height; rules tell children from adults by it."),
    make("div", { class: "pair" }, field("At the far edge", "body_far"), field("At the near edge", "body_near")));
  set(details, "open", known);
  return details;
}

function partOf({ value }) {
  return value === "" ? null : Number(value) / 100;
}
