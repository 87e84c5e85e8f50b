/* The sentence under the player, from the evidence: how much is watched, what is missing (each
   span a button that jumps there), and completion. */

import { countSeconds, runsOf } from "./bitmap.js";
import { drawRuns, stripGroup } from "./strip.js";
import { clock, fill, lengthText } from "./texts.js";

/* More spans than this are a wall of numbers; the strip shows them all. */
const MOST_SPANS = 6;
/* Holes as short as this are named only when there is nothing longer. */
const SHORT_SPAN = 2;

export class Panel {
  constructor({ doc, texts, onjump }) {
    this.section = doc.querySelector("#watch-panel");
    this.texts = texts;
    this.onjump = onjump;
    if (!this.section) {
      return;
    }
    const part = (name) => this.section.querySelector(`[data-watch-${name}]`);
    const holder = part("strip");
    this.svg = holder && (holder.tagName.toLowerCase() === "svg" ? holder : holder.querySelector("svg"));
    this.percent = part("percent");
    this.state = part("state");
    this.list = part("missing");
    this.done = part("done");
    this.item = doc.querySelector("#watch-missing-item");
    this.drawn = "";
    this.list.addEventListener("click", (event) => {
      const button = event.target.closest("[data-seek]");
      if (button) {
        this.onjump(Number(button.getAttribute("data-seek")));
      }
    });
  }

  /* The strip follows every second; words only when there is something to say (they are read out). */
  show(view, withWords) {
    if (!this.section) {
      return;
    }
    this.section.hidden = false;
    this.draw(view);
    if (withWords) {
      this.tell(view);
    }
  }

  draw({ confirmed, pending, seconds, duration, completed }) {
    if (!this.svg) {
      return;
    }
    drawRuns(stripGroup(this.svg, "strip-pending"), runsOf(pending, seconds), duration);
    drawRuns(stripGroup(this.svg, "strip-seen"), runsOf(confirmed, seconds), duration);
    this.svg.classList.toggle("is-complete", completed);
  }

  tell({ confirmed, pending, completed, missing, coverage, lost }) {
    const { texts } = this;
    // Rounded down: 100 % is said only of what is whole.
    const percent = `${Math.floor(coverage * 100 + 1e-9)}%`;
    const left = missing.reduce((total, [from, to]) => total + (to - from), 0);
    const waiting = countSeconds(pending);
    let sentence = waiting > 0 ? texts.watchedStarting : texts.watchedNone;
    if (completed) {
      sentence = fill(texts.watchedComplete, { percent });
    } else if (countSeconds(confirmed) > 0) {
      sentence = fill(texts.watchedPart, { percent, length: lengthText(texts, left) });
    }
    if (lost && waiting > 0) {
      const second = fill(texts.watchedPending, { length: lengthText(texts, waiting) });
      sentence = fill(texts.sentences, { first: sentence, second });
    }
    if (this.svg) {
      this.svg.setAttribute("aria-label", sentence);
    }
    if (this.percent) {
      this.percent.textContent = percent;
    }
    if (this.state.textContent !== sentence) {
      this.state.textContent = sentence;
    }
    if (this.done) {
      this.done.hidden = !completed;
    }
    this.showMissing(completed || countSeconds(confirmed) === 0 ? [] : missing);
  }

  showMissing(missing) {
    const long = missing.filter(([from, to]) => to - from > SHORT_SPAN);
    const longest = (long.length ? long : missing)
      .slice()
      .sort((one, other) => other[1] - other[0] - (one[1] - one[0]))
      .slice(0, MOST_SPANS)
      .sort((one, other) => one[0] - other[0]);
    const key = JSON.stringify(longest);
    if (key === this.drawn) {
      return;
    }
    this.drawn = key;
    const focused = this.list.contains(this.list.ownerDocument.activeElement);
    this.list.textContent = "";
    longest.forEach(([from, to]) => {
      const item = this.item.content.cloneNode(true);
      const button = item.querySelector("[data-seek]");
      const values = { from: clock(from), to: clock(to), length: lengthText(this.texts, to - from) };
      button.setAttribute("data-seek", String(from));
      item.querySelector("[data-text]").textContent = fill(this.texts.span, values);
      this.list.appendChild(item);
    });
    this.list.hidden = longest.length === 0;
    const first = this.list.querySelector("[data-seek]");
    if (focused && first) {
      first.focus({ preventScroll: true });
    }
  }
}
