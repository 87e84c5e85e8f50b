/* What a person can do to the recording: play, pause, jump, change speed and quality. Hides which
   source plays, exchanges it when it fails, and remembers the position meanwhile. */

import { signedParts } from "./addresses.js";
import { FileSource } from "./file-source.js";
import { HlsSource } from "./hls-source.js";
import { FILE, HLS, LIGHT, addressOf, chooseKind, nextKind, rungsOf } from "./sources.js";

export const AUTO = "auto";
export const AUDIO = "audio";
export const SAVER = "saver"; // the lowest rung, as the light file where there is one
/* A position this near counts as reached, where a film is loaded again and where somebody jumped. */
const REACHED = 1;
const REACHED_JUMP = 0.1;

export class Transport {
  /* `onchange(what)` hears "source", "level", "loading", "loaded", "blocked", "failed", "quality", "speed".
     `ahead`: whether the whole recording is loaded ahead, as far as the browser holds it. */
  constructor({ video, addresses, win, abilities, loadHls, speedLimit, line = "good", ahead = false }) {
    Object.assign(this, { video, addresses, win, abilities, loadHls, speedLimit, line, ahead });
    this.onchange = () => {};
    this.onleave = () => {}; // about to leave the place where the video plays
    this.quality = AUTO;
    this.kind = this.wantedKind();
    this.source = null;
    this.pending = 0; // where to be once loaded; null when the video element itself knows
    this.corrected = false;
    this.isJump = false; // somebody jumped while it was loading
    this.wanted = false;
    this.started = false;
    this.hasFailed = false;
    this.hasShown = false;
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
    } else if (!this.started && this.source && !this.source.isStale()) {
      this.startAdopted();
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
    if (this.isLoading() || this.video.error) {
      this.pending = target; // of what is loaded now, or again in a moment
      this.corrected = false;
      this.isJump = true;
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

  setQuality(wish) {
    const { pictures } = rungsOf(this.addresses.playback);
    const lowest = pictures[pictures.length - 1];
    const wasAudio = this.isAudioOnly();
    this.quality = lowest && wish === lowest.name && this.addresses.playback.low ? SAVER : wish;
    const kind = this.kind === FILE && !this.isLight() ? FILE : this.wantedKind();
    const changes = kind !== this.kind || wasAudio !== this.isAudioOnly(kind);
    if (!this.started) {
      this.kind = kind;
    } else if (changes) {
      this.kind = kind;
      this.load(this.position());
    } else if (this.source) {
      this.source.setLevel(this.chosenRung());
    }
    this.onchange("quality");
  }

  retry() {
    const again = () => {
      this.kind = this.wantedKind();
      this.load(this.position());
    };
    this.hasFailed = false;
    this.wanted = true;
    this.onchange("loading");
    this.addresses.rejected().then(again, again);
  }

  /* ---- what can be chosen ---- */

  /* The qualities on offer now: rungs only where one can be held, the light file and sound alone
     where the package has them. */
  qualities() {
    const { playback } = this.addresses;
    const { pictures, audio } = rungsOf(playback);
    const canHold = this.abilities.hasMse && playback.master && this.kind !== FILE && pictures.length > 1;
    const canHear = playback.has_audio && (playback.sound || (audio && this.kind !== FILE && this.kind !== null));
    return {
      pictures: canHold ? pictures : [],
      saver: playback.low && pictures.length ? pictures[pictures.length - 1] : null,
      audio: canHear ? audio : null,
    };
  }

  wantedKind() {
    const isAudio = this.quality === AUDIO;
    return chooseKind(this.addresses.playback, this.abilities, { isLight: this.isLight(), isAudio });
  }

  /* Somebody saves data, or leaves the choice to us on a weak line. */
  isLight() {
    return this.quality === SAVER || this.quality === AUDIO || (this.quality === AUTO && this.line === "slow");
  }

  chosenRung() {
    const { pictures } = rungsOf(this.addresses.playback);
    if (this.quality === SAVER) {
      return pictures[pictures.length - 1] || null;
    }
    return pictures.find((one) => one.name === this.quality) || null;
  }

  isAudioOnly(kind = this.kind) {
    return this.quality === AUDIO && kind !== FILE && this.qualities().audio !== null;
  }

  /* ---- taking over what the markup plays ---- */

  /* The video has the light file by its markup. False when something else is wanted and nothing
     plays yet; what plays already goes on, and `upgrade` exchanges it later. */
  adopt() {
    const { video } = this;
    const playing = signedFile(video.currentSrc || video.src);
    const isPlayed = !video.paused || video.currentTime > 0;
    if (!playing || playing !== signedFile(this.addresses.playback.low) || video.error) {
      return false;
    }
    if ((this.kind !== LIGHT || this.quality === AUDIO) && !isPlayed) {
      return false;
    }
    this.kind = LIGHT;
    this.source = this.fileSource();
    this.source.adopt({ position: video.currentTime });
    this.url = this.addresses.playback.low;
    if (isPlayed) {
      this.started = true;
      this.hasShown = true;
      this.pending = null;
      this.wanted = !video.paused;
    }
    return true;
  }

  startAdopted() {
    this.started = true;
    if (this.pending > 0) {
      this.video.currentTime = this.pending;
    }
    this.onchange("source");
    this.tryPlay();
  }

  /* To the source that suits line and wish, when another plays. */
  upgrade() {
    const kind = this.wantedKind();
    if (kind !== null && (kind !== this.kind || this.isAudioOnly(kind)) && !this.hasFailed) {
      this.kind = kind;
      this.load(this.position());
    }
  }

  /* ---- loading ---- */

  load(position) {
    this.attempt += 1;
    const { Hls } = this.win;
    const mayHls = Boolean(Hls && Hls.isSupported());
    if (this.kind === HLS && !mayHls && this.canPlayOn()) {
      this.awaitHls(() => this.load(this.position())); // what plays goes on until then
      return;
    }
    if (!this.isLoading()) {
      this.onleave();
    }
    this.started = true;
    this.pending = position;
    this.corrected = false;
    this.isJump = false;
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
    if (mayHls) {
      this.begin(this.hlsSource(Hls)); // in the same turn as the tap, as iOS wants it
      return;
    }
    this.awaitHls((found) => this.begin(this.hlsSource(found)));
  }

  /* A source of another kind plays, and needs nothing that another load would give it. */
  canPlayOn() {
    const { source, video } = this;
    return source !== null && source.kind !== this.kind && !this.isLoading() && !video.error && !source.isStale();
  }

  awaitHls(go) {
    const attempt = this.attempt;
    this.loadHls().then(
      (Hls) => attempt === this.attempt && go(Hls),
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
      ahead: this.ahead ? this.duration : 0,
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
      reload: (position) => this.load(this.isLoading() ? this.pending : position),
      onfail: () => this.fallBack(false),
    });
  }

  fallBack(isScriptMissing) {
    const { playback, parts } = this.addresses;
    const used = signedParts(this.url);
    if (used && parts && used.pack !== parts.pack) {
      // Meanwhile another version was published: play that one.
      this.kind = this.wantedKind();
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
    const near = this.isJump ? REACHED_JUMP : REACHED;
    if (Math.abs(this.video.currentTime - this.pending) > near && !this.corrected) {
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

/* Package and file of a signed address, whatever its token. */
function signedFile(url) {
  const parts = signedParts(url);
  return parts ? `${parts.pack}/${url.slice(url.lastIndexOf("/") + 1)}` : "";
}
