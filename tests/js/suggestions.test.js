import assert from "node:assert/strict";
import { test } from "node:test";

import { moved, Suggestions } from "../../static/js/library/suggestions.js";

const TITLES = [{ url: "/a/" }, { url: "/b/" }];

/* A list whose timers run when told to, and whose answers come when told to. */
function made(answers = {}) {
  const seen = { asked: [], shown: [], gone: [], timers: [] };
  const list = new Suggestions({
    load: (typed) => {
      seen.asked.push(typed);
      return answers[typed] || Promise.resolve(TITLES);
    },
    show: (found, active) => seen.shown.push([found.length, active]),
    go: (url) => seen.gone.push(url),
    setTimer: (action) => seen.timers.push(action),
    clearTimer: (timer) => timer && seen.timers.splice(timer - 1, 1, () => {}),
  });
  const wait = async () => {
    await Promise.all(seen.timers.splice(0).map((action) => action()));
  };
  return { list, seen, wait };
}

const last = (seen) => seen.shown[seen.shown.length - 1];

test("quick typing asks once, for what stands there at last", async () => {
  const { list, seen, wait } = made();
  list.type("乡");
  list.type("乡村");
  await wait();
  assert.deepEqual(seen.asked, ["乡村"]);
  assert.deepEqual(last(seen), [2, -1]);
});

test("an answer to earlier letters that comes late is not shown", async () => {
  let answer;
  const { list, seen } = made({ 乡: new Promise((resolve) => (answer = resolve)) });
  list.type("乡");
  const asked = list.ask("乡");
  list.type("");
  answer(TITLES);
  await asked;
  assert.deepEqual(last(seen), [0, -1]);
});

test("what was asked before is known without the network", async () => {
  const { list, seen, wait } = made();
  list.type("乡");
  await wait();
  list.type("");
  list.type("乡");
  assert.deepEqual(last(seen), [2, -1]);
  assert.equal(seen.asked.length, 1);
});

test("arrows go through the list and back to the box, Enter follows the choice", async () => {
  const { list, seen, wait } = made();
  list.type("乡");
  await wait();
  assert.equal(list.press("Enter"), false); // the form is sent
  list.press("ArrowDown");
  list.press("ArrowDown");
  assert.deepEqual(last(seen), [2, 1]);
  assert.equal(list.press("Enter"), true);
  assert.deepEqual(seen.gone, ["/b/"]);
  list.press("ArrowDown");
  assert.deepEqual(last(seen), [2, -1]);
});

test("Escape closes the list and leaves the box alone afterwards", async () => {
  const { list, seen, wait } = made();
  list.type("乡");
  await wait();
  assert.equal(list.press("Escape"), true);
  assert.deepEqual(last(seen), [0, -1]);
  assert.equal(list.press("Escape"), false);
  assert.equal(list.press("ArrowDown"), false);
});

test("a dead line leaves the box as it is", async () => {
  const { list, seen, wait } = made({ 乡: Promise.reject(new Error("offline")) });
  list.type("乡");
  await wait();
  assert.deepEqual(seen.shown, []);
});

test("the box stands between the last and the first choice", () => {
  assert.deepEqual([moved(-1, 1, 2), moved(1, 1, 2), moved(-1, -1, 2), moved(0, -1, 2)], [0, -1, 1, -1]);
});
