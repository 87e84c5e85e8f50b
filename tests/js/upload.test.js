import assert from "node:assert/strict";
import { test } from "node:test";

import { checksumStack } from "../../static/js/upload/checksums.js";
import { Draft } from "../../static/js/upload/draft.js";
import { Cyrb, fingerprint, samplePositions } from "../../static/js/upload/fingerprint.js";
import { ChunkSize, Pace } from "../../static/js/upload/pace.js";
import { messageOf, worthRetrying } from "../../static/js/upload/transfer.js";
import { bytesText, fill, percentOf, rateText, remainingText } from "../../static/js/upload/words.js";

const KB = 1024;
const MB = KB * KB;
const texts = {
  sent: "{done} of {total}",
  rate: "{rate}/s",
  secondsLeft: "soon",
  minutesLeft: "{n} min",
  hoursLeft: "{n} h",
  separator: " · ",
};
const read = async (blob) => new Uint8Array(await blob.arrayBuffer());

function film(size, seed = 7) {
  const bytes = new Uint8Array(size);
  let value = seed;
  for (let i = 0; i < size; i += 1) {
    value = (value * 1103515245 + 12345) >>> 0;
    bytes[i] = value >>> 24;
  }
  return bytes;
}

test("a file is recognised by content, whatever its name and date", async () => {
  const bytes = film(3 * MB);
  const first = new File([bytes], "VID_0001.mp4", { lastModified: 1 });
  const again = new File([bytes], "video (2).mp4", { lastModified: 2 });
  assert.equal(await fingerprint(first, read), await fingerprint(again, read));
});

test("the fingerprint has the form that the server takes", async () => {
  assert.match(await fingerprint(new Blob([film(100)]), read), /^[A-Za-z0-9._-]{8,80}$/);
});

test("other content, other length, other order: another fingerprint", async () => {
  const bytes = film(3 * MB);
  const changed = bytes.slice();
  changed[3 * MB - 1] ^= 1;
  const prints = await Promise.all(
    [bytes, changed, bytes.slice(1), bytes.slice().reverse()].map((value) =>
      fingerprint(new Blob([value]), read),
    ),
  );
  assert.equal(new Set(prints).size, 4);
});

test("samples lie inside the file, head and tail among them, a megabyte at most", () => {
  for (const size of [0, 1, MB, MB + 1, 5 * MB, 4 * KB * MB]) {
    const positions = samplePositions(size);
    assert.equal(positions[0][0], 0);
    assert.equal(positions[positions.length - 1][1], size);
    assert.ok(positions.every(([start, end]) => start >= 0 && start <= end && end <= size));
    assert.ok(positions.reduce((sum, [start, end]) => sum + end - start, 0) <= MB);
  }
});

test("the hash does not depend on the pieces it is fed in", () => {
  const whole = new Cyrb(3);
  whole.update(film(1000));
  const pieces = new Cyrb(3);
  pieces.update(film(1000).subarray(0, 1));
  pieces.update(film(1000).subarray(1));
  assert.equal(whole.hex(), pieces.hex());
  assert.match(whole.hex(), /^[0-9a-f]{16}$/);
});

test("chunks grow on a fast line with what went through, at most doubling, at most 8 MB", () => {
  const size = new ChunkSize();
  assert.equal(size.bytes, MB);
  assert.equal(size.sent(8 * MB, 0.1), 2 * MB);
  for (let i = 0; i < 40; i += 1) {
    const before = size.bytes;
    assert.ok(size.sent(before, 0.1) <= 2 * before);
  }
  assert.equal(size.bytes, 8 * MB);
});

test("chunks shrink towards ten seconds on a slow line, to 256 KB at least", () => {
  const size = new ChunkSize();
  assert.equal(size.sent(MB, 20), 512 * KB); // 50 KB/s
  assert.equal(size.sent(512 * KB, 200), 256 * KB);
});

test("a break makes the next chunk the smallest, and trust comes back slowly", () => {
  const size = new ChunkSize();
  size.sent(MB, 0.1);
  assert.equal(size.broke(), 256 * KB);
  assert.equal(size.sent(256 * KB, 0.1), 256 * KB);
  for (let through = 0; through < 40 * MB; through += size.bytes) {
    size.sent(size.bytes, 0.1);
  }
  assert.ok(size.bytes > MB && size.bytes <= 1.25 * MB);
});

/* Bytes sent for `total`, when each break falls at a place of `breaks` (bytes on the wire) and the
   chunk that it hits is lost as far as it was sent. */
function sentWith(total, breaks) {
  const size = new ChunkSize();
  const left = breaks.slice();
  let [stored, wire] = [0, 0];
  while (stored < total) {
    const chunk = Math.min(size.bytes, total - stored);
    if (left.length && wire + chunk > left[0]) {
      wire = Math.max(wire, left.shift());
      size.broke();
    } else {
      wire += chunk;
      stored += chunk;
      size.sent(chunk, 0.05);
    }
  }
  assert.equal(left.length, 0);
  return wire;
}

test("twenty breaks over 300 MB cost at most a twentieth, wherever they fall", () => {
  const total = 300 * MB;
  let seed = 11;
  const random = () => {
    seed = (seed * 1103515245 + 12345) >>> 0;
    return seed / 2 ** 32;
  };
  const even = Array.from({ length: 20 }, (_, i) => ((i + 1) * total) / 21);
  const early = Array.from({ length: 20 }, (_, i) => (i + 1) * MB);
  const worst = Array.from({ length: 200 }, () =>
    Array.from({ length: 20 }, () => random() * total).sort((a, b) => a - b),
  ).concat([even, early]);
  for (const breaks of worst) {
    assert.ok(sentWith(total, breaks) <= 1.05 * total, breaks.map(Math.round).join());
  }
});

test("the last piece of a file does not change the size", () => {
  const size = new ChunkSize();
  assert.equal(size.sent(10 * KB, 9), MB);
});

test("speed and remaining time come from the last twenty seconds", () => {
  const pace = new Pace();
  assert.equal(pace.rate(), 0);
  assert.equal(pace.remaining(100), null);
  for (let at = 0; at <= 100; at += 1) {
    pace.note(at < 80 ? at * 10 : 800 + (at - 80) * 100, at);
  }
  assert.equal(pace.rate(), 100);
  assert.equal(pace.remaining(3800), 10);
});

test("bytes that were lost and are sent again do not count as negative speed", () => {
  const pace = new Pace();
  pace.note(1000, 0);
  pace.note(500, 5);
  assert.equal(pace.rate(), 0);
});

test("sizes are said as one would say them", () => {
  assert.equal(bytesText(0), "1 KB");
  assert.equal(bytesText(200 * KB), "200 KB");
  assert.equal(bytesText(1.5 * MB), "1.5 MB");
  assert.equal(bytesText(345 * MB), "345 MB");
  assert.equal(bytesText(4 * KB * MB), "4 GB");
});

test("a hundred percent only when it is all there", () => {
  assert.equal(percentOf(999, 1000), 99);
  assert.equal(percentOf(1000, 1000), 100);
  assert.equal(percentOf(0, 0), 0);
});

test("remaining time in plain words", () => {
  assert.equal(remainingText(texts, null), "");
  assert.equal(remainingText(texts, 20), "soon");
  assert.equal(remainingText(texts, 130), "3 min");
  assert.equal(remainingText(texts, 7000), "2 h");
  const values = { sent: 120 * MB, total: 300 * MB, rate: MB, remaining: 180 };
  assert.equal(rateText(texts, values), "120 MB of 300 MB · 1 MB/s · 3 min");
  assert.equal(rateText(texts, { ...values, rate: 0 }), "120 MB of 300 MB");
});

test("what cannot be filled in stays as it is", () => {
  assert.equal(fill("{a} and {b}", { a: 1 }), "1 and {b}");
});

test("retried: no answer, conflicts, locks, damaged chunks, the server's trouble", () => {
  for (const status of [0, 409, 423, 460, 500, 502, 503, 504]) {
    assert.equal(worthRetrying(status), true, String(status));
  }
  for (const status of [400, 401, 403, 404, 410, 413, 415, 422, 429, 507]) {
    assert.equal(worthRetrying(status), false, String(status));
  }
});

test("the sentence of an answer, and nothing of a page that is no JSON", () => {
  assert.equal(messageOf({ getBody: () => '{"message": "好"}' }), "好");
  assert.equal(messageOf({ getBody: () => "<html>" }), "");
  assert.equal(messageOf({ getBody: () => "{}" }), "");
});

function fakeStack() {
  const sent = [];
  return {
    sent,
    createRequest: (method) => {
      const headers = {};
      return {
        setHeader: (name, value) => {
          headers[name] = value;
        },
        send: async (body) => sent.push({ method, headers, body }),
        abort: async () => {},
      };
    },
  };
}

test("chunks carry their SHA-256, other requests none", async () => {
  const plain = fakeStack();
  const stack = checksumStack(plain, globalThis.crypto.subtle, read);
  await stack.createRequest("PATCH", "/").send(new Blob(["abc"]));
  await stack.createRequest("HEAD", "/").send(null);
  assert.equal(
    plain.sent[0].headers["Upload-Checksum"],
    "sha256 ungWv48Bz+pBQUDeXa4iI7ADYaOWF3qctBD/YfIAFa0=",
  );
  assert.deepEqual(plain.sent[1].headers, {});
});

test("without crypto.subtle the stack is the plain one", () => {
  const plain = fakeStack();
  assert.equal(checksumStack(plain, undefined), plain);
});

test("a request stopped while its checksum is computed is never sent", async () => {
  const plain = fakeStack();
  const request = checksumStack(plain, globalThis.crypto.subtle, read).createRequest("PATCH", "/");
  request.send(new Blob(["abc"]));
  request.abort();
  await new Promise((resolve) => {
    setTimeout(resolve, 50);
  });
  assert.equal(plain.sent.length, 0);
});

function memory() {
  const items = new Map();
  return {
    getItem: (key) => (items.has(key) ? items.get(key) : null),
    setItem: (key, value) => items.set(key, value),
    removeItem: (key) => items.delete(key),
  };
}

const form = (values) => ({
  elements: Object.fromEntries(Object.entries(values).map(([name, value]) => [name, { value }])),
});

test("a draft comes back and is one person's", () => {
  const storage = memory();
  const filled = form({ title: "党课", speaker: "李四", recorded_on: "", subject: "skills", summary: "" });
  new Draft(storage, 1).keep(filled);
  const empty = form({ title: "", speaker: "", recorded_on: "2026-01-01", subject: "theory", summary: "" });
  new Draft(storage, 1).restore(empty);
  assert.equal(empty.elements.title.value, "党课");
  assert.equal(empty.elements.subject.value, "skills");
  assert.equal(empty.elements.recorded_on.value, "2026-01-01");
  assert.deepEqual(new Draft(storage, 2).read(), {});
});

test("a draft knows which boxes were ticked, of one or of several", () => {
  const box = (value, checked) => ({ value, checked });
  const several = { elements: { audiences: [box("1", true), box("2", false), box("3", true)] } };
  const storage = memory();
  assert.equal(new Draft(storage, 1).keep(several).audiences, "1,3");
  const later = { elements: { audiences: [box("1", false), box("2", true), box("3", false)] } };
  new Draft(storage, 1).restore(later);
  assert.deepEqual(later.elements.audiences.map((one) => one.checked), [true, false, true]);
  const single = { elements: { audiences: box("3", false) } };
  new Draft(storage, 1).restore(single);
  assert.equal(single.elements.audiences.checked, true);
});

test("a draft knows the recording that waits for it, and forgets it with the words", () => {
  const draft = new Draft(memory(), 1);
  draft.keepAsset("a1");
  draft.keep(form({ title: "党课", speaker: "", recorded_on: "", subject: "", summary: "" }));
  assert.equal(draft.read().asset, "a1");
  draft.clear();
  assert.deepEqual(draft.read(), {});
});

test("a draft that was handed in comes back only when the server says that it did not arrive", () => {
  const draft = new Draft(memory(), 1);
  const words = form({ title: "党课", speaker: "", recorded_on: "", subject: "", summary: "" });
  draft.keep(words);
  assert.equal(draft.fate(null), "restore"); // Typed, and the line is down.
  draft.handIn("a1");
  assert.equal(draft.read().asset, "a1");
  assert.equal(draft.fate(null), "wait");
  assert.equal(draft.fate({ submitted: false }), "restore");
  assert.equal(draft.fate({ submitted: true }), "over");
  draft.keep(words); // Sent back, and gone on with.
  assert.equal(draft.fate(null), "restore");
});

test("of a submission that is changed, a round's draft ends with it", () => {
  const storage = memory();
  const words = form({ title: "党课", speaker: "", recorded_on: "", subject: "", summary: "" });
  new Draft(storage, 1, "7.1").keep(words);
  assert.deepEqual(new Draft(storage, 1, "7.2").read(), {});
});

test("a storage that is full, forbidden or spoilt is no trouble", () => {
  const refuse = () => {
    throw new Error("no");
  };
  const draft = new Draft({ getItem: refuse, setItem: refuse, removeItem: refuse }, 1);
  assert.deepEqual(draft.read(), {});
  assert.equal(draft.write({}), false);
  assert.equal(draft.clear(), false);
  assert.deepEqual(new Draft({ getItem: () => "[broken" }, 1).read(), {});
});
