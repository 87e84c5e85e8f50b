/* What lies over the picture: the big play button with the resume point, waiting, failure, and the
   face of audio alone. A tap on the picture plays and pauses. */

import { clock, fill, lengthText } from "./texts.js";
import { AUTO } from "./transport.js";

const WAIT_SHOWN_AFTER_MS = 300;

export class Picture {
  constructor({ root, transport, texts, win, ontap }) {
    Object.assign(this, { root, transport, texts, win, ontap });
    const part = (name) => root.querySelector(`[data-${name}]`);
    this.cover = part("cover");
    this.start = part("start");
    this.startText = part("start-text");
    this.restart = part("restart");
    this.wait = part("wait");
    this.failure = part("failure");
    this.audio = part("audio-face");
    this.frame = part("frame");
    this.waitTimer = null;
    this.offerResume(0);

    this.start.addEventListener("click", () => {
      transport.play();
      this.focusControls();
    });
    this.restart.addEventListener("click", () => {
      transport.seek(0);
      transport.play();
      this.focusControls();
    });
    part("retry").addEventListener("click", () => transport.retry());
    part("show-picture").addEventListener("click", () => transport.setQuality(AUTO));
    const { video } = transport;
    video.addEventListener("click", () => this.tap());
    ["waiting", "stalled", "seeking"].forEach((name) => video.addEventListener(name, () => this.update()));
    ["playing", "canplay", "seeked", "pause", "ended", "play", "emptied"].forEach((name) =>
      video.addEventListener(name, () => this.update()),
    );
    this.update();
  }

  /* The button that was pressed goes away with the cover; its focus must not get lost. */
  focusControls() {
    const toggle = this.root.querySelector("[data-toggle]");
    if (toggle) {
      toggle.focus({ preventScroll: true });
    }
  }

  /* Where one stopped, in seconds; 0 when there is nothing to resume. */
  offerResume(position) {
    this.startText.textContent = position > 0 ? fill(this.texts.resumeAt, { time: lengthText(this.texts, position) }) : this.texts.play;
    this.start.setAttribute("data-position", clock(position));
    this.restart.hidden = !(position > 0);
  }

  tap() {
    if (this.ontap()) {
      return;
    }
    if (this.transport.started && !this.transport.hasFailed) {
      this.transport.toggle();
    }
  }

  isWaiting() {
    const { transport } = this;
    return transport.wanted && !transport.hasFailed && !transport.video.ended && (transport.isLoading() || transport.video.readyState < 3);
  }

  update() {
    const { transport } = this;
    this.failure.hidden = !transport.hasFailed;
    this.cover.hidden = transport.started || transport.wanted || transport.hasFailed;
    this.audio.hidden = !(transport.started && transport.isAudioOnly());
    this.root.classList.toggle("is-playing", transport.isPlaying());
    if (!this.isWaiting()) {
      this.win.clearTimeout(this.waitTimer);
      this.waitTimer = null;
      this.wait.hidden = true;
    } else if (this.waitTimer === null) {
      this.waitTimer = this.win.setTimeout(() => {
        this.wait.hidden = !this.isWaiting();
      }, WAIT_SHOWN_AFTER_MS);
    }
  }

  /* Play was refused without a tap: show the big button again. */
  blocked() {
    this.update();
    this.cover.hidden = false;
  }
}
