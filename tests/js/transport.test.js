/* The transport where the browser itself plays: its own HLS or the MP4. What no browser at hand can
   show is shown here. */

import assert from "node:assert/strict";
import { test } from "node:test";

import { settled } from "./support/fakes.js";
import { ancient, iphone, made } from "./support/transport.js";

const NETWORK = 2;
const DECODE = 3;
const NOT_SUPPORTED = 4;

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

test("a jump while the film is loaded again is where it goes on, however small", () => {
  const { transport, video, clock } = made({ abilities: iphone, expires: 20 });
  transport.play();
  video.begin();
  video.currentTime = 0.7;
  transport.pause();
  clock.time += 60_000;
  transport.play();
  transport.seek(0);
  video.begin();
  assert.equal(video.currentTime, 0);
  assert.equal(transport.isLoading(), false);
});

test("a jump between a failure and the next try is not lost", async () => {
  const { transport, video, clock } = made({ abilities: iphone });
  transport.play();
  video.begin();
  video.currentTime = 5;
  video.fail(DECODE);
  transport.seek(10);
  await clock.advance(0);
  assert.equal(video.loads.length, 2);
  video.begin();
  assert.equal(video.currentTime, 10);
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
