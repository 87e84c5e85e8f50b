/* A transport with a video element that plays what it is told, and a stand-in for hls.js. */

import { Addresses } from "../../../static/js/player/addresses.js";
import { Transport } from "../../../static/js/player/transport.js";
import { FakeClock, FakeVideo, fakeWindow, playbackOf } from "./fakes.js";

export class FakeHls {
  constructor(config) {
    Object.assign(this, { config, listeners: {}, levels: [], startLevel: -1, loadLevel: -1, nextLevel: -1, started: [], recovered: 0 });
    FakeHls.made.push(this);
  }

  static isSupported() {
    return true;
  }

  on(name, listener) {
    this.listeners[name] = listener;
  }

  emit(name, data) {
    this.listeners[name](name, data);
  }

  attachMedia(video) {
    this.video = video;
  }

  loadSource(url) {
    this.url = url;
  }

  startLoad(position) {
    this.started.push(position);
  }

  recoverMediaError() {
    this.recovered += 1;
  }

  destroy() {
    this.destroyed = true;
  }

  parsed() {
    this.levels = [
      { width: 640, height: 360 },
      { width: 1280, height: 720 },
    ];
    this.emit("parsed", {});
  }
}
FakeHls.Events = { MANIFEST_PARSED: "parsed", LEVEL_SWITCHED: "switched", FRAG_BUFFERED: "buffered", ERROR: "error" };
FakeHls.ErrorTypes = { MEDIA_ERROR: "media", NETWORK_ERROR: "network" };
const policy = () => ({ default: { maxLoadTimeMs: 1, errorRetry: { maxNumRetry: 2 } } });
FakeHls.DefaultConfig = { manifestLoadPolicy: policy(), playlistLoadPolicy: policy(), fragLoadPolicy: policy() };

export function made({ abilities, expires = 100, Hls, speedLimit = 1.5, onLine, playback, ahead } = {}) {
  FakeHls.made = [];
  const clock = new FakeClock(1_000_000);
  const win = fakeWindow({ clock, onLine });
  win.Hls = Hls;
  const video = new FakeVideo({ hls: "maybe" });
  let token = 1;
  const addresses = new Addresses({
    playback: playbackOf({ expires, ...playback }),
    load: () => {
      token += 1;
      return Promise.resolve(playbackOf({ token: `t${token}`, expires, ...playback }));
    },
    now: clock.now,
    setTimer: clock.setTimer,
    clearTimer: clock.clearTimer,
  });
  const transport = new Transport({
    video,
    addresses,
    win,
    abilities,
    loadHls: () => (Hls ? Promise.resolve(Hls) : Promise.reject(new Error("none"))),
    speedLimit,
    ahead,
  });
  const heard = [];
  transport.onchange = (what) => heard.push(what);
  return { transport, video, clock, win, addresses, heard };
}

export const iphone = { hasMse: false, hasNativeHls: true };
export const desktop = { hasMse: true, hasNativeHls: false };
export const ancient = { hasMse: false, hasNativeHls: false };
