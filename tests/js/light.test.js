/* Weak lines: how one is recognised, and the light file that the markup plays before any script. */

import assert from "node:assert/strict";
import { test } from "node:test";

import { Addresses } from "../../static/js/player/addresses.js";
import { Evidence } from "../../static/js/player/evidence.js";
import { lineOf, measuredRate } from "../../static/js/player/line.js";
import { Stalls } from "../../static/js/player/stalls.js";
import { Transport } from "../../static/js/player/transport.js";
import { countSeconds } from "../../static/js/player/bitmap.js";
import { FakeClock, FakeVideo, fakeWindow, playbackOf, settled } from "./support/fakes.js";

const LOW = "/v/t1/pack/low.mp4";
const SOUND = "/v/t1/pack/sound.mp4";
const MASTER = "/v/t1/pack/master.m3u8";
const desktop = { hasMse: true, hasNativeHls: false };
const iphone = { hasMse: false, hasNativeHls: true };

class FakeHls {
  constructor() {
    this.levels = [];
  }

  static isSupported() {
    return true;
  }

  on() {}

  attachMedia() {}

  loadSource(url) {
    FakeHls.urls.push(url);
  }

  destroy() {}
}
FakeHls.Events = {};
const policy = () => ({ default: { errorRetry: {} } });
FakeHls.DefaultConfig = { manifestLoadPolicy: policy(), playlistLoadPolicy: policy(), fragLoadPolicy: policy() };

function made({ line = "slow", abilities = desktop, currentSrc = LOW, playback } = {}) {
  FakeHls.urls = [];
  const clock = new FakeClock(1_000_000);
  const win = fakeWindow({ clock });
  win.Hls = FakeHls;
  const video = new FakeVideo();
  video.currentSrc = `http://site${currentSrc}`;
  const addresses = new Addresses({
    playback: playbackOf({ low: LOW, sound: SOUND, ...playback }),
    load: () => Promise.reject(new Error("none")),
    now: clock.now,
    setTimer: clock.setTimer,
    clearTimer: clock.clearTimer,
  });
  let asked = 0;
  const loadHls = () => {
    asked += 1;
    return Promise.resolve(FakeHls);
  };
  const transport = new Transport({ video, addresses, win, abilities, loadHls, speedLimit: 1.5, line });
  return { transport, video, asked: () => asked };
}

/* ---- the line ---- */

test("a line is slow when the browser or the person says so", () => {
  assert.equal(lineOf({ connection: { effectiveType: "3g" }, rate: null }), "slow");
  assert.equal(lineOf({ connection: { downlink: 0.4 }, rate: null }), "slow");
  assert.equal(lineOf({ connection: { effectiveType: "4g", saveData: true, downlink: 10 }, rate: null }), "slow");
  assert.equal(lineOf({ saveData: true, rate: 9e6 }), "slow");
  assert.equal(lineOf({ connection: { effectiveType: "4g", downlink: 10 }, rate: null }), "good");
});

test("where the browser says nothing the page's own style sheets tell", () => {
  const sheet = (from, to, size) => ({ requestStart: from, responseEnd: to, transferSize: size });
  assert.equal(lineOf({ rate: measuredRate([sheet(500, 900, 9000), sheet(500, 1000, 16000)]) }), "slow");
  assert.equal(lineOf({ rate: measuredRate([sheet(50, 90, 9000), sheet(50, 100, 16000)]) }), "good");
  assert.equal(measuredRate([sheet(1, 2, 0)]), null);
  assert.equal(lineOf({ rate: null }), "good");
});

/* ---- taking over ---- */

test("on a weak line the markup's film goes on and nothing is loaded", () => {
  const { transport, video, asked } = made();
  assert.equal(transport.adopt(), true);
  transport.play();
  video.begin();
  assert.deepEqual(video.loads, []);
  assert.equal(video.plays, 1);
  assert.equal(asked(), 0);
  assert.equal(transport.isLoading(), false);
});

test("a film that plays already goes on where it is", () => {
  const { transport, video } = made();
  video.paused = false;
  video.currentTime = 5;
  assert.equal(transport.adopt(), true);
  assert.equal(transport.position(), 5);
  assert.equal(transport.isPlaying(), true);
  assert.deepEqual(video.loads, []);
});

test("the resume point is reached in the film that the markup loaded", () => {
  const { transport, video } = made();
  transport.adopt();
  transport.seek(20);
  transport.play();
  assert.equal(video.currentTime, 20);
  assert.deepEqual(video.loads, []);
});

test("on a good line the film is left to hls.js", () => {
  const { transport } = made({ line: "good" });
  assert.equal(transport.adopt(), false);
  transport.play();
  assert.deepEqual(FakeHls.urls, [MASTER]);
});

test("on a good line a film that plays already is exchanged at its position once hls.js is there", () => {
  const { transport, video } = made({ line: "good" });
  video.paused = false;
  video.currentTime = 7;
  assert.equal(transport.adopt(), true);
  transport.upgrade();
  assert.deepEqual(FakeHls.urls, [MASTER]);
  assert.equal(transport.position(), 7);
});

test("another film in the video, or one that failed, is not taken over", () => {
  assert.equal(made({ currentSrc: "/v/t1/pack/progressive.mp4" }).transport.adopt(), false);
  const broken = made();
  broken.video.error = { code: 4 };
  assert.equal(broken.transport.adopt(), false);
});

/* ---- choosing ---- */

test("saving data is the light file on any line, by its old name, too", () => {
  const { transport, video } = made({ line: "good" });
  transport.setQuality("360p");
  assert.equal(transport.quality, "saver");
  transport.play();
  assert.deepEqual(video.loads, [LOW]);
});

test("sound alone is the mono file and needs no script", () => {
  for (const abilities of [desktop, iphone]) {
    const { transport, video, asked } = made({ line: "good", abilities });
    transport.setQuality("audio");
    transport.play();
    assert.deepEqual(video.loads, [SOUND]);
    assert.equal(transport.isAudioOnly(), true);
    assert.equal(asked(), 0);
  }
});

test("a rung that somebody chooses on a weak line brings hls.js", () => {
  const { transport } = made();
  transport.adopt();
  transport.play();
  transport.setQuality("720p");
  assert.deepEqual(FakeHls.urls, [MASTER]);
});

test("the light file plays on until hls.js has come, which begins where it then is", async () => {
  const { transport, video } = made();
  transport.adopt();
  transport.play();
  video.begin();
  video.currentTime = 12;
  transport.win.Hls = undefined;
  let arrive;
  transport.loadHls = () =>
    new Promise((resolve) => {
      arrive = () => {
        transport.win.Hls = FakeHls;
        resolve(FakeHls);
      };
    });
  transport.setQuality("720p");
  video.currentTime = 40;
  assert.equal(transport.isLoading(), false);
  assert.equal(transport.position(), 40);
  transport.seek(50);
  assert.equal(video.currentTime, 50);
  arrive();
  await settled();
  assert.deepEqual(FakeHls.urls, [MASTER]);
  assert.equal(transport.isLoading(), true);
  assert.equal(transport.source.position, 50);
});

test("a light file that does not play is followed by HLS, then by the MP4", () => {
  const phone = made({ abilities: iphone });
  phone.transport.adopt();
  phone.transport.play();
  phone.transport.fallBack(false);
  assert.equal(phone.video.src, MASTER);
  phone.transport.fallBack(false);
  assert.equal(phone.video.src, "/v/t1/pack/progressive.mp4");
});

test("a package without light files plays as before", () => {
  const { transport } = made({ playback: { low: "", sound: "" } });
  assert.equal(transport.adopt(), false);
  assert.equal(transport.qualities().saver, null);
  transport.play();
  assert.deepEqual(FakeHls.urls, [MASTER]);
});

/* ---- evidence ---- */

test("what the markup played counts, by the half of each second", () => {
  const evidence = new Evidence({ seconds: 60, duration: 60 });
  const ranges = [[0, 3.6], [20, 21.2]];
  evidence.adopt({ length: 2, start: (i) => ranges[i][0], end: (i) => ranges[i][1] });
  assert.equal(countSeconds(evidence.seen), 5);
});

test("three waits within a minute are said once", () => {
  let time = 0;
  let said = 0;
  const stalls = new Stalls({ now: () => time, onmany: () => (said += 1) });
  [0, 40_000, 90_000, 120_000].forEach((at) => {
    time = at;
    stalls.waited();
  });
  assert.equal(said, 0);
  time = 130_000;
  stalls.waited();
  stalls.waited();
  stalls.waited();
  assert.equal(said, 1);
});
