/* The uploader's first look: a playlist that grows, is taken away, and goes over into the film. */

import assert from "node:assert/strict";
import { afterEach, mock, test } from "node:test";

import { FakeVideo, settled } from "./support/fakes.js";

const GROWING = "/v/t1/attempt/preview/index.m3u8";
const FILM = "/v/t1/package/progressive.mp4";
const processing = (playlist) => ({ state: "processing", playlist, film: "" });
let pages = 0;

class FakeHls {
  constructor(options) {
    Object.assign(this, { options, heard: {}, started: [], isGone: false });
    FakeHls.made.push(this);
  }

  static isSupported() {
    return true;
  }

  on(event, action) {
    this.heard[event] = action;
  }

  loadSource(url) {
    this.url = url;
  }

  attachMedia(video) {
    this.video = video;
  }

  startLoad(at) {
    this.started.push(at);
  }

  destroy() {
    this.isGone = true;
  }
}
FakeHls.Events = { MANIFEST_PARSED: "parsed", ERROR: "error" };

/* The page with what the server says next; null for a line that is gone. */
async function opened({ answers = [], Hls = FakeHls } = {}) {
  FakeHls.made = [];
  mock.timers.enable({ apis: ["setTimeout", "Date"] });
  const video = new FakeVideo();
  video.dataset = { playlist: GROWING, statusUrl: "/upload/assets/1/" };
  const asked = [];
  globalThis.document = { querySelector: () => video, hidden: false };
  globalThis.window = { Hls };
  globalThis.fetch = async (url) => {
    asked.push(url);
    const answer = answers.shift();
    return { ok: Boolean(answer), json: async () => answer };
  };
  pages += 1;
  await import(`../../static/js/upload/preview.js?page=${pages}`);
  const wait = async (ms) => {
    await settled();
    mock.timers.tick(ms);
    await settled();
  };
  return { video, asked, wait };
}

const lost = (hls) => hls.heard.error("error", { fatal: true });

afterEach(() => {
  mock.timers.reset();
  for (const name of ["document", "window", "fetch"]) {
    delete globalThis[name];
  }
});

test("a growing list plays from its beginning, not from near its end", async () => {
  const { video } = await opened();
  const [hls] = FakeHls.made;
  assert.equal(hls.options.autoStartLoad, false);
  assert.deepEqual([hls.url, hls.video, hls.started], [GROWING, video, []]);
  hls.heard.parsed();
  assert.deepEqual(hls.started, [0]);
});

test("a fault that mends itself changes nothing", async () => {
  const { asked } = await opened();
  const [hls] = FakeHls.made;
  hls.heard.error("error", { fatal: false });
  await settled();
  assert.deepEqual([hls.isGone, asked], [false, []]);
});

test("a list that was taken away goes over into the film, at the same place, still playing", async () => {
  const { video, asked, wait } = await opened({ answers: [processing(GROWING), null, { state: "ready", playlist: "", film: FILM }] });
  video.currentTime = 42;
  video.paused = false;
  const [hls] = FakeHls.made;
  lost(hls);
  lost(hls);
  assert.ok(hls.isGone);
  await wait(2000);
  assert.equal(video.src, "");
  await wait(2000);
  await settled();
  assert.deepEqual(asked, Array(3).fill("/upload/assets/1/"));
  assert.equal(video.src, FILM);
  video.begin();
  assert.deepEqual([video.currentTime, video.plays], [42, 1]);
  await wait(10000);
  assert.equal(asked.length, 3);
});

test("a film that stood still stands still at its place", async () => {
  const { video } = await opened({ answers: [{ state: "ready", playlist: "", film: FILM }] });
  video.currentTime = 7;
  lost(FakeHls.made[0]);
  await settled();
  video.begin();
  assert.deepEqual([video.src, video.currentTime, video.plays], [FILM, 7, 0]);
});

test("another attempt's list is followed from the same place", async () => {
  const next = "/v/t1/another/preview/index.m3u8";
  const { video } = await opened({ answers: [processing(next)] });
  video.currentTime = 5;
  lost(FakeHls.made[0]);
  await settled();
  const hls = FakeHls.made[1];
  assert.equal(hls.url, next);
  hls.heard.parsed();
  assert.deepEqual(hls.started, [5]);
  assert.equal(video.dataset.playlist, next);
});

test("what has ended stays until there is more, and goes on there", async () => {
  const { video, wait } = await opened({ answers: [processing(GROWING), { state: "ready", playlist: "", film: FILM }] });
  const [hls] = FakeHls.made;
  Object.assign(video, { currentTime: 60, ended: true });
  video.dispatchEvent(new Event("ended"));
  await settled();
  assert.equal(hls.isGone, false);
  await wait(2000);
  assert.deepEqual([hls.isGone, video.src], [true, FILM]);
  video.duration = 1800;
  video.begin();
  assert.deepEqual([video.currentTime, video.plays], [60, 1]);
});

test("a film that was seen to its end does not begin again by itself", async () => {
  const { video, asked } = await opened({ answers: [{ state: "ready", playlist: "", film: FILM }] });
  Object.assign(video, { currentTime: 60, ended: true });
  video.dispatchEvent(new Event("ended"));
  await settled();
  video.duration = 60.2;
  video.begin();
  assert.deepEqual([video.currentTime, video.plays], [0, 0]);
  video.dispatchEvent(new Event("ended"));
  await settled();
  assert.equal(asked.length, 1);
});

test("a recording that was refused is not asked for any more", async () => {
  const { video, asked, wait } = await opened({ answers: [{ state: "rejected", playlist: "", film: "" }] });
  lost(FakeHls.made[0]);
  await wait(10000);
  assert.deepEqual([asked.length, video.src], [1, ""]);
});

test("a browser that plays lists by itself gets the list, and the film after it", async () => {
  const { video } = await opened({ Hls: null, answers: [{ state: "ready", playlist: "", film: FILM }] });
  assert.equal(video.src, GROWING);
  video.begin();
  video.currentTime = 12;
  video.fail(4);
  await settled();
  video.begin();
  assert.deepEqual([video.src, video.currentTime], [FILM, 12]);
});
