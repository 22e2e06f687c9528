// The door.

import { logIn } from "./api.js";
import { fill, make, set } from "./dom.js";

/** The form; `done()` is called when the password was right. */
export function makeLogin(done) {
  const field = make("input", { type: "password", name: "password", autocomplete: "current-password", required: true,
    "aria-describedby": "login-fault" });
  const fault = make("p", { class: "note alarm", id: "login-fault", role: "alert", hidden: true });
  const button = make("button", { class: "button main", type: "submit" }, "Log in");
  const submit = async (event) => {
    event.preventDefault();
    set(button, "disabled", true);
    const word = await tryPassword(field.value);
    set(button, "disabled", false);
    if (word === null) return done();
    set(fault, "hidden", false);
    fill(fault, word);
    field.select();
  };
  return make("main", { class: "login" },
    make("div", { class: "brand" }, make("img", { src: "/page/icon.svg", alt: "" }), "edgepose"),
    make("form", { class: "card", onsubmit: submit },
      make("h1", { class: "only-heard" }, "Log in"),
      make("input", { type: "text", name: "username", autocomplete: "username", value: "edgepose", hidden: true }),
      make("label", { class: "field" }, "Password", field), fault, button));
}

/** null when it was right, else why not. */
async function tryPassword(password) {
  try {
    await logIn(password);
    return null;
  } catch (error) {
    return error.message.replace(/^./, (first) => first.toUpperCase());
  }
}
