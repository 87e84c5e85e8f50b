import assert from "node:assert/strict";
import { test } from "node:test";

import {
  addSecond,
  bitmapFromBase64,
  bitmapToBase64,
  countSeconds,
  emptyBitmap,
  fitBitmap,
  hasSecond,
  runsOf,
  sameBits,
  union,
  without,
} from "../../static/js/player/bitmap.js";

const bitmapOf = (seconds, length) => {
  const bitmap = emptyBitmap(length);
  seconds.forEach((second) => addSecond(bitmap, second));
  return bitmap;
};

test("second i is bit i of byte i >> 3, least significant first", () => {
  assert.deepEqual([...bitmapOf([0, 9, 15], 20)], [0b00000001, 0b10000010, 0]);
});

test("base64 goes there and back", () => {
  const bitmap = bitmapOf([0, 1, 2, 58, 59], 60);
  assert.equal(bitmapToBase64(bitmap), "BwAAAAAAAAw=");
  assert.ok(sameBits(bitmapFromBase64("BwAAAAAAAAw=", 60), bitmap));
});

test("the server's shorter bytes are padded to the length of the recording", () => {
  assert.equal(bitmapFromBase64("Bw==", 60).length, 8);
  assert.equal(bitmapFromBase64("", 60).length, 8);
});

test("no bit survives outside the recording", () => {
  const all = Uint8Array.from([255, 255, 255]);
  assert.equal(countSeconds(fitBitmap(all, 11)), 11);
  assert.equal(hasSecond(fitBitmap(all, 11), 11), false);
  assert.equal(countSeconds(bitmapFromBase64("////", 4)), 4);
});

test("union and difference work by bits", () => {
  const one = bitmapOf([1, 2, 3], 12);
  const other = bitmapOf([3, 11], 12);
  assert.ok(sameBits(union(one, other), bitmapOf([1, 2, 3, 11], 12)));
  assert.ok(sameBits(without(one, other), bitmapOf([1, 2], 12)));
});

test("runs are half-open and reach the end", () => {
  const bitmap = bitmapOf([0, 1, 5, 9], 10);
  assert.deepEqual(runsOf(bitmap, 10), [[0, 2], [5, 6], [9, 10]]);
  assert.deepEqual(runsOf(bitmap, 10, false), [[2, 5], [6, 9]]);
  assert.deepEqual(runsOf(emptyBitmap(10), 10, false), [[0, 10]]);
  assert.deepEqual(runsOf(emptyBitmap(10), 10), []);
});

test("an empty recording has no seconds and breaks nothing", () => {
  assert.equal(emptyBitmap(0).length, 0);
  assert.deepEqual(runsOf(emptyBitmap(0), 0, false), []);
});
