import assert from "node:assert/strict";
import { mock, test } from "node:test";

import * as tus from "../../node_modules/tus-js-client/lib.esm/browser/index.js";
import { Transfer } from "../../static/js/upload/transfer.js";
import { settled } from "./support/fakes.js";

const FILM = new Blob([new Uint8Array(1000)]);
const SENT = { "Upload-Offset": "1000", "Upload-Length": "1000", "Lectern-Asset": "a1" };

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
  mock.timers.enable({ apis: ["setTimeout", "setInterval"] });
  new Transfer({
    tus: { Upload: tus.Upload, DefaultHttpStack: Stack },
    file: FILM,
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
  }).start();
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
