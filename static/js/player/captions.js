/* Captions under the picture: fetched when they are on and the film runs, drawn as text. */

import { cuesAt, parseCues, piecesOf } from "./cues.js";
import { keepPreference } from "./preferences.js";

const RETRY_MS = 15000;

export class Captions {
  constructor({ root, video, url, isOn, texts, storage, win }) {
    Object.assign(this, { video, url, texts, storage, win });
    this.box = root.querySelector("[data-caption-box]");
    this.button = root.querySelector("[data-captions]");
    this.doc = root.ownerDocument;
    this.cues = null;
    this.drawn = "";
    this.triedAt = -Infinity;
    this.isOn = isOn;
    if (!url) {
      return;
    }
    this.button.hidden = false;
    this.button.addEventListener("click", () => this.toggle());
    ["timeupdate", "seeked", "playing", "emptied"].forEach((name) => video.addEventListener(name, () => this.draw()));
    // The full screen of an iPhone shows the bare video: there the browser draws them.
    video.addEventListener("webkitbeginfullscreen", () => this.lend(this.isOn));
    video.addEventListener("webkitendfullscreen", () => this.lend(false));
    this.update();
  }

  toggle() {
    this.isOn = !this.isOn;
    keepPreference(this.storage, "captions", this.isOn);
    this.update();
  }

  update() {
    const { button, texts, isOn } = this;
    button.setAttribute("aria-pressed", String(isOn));
    button.setAttribute("aria-label", isOn ? texts.captionsOff : texts.captionsOn);
    button.classList.toggle("is-on", isOn);
    this.draw();
  }

  /* Not before the film has begun: on a weak line it goes first. */
  fetch() {
    const now = this.win.performance.now();
    if (this.cues || now - this.triedAt < RETRY_MS || !(this.video.currentTime > 0)) {
      return;
    }
    this.triedAt = now;
    this.win
      .fetch(this.url, { credentials: "same-origin" })
      .then((response) => (response.ok ? response.text() : Promise.reject(new Error(String(response.status)))))
      .then(
        (file) => {
          this.cues = parseCues(file);
          this.draw();
        },
        () => {}, // tried again while the film runs
      );
  }

  draw() {
    if (this.isOn) {
      this.fetch();
    }
    const now = this.isOn && this.cues ? cuesAt(this.cues, this.video.currentTime) : [];
    const key = now.map((cue) => `${cue.from} ${cue.text}`).join("\n\n");
    if (key === this.drawn) {
      return;
    }
    this.drawn = key;
    this.box.textContent = "";
    this.box.hidden = now.length === 0;
    now.forEach((cue) => this.box.appendChild(this.paragraph(cue)));
  }

  paragraph(cue) {
    const line = this.doc.createElement("p");
    piecesOf(cue.text).forEach(({ text, styles }) => {
      const node = styles.reduce((inside, name) => {
        const outside = this.doc.createElement(name);
        outside.appendChild(inside);
        return outside;
      }, this.doc.createTextNode(text));
      line.appendChild(node);
    });
    return line;
  }

  lend(isShown) {
    const track = this.video.textTracks && this.video.textTracks[0];
    if (track) {
      track.mode = isShown ? "showing" : "disabled";
    }
  }
}
