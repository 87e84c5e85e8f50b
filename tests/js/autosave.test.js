import assert from "node:assert/strict";
import { test } from "node:test";

import { Autosave } from "../../static/js/upload/autosave.js";
import { signsIn } from "../../static/js/upload/counter.js";
import { neighbour } from "../../static/js/review/keys.js";

const texts = { draftSaved: "saved {time}", draftKept: "kept" };

function make(post) {
  const line = { textContent: "", hidden: true };
  const saved = [];
  const autosave = new Autosave({
    url: "/draft/",
    fields: () => ({ title: "课" }),
    texts,
    line,
    onsaved: () => saved.push(true),
    post,
  });
  return { autosave, line, saved };
}

test("what was typed is sent once and said to be saved", async () => {
  const sent = [];
  const { autosave, line, saved } = make(async (url, fields) => {
    sent.push([url, fields.title]);
    return { status: 200, data: { saved: "10:32" } };
  });
  autosave.note();
  await Promise.all([autosave.send(), autosave.send()]);
  autosave.end();
  assert.deepEqual(sent, [["/draft/", "课"]]);
  assert.equal(line.textContent, "saved 10:32");
  assert.equal(saved.length, 1);
});

test("without a line it is kept and tried again", async () => {
  let status = 0;
  const { autosave, line, saved } = make(async () => ({ status, data: { saved: "10:33" } }));
  autosave.note();
  await autosave.send();
  assert.equal(line.textContent, "kept");
  assert.equal(saved.length, 0);
  status = 200;
  await autosave.send();
  autosave.end();
  assert.equal(saved.length, 1);
});

test("what is typed while a save is under way goes with the next one", async () => {
  let answer;
  const { autosave, saved } = make(() => new Promise((resolve) => {
    answer = resolve;
  }));
  autosave.note();
  const first = autosave.send();
  autosave.note();
  answer({ status: 200, data: { saved: "10:34" } });
  await first;
  assert.equal(saved.length, 0);
  const second = autosave.send();
  answer({ status: 200, data: { saved: "10:35" } });
  await second;
  autosave.end();
  assert.equal(saved.length, 1);
});

test("after handing in nothing is sent any more", async () => {
  const sent = [];
  const { autosave } = make(async () => {
    sent.push(true);
    return { status: 200, data: { saved: "" } };
  });
  autosave.note();
  autosave.end();
  autosave.note();
  await autosave.send();
  assert.equal(sent.length, 0);
});

test("signs are counted as the server counts them", () => {
  assert.equal(signsIn("党课"), 2);
  assert.equal(signsIn("🌾"), 1);
});

test("J and K go to the comment after and before the moment", () => {
  const seconds = [2, 5, 9];
  assert.equal(neighbour(seconds, 0, 1), 0);
  assert.equal(neighbour(seconds, 2, 1), 1);
  assert.equal(neighbour(seconds, 9, 1), -1);
  assert.equal(neighbour(seconds, 9, -1), 1);
  assert.equal(neighbour(seconds, 1, -1), -1);
});
