/* Stand-ins for the browser: a clock that is moved by hand, a storage, a video element. */

import { setImmediate } from "node:timers";

export class FakeClock {
  constructor(start = 0) {
    this.time = start;
    this.timers = new Map();
    this.next = 1;
    this.now = () => this.time;
    this.setTimer = (action, delay) => {
      this.timers.set(this.next, { action, at: this.time + delay });
      this.next += 1;
      return this.next - 1;
    };
    this.clearTimer = (timer) => {
      this.timers.delete(timer);
    };
  }

  /* Move on by `ms`; what is due happens in order, with promises settled in between. */
  async advance(ms) {
    const end = this.time + ms;
    for (;;) {
      await settled();
      const due = [...this.timers].filter(([, timer]) => timer.at <= end).sort((a, b) => a[1].at - b[1].at)[0];
      if (!due) {
        break;
      }
      this.timers.delete(due[0]);
      this.time = Math.max(this.time, due[1].at);
      due[1].action();
    }
    this.time = end;
    await settled();
  }
}

export const settled = () => new Promise((resolve) => setImmediate(resolve));

export class FakeStorage {
  constructor() {
    this.map = new Map();
  }

  get length() {
    return this.map.size;
  }

  key(i) {
    return [...this.map.keys()][i];
  }

  getItem(key) {
    return this.map.has(key) ? this.map.get(key) : null;
  }

  setItem(key, value) {
    this.map.set(key, String(value));
  }

  removeItem(key) {
    this.map.delete(key);
  }
}

/* Safari with cookies and storage forbidden, or a full disk. */
export const brokenStorage = {
  get length() {
    throw new Error("forbidden");
  },
  getItem() {
    throw new Error("forbidden");
  },
  setItem() {
    throw new Error("forbidden");
  },
  removeItem() {
    throw new Error("forbidden");
  },
};

export class FakeVideo extends EventTarget {
  constructor({ hls = "" } = {}) {
    super();
    Object.assign(this, { hls, src: "", currentTime: 0, paused: true, ended: false, seeking: false, error: null, readyState: 0 });
    this.buffered = { length: 0 };
    Object.assign(this, { playbackRate: 1, defaultPlaybackRate: 1, loads: [], plays: 0, attributes: {} });
  }

  canPlayType(type) {
    return type.includes("mpegurl") ? this.hls : "probably";
  }

  removeAttribute(name) {
    delete this.attributes[name];
  }

  load() {
    this.loads.push(this.src);
    this.currentTime = 0;
    this.paused = true;
    this.error = null;
    this.dispatchEvent(new Event("emptied"));
  }

  play() {
    this.plays += 1;
    this.paused = false;
    this.dispatchEvent(new Event("play"));
    return Promise.resolve();
  }

  pause() {
    this.paused = true;
    this.dispatchEvent(new Event("pause"));
  }

  /* The browser has read the head of the file and begins to play. */
  begin() {
    this.dispatchEvent(new Event("loadedmetadata"));
    this.readyState = 4;
    this.dispatchEvent(new Event("canplay"));
    this.dispatchEvent(new Event("playing"));
  }

  /* Loaded without a gap between two seconds. */
  holds(from, to) {
    this.buffered = { length: 1, start: () => from, end: () => to };
  }

  /* A request failed; Chromium pauses without being asked. */
  fail(code) {
    this.error = { code };
    this.paused = true;
    this.dispatchEvent(new Event("error"));
    this.dispatchEvent(new Event("pause"));
  }
}

export function fakeWindow({ onLine = true, clock } = {}) {
  const win = new EventTarget();
  win.navigator = { onLine };
  win.setTimeout = clock ? clock.setTimer : setTimeout;
  win.clearTimeout = clock ? clock.clearTimer : clearTimeout;
  return win;
}

/* The Playback object of a package under `token`. */
export function playbackOf({ token = "t1", pack = "pack", expires = 100, ...more } = {}) {
  const prefix = `/v/${token}/${pack}/`;
  return {
    master: `${prefix}master.m3u8`,
    progressive: `${prefix}progressive.mp4`,
    poster: `${prefix}poster.jpg`,
    storyboard: `${prefix}storyboard.vtt`,
    expires_in: expires,
    duration: 60,
    has_audio: true,
    renditions: [
      { name: "720p", width: 1280, height: 720, bandwidth: 900000, average_bandwidth: 800000 },
      { name: "360p", width: 640, height: 360, bandwidth: 300000, average_bandwidth: 240000 },
      { name: "audio", width: 0, height: 0, bandwidth: 70000, average_bandwidth: 64000 },
    ],
    ...more,
  };
}
