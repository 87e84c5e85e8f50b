import assert from "node:assert/strict";
import { test } from "node:test";

import { PAUSE_SECONDS, Sequence } from "../../static/js/room/sequence.js";

/* A clock by hand: `run()` lets what waits longest happen. */
function room(count, load = (place) => Promise.resolve({ film: place })) {
  const timers = [];
  const told = [];
  const played = [];
  const sequence = new Sequence({
    count,
    load,
    play: (film, place) => played.push([film.film, place]),
    setTimer: (action) => timers.push(action) - 1,
    clearTimer: (timer) => {
      if (timer !== null) {
        timers[timer] = null;
      }
    },
    onchange: (what, seconds) => told.push(seconds === undefined ? what : `${what} ${seconds}`),
  });
  const run = async () => {
    const place = timers.findIndex(Boolean);
    if (place >= 0) {
      const action = timers[place];
      timers[place] = null;
      await action();
    }
    return place >= 0;
  };
  return { sequence, told, played, run };
}

test("after a breath the next lecture plays in the same place", async () => {
  const { sequence, told, played, run } = room(2);
  sequence.ended();
  for (let second = 0; second < PAUSE_SECONDS; second += 1) {
    await run();
  }
  await Promise.resolve();
  assert.deepEqual(played, [[1, 1]]);
  assert.equal(told[0], `soon ${PAUSE_SECONDS}`);
  assert.equal(told[told.length - 1], "playing");
});

test("the last one ends the programme", async () => {
  const { sequence, told, run } = room(1);
  sequence.ended();
  assert.deepEqual(told, ["over"]);
  assert.equal(await run(), false);
});

test("who wants to wait is not hurried", async () => {
  const { sequence, told, played, run } = room(2);
  sequence.ended();
  sequence.wait();
  assert.equal(await run(), false);
  assert.deepEqual(played, []);
  assert.equal(told[told.length - 1], "waiting");
  await sequence.next();
});

test("who turns back while a film is loading is not surprised by it, nor by its trouble", async () => {
  const waiting = [];
  const { sequence, told, played } = room(2, () => new Promise((done, fail) => waiting.push([done, fail])));
  const both = [sequence.go(0)];
  sequence.wait();
  both.push(sequence.go(1));
  sequence.wait();
  waiting[0][0]({ film: 0 });
  waiting[1][1](new Error("no line"));
  await Promise.all(both);
  assert.deepEqual(played, []);
  assert.equal(told[told.length - 1], "waiting");
});

test("of two taps while one is loading the second wins", async () => {
  const waiting = [];
  const { sequence, played } = room(3, (place) => new Promise((done) => waiting.push(() => done({ film: place }))));
  const both = [sequence.go(1), sequence.go(2)];
  waiting.reverse().forEach((done) => done());
  await Promise.all(both);
  assert.deepEqual(played, [[2, 2]]);
});

test("a lecture that does not come is said so, and can be tapped again", async () => {
  let refuse = true;
  const { sequence, told, played } = room(2, () =>
    refuse ? Promise.reject(new Error("no line")) : Promise.resolve({ film: 1 }),
  );
  await sequence.go(1);
  assert.equal(told[told.length - 1], "trouble");
  refuse = false;
  await sequence.go(1);
  assert.deepEqual(played, [[1, 1]]);
});
