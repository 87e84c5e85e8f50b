import assert from "node:assert/strict";
import { test } from "node:test";

import { abilitiesOf, addressOf, chooseKind, hlsLoader, loadedTo, nextKind, rungText, rungsOf } from "../../static/js/player/sources.js";
import { FakeVideo, playbackOf } from "./support/fakes.js";

const playback = playbackOf();
const android = { hasMse: true, hasNativeHls: true };
const desktop = { hasMse: true, hasNativeHls: false };
const iphone = { hasMse: false, hasNativeHls: true };
const ancient = { hasMse: false, hasNativeHls: false };

test("a film is loaded up to the first gap after the place where it stands", () => {
  const ranges = [
    [0, 10],
    [12, 40],
  ];
  const buffered = { length: 2, start: (i) => ranges[i][0], end: (i) => ranges[i][1] };
  const at = (currentTime) => loadedTo({ buffered, currentTime });
  assert.deepEqual([0, 9, 11, 11.8, 30, 50].map(at), [10, 10, 11, 40, 40, 50]);
});

test("hls.js wherever Media Source Extensions exist", () => {
  assert.equal(chooseKind(playback, desktop), "hls");
  assert.equal(chooseKind(playback, android), "hls");
});

test("the browser's own HLS where there are none", () => {
  assert.equal(chooseKind(playback, iphone), "native");
});

test("the MP4 as the last resort, and when there is no HLS yet", () => {
  assert.equal(chooseKind(playback, ancient), "file");
  assert.equal(chooseKind({ ...playback, master: "" }, desktop), "file");
  assert.equal(chooseKind({ ...playback, master: "", progressive: "" }, desktop), null);
});

test("abilities are read from the browser, the managed source of newer iPhones, too", () => {
  assert.deepEqual(abilitiesOf({ MediaSource: class {} }, new FakeVideo()), desktop);
  assert.deepEqual(abilitiesOf({ ManagedMediaSource: class {} }, new FakeVideo({ hls: "maybe" })), android);
  assert.deepEqual(abilitiesOf({}, new FakeVideo({ hls: "maybe" })), iphone);
  assert.deepEqual(abilitiesOf({}, {}), ancient);
});

test("what fails in playing is replaced by the MP4, a missing script by native HLS first", () => {
  assert.equal(nextKind("hls", playback, desktop, false), "file");
  assert.equal(nextKind("hls", playback, android, false), "file");
  assert.equal(nextKind("hls", playback, android, true), "native");
  assert.equal(nextKind("hls", playback, desktop, true), "file");
  assert.equal(nextKind("native", playback, iphone, false), "file");
  assert.equal(nextKind("file", playback, desktop, false), null);
  assert.equal(nextKind("hls", { ...playback, progressive: "" }, desktop, false), null);
});

test("audio alone is the shared audio track of the package", () => {
  assert.equal(addressOf("hls", playback, false), "/v/t1/pack/master.m3u8");
  assert.equal(addressOf("hls", playback, true), "/v/t1/pack/audio/index.m3u8");
  assert.equal(addressOf("native", playback, true), "/v/t1/pack/audio/index.m3u8");
  assert.equal(addressOf("file", playback, true), "/v/t1/pack/progressive.mp4");
});

test("rungs are ordered by their short side, portrait ones too; audio is apart", () => {
  const portrait = [
    { name: "360p", width: 360, height: 640 },
    { name: "audio", width: 0, height: 0 },
    { name: "720p", width: 720, height: 1280 },
  ];
  const { pictures, audio } = rungsOf({ renditions: portrait });
  assert.deepEqual(pictures.map((one) => one.name), ["720p", "360p"]);
  assert.equal(audio.name, "audio");
  assert.deepEqual(rungsOf({}), { pictures: [], audio: null });
});

test("of two rungs of a size the light one comes last and is called by its lines", () => {
  const renditions = [
    { name: "light", width: 640, height: 360 },
    { name: "360p", width: 640, height: 360 },
    { name: "720p", width: 1280, height: 720 },
  ];
  const { pictures } = rungsOf({ renditions });
  assert.deepEqual(pictures.map((one) => one.name), ["720p", "360p", "light"]);
  assert.deepEqual(pictures.map(rungText), ["720p", "360p", "360p"]);
});

function fakeDocument() {
  const scripts = [];
  return { scripts, createElement: () => ({}), head: { appendChild: (script) => scripts.push(script) } };
}

test("hls.js is loaded once, and again after a failed try", async () => {
  const doc = fakeDocument();
  const win = {};
  const load = hlsLoader(doc, win, "/hls.js");
  const first = load();
  assert.equal(load(), first);
  doc.scripts[0].onerror();
  await assert.rejects(first);
  const second = load();
  assert.equal(doc.scripts.length, 2);
  win.Hls = { isSupported: () => true };
  doc.scripts[1].onload();
  assert.equal(await second, win.Hls);
});

test("a browser in which hls.js does not run is told so", async () => {
  const doc = fakeDocument();
  const win = { Hls: { isSupported: () => false } };
  const loading = hlsLoader(doc, win, "/hls.js")();
  doc.scripts[0].onload();
  await assert.rejects(loading);
});
