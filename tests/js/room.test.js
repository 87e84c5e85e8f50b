/* The screen's remote control, the code of the room, the roll that survives a lost line. */

import assert from "node:assert/strict";
import { test } from "node:test";

import { Door } from "../../static/js/room/door.js";
import { heldBeats } from "../../static/js/room/held-beats.js";
import { commandOf, placeTowards } from "../../static/js/room/remote.js";
import { Refused, RollBook } from "../../static/js/room/roll-book.js";

const settle = () => new Promise((resolve) => setTimeout(resolve, 0));

function store() {
  const kept = {};
  return {
    kept,
    getItem: (key) => (key in kept ? kept[key] : null),
    setItem: (key, text) => {
      kept[key] = text;
    },
    removeItem: (key) => {
      delete kept[key];
    },
  };
}

function book(changes = {}) {
  const heard = [];
  const sent = [];
  const parts = Object.assign(
    {
      key: "1.2",
      storage: store(),
      now: () => 1000,
      send: (body) => {
        sent.push(body);
        return Promise.resolve({ rows: [] });
      },
      setTimer: () => 0,
      clearTimer: () => {},
      onchange: (what, detail) => heard.push([what, detail]),
    },
    changes,
  );
  return { heard, sent, parts, roll: new RollBook(parts) };
}

test("remote controls of several makers say the same", () => {
  assert.equal(commandOf({ key: "Enter", keyCode: 13 }), "ok");
  assert.equal(commandOf({ key: "Unidentified", keyCode: 10009 }), "back");
  assert.equal(commandOf({ key: undefined, keyCode: 461 }), "back");
  assert.equal(commandOf({ key: "MediaPlayPause", keyCode: 179 }), "toggle");
  assert.equal(commandOf({ key: "a", keyCode: 65 }), null);
});

test("the focus goes to the nearest place in the direction of the arrow", () => {
  const at = (left, top) => ({ left, top, width: 10, height: 10 });
  const places = [at(0, 0), at(0, 20), at(0, 40), at(100, 20)];
  assert.equal(placeTowards(places, 0, "down"), 1);
  assert.equal(placeTowards(places, 1, "right"), 3);
  assert.equal(placeTowards(places, 3, "left"), 1);
  assert.equal(placeTowards(places, 0, "up"), -1);
  assert.equal(placeTowards(places, -1, "down"), 0);
  assert.equal(placeTowards([], -1, "down"), -1);
});

test("the code is taken away when the line is lost and comes back with it", async () => {
  const shown = [];
  let isLost = false;
  const timers = [];
  const door = new Door({
    load: () => (isLost ? Promise.reject(new Error("offline")) : Promise.resolve({ picture: "code", next_in: 12 })),
    show: (picture) => shown.push(picture),
    say: () => {},
    setTimer: (action, delay) => timers.push({ action, delay }),
    clearTimer: () => {},
  });
  door.open();
  await settle();
  isLost = true;
  await timers[0].action();
  isLost = false;
  await timers[1].action();
  assert.deepEqual(shown, ["code", "", "code"]);
  assert.equal(timers[0].delay, 12000);
  door.close();
  await timers[2].action();
  assert.equal(shown[shown.length - 1], "");
});

test("a mark stays on the phone until the server has it", async () => {
  let isLost = true;
  const timers = [];
  const sent = [];
  const { roll, parts } = book({
    send: (body) => {
      sent.push(body);
      return isLost ? Promise.reject(new Error("offline")) : Promise.resolve({ rows: [] });
    },
    setTimer: (action) => timers.push(action),
  });
  roll.mark({ user: 7, present: true });
  await settle();
  assert.equal(roll.waiting(), 1);
  const again = book({ storage: parts.storage, now: () => 61000 });
  assert.ok(again.roll.waitsFor(7));
  isLost = false;
  await again.roll.deliver();
  assert.deepEqual(again.sent[0].marks, [{ user: 7, present: true, came: "", left: "", age: 60 }]);
  assert.equal(again.roll.waiting(), 0);
  assert.deepEqual(parts.storage.kept, {});
});

test("a mark made while an older one is on its way is sent as well", async () => {
  let answer = null;
  const sent = [];
  const { roll } = book({
    send: (body) => {
      sent.push(body);
      return new Promise((resolve) => {
        answer = resolve;
      });
    },
  });
  roll.mark({ user: 7, present: true });
  roll.mark({ user: 7, present: false });
  answer({ rows: [] });
  await settle();
  assert.equal(sent.length, 2);
  assert.equal(sent[1].marks[0].present, false);
  answer({ rows: [] });
  await settle();
  assert.equal(roll.waiting(), 0);
});

test("what the server refuses is kept and told, and not asked again by itself", async () => {
  const { roll, heard } = book({ send: () => Promise.reject(new Refused(403, "not yours")) });
  roll.markGuests(3);
  await settle();
  assert.deepEqual(heard[heard.length - 1], ["refused", "not yours"]);
  assert.equal(roll.waiting(), 1);
});

test("marks that came too late are forgotten on the phone", () => {
  const storage = store();
  const first = book({ storage, send: () => Promise.reject(new Error("lost")) });
  first.roll.mark({ user: 3, present: true });
  const later = new RollBook({ key: "1.2", storage });
  assert.equal(later.waiting(), 1);
  later.forget();
  assert.deepEqual(storage.kept, {});
});

/* A browser that keeps `kept` and whose server answers as `answer()` says. */
function screenWith(kept, answer) {
  const listeners = {};
  return {
    listeners,
    localStorage: {
      getItem: (key) => kept[key] || null,
      setItem: (key, text) => {
        kept[key] = text;
      },
      removeItem: (key) => {
        delete kept[key];
      },
      key: (place) => Object.keys(kept)[place],
      get length() {
        return Object.keys(kept).length;
      },
    },
    addEventListener: (what, action) => {
      listeners[what] = action;
    },
    setTimeout: () => 0,
    clearTimeout: () => {},
    fetch: answer,
  };
}

const held = (more) =>
  JSON.stringify({ token: "t", url: "/tv/beat/", seen: "AA==", seq: 4, position: 3, saved: Date.now(), ...more });

test("a screen that was switched off without a line tells later what it played", async () => {
  const kept = { "lectern.beat.room-1.s": held() };
  const calls = [];
  let isLost = true;
  const win = screenWith(kept, (url) => {
    calls.push(url);
    return isLost
      ? Promise.reject(new Error("lost"))
      : Promise.resolve({ ok: true, status: 200, json: () => Promise.resolve({ seq: 4, union: "AA==" }) });
  });
  await heldBeats(win, { notice: null }).deliver();
  assert.equal(Object.keys(kept).length, 1);
  isLost = false;
  await win.listeners.online();
  assert.deepEqual(calls, ["/tv/beat/", "/tv/beat/"]);
  assert.equal(Object.keys(kept).length, 0);
});

test("what a room played and can never count is named where the list is seen, a person's own is not", async () => {
  const kept = {
    "lectern.beat.room-1.a": held({ person: "room-1", title: "甲", refusals: 2 }),
    "lectern.beat.room-1.b": held({ person: "room-1", title: "乙", refusals: 2 }),
    "lectern.beat.room-1.c": held({ person: "room-1", title: "甲", refusals: 2 }),
    "lectern.beat.7.d": held({ person: "7", title: "丙", refusals: 2 }),
  };
  const notice = { hidden: true, textContent: "", dataset: { text: "not counted: {titles}" } };
  let isSeen = false;
  const win = screenWith(kept, () => Promise.resolve({ ok: false, status: 409 }));
  const { deliver } = heldBeats(win, { notice, isSeen: () => isSeen });
  await deliver();
  assert.equal(notice.hidden, true);
  assert.equal(Object.keys(kept).length, 4, "what nobody could read waits");
  isSeen = true;
  await deliver();
  assert.equal(notice.hidden, false);
  assert.equal(notice.textContent, "not counted: 甲、乙");
  assert.deepEqual(Object.keys(kept), ["lectern.beat.7.d"]);
});
