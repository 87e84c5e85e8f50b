/* What stands beside the film: its chapters, and its words once somebody opens them. Both follow the
   film, and a tap jumps. The words come from the server's own page of the lecture as text, and are
   scrolled only inside their box, and never while somebody else scrolls it. */

import { keepPreference } from "./preferences.js";

/* How long a box that somebody scrolled is left alone, even when the place is still in sight. */
const REST_MS = 1500;
/* Captions tell the instant to a thousandth, films stand a little before it. */
const NEAR = 0.05;

/* The last of `marks` ([{from}, …] in order of time) that has begun at `time`; null before all. */
export function lastAt(marks, time) {
  let low = 0;
  let high = marks.length;
  while (low < high) {
    const middle = (low + high) >> 1;
    if (marks[middle].from <= time + NEAR) {
      low = middle + 1;
    } else {
      high = middle;
    }
  }
  return low ? marks[low - 1] : null;
}

/* [{from, node}, …] of the elements inside `root` that `selector` finds. */
function marksIn(root, selector) {
  return Array.from(root.querySelectorAll(selector)).map((node) => ({ from: Number(node.dataset.from), node }));
}

/* A click that asks for something else than a jump: a new tab, or words to copy. */
function isOther(event, win) {
  return event.ctrlKey || event.metaKey || event.shiftKey || event.button > 0 || String(win.getSelection()) !== "";
}

export class Chapters {
  constructor({ list, video, position, onjump, win }) {
    Object.assign(this, { position });
    this.marks = marksIn(list, "[data-from]").map(({ from, node }) => ({
      from,
      node,
      title: node.querySelector("[data-title]").textContent,
    }));
    this.now = null;
    list.addEventListener("click", (event) => {
      const link = event.target.closest("[data-from]");
      if (link && !isOther(event, win)) {
        event.preventDefault();
        onjump(Number(link.dataset.from));
      }
    });
    ["timeupdate", "seeked"].forEach((name) => video.addEventListener(name, () => this.mark()));
  }

  mark() {
    const now = lastAt(this.marks, this.position());
    if (now === this.now) {
      return;
    }
    if (this.now) {
      this.now.node.removeAttribute("aria-current");
    }
    if (now) {
      now.node.setAttribute("aria-current", "true");
    }
    this.now = now;
  }
}

export class Transcript {
  constructor({ box, video, position, onjump, storage, isOpen, win }) {
    Object.assign(this, { box, video, position, storage, win });
    this.words = box.querySelector("[data-words]");
    this.button = box.querySelector("[data-follow]");
    this.marks = [];
    this.now = null;
    this.follows = true;
    this.placed = 0;
    this.restUntil = 0;
    this.isLoading = false;
    this.isTapped = false;

    box.querySelector("summary").addEventListener("click", () => {
      this.isTapped = true;
      keepPreference(storage, "transcript", !box.open);
    });
    box.addEventListener("toggle", () => this.opened());
    box.open = isOpen;
    this.button.addEventListener("click", () => this.follow());
    this.words.addEventListener("click", (event) => {
      const mark = event.target.closest("[data-from]");
      if (mark && !isOther(event, win)) {
        event.preventDefault();
        this.follow();
        onjump(Number(mark.dataset.from));
      }
    });
    this.words.addEventListener("scroll", () => this.scrolled());
    ["touchstart", "touchmove", "wheel"].forEach((name) =>
      this.words.addEventListener(name, () => this.rest(), { passive: true }),
    );
    video.addEventListener("playing", () => this.opened());
    ["timeupdate", "seeked"].forEach((name) => video.addEventListener(name, () => this.mark()));
  }

  /* By itself not before the film has begun: on a weak line it goes first. */
  opened() {
    if (this.box.open && !this.marks.length && !this.isLoading && (this.isTapped || this.video.currentTime > 0)) {
      this.load();
    }
    this.mark();
  }

  load() {
    this.isLoading = true;
    this.win
      .fetch(this.box.dataset.src, { credentials: "same-origin" })
      .then((response) => (response.ok ? response.text() : Promise.reject(new Error(String(response.status)))))
      .then((text) => {
        const said = new DOMParser().parseFromString(text, "text/html").querySelector("[data-said]");
        if (said) {
          this.words.textContent = "";
          this.words.appendChild(this.box.ownerDocument.importNode(said, true));
          this.marks = marksIn(this.words, "span[data-from]");
          this.mark();
        }
      })
      .catch(() => {}) // the link to the page stays, and the next opening tries again
      .then(() => {
        this.isLoading = false;
      });
  }

  mark() {
    const now = lastAt(this.marks, this.position());
    if (now !== this.now) {
      if (this.now) {
        this.now.node.classList.remove("is-now");
      }
      if (now) {
        now.node.classList.add("is-now");
      }
      this.now = now;
    }
    this.bring();
  }

  /* Where the marked words stand in the box: above (-1), in sight (0) or below (1). */
  side() {
    const box = this.words.getBoundingClientRect();
    const mark = this.now.node.getBoundingClientRect();
    return mark.top < box.top ? -1 : Number(mark.bottom > box.bottom);
  }

  /* A third down, so that what comes is in sight as well. */
  bring() {
    const { words } = this;
    if (!this.now || !this.box.open || !this.follows || this.win.performance.now() < this.restUntil || !this.side()) {
      return;
    }
    const below = this.now.node.getBoundingClientRect().top - words.getBoundingClientRect().top;
    words.scrollTop += below - words.clientHeight / 3;
    this.placed = words.scrollTop;
  }

  rest() {
    this.restUntil = this.win.performance.now() + REST_MS;
  }

  scrolled() {
    if (Math.abs(this.words.scrollTop - this.placed) <= 1) {
      return; // by `bring`
    }
    this.placed = this.words.scrollTop;
    this.rest();
    this.follows = !this.now || this.side() === 0;
    this.button.hidden = this.follows;
  }

  follow() {
    this.follows = true;
    this.restUntil = 0;
    this.button.hidden = true;
    this.bring();
  }
}
