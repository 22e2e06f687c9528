// Starts the page: log-in if need be, then the view that the address names.

import { onSignedOut, session } from "./api.js";
import { fill, make } from "./dom.js";
import { Link, refreshAlarms } from "./link.js";
import { makeLogin } from "./login.js";
import { Shell } from "./shell.js";
import { on, state } from "./store.js";
import { EventView } from "./view-event.js";
import { EventsView } from "./view-events.js";
import { HealthView } from "./view-health.js";
import { LiveView } from "./view-live.js";
import { ZonesView } from "./view-zones.js";

const app = document.getElementById("app");
const link = new Link();
let shell = null;
let view = null;
let shown = null;
let password = false;

async function start() {
  try {
    const answer = await session();
    password = answer.password;
    if (answer.csrf === null) return showLogin();
    link.open();
  } catch (error) {
    fill(app, make("p", { class: "bare note alarm", role: "alert" }, error.message));
    setTimeout(start, 3000);
  }
}

function showLogin() {
  if (shell || view) return location.reload(); // everything of the session before goes with the page
  fill(app, makeLogin(() => link.open()));
}

/** Everything is known: build the page, once. */
function begin() {
  if (shell) return;
  shell = new Shell();
  fill(app, shell.element);
  route();
}

function viewOf(name, argument) {
  if (name === "events") return argument ? EventView : EventsView;
  return { zones: ZonesView, health: HealthView }[name] ?? LiveView;
}

function route() {
  if (!shell || location.hash === shown) return;
  if (view?.mayLeave && !view.mayLeave()) return history.replaceState(null, "", shown || "#/live");
  const [, name = "live", argument = ""] = location.hash.split("/").map(decode);
  view?.close();
  link.watch([]);
  view = new (viewOf(name, argument))({ link, argument, password });
  shown = location.hash;
  shell.show(view, name || "live");
}

function decode(text) {
  try {
    return decodeURIComponent(text);
  } catch {
    return text;
  }
}

onSignedOut(showLogin);
on("signed-out", showLogin);
on("missed", () => refreshAlarms().catch(() => {}));
on("about", () => state.about && begin());
addEventListener("hashchange", route);
addEventListener("beforeunload", (event) => view?.unsaved?.() && event.preventDefault());
start();
