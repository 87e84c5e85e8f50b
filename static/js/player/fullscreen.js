/* Full screen: the whole player where the browser can, the video alone on an iPhone. In full screen
   the controls lie over the picture and leave when nobody touches anything. */

const QUIET_MS = 3000;

export class FullScreen {
  constructor({ root, video, button, labels, isBusy, win, doc, isPortrait }) {
    Object.assign(this, { root, video, button, labels, isBusy, win, doc, isPortrait });
    this.request = root.requestFullscreen || root.webkitRequestFullscreen;
    this.timer = null;
    this.byTouch = false;
    button.hidden = !(this.request || video.webkitEnterFullscreen);
    button.addEventListener("click", () => this.toggle());
    ["fullscreenchange", "webkitfullscreenchange"].forEach((name) => doc.addEventListener(name, () => this.changed()));
    ["pointermove", "pointerdown", "keydown", "focusin"].forEach((name) =>
      root.addEventListener(name, (event) => {
        if (event.pointerType) {
          this.byTouch = event.pointerType === "touch";
        }
        // A touch on the picture is answered in `tap`, when the finger lifts.
        if (!(event.target === video && this.byTouch)) {
          this.wake();
        }
      }),
    );
    video.addEventListener("pause", () => this.wake());
    video.addEventListener("playing", () => this.wake());
  }

  isOn() {
    return (this.doc.fullscreenElement || this.doc.webkitFullscreenElement) === this.root;
  }

  toggle() {
    if (this.isOn()) {
      (this.doc.exitFullscreen || this.doc.webkitExitFullscreen).call(this.doc);
      return;
    }
    if (!this.request) {
      this.video.webkitEnterFullscreen();
      return;
    }
    const entering = this.request.call(this.root);
    if (entering && entering.then) {
      entering.then(() => this.turn(), () => {});
    }
  }

  /* A phone is turned by the player where that is allowed; otherwise its owner turns it. */
  turn() {
    const { orientation } = this.win.screen;
    if (orientation && orientation.lock && !this.isPortrait) {
      const turning = orientation.lock("landscape");
      if (turning && turning.catch) {
        turning.catch(() => {});
      }
    }
  }

  changed() {
    const on = this.isOn();
    this.root.classList.toggle("is-full", on);
    this.button.setAttribute("aria-label", on ? this.labels.exit : this.labels.enter);
    this.button.classList.toggle("is-on", on);
    this.wake();
  }

  wake() {
    this.root.classList.remove("is-quiet");
    this.win.clearTimeout(this.timer);
    if (this.isOn()) {
      this.timer = this.win.setTimeout(() => this.rest(), QUIET_MS);
    }
  }

  rest() {
    if (this.isOn() && !this.video.paused && !this.isBusy()) {
      this.root.classList.add("is-quiet");
    }
  }

  /* A finger on the picture in full screen shows and hides the controls. True when it did. */
  tap() {
    if (!this.isOn() || !this.byTouch) {
      return false;
    }
    if (this.root.classList.contains("is-quiet")) {
      this.wake();
    } else {
      this.rest();
    }
    return true;
  }
}
