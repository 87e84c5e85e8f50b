/* The bar of buttons and the keyboard. */

import { keepPreference } from "./preferences.js";
import { clock } from "./texts.js";

const BACK = 10;
const STEP = 5;
const VOLUME_STEP = 0.1;

export class Controls {
  constructor({ root, transport, texts, storage, win, doc, fullScreen }) {
    Object.assign(this, { root, transport, texts, storage, fullScreen });
    const part = (name) => root.querySelector(`[data-${name}]`);
    this.toggleButton = part("toggle");
    this.now = part("now");
    this.total = part("total");
    this.muteButton = part("mute");
    this.volume = part("volume");
    this.total.textContent = clock(Math.round(transport.duration));
    this.toggleButton.addEventListener("click", () => transport.toggle());
    part("rewind").addEventListener("click", () => transport.seek(transport.position() - BACK));
    const { video } = transport;
    this.muteButton.addEventListener("click", () => this.mute());
    this.volume.addEventListener("input", () => this.setVolume(Number(this.volume.value) / 100));
    video.addEventListener("volumechange", () => this.update());
    // Phones have keys for it; on iOS the volume of a video cannot be set at all.
    part("sound").hidden = !win.matchMedia("(hover: hover) and (pointer: fine)").matches;
    doc.addEventListener("keydown", (event) => this.key(event));
    this.update();
  }

  setVolume(volume) {
    const { video } = this.transport;
    video.volume = Math.min(1, Math.max(0, volume));
    video.muted = video.volume === 0;
    keepPreference(this.storage, "volume", video.volume);
  }

  mute() {
    const { video } = this.transport;
    video.muted = !video.muted;
    if (!video.muted && video.volume === 0) {
      this.setVolume(0.5);
    }
  }

  update() {
    const { transport, texts } = this;
    const { video } = transport;
    const playing = transport.isPlaying();
    this.toggleButton.classList.toggle("is-on", playing);
    this.toggleButton.setAttribute("aria-label", playing ? texts.pause : video.ended ? texts.playAgain : texts.play);
    const silent = video.muted || video.volume === 0;
    this.muteButton.classList.toggle("is-on", silent);
    this.muteButton.setAttribute("aria-label", silent ? texts.unmute : texts.mute);
    this.volume.value = String(silent ? 0 : Math.round(video.volume * 100));
    this.showTime();
  }

  showTime() {
    const { transport } = this;
    this.now.textContent = clock(Math.min(transport.position(), Math.round(transport.duration)));
  }

  /* Keys work inside the player, and anywhere on the page where nothing else has the focus. */
  key(event) {
    const { target } = event;
    const inside = this.root.contains(target);
    if (event.defaultPrevented || event.ctrlKey || event.metaKey || event.altKey || (!inside && target !== target.ownerDocument.body)) {
      return;
    }
    const { transport } = this;
    const onButton = inside && target.tagName === "BUTTON";
    const onRange = inside && target.tagName === "INPUT";
    const acts = {
      " ": () => (onButton ? false : transport.toggle()),
      k: () => transport.toggle(),
      ArrowLeft: () => (onRange ? false : transport.seek(transport.position() - STEP)),
      ArrowRight: () => (onRange ? false : transport.seek(transport.position() + STEP)),
      f: () => this.fullScreen.toggle(),
      m: () => this.mute(),
    };
    if (inside && !onRange) {
      acts.ArrowUp = () => this.setVolume(transport.video.volume + VOLUME_STEP);
      acts.ArrowDown = () => this.setVolume(transport.video.volume - VOLUME_STEP);
    }
    const act = acts[event.key.length === 1 ? event.key.toLowerCase() : event.key];
    if (act && act() !== false) {
      event.preventDefault();
    }
  }
}
