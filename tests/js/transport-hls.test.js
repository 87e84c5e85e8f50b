/* The transport with hls.js, through a stand-in. */

import assert from "node:assert/strict";
import { test } from "node:test";

import { playbackOf, settled } from "./support/fakes.js";
import { FakeHls, desktop, made } from "./support/transport.js";

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
