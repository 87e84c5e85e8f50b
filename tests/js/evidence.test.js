import assert from "node:assert/strict";
import { test } from "node:test";

import { countSeconds, hasSecond, runsOf } from "../../static/js/player/bitmap.js";
import { Evidence } from "../../static/js/player/evidence.js";

const DURATION = 60;
const evidenceOf = (duration = DURATION) => new Evidence({ seconds: Math.round(duration), duration });

/* Play from `from` to `to` media seconds, looked at every quarter of a second of wall clock. */
function play(evidence, from, to, { wall = 1000, rate = 1, step = 0.25 } = {}) {
  let time = from;
  let clock = wall;
  while (time < to) {
    evidence.observe({ time, wall: clock, rate });
    time += step * rate;
    clock += step;
  }
  evidence.observe({ time: to, wall: clock, rate });
  return clock;
}

const runs = (evidence) => runsOf(evidence.seen, evidence.seconds);

test("playing from start to end covers every second", () => {
  const evidence = evidenceOf();
  play(evidence, 0, DURATION);
  assert.equal(countSeconds(evidence.seen), 60);
});

test("a second counts when half of it was played, and not before", () => {
  const evidence = evidenceOf();
  play(evidence, 10, 10.4);
  assert.deepEqual(runs(evidence), []);
  evidence.interrupt();
  play(evidence, 20.5, 22.5);
  assert.deepEqual(runs(evidence), [[20, 23]]);
});

test("two short visits to a second do not add up", () => {
  const evidence = evidenceOf();
  play(evidence, 10, 10.4);
  evidence.interrupt();
  play(evidence, 10.6, 11);
  assert.deepEqual(runs(evidence), []);
});

test("a jump earns nothing between its ends", () => {
  const evidence = evidenceOf();
  const wall = play(evidence, 0, 5);
  evidence.observe({ time: 50, wall: wall + 0.25, rate: 1 });
  assert.deepEqual(runs(evidence), [[0, 5]]);
});

test("a jump stays a jump when nobody reported a seek and the page slept for a while", () => {
  const evidence = evidenceOf();
  const wall = play(evidence, 0, 5);
  evidence.observe({ time: 40, wall: wall + 20, rate: 1 });
  assert.deepEqual(runs(evidence), [[0, 5]]);
});

test("scrubbing back and forth earns nothing", () => {
  const evidence = evidenceOf();
  for (let i = 0; i < 200; i += 1) {
    evidence.observe({ time: (i * 17) % 60, wall: 1000 + i * 0.05, rate: 1 });
  }
  assert.equal(countSeconds(evidence.seen), 0);
});

test("a pause does not break a run, however long, but buys no distance", () => {
  const evidence = evidenceOf();
  const wall = play(evidence, 0, 3.3);
  evidence.hold();
  play(evidence, 3.3, 6, { wall: wall + 600 });
  assert.deepEqual(runs(evidence), [[0, 6]]);
  evidence.hold();
  evidence.observe({ time: 30, wall: wall + 5000, rate: 1 });
  assert.deepEqual(runs(evidence), [[0, 6]]);
});

test("what is heard while the page sleeps counts by the wall clock", () => {
  const evidence = evidenceOf();
  evidence.observe({ time: 0, wall: 1000, rate: 1 });
  evidence.observe({ time: 30, wall: 1030, rate: 1 });
  assert.deepEqual(runs(evidence), [[0, 30]]);
});

test("faster play covers faster, and no faster than its rate", () => {
  const evidence = evidenceOf();
  play(evidence, 0, 30, { rate: 1.5 });
  assert.deepEqual(runs(evidence), [[0, 30]]);
  const tooFast = evidenceOf();
  tooFast.observe({ time: 0, wall: 1000, rate: 1 });
  tooFast.observe({ time: 4, wall: 1002, rate: 1 });
  assert.equal(countSeconds(tooFast.seen), 0);
});

test("the tolerance is three quarters of a second", () => {
  const within = evidenceOf();
  within.observe({ time: 0, wall: 1000, rate: 1 });
  within.observe({ time: 1.74, wall: 1001, rate: 1 });
  assert.deepEqual(runs(within), [[0, 2]]);
  const beyond = evidenceOf();
  beyond.observe({ time: 0, wall: 1000, rate: 1 });
  beyond.observe({ time: 1.76, wall: 1001, rate: 1 });
  assert.deepEqual(runs(beyond), []);
});

test("a media clock that fell behind may catch up with what was played", () => {
  const evidence = evidenceOf();
  evidence.observe({ time: 0, wall: 1000, rate: 1.5 });
  evidence.observe({ time: 1.2, wall: 1003, rate: 1.5 }); // The device was busy otherwise.
  evidence.observe({ time: 4.6, wall: 1003.3, rate: 1.5 });
  assert.deepEqual(runs(evidence), [[0, 5]]);
});

test("it catches up by five seconds at most, and not with a pause", () => {
  const stalled = evidenceOf();
  stalled.observe({ time: 0, wall: 1000, rate: 1 });
  stalled.observe({ time: 1, wall: 1060, rate: 1 });
  stalled.observe({ time: 8, wall: 1060.2, rate: 1 });
  assert.deepEqual(runs(stalled), [[0, 1]]);
  const paused = evidenceOf();
  paused.observe({ time: 0, wall: 1000, rate: 1 });
  paused.observe({ time: 1, wall: 1004, rate: 1 });
  paused.hold();
  paused.observe({ time: 3, wall: 1060, rate: 1 });
  assert.deepEqual(runs(paused), [[0, 1]]);
});

test("a wall clock that runs backwards earns nothing", () => {
  const evidence = evidenceOf();
  evidence.observe({ time: 0, wall: 1000, rate: 1 });
  evidence.observe({ time: 5, wall: 900, rate: 1 });
  assert.equal(countSeconds(evidence.seen), 0);
});

test("a last second that is not whole counts by its own half", () => {
  const evidence = new Evidence({ seconds: 61, duration: 60.6 });
  play(evidence, 58, 60.6);
  assert.deepEqual(runs(evidence), [[58, 61]]);
});

test("no second outside the recording is ever marked", () => {
  const evidence = new Evidence({ seconds: 60, duration: 60.4 });
  play(evidence, 55, 70);
  assert.deepEqual(runs(evidence), [[55, 60]]);
});

test("observe says when a second is new, and says it once", () => {
  const evidence = evidenceOf();
  assert.equal(evidence.observe({ time: 0, wall: 1000, rate: 1 }), false);
  assert.equal(evidence.observe({ time: 0.6, wall: 1000.6, rate: 1 }), true);
  assert.equal(evidence.observe({ time: 0.8, wall: 1000.8, rate: 1 }), false);
});

test("the server's length holds and keeps what was gathered", () => {
  const evidence = new Evidence({ seconds: 62, duration: 60 });
  play(evidence, 57, 60);
  evidence.resize(59);
  assert.deepEqual(runs(evidence), [[57, 59]]);
  assert.equal(hasSecond(evidence.seen, 59), false);
});

/* A model of the same thing, written the slow way: real play in random order, with pauses, jumps
   and speeds. Whatever the order, the evidence is never larger than what was really played. */
test("random sittings never claim what was not played, and miss nothing long", () => {
  let state = 20261123;
  const random = () => {
    state = (state * 1103515245 + 12345) & 0x7fffffff;
    return state / 0x7fffffff;
  };
  for (let sitting = 0; sitting < 200; sitting += 1) {
    const evidence = evidenceOf();
    const tenths = new Uint8Array(DURATION * 10);
    let wall = 1000;
    for (let i = 0; i < 6; i += 1) {
      const from = Math.floor(random() * 550) / 10;
      const to = Math.min(DURATION, from + Math.floor(random() * 100) / 10);
      const rate = [0.75, 1, 1.5, 2][Math.floor(random() * 4)];
      wall = play(evidence, from, to, { wall, rate, step: 0.05 + random() * 0.4 });
      tenths.fill(1, Math.round(from * 10), Math.round(to * 10));
      if (random() < 0.5) {
        evidence.hold();
        wall += random() * 100;
      }
      evidence.interrupt();
    }
    for (let second = 0; second < DURATION; second += 1) {
      const played = tenths.slice(second * 10, second * 10 + 10).reduce((sum, tenth) => sum + tenth, 0);
      if (hasSecond(evidence.seen, second)) {
        assert.ok(played >= 5, `second ${second} of sitting ${sitting}: ${played} tenths`);
      }
    }
    runsOf(evidence.seen, DURATION, false).forEach(([from, to]) => {
      const hole = tenths.slice(from * 10, to * 10).reduce((sum, tenth) => sum + tenth, 0);
      assert.ok(hole < (to - from) * 10, `a wholly played span is missing: ${from} to ${to}`);
    });
  }
});
