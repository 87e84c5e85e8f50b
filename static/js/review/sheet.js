/* The sheet of one submission, for a person with fifty of them: decisions go by fetch, and the next
   sheet is fetched, with the beginning of its film, while this one is looked at. Without this script
   every form posts and every link leads. */

import { clock } from "../player/texts.js";
import { bindKeys } from "./keys.js";
import { ask, prepare } from "./next.js";

const root = () => document.querySelector("[data-sheet]");
let following = null; // What comes next, fetched ahead.
let busy = false;

function one(name) {
  return root().querySelector(name);
}

function say(text) {
  const problem = one("[data-problem]");
  problem.hidden = !text;
  one("[data-problem-text]").textContent = text || "";
  if (text) {
    problem.scrollIntoView({ block: "center" });
  }
}

/* What came of the last decision, above the sheet that follows it. */
function tell(text) {
  const done = root() && one("[data-done]");
  if (done && text) {
    one("[data-done-text]").textContent = text;
    done.hidden = false;
  }
}

/* Show a sheet that was fetched; whatever else it is, the browser goes there by itself. The same
   sheet again keeps its film where it stands, unless it has other captions. */
async function show(url) {
  const isSame = url === window.location.href;
  const fresh = following && following.url === url ? following : prepare(url);
  following = null;
  const page = await fresh.page;
  const main = page && page.querySelector("main");
  if (!main || !main.querySelector("[data-sheet]")) {
    window.location.assign(url);
    return;
  }
  const [kept, top] = [one("#film"), window.pageYOffset];
  document.querySelector("main").replaceWith(document.adoptNode(main));
  document.title = page.title;
  const film = one("#film");
  if (isSame && kept && film && kept.dataset.words === film.dataset.words) {
    film.replaceWith(kept);
  } else if (film) {
    film.load(); // An element of a parsed document has not begun by itself.
  }
  window.scrollTo(0, isSame ? top : 0);
  start();
  if (!isSame) {
    window.history.pushState({}, "", url);
    main.focus({ preventScroll: true });
  }
}

function buttons(disabled) {
  for (const button of root().querySelectorAll("form[data-act] button")) {
    button.disabled = disabled;
  }
}

async function send(form, button) {
  if (busy) {
    return; // A second tap while the first is on its way.
  }
  busy = true;
  buttons(true);
  say("");
  const body = new URLSearchParams(new FormData(form));
  if (button && button.name) {
    body.set(button.name, button.value);
  }
  const { data } = await ask(form.action, body);
  busy = false;
  buttons(false);
  if (data && data.next) {
    const next = new URL(data.next, window.location.href).href;
    if (!data.message) {
      window.location.assign(next); // The queue, which says by itself what came of it, and once.
      return;
    }
    await show(next);
    tell(data.message);
    return;
  }
  say((data && data.message) || root().dataset.lost);
}

/* A decision whose ticks are missing is not sent; the first missing one is shown. */
function ticked(form, button) {
  if (!button || button.value !== "approve") {
    return true;
  }
  const missing = Array.prototype.find.call(
    form.querySelectorAll("input[type=checkbox]"),
    (box) => !box.checked,
  );
  if (missing) {
    missing.focus();
    missing.scrollIntoView({ block: "center" });
  }
  return !missing;
}

function jump(button) {
  const film = one("#film");
  if (film) {
    film.currentTime = Number(button.dataset.second);
    film.scrollIntoView({ block: "nearest" });
    const begun = film.play();
    if (begun) {
      begun.catch(() => {}); // A browser that wants a tap shows its own button.
    }
  }
  for (const item of root().querySelectorAll(".comment")) {
    item.classList.toggle("is-current", item.contains(button));
  }
}

/* Typing a comment stops the film and notes the moment, until somebody changes it. */
function noteMoment() {
  const [film, at] = [one("#film"), one("[data-at]")];
  if (film && at && !at.value) {
    film.pause();
    at.value = clock(film.currentTime);
  }
}

function start() {
  for (const button of root().querySelectorAll("[data-second]")) {
    button.querySelector("[data-clock]").textContent = clock(Number(button.dataset.second));
    button.addEventListener("click", () => jump(button));
  }
  for (const text of root().querySelectorAll("[data-second-text]")) {
    text.textContent = clock(Number(text.dataset.secondText));
  }
  for (const form of root().querySelectorAll("form[data-act]")) {
    let pressed = null;
    form.addEventListener("click", (event) => {
      pressed = event.target.closest("button") || pressed;
    });
    form.addEventListener("submit", (event) => {
      event.preventDefault();
      const button = event.submitter || pressed;
      if (ticked(form, button)) {
        send(form, button);
      }
    });
  }
  const comment = one("[data-comment]");
  if (comment) {
    comment.addEventListener("input", noteMoment, { once: true });
  }
  const { next } = root().dataset;
  following = next ? prepare(new URL(next, window.location.href).href) : null;
}

window.addEventListener("popstate", () => window.location.reload());
bindKeys({
  film: () => one("#film"),
  approve: () => one("[data-approve]"),
  sendBack: () => one("[data-note]"),
  comment: () => one("[data-comment]"),
  moments: () => Array.from(root().querySelectorAll("button[data-second]")),
  next: () => root().dataset.next && show(new URL(root().dataset.next, window.location.href).href),
});
start();
