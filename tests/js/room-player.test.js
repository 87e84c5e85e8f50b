/* The room's player with a video element that plays what it is told: what it loads, what it plays when
   hls.js cannot, and that it counts either way. */

import assert from "node:assert/strict";
import { test } from "node:test";

import { Outbox } from "../../static/js/player/outbox.js";
import { RoomPlayer } from "../../static/js/room/room-player.js";
import { FakeClock, FakeStorage, FakeVideo, fakeWindow, playbackOf, settled } from "./support/fakes.js";

const answer = (playback) => ({
  token: "T",
  session: "1-a",
  seconds: 60,
  duration: 60,
  position: 0,
  seen: "",
  missing: [[0, 60]],
  beat_url: "/tv/beat/",
  playback,
});

async function playing({ hasMse = true, line = "good", loadHls } = {}) {
  const clock = new FakeClock(1_000_000);
  const win = fakeWindow({ clock });
  win.performance = { now: () => clock.time };
  win.MediaSource = hasMse ? class {} : undefined;
  const video = new FakeVideo();
  const heard = [];
  const sent = [];
  const player = new RoomPlayer({
    video,
    outbox: new Outbox({ storage: new FakeStorage(), now: clock.now }),
    person: "room-1",
    open: () => Promise.resolve(answer(playbackOf({ low: "/v/t1/pack/low.mp4" }))),
    send: (record) => {
      sent.push(record);
      return Promise.resolve({ seq: record.seq, union: record.seen });
    },
    loadHls: loadHls || (() => Promise.reject(new Error("hls.js did not come"))),
    line,
    fetchFn: () => Promise.reject(new TypeError("not asked for here")),
    win,
    doc: new EventTarget(),
    setTimer: clock.setTimer,
    clearTimer: clock.clearTimer,
    onchange: (what) => heard.push(what),
  });
  player.play(await player.load({ lecture: 7, title: "一课", playbackUrl: "/tv/7/" }));
  await settled();
  return { player, video, clock, heard, sent };
}

test("without hls.js the room plays the MP4, and it counts", async () => {
  const { player, video, clock, sent } = await playing();
  assert.deepEqual(video.loads, ["/v/t1/pack/progressive.mp4"]);
  assert.equal(video.paused, false);
  video.begin();
  for (let second = 1; second <= 31; second += 1) {
    await clock.advance(1000);
    video.currentTime = second;
    video.dispatchEvent(new Event("timeupdate"));
  }
  assert.equal(player.transport.kind, "file");
  assert.equal(sent.length, 1);
  assert.notEqual(sent[0].seen, "");
});

test("when neither hls.js nor the MP4 plays, the room hears of it", async () => {
  const { player, video, clock, heard } = await playing();
  for (let i = 0; i < 8 && !player.transport.hasFailed; i += 1) {
    video.fail(4);
    await clock.advance(60_000);
  }
  assert.ok(heard.includes("failed"));
});

test("on a weak line the room plays what can be loaded ahead, and the light file where nothing can", async () => {
  assert.equal((await playing({ line: "slow", loadHls: () => new Promise(() => {}) })).player.transport.kind, "hls");
  assert.deepEqual((await playing({ line: "slow", hasMse: false })).video.loads, ["/v/t1/pack/low.mp4"]);
});
