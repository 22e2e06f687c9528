// The switch of modes, and the question when an adult comes or the last one goes.

import { change } from "./api.js";
import { make, set } from "./dom.js";
import { on, state, takeMode } from "./store.js";
import { toast } from "./toast.js";
import { MODES } from "./words.js";

/** Switch to a mode; what was before is one press away. */
export async function switchMode(mode) {
  const before = state.mode.mode;
  try {
    takeMode(await change("PUT", "/api/mode", { mode }));
    if (mode !== before) toast(`Mode: ${MODES[mode]}`, { label: "Undo", run: () => switchMode(before) });
  } catch (error) {
    toast(error.message, null, "alarm");
  }
}

export function makeModeSwitch() {
  const buttons = Object.entries(MODES).map(([mode, label]) =>
    make("button", { type: "button", "data-mode": mode, onclick: () => switchMode(mode) }, label));
  const tell = () => buttons.forEach((button) =>
    set(button, "aria-pressed", String(button.dataset.mode === state.mode?.mode)));
  on("mode", tell);
  tell();
  return make("div", { class: "segments modes", role: "group", "aria-label": "Mode" }, buttons);
}
