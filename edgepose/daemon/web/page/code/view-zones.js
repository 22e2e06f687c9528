// The zone editor.

import { change } from "./api.js";
import { fill, make, set } from "./dom.js";
import { icon } from "./icons.js";
import { on, state, takeCamera } from "./store.js";
import { toast } from "./toast.js";
import { ZoneBoard } from "./zone-board.js";
import { ZoneDesk } from "./zone-desk.js";
import { ZoneGround } from "./zone-ground.js";
import { ZoneList } from "./zone-list.js";

const HINTS = {
  idle: "Draw an area or a line, or choose a zone and drag its corners.",
  chosen: "Drag corners, or move them with the arrow keys. Press Delete to take one away, a small dot to add one.",
  area: "Set corners around the area. Press the first one again, or Finish, to close it. Arrow keys and Enter work, too.",
  line: "Set both ends of the line. The arrow shows which way is in.",
};

export class ZonesView {
  title = "Zones";

  constructor({ link, argument }) {
    const camera = state.cameras.find(({ name }) => name === argument) ?? state.cameras[0];
    if (!camera) {
      this.element = make("section", {}, make("h1", { tabindex: "-1" }, "Zones"), make("p", { class: "empty" }, "There are no cameras yet."));
      return;
    }
    link.watch([camera.name]);
    this.desk = new ZoneDesk(camera, () => this.#tell(), (text) => fill(this.heard, text));
    this.ground = new ZoneGround(camera);
    this.board = new ZoneBoard(this.ground.stage, this.desk);
    this.list = new ZoneList(this.desk);
    this.element = this.#make();
    this.end = on("cameras", () => this.#takeOver());
    this.#tell();
  }

  #make() {
    this.heard = make("p", { class: "only-heard", role: "status", "aria-live": "polite" });
    this.fault = make("ul", { class: "note alarm", role: "alert", tabindex: "-1", hidden: true });
    this.hint = make("p", { class: "hint" });
    this.save = make("button", { class: "button main", type: "button", onclick: () => this.#save() }, icon("check"), "Save");
    return make("section", { onkeydown: (event) => this.#key(event) },
      make("header", {}, make("h1", { tabindex: "-1" }, "Zones"), make("div", { class: "row" }, this.#makeChoice(), this.save)),
      make("div", { class: "editor" },
        make("div", { class: "card board" }, this.ground.stage.element, this.#makeKeys(), this.hint),
        make("div", { class: "zone-list" }, this.fault, this.list.element)), this.heard);
  }

  #makeChoice() {
    const go = (event) => (location.hash = `#/zones/${encodeURIComponent(event.target.value)}`);
    const { name: own } = this.desk.camera;
    this.choice = make("select", { "aria-label": "Camera", onchange: go },
      state.cameras.map(({ name }) => make("option", { value: name, selected: name === own }, name)));
    return make("div", { class: "field" }, this.choice);
  }

  #makeKeys() {
    const { desk } = this;
    const key = (name, label, run) => make("button", { class: "button", type: "button", onclick: run }, icon(name), label);
    this.area = key("area", "Area", () => this.#draw("area"));
    this.line = key("stroke", "Line", () => this.#draw("line"));
    const square = (name, label, run) => make("button", { class: "button square", type: "button", "aria-label": label,
      title: label, onclick: run }, icon(name));
    this.undo = square("undo", "Undo", () => desk.undo());
    this.redo = square("redo", "Redo", () => desk.redo());
    this.finish = key("check", "Finish", () => desk.finish());
    this.cancel = key("back", "Cancel", () => desk.cancel());
    return make("div", { class: "keys", role: "toolbar", "aria-label": "Tools" },
      this.area, this.line, this.finish, this.cancel, this.undo, this.redo);
  }

  #draw(kind) {
    this.desk.draw(kind);
    this.board.svg.focus({ preventScroll: true });
  }

  #tell() {
    const { desk } = this;
    const drawing = desk.draft !== null;
    for (const button of [this.area, this.line, this.redo]) set(button, "hidden", drawing);
    for (const button of [this.finish, this.cancel]) set(button, "hidden", !drawing);
    set(this.finish, "disabled", !desk.finishable);
    set(this.undo, "disabled", !drawing && !desk.history.undoable);
    set(this.redo, "disabled", !desk.history.redoable);
    set(this.save, "disabled", !desk.history.changed || drawing);
    fill(this.hint, HINTS[desk.draft?.kind ?? (desk.chosen >= 0 ? "chosen" : "idle")]);
    this.board.draw();
    this.list.draw();
  }

  async #save() {
    const { desk } = this;
    const path = `/api/cameras/${encodeURIComponent(desk.camera.name)}/zones`;
    set(this.save, "disabled", true);
    try {
      const camera = await change("PUT", path, { zones: desk.zones });
      desk.history.saved = desk.zones;
      desk.wrong = [];
      set(this.fault, "hidden", true);
      takeCamera(camera);
      toast("Saved, and in use from now on.");
    } catch (error) {
      this.#refuse(error.lines ?? [error.message]);
    }
    this.#tell();
  }

  #refuse(lines) {
    const { desk } = this;
    desk.wrong = desk.zones.map(({ name }) => name).filter((name) => lines.some((line) => line.includes(`'${name}'`)));
    set(this.fault, "hidden", false);
    fill(this.fault, lines.map((line) => make("li", {}, line)));
    this.fault.focus();
  }

  /** Somebody else saved zones: take them over where nothing is unsaved here. */
  #takeOver() {
    const { desk } = this;
    const camera = state.cameras.find(({ name }) => name === desk.camera.name);
    if (!camera) return;
    desk.camera = camera;
    if (desk.history.changed || desk.draft || JSON.stringify(camera.zones) === JSON.stringify(desk.zones)) return;
    desk.change(camera.zones);
    desk.history.saved = camera.zones;
    desk.choose(-1);
  }

  #key(event) {
    if (!(event.ctrlKey || event.metaKey) || event.target.matches("input")) return;
    const run = { z: () => (event.shiftKey ? this.desk.redo() : this.desk.undo()), y: () => this.desk.redo() }[event.key.toLowerCase()];
    if (!run) return;
    event.preventDefault();
    run();
  }

  unsaved() {
    return this.desk?.history.changed ?? false;
  }

  mayLeave() {
    const may = !this.unsaved() || confirm("The zones have changes that are not saved. Leave them?");
    if (!may) this.choice.value = this.desk.camera.name;
    return may;
  }

  close() {
    this.end?.();
    this.board?.close();
    this.ground?.close();
  }
}
