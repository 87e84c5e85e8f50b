/* The seek bar: watch strip and buffer underneath, pictures of the storyboard on hover, drag and
   key, a native range input for keyboards and screen readers. Jumps happen when the finger lifts. */

import { lastAt } from "./beside.js";
import { runsOf } from "./bitmap.js";
import { parseStoryboard, pictureAt } from "./storyboard.js";
import { drawRuns, stripGroup } from "./strip.js";
import { clock, fill, lengthText } from "./texts.js";

const STEP = 5;
const PAGE = 30;
/* A key is a moment, not a place to stay at as a finger or a mouse is. */
const KEY_PEEK_MS = 1500;

export class SeekBar {
  constructor({ root, transport, addresses, texts, win }) {
    Object.assign(this, { transport, addresses, texts, win });
    this.bar = root.querySelector("[data-seek-bar]");
    this.input = root.querySelector("[data-seek]");
    this.head = root.querySelector("[data-head]");
    this.peek = root.querySelector("[data-peek]");
    this.peekPicture = root.querySelector("[data-peek-picture]");
    this.peekTime = root.querySelector("[data-peek-time]");
    this.svg = this.bar.querySelector("svg");
    this.groups = {
      buffered: stripGroup(this.svg, "strip-buffered"),
      pending: stripGroup(this.svg, "strip-pending"),
      seen: stripGroup(this.svg, "strip-seen"),
    };
    this.chapters = [];
    this.pictures = null;
    this.images = {};
    this.peekTimer = null;
    this.peekedAt = 0;
    this.dragging = false;
    this.dragTime = 0;
    this.input.max = String(Math.floor(transport.duration));
    this.listen();
    this.place();
  }

  listen() {
    const { bar, input } = this;
    bar.addEventListener("pointerdown", (event) => {
      if (event.button > 0) {
        return;
      }
      event.preventDefault();
      this.dragging = true;
      if (bar.setPointerCapture) {
        bar.setPointerCapture(event.pointerId);
      }
      bar.classList.add("is-dragging");
      this.dragTo(event.clientX);
    });
    bar.addEventListener("pointermove", (event) => {
      if (this.dragging) {
        this.dragTo(event.clientX);
      } else if (event.pointerType === "mouse") {
        this.showPeek(this.timeAt(event.clientX));
      }
    });
    bar.addEventListener("pointerup", () => this.endDrag(true));
    bar.addEventListener("pointercancel", () => this.endDrag(false));
    bar.addEventListener("pointerleave", () => {
      if (!this.dragging) {
        this.hidePeek();
      }
    });
    input.addEventListener("input", () => this.jumpByKey(Number(input.value)));
    input.addEventListener("blur", () => this.hidePeek());
    input.addEventListener("keydown", (event) => {
      const step = { ArrowLeft: -STEP, ArrowDown: -STEP, ArrowRight: STEP, ArrowUp: STEP, PageDown: -PAGE, PageUp: PAGE }[event.key];
      if (event.ctrlKey || event.metaKey || event.altKey) {
        return;
      }
      if (step) {
        event.preventDefault();
        event.stopPropagation();
        this.jumpByKey(this.transport.position() + step);
      } else if (event.key === "Home" || event.key === "End") {
        event.preventDefault();
        event.stopPropagation();
        this.jumpByKey(event.key === "Home" ? 0 : this.transport.duration);
      }
    });
  }

  timeAt(clientX) {
    const box = this.svg.getBoundingClientRect();
    const fraction = box.width ? (clientX - box.left) / box.width : 0;
    return Math.min(Math.max(0, fraction), 1) * this.transport.duration;
  }

  jumpByKey(time) {
    this.transport.seek(time);
    this.showPeek(this.transport.position());
    this.peekTimer = this.win.setTimeout(() => this.hidePeek(), KEY_PEEK_MS);
  }

  dragTo(clientX) {
    this.dragTime = this.timeAt(clientX);
    this.showPeek(this.dragTime);
    this.place();
  }

  endDrag(jump) {
    if (!this.dragging) {
      return;
    }
    this.dragging = false;
    this.bar.classList.remove("is-dragging");
    this.hidePeek();
    if (jump) {
      this.transport.seek(this.dragTime);
    }
    this.place();
  }

  /* Put the head where the recording stands and say so. */
  place() {
    const { duration } = this.transport;
    const time = this.dragging ? this.dragTime : this.transport.position();
    this.head.style.left = `${(Math.min(1, time / duration) * 100).toFixed(3)}%`;
    const second = String(Math.min(Math.floor(time), Math.floor(duration)));
    if (this.input.value !== second || !this.input.hasAttribute("aria-valuetext")) {
      this.input.value = second;
      this.input.setAttribute(
        "aria-valuetext",
        fill(this.texts.position, { time: lengthText(this.texts, Math.floor(time)), total: lengthText(this.texts, duration) }),
      );
    }
  }

  /* Chapters: [{from, title}, …] in order; a notch where each begins, its name over the picture. */
  markChapters(chapters) {
    this.chapters = chapters;
    const group = stripGroup(this.svg, "strip-chapters");
    this.svg.appendChild(group); // over what is watched
    chapters
      .filter(({ from }) => from > 0)
      .forEach(({ from }) => {
        const line = this.svg.ownerDocument.createElementNS(this.svg.namespaceURI, "line");
        const x = (from / this.transport.duration).toFixed(5);
        [["x1", x], ["x2", x], ["y1", "0"], ["y2", "8"]].forEach(([name, value]) => line.setAttribute(name, value));
        group.appendChild(line);
      });
  }

  drawBuffered(ranges) {
    const runs = [];
    for (let i = 0; i < ranges.length; i += 1) {
      runs.push([ranges.start(i), ranges.end(i)]);
    }
    drawRuns(this.groups.buffered, runs, this.transport.duration);
  }

  drawWatched({ confirmed, pending, seconds, completed }) {
    const { duration } = this.transport;
    drawRuns(this.groups.seen, runsOf(confirmed, seconds), duration);
    drawRuns(this.groups.pending, runsOf(pending, seconds), duration);
    this.svg.classList.toggle("is-complete", completed);
  }

  /* ---- the small picture ---- */

  hidePeek() {
    this.win.clearTimeout(this.peekTimer);
    this.peek.hidden = true;
  }

  showPeek(time) {
    this.win.clearTimeout(this.peekTimer);
    this.peekedAt = time;
    this.peek.hidden = false;
    const chapter = lastAt(this.chapters, time);
    this.peekTime.textContent = chapter ? `${clock(time)} ${chapter.title}` : clock(time);
    this.drawPicture(time);
    this.placePeek();
  }

  /* Over its place, but inside the bar; as wide as it then is. */
  placePeek() {
    const width = this.svg.getBoundingClientRect().width;
    const half = this.peek.offsetWidth / 2;
    const x = (this.peekedAt / this.transport.duration) * width;
    this.peek.style.left = `${Math.min(Math.max(half, x), Math.max(half, width - half)).toFixed(1)}px`;
  }

  drawPicture(time) {
    if (this.pictures === null) {
      this.pictures = [];
      this.loadStoryboard();
    }
    const picture = pictureAt(this.pictures, time);
    this.peekPicture.hidden = !picture;
    if (!picture) {
      return;
    }
    const style = this.peekPicture.style;
    style.width = `${picture.width}px`;
    style.height = `${picture.height}px`;
    style.backgroundImage = `url("${this.imageOf(picture.src)}")`;
    style.backgroundPosition = `-${picture.x}px -${picture.y}px`;
  }

  /* One address per sheet for the life of the page, so that a renewed token loads nothing twice. */
  imageOf(src) {
    if (!this.images[src]) {
      const base = new URL(this.addresses.playback.storyboard, this.win.location.href);
      this.images[src] = new URL(src, base).href;
    }
    return this.images[src];
  }

  loadStoryboard() {
    const { storyboard } = this.addresses.playback;
    if (!storyboard) {
      return;
    }
    this.addresses
      .ready(storyboard)
      .then((url) => this.win.fetch(url))
      .then((response) => (response.ok ? response.text() : Promise.reject(new Error(String(response.status)))))
      .then(
        (text) => {
          this.pictures = parseStoryboard(text);
          if (!this.peek.hidden) {
            this.drawPicture(this.peekedAt); // for a finger that lies still
            this.placePeek();
          }
        },
        () => {
          this.pictures = null; // the next hover tries again
        },
      );
  }
}
