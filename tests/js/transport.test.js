/* The transport with a video element that plays what it is told: the browser's own HLS, the MP4,
   and hls.js through a stand-in. What no browser at hand can show is shown here. */

import assert from "node:assert/strict";
import { test } from "node:test";

import { Addresses } from "../../static/js/player/addresses.js";
import { Transport } from "../../static/js/player/transport.js";
import { FakeClock, FakeVideo, fakeWindow, playbackOf, settled } from "./support/fakes.js";

const NETWORK = 2;
const DECODE = 3;
const NOT_SUPPORTED = 4;

class FakeHls {
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

function made({ abilities, expires = 100, Hls, speedLimit = 1.5, onLine, playback, ahead } = {}) {
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

const iphone = { hasMse: false, hasNativeHls: true };
const desktop = { hasMse: true, hasNativeHls: false };
const ancient = { hasMse: false, hasNativeHls: false };

/* ---- the browser's own HLS ---- */

test("an iPhone gets the master playlist, and nothing before the first tap", () => {
  const { transport, video } = made({ abilities: iphone });
  assert.deepEqual(video.loads, []);
  transport.play();
  assert.deepEqual(video.loads, ["/v/t1/pack/master.m3u8"]);
  assert.equal(video.plays, 1);
});

test("an iPhone resumes at the position, after the head of the file was read", () => {
  const { transport, video } = made({ abilities: iphone });
  transport.seek(20);
  transport.play();
  assert.equal(transport.position(), 20);
  assert.equal(video.currentTime, 0);
  video.begin();
  assert.equal(video.currentTime, 20);
  assert.equal(transport.isLoading(), false);
});

test("an expired token in mid-play is exchanged at the same position, and play goes on", async () => {
  const { transport, video, clock } = made({ abilities: iphone, expires: 20 });
  transport.play();
  video.begin();
  video.currentTime = 30;
  clock.time += 60_000; // the timers slept with the phone
  video.fail(NETWORK);
  await clock.advance(0);
  assert.equal(video.src, "/v/t2/pack/master.m3u8");
  video.begin();
  assert.equal(video.currentTime, 30);
  assert.equal(video.paused, false);
});

test("a paused video whose token ran out is loaded anew by the tap that goes on", async () => {
  const { transport, video, clock } = made({ abilities: iphone, expires: 20 });
  transport.play();
  video.begin();
  video.currentTime = 12;
  transport.pause();
  await clock.advance(30_000); // renewed by timer, but the element still holds the old address
  clock.time += 20_000;
  transport.play();
  assert.equal(video.loads.length, 2);
  video.begin();
  assert.equal(video.currentTime, 12);
});

test("an iPhone that waits in silence on a dead token gets a new one", async () => {
  const { transport, video, clock } = made({ abilities: iphone, expires: 20 });
  transport.play();
  video.begin();
  video.currentTime = 30;
  await clock.advance(12_500); // renewed, but the element still asks with the old token
  clock.time += 30_000;
  video.readyState = 2;
  video.dispatchEvent(new Event("waiting"));
  await clock.advance(8000);
  assert.equal(video.loads.length, 2);
  video.begin();
  assert.equal(video.currentTime, 30);
});

test("what has ended begins again at the beginning, also with a new token", () => {
  const { transport, video, clock } = made({ abilities: iphone, expires: 20 });
  transport.play();
  video.begin();
  video.currentTime = 60;
  video.ended = true;
  video.pause();
  clock.time += 60_000;
  transport.play();
  assert.equal(transport.position(), 0);
});

test("an iPhone that cannot decode the playlist falls back to the MP4 where it was", async () => {
  const { transport, video, clock } = made({ abilities: iphone });
  transport.play();
  video.begin();
  video.currentTime = 10;
  for (let i = 0; i < 3 && transport.kind === "native"; i += 1) {
    video.fail(DECODE);
    await clock.advance(10_000);
    if (transport.kind === "native") {
      video.begin();
    }
  }
  assert.equal(transport.kind, "file");
  video.begin();
  assert.equal(video.currentTime, 10);
});

test("an iPhone offers automatic and audio alone, since it cannot hold a rung", () => {
  const { transport, video } = made({ abilities: iphone });
  const { pictures, audio } = transport.qualities();
  assert.deepEqual(pictures, []);
  assert.equal(audio.name, "audio");
  transport.play();
  video.begin();
  video.currentTime = 8;
  transport.setQuality("audio");
  assert.equal(video.src, "/v/t1/pack/audio/index.m3u8");
  video.begin();
  assert.equal(video.currentTime, 8);
  assert.equal(video.paused, false);
});

/* ---- the MP4 ---- */

test("without any HLS the MP4 plays and there is no quality to choose", () => {
  const { transport, video } = made({ abilities: ancient });
  transport.play();
  assert.deepEqual(video.loads, ["/v/t1/pack/progressive.mp4"]);
  assert.deepEqual(transport.qualities(), { pictures: [], saver: null, audio: null });
  transport.setQuality("audio");
  assert.equal(video.loads.length, 1);
  assert.equal(transport.isAudioOnly(), false);
});

test("when nothing plays the failure is said, and trying again starts over at the position", async () => {
  const { transport, video, clock, heard } = made({ abilities: ancient });
  transport.play();
  video.begin();
  video.currentTime = 5;
  for (let i = 0; i < 8 && !transport.hasFailed; i += 1) {
    video.fail(NOT_SUPPORTED);
    await clock.advance(60_000);
  }
  assert.equal(transport.hasFailed, true);
  assert.ok(heard.includes("failed"));
  transport.retry();
  await settled();
  assert.equal(transport.hasFailed, false);
  video.begin();
  assert.equal(video.currentTime, 5);
});

test("a broken line is waited for, not counted as failure", async () => {
  const { transport, video, clock, win } = made({ abilities: ancient });
  transport.play();
  video.begin();
  video.currentTime = 5;
  win.navigator.onLine = false;
  video.fail(NETWORK);
  await clock.advance(600_000);
  assert.equal(video.loads.length, 1);
  win.navigator.onLine = true;
  win.dispatchEvent(new Event("online"));
  await settled();
  assert.equal(video.loads.length, 2);
  video.begin();
  assert.equal(video.currentTime, 5);
  assert.equal(transport.isPlaying(), true);
});

/* ---- hls.js ---- */

test("hls.js starts at the position that was asked for, also on a growing playlist", () => {
  const { transport } = made({ abilities: desktop, Hls: FakeHls });
  transport.seek(33);
  transport.play();
  const hls = FakeHls.made[0];
  hls.parsed();
  assert.equal(hls.url, "/v/t1/pack/master.m3u8");
  assert.equal(hls.config.autoStartLoad, false);
  assert.deepEqual(hls.started, [33]);
});

test("a missing hls.js is replaced by the MP4", async () => {
  const { transport, video } = made({ abilities: desktop });
  transport.play();
  await settled();
  assert.deepEqual(video.loads, ["/v/t1/pack/progressive.mp4"]);
});

test("every request of hls.js carries the token in force", async () => {
  const { transport, clock } = made({ abilities: desktop, Hls: FakeHls, expires: 20 });
  transport.play();
  const { xhrSetup } = FakeHls.made[0].config;
  const opened = [];
  const xhr = { open: (method, url) => opened.push(url) };
  await xhrSetup(xhr, "http://host/v/t1/pack/360p/seg_1.m4s");
  await clock.advance(12_500);
  await xhrSetup(xhr, "http://host/v/t1/pack/360p/seg_2.m4s");
  assert.deepEqual(opened, ["http://host/v/t1/pack/360p/seg_1.m4s", "http://host/v/t2/pack/360p/seg_2.m4s"]);
});

test("a request refused for its token is asked again with a new one, three times at most", async () => {
  const { transport, addresses, clock } = made({ abilities: desktop, Hls: FakeHls });
  transport.play();
  await clock.advance(5000);
  const { shouldRetry } = FakeHls.made[0].config.fragLoadPolicy.default.errorRetry;
  assert.equal(shouldRetry({}, 0, false, { code: 410 }, false), true);
  assert.equal(shouldRetry({}, 2, false, { code: 403 }, false), true);
  assert.equal(shouldRetry({}, 3, false, { code: 403 }, false), false);
  assert.equal(shouldRetry({}, 0, false, { code: 404 }, false), false);
  assert.equal(shouldRetry({}, 0, false, { code: 500 }, true), true);
  await settled();
  assert.equal(addresses.parts.token, "t2");
});

test("a media error is recovered once, the next one means the MP4", () => {
  const { transport, video } = made({ abilities: desktop, Hls: FakeHls });
  transport.play();
  const hls = FakeHls.made[0];
  hls.parsed();
  video.begin();
  video.currentTime = 14;
  hls.emit("error", { fatal: false, type: "media" });
  hls.emit("error", { fatal: true, type: "media" });
  assert.equal(hls.recovered, 1);
  assert.equal(transport.kind, "hls");
  hls.emit("error", { fatal: true, type: "media" });
  assert.equal(transport.kind, "file");
  assert.equal(hls.destroyed, true);
  video.begin();
  assert.equal(video.currentTime, 14);
  assert.equal(video.paused, false);
});

test("a weak line is tried again and again before the MP4 has to do", async () => {
  const { transport, video, clock } = made({ abilities: desktop, Hls: FakeHls });
  transport.play();
  const hls = FakeHls.made[0];
  hls.parsed();
  video.begin();
  const lost = { fatal: true, type: "network", response: { code: 0 } };
  for (let i = 0; i < 4; i += 1) {
    hls.emit("error", lost);
    await clock.advance(20_000);
  }
  assert.equal(hls.started.length, 5);
  hls.emit("buffered", {});
  hls.emit("error", lost);
  assert.equal(transport.kind, "hls");
});

test("in a room the whole recording is loaded ahead, and the picture leaves it room on the line", () => {
  const limits = (ahead) => {
    const { transport } = made({ abilities: desktop, Hls: FakeHls, ahead, playback: { duration: 2700 } });
    transport.play();
    const { maxBufferLength, maxMaxBufferLength, abrBandWidthUpFactor } = FakeHls.made[0].config;
    return [maxBufferLength, maxMaxBufferLength, abrBandWidthUpFactor];
  };
  assert.deepEqual(limits(false), [30, 60, undefined]);
  assert.deepEqual(limits(true), [2700, 2700, 0.5]);
});

test("what was loaded is played out before a lost line is given up", async () => {
  const { transport, video, clock } = made({ abilities: desktop, Hls: FakeHls });
  transport.play();
  const hls = FakeHls.made[0];
  hls.parsed();
  video.begin();
  video.currentTime = 20;
  video.holds(0, 50);
  const lost = { fatal: true, type: "network", response: { code: 0 } };
  const fail = async (times) => {
    for (let i = 0; i < times; i += 1) {
      hls.emit("error", lost);
      await clock.advance(20_000);
    }
  };
  await fail(20);
  assert.equal(transport.kind, "hls");
  assert.equal(hls.started.length, 21, "and asked for again and again");
  video.currentTime = 49.5;
  await fail(5);
  assert.equal(transport.kind, "file");
});

test("while the line is dead hls.js waits for it", async () => {
  const { transport, video, clock, win } = made({ abilities: desktop, Hls: FakeHls });
  transport.play();
  const hls = FakeHls.made[0];
  hls.parsed();
  video.begin();
  video.currentTime = 20;
  win.navigator.onLine = false;
  for (let i = 0; i < 10; i += 1) {
    hls.emit("error", { fatal: true, type: "network", response: { code: 0 } });
    await clock.advance(60_000);
  }
  assert.equal(transport.kind, "hls");
  win.dispatchEvent(new Event("online"));
  assert.deepEqual(hls.started, [0, 20]);
});

test("a playlist that is not there means the MP4 at once", () => {
  const { transport } = made({ abilities: desktop, Hls: FakeHls });
  transport.play();
  FakeHls.made[0].emit("error", { fatal: true, type: "network", response: { code: 404 } });
  assert.equal(transport.kind, "file");
});

test("a version published meanwhile is played instead of a failing old one", async () => {
  const { transport, addresses } = made({ abilities: desktop, Hls: FakeHls });
  transport.play();
  addresses.accept(playbackOf({ token: "t5", pack: "newer" }));
  FakeHls.made[0].emit("error", { fatal: true, type: "network", response: { code: 403 } });
  await settled();
  assert.equal(transport.kind, "hls");
  assert.equal(FakeHls.made[1].url, "/v/t5/newer/master.m3u8");
});

test("a rung is held and let go without loading anew", () => {
  const { transport } = made({ abilities: desktop, Hls: FakeHls });
  transport.setQuality("360p");
  transport.play();
  const hls = FakeHls.made[0];
  hls.parsed();
  assert.equal(hls.startLevel, 0);
  transport.setQuality("720p");
  assert.equal(hls.nextLevel, 1);
  transport.setQuality("auto");
  assert.equal(hls.nextLevel, -1);
  assert.equal(FakeHls.made.length, 1);
});

test("of two rungs of a size each can be held", () => {
  const size = { width: 640, height: 360 };
  const renditions = [{ name: "720p", width: 1280, height: 720 }, { name: "360p", ...size }, { name: "light", ...size }];
  const { transport } = made({ abilities: desktop, Hls: FakeHls, playback: { low: null, renditions } });
  transport.play();
  const hls = FakeHls.made[0];
  hls.parsed();
  hls.levels.unshift(size);
  transport.setQuality("360p");
  assert.equal(hls.nextLevel, 1);
  transport.setQuality("light");
  assert.equal(hls.nextLevel, 0);
});

test("audio alone is another playlist at the same position, and back", () => {
  const { transport, video } = made({ abilities: desktop, Hls: FakeHls });
  transport.play();
  FakeHls.made[0].parsed();
  video.begin();
  video.currentTime = 21;
  transport.setQuality("audio");
  assert.equal(transport.isAudioOnly(), true);
  assert.equal(FakeHls.made[1].url, "/v/t1/pack/audio/index.m3u8");
  FakeHls.made[1].parsed();
  assert.deepEqual(FakeHls.made[1].started, [21]);
  transport.setQuality("auto");
  assert.equal(FakeHls.made[2].url, "/v/t1/pack/master.m3u8");
});

test("a recording without sound offers no audio alone", () => {
  const { transport } = made({ abilities: desktop, Hls: FakeHls, playback: { has_audio: false } });
  assert.equal(transport.qualities().audio, null);
});

/* ---- speed, places ---- */

test("speed stays within the limit, whoever sets it", () => {
  const { transport, video } = made({ abilities: ancient, speedLimit: 1.5 });
  transport.setSpeed(2);
  assert.equal(video.playbackRate, 1.5);
  video.playbackRate = 3;
  video.dispatchEvent(new Event("ratechange"));
  assert.equal(video.playbackRate, 1.5);
});

test("a jump stays inside the recording", () => {
  const { transport, video } = made({ abilities: ancient });
  transport.play();
  video.begin();
  transport.seek(-5);
  assert.equal(video.currentTime, 0);
  transport.seek(999);
  assert.ok(video.currentTime < 60 && video.currentTime > 59);
});

test("the evidence is asked before the place is left", () => {
  const { transport, video } = made({ abilities: ancient });
  transport.play();
  video.begin();
  video.currentTime = 7;
  const places = [];
  transport.onleave = () => places.push(video.currentTime);
  transport.seek(30);
  assert.deepEqual(places, [7]);
});
