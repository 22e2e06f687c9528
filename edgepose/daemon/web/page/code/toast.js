// A short word at the lower edge, gone by itself, with something to press where that helps.

import { make } from "./dom.js";

const STAYS_MS = 7000;
const place = make("div", { class: "toasts", role: "status", "aria-live": "polite" });

export function mountToasts(parent) {
  parent.append(place);
}

/** Show a text; `action` is { label, run } or null; `tone` "alarm" for what went wrong. */
export function toast(text, action = null, tone = "") {
  const element = make("div", { class: `toast ${tone}` }, make("span", { class: "grow" }, text));
  const timer = setTimeout(() => element.remove(), STAYS_MS);
  const press = () => {
    clearTimeout(timer);
    element.remove();
    action.run();
  };
  if (action) element.append(make("button", { class: "button plain", type: "button", onclick: press }, action.label));
  place.replaceChildren(element);
}
