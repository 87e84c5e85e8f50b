/* Words, sizes, pictures: what the screen shows, as far as it is pure. */

import assert from "node:assert/strict";
import { test } from "node:test";

import { keepPreference, readPreferences } from "../../static/js/player/preferences.js";
import { parseStoryboard, pictureAt } from "../../static/js/player/storyboard.js";
import { clock, fill, lengthText, megabytes, speedText } from "../../static/js/player/texts.js";
import { FakeStorage, brokenStorage } from "./support/fakes.js";

const texts = {
  lengthHours: "{h}小时{m}分{s}秒",
  lengthMinutes: "{m}分{s}秒",
  lengthWholeMinutes: "{m}分钟",
  lengthSeconds: "{s}秒",
};

test("lengths are said as one says them", () => {
  assert.equal(lengthText(texts, 200), "3分20秒");
  assert.equal(lengthText(texts, 80), "1分20秒");
  assert.equal(lengthText(texts, 720), "12分钟");
  assert.equal(lengthText(texts, 45), "45秒");
  assert.equal(lengthText(texts, 3800), "1小时3分20秒");
  assert.equal(lengthText(texts, 59.96), "1分钟");
  assert.equal(lengthText(texts, 0), "0秒");
});

test("clocks show hours only when there are any", () => {
  assert.equal(clock(0), "0:00");
  assert.equal(clock(200.9), "3:20");
  assert.equal(clock(3800), "1:03:20");
  assert.equal(clock(-1), "0:00");
});

test("placeholders are filled, unknown ones stay visible", () => {
  assert.equal(fill("从 {time} 继续", { time: "3分20秒" }), "从 3分20秒 继续");
  assert.equal(fill("{a} {b}", { a: 0 }), "0 {b}");
});

test("sizes are rounded as one would say them", () => {
  assert.equal(megabytes(280_000, 720), 25);
  assert.equal(megabytes(64_000, 60), 0.5);
  assert.equal(megabytes(1, 1), 0.1);
  assert.equal(megabytes(800_000, 63), 6.3);
});

test("speeds keep their digits", () => {
  assert.deepEqual([0.75, 1, 1.25, 1.5, 2].map(speedText), ["0.75", "1.0", "1.25", "1.5", "2.0"]);
});

test("the storyboard is read with hours and without, and with any line ends", () => {
  const pictures = parseStoryboard(
    "WEBVTT\r\n\r\n00:00.000 --> 00:05.000\r\nstory_001.jpg#xywh=0,0,160,90\r\n\r\n01:00:05.500 --> 01:00:10.000\nstory_002.jpg#xywh=160,90,160,90\n",
  );
  assert.deepEqual(pictures[0], { from: 0, to: 5, src: "story_001.jpg", x: 0, y: 0, width: 160, height: 90 });
  assert.equal(pictures[1].from, 3605.5);
});

test("what is no picture of a storyboard is left out", () => {
  assert.deepEqual(parseStoryboard("WEBVTT\n\n00:00.000 --> 00:05.000\nplain text\n"), []);
  assert.deepEqual(parseStoryboard("<html></html>"), []);
  assert.deepEqual(parseStoryboard(""), []);
});

test("the picture of a time, and the last one after the end", () => {
  const pictures = parseStoryboard(
    "WEBVTT\n\n00:00.000 --> 00:05.000\na.jpg#xywh=0,0,160,90\n\n00:05.000 --> 00:09.000\na.jpg#xywh=160,0,160,90\n",
  );
  assert.equal(pictureAt(pictures, 4.99).x, 0);
  assert.equal(pictureAt(pictures, 5).x, 160);
  assert.equal(pictureAt(pictures, 100).x, 160);
  assert.equal(pictureAt([], 5), null);
});

test("choices are remembered, and forgotten storage is no trouble", () => {
  const storage = new FakeStorage();
  keepPreference(storage, "speed", 1.25);
  keepPreference(storage, "quality", "360p");
  assert.deepEqual(readPreferences(storage), { speed: 1.25, quality: "360p" });
  storage.setItem("lectern.player", "nonsense");
  assert.deepEqual(readPreferences(storage), {});
  keepPreference(brokenStorage, "speed", 1);
  assert.deepEqual(readPreferences(brokenStorage), {});
  assert.deepEqual(readPreferences(null), {});
});
