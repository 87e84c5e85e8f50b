import assert from "node:assert/strict";
import { mock, test } from "node:test";

import * as tus from "../../node_modules/tus-js-client/lib.esm/browser/index.js";
import { wasResent } from "../../static/js/upload/resent.js";
import { Transfer } from "../../static/js/upload/transfer.js";
import { settled } from "./support/fakes.js";

const FILM = new Blob([new Uint8Array(1000)]);
const SENT = { "Upload-Offset": "1000", "Upload-Length": "1000", "Lectern-Asset": "a1" };

/* A transfer of `file` through `Stack`; into `told` goes what the page hears of troubles and the end. */
function transfer(Stack, told, file) {
  mock.timers.enable({ apis: ["setTimeout", "setInterval"] });
  return new Transfer({
    tus: { Upload: tus.Upload, DefaultHttpStack: Stack },
    file,
    endpoint: "https://lectern.test/uploads/",
    url: "",
    metadata: {},
    csrf: () => "csrf",
    subtle: undefined,
    on: {
      progress() {},
      moving() {},
      trouble: (status) => told.push(status),
      success: (asset) => told.push(asset),
      failure: (problem) => told.push(problem),
    },
  });
}

/* tus-js-client itself, with a server that gives these answers in turn to what comes after the
   announcement. Returns what was asked and what the page was told, an hour later. */
async function sending(answers) {
  const asked = [];
  const told = [];
  const left = answers.slice();
  class Stack {
    createRequest(method, url) {
      return {
        getMethod: () => method,
        getURL: () => url,
        setHeader() {},
        getHeader() {},
        setProgressHandler() {},
        async send() {
          asked.push(method);
          const [status, headers = {}] =
            method === "POST" ? [201, { Location: "/uploads/1" }] : left.shift();
          return {
            getStatus: () => status,
            getHeader: (name) => headers[name],
            getBody: () => "",
          };
        },
        async abort() {},
      };
    }
  }
  transfer(Stack, told, FILM).start();
  for (let i = 0; i < 20; i += 1) {
    for (let j = 0; j < 10; j += 1) {
      await settled();
    }
    mock.timers.tick(16000);
  }
  mock.timers.reset();
  assert.deepEqual(left, []);
  return { asked, told };
}

test("a film that the storage cannot take over yet is waited for, and not sent a second time", async () => {
  const { asked, told } = await sending([[503], [423], [423], [200, SENT]]);
  assert.deepEqual(asked, ["POST", "PATCH", "HEAD", "HEAD", "HEAD"]);
  assert.deepEqual(told, [503, 423, 423, "a1"]);
});

test("nor when the server is down at the moment at which it is asked where to go on", async () => {
  const { asked, told } = await sending([[502], [502], [504], [200, SENT]]);
  assert.deepEqual(asked, ["POST", "PATCH", "HEAD", "HEAD", "HEAD"]);
  assert.deepEqual(told, [502, 502, 504, "a1"]);
});

/* A server that takes what it is sent, but breaks off, never answers, or gets from the browser twice,
   the so-manieth chunk. */
function server({ breaks = 0, silent = 0, again = 0 } = {}) {
  const chunks = [];
  let offset = 0;
  class Stack {
    createRequest(method, url) {
      return {
        getMethod: () => method,
        getURL: () => url,
        setHeader() {},
        getHeader() {},
        setProgressHandler(handler) {
          this.progress = handler;
        },
        async send(body) {
          if (method === "PATCH") {
            chunks.push(body.size);
            if (chunks.length === breaks) {
              throw new Error("the line broke");
            }
            this.progress(body.size);
            if (chunks.length === again) {
              this.progress(body.size / 2);
              this.progress(body.size);
            }
            if (chunks.length === silent) {
              await new Promise(() => {});
            }
            offset += body.size;
          }
          const headers = { Location: "/uploads/1", "Upload-Offset": String(offset), "Upload-Length": String(LARGE.size), "Lectern-Asset": "a1" };
          return { getStatus: () => (method === "POST" ? 201 : 200), getHeader: (name) => headers[name], getBody: () => "" };
        },
        async abort() {},
      };
    }
  }
  return { chunks, Stack };
}

/* As browsers read a piece of a file that is still there. */
class FileReader {
  async readAsArrayBuffer(blob) {
    this.result = await blob.arrayBuffer();
    this.onload();
  }
}

const KB = 1024;
const LARGE = new Blob([new Uint8Array(8 * KB * KB)]);

async function passing(ms, times) {
  for (let i = 0; i < times; i += 1) {
    for (let j = 0; j < 60; j += 1) {
      await settled();
    }
    mock.timers.tick(ms);
  }
}

test("chunks grow while they go through, and shrink after a break", async () => {
  globalThis.FileReader = FileReader;
  const { chunks, Stack } = server({ breaks: 4 });
  const told = [];
  transfer(Stack, told, LARGE).start();
  await passing(16000, 40);
  mock.timers.reset();
  delete globalThis.FileReader;
  assert.deepEqual(told, [0, "a1"]);
  assert.equal(chunks[0], 1024 * KB);
  assert.ok(chunks[1] > chunks[0] && chunks[2] > chunks[1], "they grow");
  assert.equal(chunks[4], 256 * KB);
  assert.equal(chunks.reduce((a, b) => a + b) - chunks[3], LARGE.size);
});

test("what was under way on another network is not waited for", async () => {
  const { chunks, Stack } = server({ silent: 2 });
  const told = [];
  const sent = transfer(Stack, told, LARGE);
  let now = 0;
  const clock = mock.method(performance, "now", () => now);
  sent.start();
  await passing(0, 2);
  assert.equal(chunks.length, 2);
  sent.lineChanged();
  now = 6000;
  await passing(6000, 4);
  clock.mock.restore();
  mock.timers.reset();
  assert.deepEqual(told, [0, "a1"]);
  assert.equal(chunks[2], 256 * KB);
});

/* A request's timing as Chromium gives it: asked for at once over a connection that is open. */
const AT_ONCE = { fetchStart: 100, domainLookupStart: 100, connectEnd: 100, requestStart: 108, responseEnd: 2100 };
/* The connection broke, and another one was opened. */
const ANEW = { ...AT_ONCE, domainLookupStart: 1400, connectEnd: 2200, requestStart: 2201, responseEnd: 4200 };

test("a piece is known to have been sent twice by the time before its last connection", () => {
  assert.equal(wasResent(AT_ONCE), false);
  assert.equal(wasResent(ANEW), true);
  const far = { ...AT_ONCE, domainLookupStart: 105, connectEnd: 1900, requestStart: 1901, responseEnd: 4000 };
  assert.equal(wasResent(far), false, "connecting takes its time on a long line");
  assert.equal(wasResent({ ...AT_ONCE, requestStart: 400, responseEnd: 500 }), false, "so does reading on a slow phone");
  assert.equal(wasResent({ ...AT_ONCE, domainLookupStart: 0, connectEnd: 0, requestStart: 0 }), false, "it failed");
});

/* The sizes of the chunks of a transfer to `Stack`, of whose requests the browser tells these
   timings: `entries(chunks)` is asked after each. */
async function timed({ chunks, Stack }, entries) {
  const kept = globalThis.PerformanceObserver;
  globalThis.FileReader = FileReader;
  globalThis.PerformanceObserver = class {
    constructor() {
      this.told = 0;
    }
    observe() {}
    disconnect() {}
    takeRecords() {
      if (chunks.length === this.told) {
        return [];
      }
      this.told = chunks.length;
      return entries(chunks.length);
    }
  };
  const told = [];
  transfer(Stack, told, LARGE).start();
  await passing(16000, 40);
  mock.timers.reset();
  globalThis.PerformanceObserver = kept;
  delete globalThis.FileReader;
  assert.deepEqual(told, ["a1"]);
  assert.equal(chunks.reduce((a, b) => a + b), LARGE.size);
  return chunks;
}

test("chunks also shrink after a break that the browser kept to itself", async () => {
  const chunks = await timed(server(), (number) =>
    number === 3 ? [{ ...ANEW, name: "https://lectern.test/uploads/1" }] : [],
  );
  assert.ok(chunks[2] > chunks[1], "they grow");
  assert.equal(chunks[3], 256 * KB);
});

test("they are left alone by other requests of the page", async () => {
  const chunks = await timed(server(), () => [{ ...ANEW, name: "https://lectern.test/v/film" }]);
  assert.ok(chunks[1] > chunks[0] && chunks[2] > chunks[1]);
});

test("they shrink where the browser shows it by progress that goes back", async () => {
  const { chunks, Stack } = server({ again: 2 });
  await timed({ chunks, Stack }, () => []);
  assert.ok(chunks[1] > chunks[0]);
  assert.equal(chunks[2], 256 * KB);
});
