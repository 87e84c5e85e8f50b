/* What a person can do to the recording: play, pause, jump, change speed and quality. Hides which
   source plays, exchanges it when it fails, and remembers the position meanwhile. */

import { signedParts } from "./addresses.js";
import { FileSource } from "./file-source.js";
import { HlsSource } from "./hls-source.js";
import { FILE, HLS, addressOf, chooseKind, nextKind, rungsOf } from "./sources.js";

export const AUTO = "auto";
export const AUDIO = "audio";
/* A position this near counts as reached. */
const REACHED = 1;

export class Transport {
  /* `onchange(what)` hears "source", "level", "loading", "loaded", "blocked", "failed", "quality", "speed". */
  constructor({ video, addresses, win, abilities, loadHls, speedLimit }) {
    Object.assign(this, { video, addresses, win, abilities, loadHls, speedLimit });
    this.onchange = () => {};
    this.onleave = () => {}; // about to leave the place where the video plays
    this.kind = chooseKind(addresses.playback, abilities);
    this.source = null;
    this.pending = 0; // where to be once loaded; null when the video element itself knows
    this.corrected = false;
    this.wanted = false;
    this.started = false;
    this.hasFailed = false;
    this.hasShown = false;
    this.quality = AUTO;
    this.level = null;
    this.attempt = 0;
    ["canplay", "seeked", "playing"].forEach((name) => video.addEventListener(name, () => this.settle()));
    video.addEventListener("ratechange", () => this.limitSpeed());
    video.addEventListener("play", () => {
      this.wanted = true;
    });
    video.addEventListener("pause", () => {
      // Chromium pauses on an error, too; nobody asked for that.
      if (!this.isLoading() && !video.error) {
        this.wanted = false;
      }
    });
  }

  get duration() {
    return this.addresses.playback.duration;
  }

  position() {
    return this.pending === null ? this.video.currentTime : this.pending;
  }

  isLoading() {
    return this.pending !== null;
  }

  isPlaying() {
    return this.wanted && !this.video.ended;
  }

  /* ---- what a person does ---- */

  play() {
    this.wanted = true;
    if (this.hasFailed) {
      this.retry();
    } else if (!this.started || (this.source && this.source.isStale())) {
      this.load(this.video.ended ? 0 : this.position());
    } else {
      this.tryPlay();
    }
  }

  pause() {
    this.wanted = false;
    this.video.pause();
    this.onchange("loading");
  }

  toggle() {
    if (this.isPlaying()) {
      this.pause();
    } else {
      this.play();
    }
  }

  seek(time) {
    const target = Math.min(Math.max(0, time), Math.max(0, this.duration - 0.1));
    if (this.isLoading()) {
      this.pending = target;
      this.corrected = false;
    } else {
      this.onleave();
      this.video.currentTime = target;
    }
    this.onchange("position");
  }

  setSpeed(speed) {
    const allowed = Math.min(speed, this.speedLimit);
    this.video.defaultPlaybackRate = allowed;
    this.video.playbackRate = allowed;
    this.onchange("speed");
  }

  limitSpeed() {
    if (this.video.playbackRate > this.speedLimit) {
      this.setSpeed(this.speedLimit);
    }
  }

  setQuality(quality) {
    const wasAudio = this.quality === AUDIO;
    this.quality = quality;
    this.onchange("quality");
    if (!this.started || this.kind === FILE) {
      return;
    }
    if (wasAudio !== (quality === AUDIO)) {
      this.load(this.position());
    } else {
      this.source.setLevel(this.chosenRung());
    }
  }

  retry() {
    const again = () => {
      this.kind = chooseKind(this.addresses.playback, this.abilities);
      this.load(this.position());
    };
    this.hasFailed = false;
    this.wanted = true;
    this.onchange("loading");
    this.addresses.rejected().then(again, again);
  }

  /* ---- what can be chosen ---- */

  /* The qualities on offer now: rungs only where one can be held, audio alone where it exists. */
  qualities() {
    const { playback } = this.addresses;
    const { pictures, audio } = rungsOf(playback);
    if (this.kind === FILE || this.kind === null) {
      return { pictures: [], audio: null };
    }
    return { pictures: this.kind === HLS && pictures.length > 1 ? pictures : [], audio: playback.has_audio ? audio : null };
  }

  chosenRung() {
    return rungsOf(this.addresses.playback).pictures.find((one) => one.name === this.quality) || null;
  }

  isAudioOnly() {
    return this.quality === AUDIO && this.kind !== FILE && this.qualities().audio !== null;
  }

  /* ---- loading ---- */

  load(position) {
    if (!this.isLoading()) {
      this.onleave();
    }
    this.attempt += 1;
    this.started = true;
    this.pending = position;
    this.corrected = false;
    this.level = null;
    this.onchange("loading");
    if (this.source && this.source.kind !== this.kind) {
      this.source.destroy();
      this.source = null;
    }
    if (this.kind === null) {
      this.fail();
      return;
    }
    if (this.source || this.kind !== HLS) {
      this.begin(this.source || this.fileSource()); // the same source remembers how often it failed
      return;
    }
    if (this.win.Hls && this.win.Hls.isSupported()) {
      this.begin(this.hlsSource(this.win.Hls)); // in the same turn as the tap, as iOS wants it
      return;
    }
    const attempt = this.attempt;
    this.loadHls().then(
      (Hls) => attempt === this.attempt && this.begin(this.hlsSource(Hls)),
      () => attempt === this.attempt && this.fallBack(true),
    );
  }

  begin(source) {
    this.source = source;
    if (this.hasShown) {
      this.video.removeAttribute("poster"); // not between two halves of a lecture
    }
    this.url = addressOf(this.kind, this.addresses.playback, this.isAudioOnly());
    this.onchange("source");
    source.level = this.chosenRung();
    source.load({ url: this.url, position: this.pending, isAudio: this.isAudioOnly() });
    if (this.wanted) {
      this.tryPlay();
    }
  }

  hlsSource(Hls) {
    return new HlsSource({
      Hls,
      video: this.video,
      addresses: this.addresses,
      win: this.win,
      onlevels: () => this.onchange("source"),
      onlevel: (size) => {
        this.level = rungsOf(this.addresses.playback).pictures.find(
          (one) => one.width === size.width && one.height === size.height,
        );
        this.onchange("level");
      },
      onfail: () => this.fallBack(false),
    });
  }

  fileSource() {
    return new FileSource({
      kind: this.kind,
      video: this.video,
      addresses: this.addresses,
      win: this.win,
      reload: (position) => this.load(position),
      onfail: () => this.fallBack(false),
    });
  }

  fallBack(isScriptMissing) {
    const { playback, parts } = this.addresses;
    const used = signedParts(this.url);
    if (used && parts && used.pack !== parts.pack) {
      // Meanwhile another version was published: play that one.
      this.kind = chooseKind(playback, this.abilities);
    } else {
      this.kind = nextKind(this.kind, playback, this.abilities, isScriptMissing);
    }
    if (this.kind === null) {
      this.fail();
    } else {
      this.load(this.position());
    }
  }

  fail() {
    if (this.source) {
      this.source.destroy();
      this.source = null;
    }
    this.pending = this.position();
    this.hasFailed = true;
    this.wanted = false;
    this.onchange("failed");
  }

  /* The wanted position is reached, or as near as this source comes. */
  settle() {
    if (this.pending === null || !this.started) {
      return;
    }
    if (Math.abs(this.video.currentTime - this.pending) > REACHED && !this.corrected) {
      this.corrected = true;
      this.video.currentTime = this.pending;
      return;
    }
    this.pending = null;
    this.hasShown = true;
    this.onchange("loaded");
  }

  tryPlay() {
    const playing = this.video.play();
    if (playing && playing.catch) {
      playing.catch((error) => {
        if (error.name === "NotAllowedError") {
          this.wanted = false;
          this.onchange("blocked");
        }
      });
    }
  }
}
