import assert from "node:assert/strict";
import { test } from "node:test";

import { BeatRefused, Outbox, sendBeat } from "../../static/js/player/outbox.js";
import { FakeClock, FakeStorage, brokenStorage } from "./support/fakes.js";

const DAY = 24 * 3600 * 1000;
const record = (seq, more) => ({ token: "T", url: "/watch/beat/", seq, position: 3, seen: "Bw==", ...more });
const nobody = () => "";

function made(storage = new FakeStorage(), giveUp = undefined) {
  const clock = new FakeClock(1_000_000);
  return { storage, clock, outbox: new Outbox({ storage, now: clock.now, giveUp }) };
}

test("a record outlives the page", () => {
  const { storage, clock, outbox } = made();
  outbox.put(outbox.keyOf("7", "s1"), record(1));
  const later = new Outbox({ storage, now: clock.now });
  assert.deepEqual(later.keys(), ["lectern.beat.7.s1"]);
  assert.equal(later.get("lectern.beat.7.s1").seen, "Bw==");
});

test("people and sessions are kept apart", () => {
  const { outbox } = made();
  outbox.put(outbox.keyOf("7", "s1"), record(1));
  outbox.put(outbox.keyOf("8", "s1"), record(1));
  outbox.put(outbox.keyOf("7", "s2"), record(1));
  assert.equal(outbox.keys().length, 3);
});

test("an acknowledgement removes that record and never a newer one", () => {
  const { outbox } = made();
  const key = outbox.keyOf("7", "s1");
  outbox.put(key, record(5));
  outbox.acknowledged(key, 4);
  assert.equal(outbox.get(key).seq, 5);
  outbox.acknowledged(key, 5);
  assert.equal(outbox.get(key), null);
});

test("what earlier pages left is delivered, all but this page's own session", async () => {
  const { outbox } = made();
  ["s1", "s2", "s3"].forEach((session) => outbox.put(outbox.keyOf("7", session), record(1, { session })));
  const sent = [];
  const arrived = await outbox.deliver(
    (one) => {
      sent.push(one.session);
      return Promise.resolve({ seq: 1, union: "" });
    },
    () => outbox.keyOf("7", "s2"),
  );
  assert.deepEqual(sent, ["s1", "s3"]);
  assert.equal(arrived.length, 2);
  assert.deepEqual(outbox.keys(), ["lectern.beat.7.s2"]);
});

test("a record that did not get through stays", async () => {
  const { outbox } = made();
  outbox.put(outbox.keyOf("7", "s1"), record(1));
  const arrived = await outbox.deliver(() => Promise.reject(new TypeError("no line")), nobody);
  assert.equal(arrived.length, 0);
  assert.equal(outbox.keys().length, 1);
});

test("a final refusal is believed at the third time, the server's trouble never", async () => {
  const { outbox } = made();
  outbox.put(outbox.keyOf("7", "s1"), record(1));
  for (let i = 0; i < 5; i += 1) {
    await outbox.deliver(() => Promise.reject(new BeatRefused(503)), nobody);
  }
  assert.equal(outbox.keys().length, 1);
  for (let i = 0; i < 2; i += 1) {
    await outbox.deliver(() => Promise.reject(new BeatRefused(403)), nobody);
    assert.equal(outbox.keys().length, 1);
  }
  await outbox.deliver(() => Promise.reject(new BeatRefused(403)), nobody);
  assert.equal(outbox.keys().length, 0);
});

const refuse = (outbox, times) =>
  Array.from({ length: times }).reduce(
    (chain) => chain.then(() => outbox.deliver(() => Promise.reject(new BeatRefused(403)), nobody)),
    Promise.resolve(),
  );

test("whoever watched it is told, once, of what is given up for good", async () => {
  const told = [];
  const { outbox } = made(undefined, (one) => Boolean(told.push(one.title)));
  outbox.put(outbox.keyOf("7", "s1"), record(1, { title: "A" }));
  await refuse(outbox, 2);
  assert.deepEqual(told, []);
  await refuse(outbox, 2);
  assert.deepEqual(told, ["A"]);
  assert.equal(outbox.keys().length, 0);
});

test("what can be told to nobody yet is kept until its person is here", async () => {
  let isHere = false;
  const { outbox } = made(undefined, () => isHere);
  outbox.put(outbox.keyOf("7", "s1"), record(1));
  await refuse(outbox, 5);
  assert.equal(outbox.keys().length, 1);
  isHere = true;
  await refuse(outbox, 1);
  assert.equal(outbox.keys().length, 0);
});

test("what is a month old is told as given up, what cannot be read is not", () => {
  const told = [];
  const { storage, clock, outbox } = made(undefined, (one) => Boolean(told.push(one.title)));
  storage.setItem("lectern.beat.7.bad", "{");
  outbox.put(outbox.keyOf("7", "old"), record(1, { title: "A" }));
  clock.time += 31 * DAY;
  assert.deepEqual(outbox.keys(), []);
  assert.deepEqual(told, ["A"]);
});

test("broken and month-old records are cleared away, others' entries are left alone", () => {
  const { storage, clock, outbox } = made();
  storage.setItem("lectern.beat.7.bad", "{");
  storage.setItem("lectern.player", "{}");
  outbox.put(outbox.keyOf("7", "old"), record(1));
  clock.time += 31 * DAY;
  assert.deepEqual(outbox.keys(), []);
  assert.equal(storage.length, 1);
});

test("without a storage records live as long as the page", async () => {
  const { outbox } = made(brokenStorage);
  outbox.put(outbox.keyOf("7", "s1"), record(1));
  assert.equal(outbox.keys().length, 1);
  await outbox.deliver(() => Promise.resolve({ seq: 1, union: "" }), nobody);
  assert.equal(outbox.keys().length, 0);
});

test("a storage that is not there at all is no trouble", () => {
  const { outbox } = made(null);
  outbox.put("lectern.beat.7.s1", record(1));
  assert.equal(outbox.get("lectern.beat.7.s1").seq, 1);
});

/* ---- over the wire ---- */

const timers = { setTimer: () => 1, clearTimer: () => {}, timeoutMs: 1000 };
const answers = (status, body) => (url, options) => {
  answers.asked = { url, options };
  return Promise.resolve({ ok: status < 400, status, json: () => (body === undefined ? Promise.reject(new SyntaxError()) : Promise.resolve(body)) });
};

test("a beat carries token, number, position and evidence, and nothing else", async () => {
  await sendBeat(record(4, { person: "7", lecture: "3", saved: 1 }), { ...timers, fetchFn: answers(200, { seq: 4, union: "Bw==" }) });
  assert.equal(answers.asked.url, "/watch/beat/");
  assert.deepEqual(JSON.parse(answers.asked.options.body), { token: "T", seq: 4, position: 3, seen: "Bw==" });
  assert.equal(answers.asked.options.keepalive, undefined);
});

test("a beat of a page that goes away outlives it", async () => {
  await sendBeat(record(4), { ...timers, keepalive: true, fetchFn: answers(200, { seq: 4, union: "" }) });
  assert.equal(answers.asked.options.keepalive, true);
});

test("where a request dies with its page a beacon goes instead, which is no acknowledgement", async () => {
  const sent = [];
  const beacon = (url, body) => sent.push([url, JSON.parse(body).seq]);
  await assert.rejects(sendBeat(record(4), { ...timers, keepalive: true, beacon, fetchFn: answers(200, {}) }));
  assert.deepEqual(sent, [["/watch/beat/", 4]]);
});

test("only JSON that names the number is an acknowledgement", async () => {
  await assert.rejects(sendBeat(record(4), { ...timers, fetchFn: answers(200) }));
  await assert.rejects(sendBeat(record(4), { ...timers, fetchFn: answers(200, { seq: 3, union: "" }) }));
  await assert.rejects(sendBeat(record(4), { ...timers, fetchFn: answers(200, { seq: 4 }) }));
  await assert.rejects(sendBeat(record(4), { ...timers, fetchFn: answers(200, {}) }));
  assert.equal((await sendBeat(record(4), { ...timers, fetchFn: answers(200, { seq: 6, union: "" }) })).seq, 6);
});

test("refusals say whether asking again can help", async () => {
  const refusal = (status) => sendBeat(record(1), { ...timers, fetchFn: answers(status, {}) }).catch((error) => error);
  assert.equal((await refusal(403)).final, true);
  assert.equal((await refusal(409)).final, true);
  assert.equal((await refusal(429)).final, false);
  assert.equal((await refusal(502)).final, false);
});
