import assert from "node:assert/strict";
import { test } from "node:test";

import { bitmapFromBase64, bitmapToBase64, countSeconds, emptyBitmap, addSecond, runsOf, union } from "../../static/js/player/bitmap.js";
import { Evidence } from "../../static/js/player/evidence.js";
import { BeatRefused, Outbox } from "../../static/js/player/outbox.js";
import { OpenDenied, WatchSession } from "../../static/js/player/session.js";
import { FakeClock, FakeStorage, settled } from "./support/fakes.js";

const SECONDS = 60;

/* A server with one recording of 60 s that accepts everything; `line` says what goes wrong. */
class FakeServer {
  constructor() {
    this.union = emptyBitmap(SECONDS);
    this.opens = 0;
    this.beats = [];
    this.line = "good";
    this.openLine = "good";
  }

  open() {
    this.opens += 1;
    if (this.openLine === "dead") {
      return Promise.reject(new TypeError("no line"));
    }
    if (this.openLine === "denied") {
      return Promise.reject(new OpenDenied("403"));
    }
    const session = `s${this.opens}`;
    return Promise.resolve({ token: `T-${session}`, session, seconds: SECONDS, position: 0, beat_url: "/watch/beat/", ...this.state() });
  }

  state() {
    const covered = countSeconds(this.union);
    return {
      seen: bitmapToBase64(this.union),
      union: bitmapToBase64(this.union),
      coverage: covered / SECONDS,
      completed: covered >= 54,
      missing: runsOf(this.union, SECONDS, false),
    };
  }

  beat(record, options) {
    this.beats.push({ ...record, ...options });
    if (this.line === "dead") {
      return Promise.reject(new TypeError("no line"));
    }
    if (typeof this.line === "number") {
      return Promise.reject(new BeatRefused(this.line));
    }
    this.union = union(this.union, bitmapFromBase64(record.seen, SECONDS));
    const answer = { accepted: 1, cut: 0, seq: record.seq, ...this.state() };
    return this.line === "slow" ? new Promise((resolve) => (this.release = () => resolve(answer))) : Promise.resolve(answer);
  }
}

function made() {
  const clock = new FakeClock(1_000_000);
  const server = new FakeServer();
  const storage = new FakeStorage();
  const outbox = new Outbox({ storage, now: clock.now });
  const evidence = new Evidence({ seconds: SECONDS, duration: SECONDS });
  const heard = [];
  const place = { time: 0 };
  const session = new WatchSession({
    evidence,
    outbox,
    person: "7",
    lecture: "3",
    open: () => server.open(),
    send: (record, options) => server.beat(record, options),
    position: () => place.time,
    now: clock.now,
    setTimer: clock.setTimer,
    clearTimer: clock.clearTimer,
    onchange: (what) => heard.push(what),
  });
  const watchUpTo = (second) => {
    for (let i = Math.floor(place.time); i < second; i += 1) {
      addSecond(evidence.seen, i);
    }
    place.time = second;
  };
  return { clock, server, storage, outbox, evidence, session, heard, watchUpTo, place };
}

test("an opened session shows what the person watched before", async () => {
  const { server, session, heard } = made();
  addSecond(server.union, 7);
  await session.open();
  assert.deepEqual(runsOf(session.confirmed, SECONDS), [[7, 8]]);
  assert.deepEqual(heard, ["opened"]);
});

test("a playing video sends the whole evidence every 30 s, with rising numbers", async () => {
  const { clock, server, session, watchUpTo } = made();
  await session.open();
  session.playing();
  watchUpTo(30);
  await clock.advance(30_000);
  watchUpTo(60);
  await clock.advance(30_000);
  assert.equal(server.beats.length, 2);
  assert.ok(server.beats[1].seq > server.beats[0].seq);
  assert.equal(countSeconds(bitmapFromBase64(server.beats[1].seen, SECONDS)), 60);
  assert.equal(session.completed, true);
});

test("a paused video sends nothing", async () => {
  const { clock, server, session, watchUpTo } = made();
  await session.open();
  session.playing();
  watchUpTo(10);
  session.stopped();
  session.beat();
  await clock.advance(300_000);
  assert.equal(server.beats.length, 1);
});

test("a copy is on the device within 5 s of play, before anything is sent", async () => {
  const { clock, server, session, storage, watchUpTo } = made();
  await session.open();
  session.playing();
  watchUpTo(5);
  await clock.advance(5000);
  assert.equal(server.beats.length, 0);
  assert.equal(JSON.parse(storage.getItem("lectern.beat.7.s1")).position, 5);
});

test("the copy goes when the beat is acknowledged", async () => {
  const { session, storage, watchUpTo } = made();
  await session.open();
  watchUpTo(5);
  session.beat();
  assert.equal(storage.length, 1);
  await settled();
  assert.equal(storage.length, 0);
});

test("what changed after the beat left is kept when that beat is acknowledged", async () => {
  const { server, session, storage, watchUpTo } = made();
  await session.open();
  server.line = "slow";
  watchUpTo(5);
  session.beat();
  watchUpTo(9);
  session.snapshot();
  server.release();
  await settled();
  assert.equal(countSeconds(bitmapFromBase64(JSON.parse(storage.getItem("lectern.beat.7.s1")).seen, SECONDS)), 9);
});

test("only what the server has confirmed is shown as watched, the rest as pending", async () => {
  const { server, session, watchUpTo } = made();
  await session.open();
  watchUpTo(5);
  session.beat();
  await settled();
  server.line = "dead";
  watchUpTo(8);
  session.beat();
  await settled();
  assert.deepEqual(runsOf(session.confirmed, SECONDS), [[0, 5]]);
  assert.deepEqual(runsOf(session.pending(), SECONDS), [[5, 8]]);
});

test("on a dead line the beat is tried at growing intervals, and nothing is lost", async () => {
  const { clock, server, session, watchUpTo, heard } = made();
  await session.open();
  server.line = "dead";
  watchUpTo(20);
  session.beat();
  await clock.advance(600_000);
  const attempts = server.beats.length;
  assert.ok(attempts > 8 && attempts < 20, `${attempts} attempts in ten minutes`);
  assert.equal(session.lost, true);
  server.line = "good";
  await clock.advance(60_000);
  assert.equal(session.lost, false);
  assert.equal(countSeconds(server.union), 20);
  assert.equal(heard.filter((what) => what === "line").length, 2);
});

test("the beat goes out at once when the line is back", async () => {
  const { server, session, watchUpTo } = made();
  await session.open();
  server.line = "dead";
  watchUpTo(20);
  session.beat();
  await settled();
  server.line = "good";
  session.online();
  await settled();
  assert.equal(countSeconds(server.union), 20);
});

test("a short break of the line with nothing to send is over when it is over", async () => {
  const { session } = made();
  await session.open();
  session.offline();
  assert.equal(session.lost, true);
  session.online();
  assert.equal(session.lost, false);
});

test("two events at once make one request, and a second one only for news", async () => {
  const { server, session, watchUpTo } = made();
  await session.open();
  server.line = "slow";
  watchUpTo(5);
  session.beat();
  session.beat();
  assert.equal(server.beats.length, 1);
  server.release();
  await settled();
  assert.equal(server.beats.length, 1);
  watchUpTo(6);
  session.beat();
  watchUpTo(7);
  session.beat();
  server.line = "good";
  server.release();
  await settled();
  assert.equal(countSeconds(server.union), 7);
});

test("a page that hides sends with keepalive and keeps its copy until the answer", async () => {
  const { server, session, storage, watchUpTo } = made();
  await session.open();
  server.line = "slow";
  watchUpTo(5);
  session.beatBeforeHiding();
  assert.equal(server.beats[0].keepalive, true);
  assert.equal(storage.length, 1);
  server.release();
  await settled();
  assert.equal(storage.length, 0);
});

test("without an open session one watches on, and it is opened when the line is back", async () => {
  const { clock, server, session, watchUpTo } = made();
  server.openLine = "dead";
  await session.open();
  assert.equal(session.lost, true);
  watchUpTo(5);
  session.beat();
  session.beatBeforeHiding();
  assert.equal(server.beats.length, 0);
  server.openLine = "good";
  await clock.advance(5000);
  assert.equal(countSeconds(server.union), 5);
  assert.equal(session.lost, false);
});

test("who may not watch is told, and is not asked for over and over", async () => {
  const { clock, server, session, heard } = made();
  server.openLine = "denied";
  await session.open();
  await clock.advance(600_000);
  assert.equal(server.opens, 1);
  assert.deepEqual(heard, ["denied"]);
});

test("a session that the server ended is replaced, with what was not confirmed yet", async () => {
  const { server, session, storage, watchUpTo } = made();
  await session.open();
  watchUpTo(5);
  session.beat();
  await settled();
  server.line = 409;
  watchUpTo(9);
  session.beat();
  server.line = 409;
  await settled();
  server.line = "good";
  await settled();
  session.beat();
  await settled();
  assert.equal(server.opens, 2);
  assert.deepEqual(runsOf(server.union, SECONDS), [[0, 9]]);
  assert.equal(server.beats[server.beats.length - 1].token, "T-s2");
  assert.equal(storage.length, 0);
});

test("sessions are not replaced in a storm", async () => {
  const { clock, server, session, watchUpTo } = made();
  await session.open();
  server.line = 403;
  for (let second = 1; second < 20; second += 1) {
    watchUpTo(second);
    session.beat();
    await clock.advance(1000);
  }
  assert.ok(server.opens <= 2, `${server.opens} sessions`);
});

test("an answer to a sitting before this one adds to what is shown", async () => {
  const { session } = made();
  await session.open();
  const earlier = emptyBitmap(SECONDS);
  addSecond(earlier, 50);
  session.confirmEarlier({ union: bitmapToBase64(earlier), coverage: 1 / 60, completed: false, missing: [] });
  assert.deepEqual(runsOf(session.confirmed, SECONDS), [[50, 51]]);
});

test("completion is not taken back by a later answer", async () => {
  const { server, session, watchUpTo, clock } = made();
  await session.open();
  session.playing();
  watchUpTo(60);
  await clock.advance(30_000);
  server.union = emptyBitmap(SECONDS);
  session.show({ union: "", completed: false, missing: [], coverage: 0 });
  assert.equal(session.completed, true);
});
