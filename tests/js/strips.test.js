import assert from "node:assert/strict";
import { test } from "node:test";

import { fill, slotsByLecture } from "../../static/js/strips.js";

const slot = (id) => ({ dataset: { stripOf: id }, innerHTML: "" });

test("a lecture that stands on the page twice gets its strip twice", () => {
  const slots = [slot("7"), slot("8"), slot("7")];
  const found = slotsByLecture(slots);
  assert.deepEqual(Array.from(found.keys()), ["7", "8"]);
  fill(found, { 7: { svg: "<svg></svg>" } });
  assert.deepEqual(slots.map((one) => one.innerHTML), ["<svg></svg>", "", "<svg></svg>"]);
});

test("strips of lectures that are not on the page are left aside", () => {
  const only = slot("7");
  fill(slotsByLecture([only]), { 9: { svg: "<svg></svg>" } });
  assert.equal(only.innerHTML, "");
});
