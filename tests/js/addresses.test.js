import assert from "node:assert/strict";
import { test } from "node:test";

import { AccessDenied, Addresses, signedParts } from "../../static/js/player/addresses.js";
import { playbackLoader } from "../../static/js/player/requests.js";
import { FakeClock, playbackOf } from "./support/fakes.js";

/* Addresses whose every renewal brings the next token: t2, t3, … */
function made({ expires = 100, load, askedBefore = 0 } = {}) {
  const clock = new FakeClock(1_000_000);
  const seen = { loads: 0, renewals: [], denials: 0 };
  const addresses = new Addresses({
    playback: playbackOf({ expires }),
    askedAt: clock.time - askedBefore,
    load: () => {
      seen.loads += 1;
      return load ? load(seen.loads) : Promise.resolve(playbackOf({ token: `t${seen.loads + 1}`, expires }));
    },
    now: clock.now,
    setTimer: clock.setTimer,
    clearTimer: clock.clearTimer,
    onrenew: (news) => seen.renewals.push(news),
    ondenied: () => {
      seen.denials += 1;
    },
  });
  return { addresses, clock, seen };
}

test("token and package are read from relative and absolute addresses", () => {
  assert.deepEqual(signedParts("/v/a.17.x/pack/360p/index.m3u8"), { token: "a.17.x", pack: "pack" });
  assert.deepEqual(signedParts("https://cdn.example/v/a.17.x/pack/x.m4s?y=1"), { token: "a.17.x", pack: "pack" });
  assert.equal(signedParts("/static/x.js"), null);
  assert.equal(signedParts(undefined), null);
});

test("a new token is fetched at 60 % of the old one's life, again and again", async () => {
  const { clock, seen } = made({ expires: 20 });
  await clock.advance(11_900);
  assert.equal(seen.loads, 0);
  await clock.advance(200);
  assert.equal(seen.loads, 1);
  await clock.advance(60_000);
  assert.equal(seen.loads, 6);
});

test("a page that was slow to come has used up part of the first token's life", async () => {
  const { clock, seen } = made({ expires: 20, askedBefore: 8000 });
  await clock.advance(4100);
  assert.equal(seen.loads, 1);
});

test("after a renewal older addresses of the package carry the new token", async () => {
  const { addresses, clock } = made();
  const old = "http://host/v/t1/pack/360p/seg_00004.m4s";
  assert.equal(addresses.rewrite(old), old);
  await clock.advance(61_000);
  assert.equal(addresses.rewrite(old), "http://host/v/t2/pack/360p/seg_00004.m4s");
});

test("addresses of other packages and of no package stay as they are", async () => {
  const { addresses, clock } = made();
  await clock.advance(61_000);
  assert.equal(addresses.rewrite("/v/t1/other/x.m4s"), "/v/t1/other/x.m4s");
  assert.equal(addresses.rewrite("/static/x.js"), "/static/x.js");
});

test("a refused token is renewed once for all requests that were refused together", async () => {
  const { addresses, clock, seen } = made();
  await clock.advance(5000);
  await Promise.all([addresses.rejected(), addresses.rejected(), addresses.rejected()]);
  assert.equal(seen.loads, 1);
  await addresses.rejected();
  assert.equal(seen.loads, 1);
});

test("a request waits for a new token when the old one is past its time", async () => {
  const { addresses, clock, seen } = made({ expires: 20 });
  clock.time += 3_600_000; // the phone slept, its timers with it
  assert.equal(await addresses.ready("/v/t1/pack/x.m4s"), "/v/t2/pack/x.m4s");
  assert.equal(seen.loads, 1);
});

test("a failed renewal is tried again at growing intervals and then the life begins anew", async () => {
  const { addresses, clock, seen } = made({
    expires: 20,
    load: (n) => (n <= 3 ? Promise.reject(new Error("no line")) : Promise.resolve(playbackOf({ token: "t9", expires: 20 }))),
  });
  await clock.advance(12_000);
  assert.equal(seen.loads, 1);
  await clock.advance(1000);
  assert.equal(seen.loads, 2);
  await clock.advance(2000);
  assert.equal(seen.loads, 3);
  await clock.advance(4000);
  assert.equal(seen.loads, 4);
  assert.equal(addresses.rewrite("/v/t1/pack/x"), "/v/t9/pack/x");
  assert.equal(addresses.failures, 0);
});

test("a request goes out with the old address when no new one can be had", async () => {
  const { addresses, clock } = made({ expires: 20, load: () => Promise.reject(new Error("no line")) });
  clock.time += 30_000;
  assert.equal(await addresses.ready("/v/t1/pack/x"), "/v/t1/pack/x");
});

test("who may not watch any more is told once and the asking stops", async () => {
  const { addresses, clock, seen } = made({ expires: 20, load: () => Promise.reject(new AccessDenied("403")) });
  await clock.advance(120_000);
  assert.equal(seen.loads, 1);
  assert.equal(seen.denials, 1);
  assert.equal(await addresses.ready("/v/t1/pack/x"), "/v/t1/pack/x");
});

test("another package in the answer is reported as a replacement", async () => {
  const { clock, seen } = made({ load: () => Promise.resolve(playbackOf({ token: "t2", pack: "newer" })) });
  await clock.advance(61_000);
  assert.deepEqual(seen.renewals, [{ replaced: true }]);
});

function answer(status, type = "application/json", body = {}) {
  return { status, ok: status < 400, headers: { get: () => type }, json: () => Promise.resolve(body) };
}

test("a sign-in page instead of JSON is a refusal, the server's trouble is not", async () => {
  const load = (response) => playbackLoader({ url: "/p/", fetchFn: () => Promise.resolve(response), Refusal: AccessDenied })();
  await assert.rejects(load(answer(200, "text/html")), AccessDenied);
  await assert.rejects(load(answer(403)), AccessDenied);
  await assert.rejects(load(answer(503)), (error) => !(error instanceof AccessDenied));
  assert.deepEqual(await load(answer(200, "application/json", { master: "m" })), { master: "m" });
});
