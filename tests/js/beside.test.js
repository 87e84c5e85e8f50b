/* Which chapter, which words: the last that has begun. */

import assert from "node:assert/strict";
import { test } from "node:test";

import { lastAt } from "../../static/js/player/beside.js";

const marks = [{ from: 0.5 }, { from: 10 }, { from: 10.4 }];

test("before the first mark there is none", () => {
  assert.equal(lastAt(marks, 0), null);
  assert.equal(lastAt([], 5), null);
});

test("a mark holds until the next one begins", () => {
  assert.equal(lastAt(marks, 0.5), marks[0]);
  assert.equal(lastAt(marks, 9.9), marks[0]);
  assert.equal(lastAt(marks, 10), marks[1]);
  assert.equal(lastAt(marks, 3600), marks[2]);
});

test("a film that stands a little before its mark has reached it", () => {
  assert.equal(lastAt(marks, 9.97), marks[1]);
});
