import assert from "node:assert/strict";
import { test } from "node:test";

import { cuesAt, parseCues, piecesOf } from "../../static/js/player/cues.js";

const FILE = [
  "WEBVTT",
  "00:00:01.000 --> 00:00:03.500\n同志们好",
  "00:00:03.000 --> 01:00:06.000 line:90%\n今天<b>讲<i>三</i>点</b>\n第二行\n",
].join("\n\n");

test("the server's file is read to cues", () => {
  const cues = parseCues(FILE);
  assert.deepEqual(cues[0], { from: 1, to: 3.5, text: "同志们好" });
  assert.deepEqual(cues[1], { from: 3, to: 3606, text: "今天<b>讲<i>三</i>点</b>\n第二行" });
});

test("overlapping cues are on together, and none at its end", () => {
  const cues = parseCues(FILE);
  assert.equal(cuesAt(cues, 0.5).length, 0);
  assert.equal(cuesAt(cues, 3.2).length, 2);
  assert.equal(cuesAt(cues, 3.5).length, 1);
});

test("a cue becomes pieces of plain text with their styles", () => {
  assert.deepEqual(piecesOf("今天<b>讲<i>三</i>点</b>"), [
    { text: "今天", styles: [] },
    { text: "讲", styles: ["b"] },
    { text: "三", styles: ["b", "i"] },
    { text: "点", styles: ["b"] },
  ]);
});

test("what looks like other markup stays text", () => {
  assert.deepEqual(piecesOf("<img src=x onerror=y>&lt;b&gt; 1 &amp;lt; 2"), [
    { text: "<img src=x onerror=y><b> 1 &lt; 2", styles: [] },
  ]);
});
