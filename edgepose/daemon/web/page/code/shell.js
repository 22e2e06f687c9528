// What is around every view: bar, banners, tabs.

import { Banners } from "./banners.js";
import { fill, make, set } from "./dom.js";
import { icon } from "./icons.js";
import { makeModeSwitch } from "./modes.js";
import { on, state } from "./store.js";
import { mountToasts } from "./toast.js";

const TABS = { live: "Live", events: "Events", zones: "Zones", health: "Health" };

export class Shell {
  constructor() {
    this.view = make("main", { class: "view" });
    this.count = make("span", { class: "count", hidden: true });
    this.links = Object.entries(TABS).map(([name, label]) =>
      make("a", { href: `#/${name}`, "data-tab": name }, icon(name), label, name === "events" ? this.count : null));
    this.element = make("div", { class: "shell" }, this.#makeBar(), new Banners().element, this.view,
      make("nav", { class: "tabs", "aria-label": "Views" }, make("ul", {}, this.links.map((link) => make("li", {}, link)))));
    mountToasts(this.element);
    on("alarms", () => this.#tellAlarms());
    this.#tellAlarms();
  }

  #makeBar() {
    const word = make("span", { class: "only-heard" });
    const light = make("span", { class: "link-state", role: "status" }, make("span", { class: "dot" }), word);
    const tell = () => {
      set(light, "data-state", state.link);
      set(light, "title", state.link === "open" ? "Connected" : "Connection lost");
      fill(word, state.link === "open" ? "Connected" : "Connection lost, trying again");
    };
    on("link", tell);
    tell();
    return make("header", { class: "bar" },
      make("a", { class: "brand", href: "#/live", "aria-label": "edgepose, live" },
        make("img", { src: "/page/icon.svg", alt: "" }), make("span", { class: "name" }, "edgepose")),
      light, makeModeSwitch());
  }

  #tellAlarms() {
    const n = state.alarms.size;
    set(this.count, "hidden", n === 0);
    fill(this.count, String(n), make("span", { class: "only-heard" }, " alarms wait"));
  }

  /** Show a view and mark its tab. */
  show(view, tab) {
    for (const link of this.links) set(link, "aria-current", link.dataset.tab === tab ? "page" : null);
    fill(this.view, ...view.element.childNodes);
    this.view.querySelector("h1")?.focus({ preventScroll: true });
    scrollTo(0, 0);
  }
}
