/* The screen before it has a session: shows six digits until a keeper's phone has confirmed them. */

import { heldBeats } from "./held-beats.js";
import { commandOf } from "./remote.js";

const LOOK_MS = 3000;

const root = document.querySelector("[data-pair]");
const shown = root.querySelector("[data-code]");
const say = root.querySelector("[data-say]");
const anew = root.querySelector("[data-anew]");
const csrf = document.querySelector("input[name=csrfmiddlewaretoken]").value;
let timer = null;

function ask(url, options) {
  const headers = { Accept: "application/json", "X-CSRFToken": csrf };
  return window.fetch(url, Object.assign({ credentials: "same-origin", headers }, options));
}

function later(action) {
  window.clearTimeout(timer);
  timer = window.setTimeout(action, LOOK_MS);
}

function trouble(text, again) {
  say.textContent = text || root.dataset.lostText;
  later(again);
}

function look() {
  ask(root.dataset.pairedUrl)
    .then((answer) => answer.json())
    .then(
      ({ paired, gone }) => {
        say.textContent = "";
        if (paired && !gone) {
          window.location.reload();
        } else if (gone) {
          show();
        } else {
          later(look);
        }
      },
      () => trouble("", look),
    );
}

function show() {
  anew.hidden = true;
  ask(root.dataset.codeUrl, { method: "POST" })
    .then((answer) => answer.json())
    .then(
      ({ code, message }) => {
        if (!code) {
          say.textContent = message;
          anew.hidden = false;
          anew.focus();
          return;
        }
        say.textContent = "";
        shown.textContent = `${code.slice(0, 3)} ${code.slice(3)}`;
        later(look);
      },
      () => trouble("", show),
    );
}

anew.addEventListener("click", show);
document.addEventListener("keydown", (event) => {
  if (commandOf(event) === "ok" && !anew.hidden) {
    event.preventDefault();
    show();
  }
});
show();
// A screen that was switched off without a line tells now what it played.
heldBeats(window, { notice: root.querySelector("[data-given-up]") }).deliver();
