import assert from "node:assert/strict";
import { test } from "node:test";

import { Session } from "../../static/js/upload/session.js";
import { settled } from "./support/fakes.js";

/* What the page would show: only what the session asks for is remembered. */
class FakeView {
  constructor() {
    this.state = "idle";
    this.said = "";
    this.name = { textContent: "" };
    this.input = { value: "" };
    this.steps = {};
  }

  show(state, sentence = "") {
    this.state = state;
    this.said = sentence;
  }

  fail(state, message) {
    this.show(state, message);
  }

  step(key, state) {
    this.steps[key] = state;
  }

  progress() {}

  file() {}

  offerPreview() {}
}

const answer = (state, more = {}) => ({
  asset: "a1",
  name: "课.mp4",
  size: 10,
  state,
  message: "",
  retry: "",
  steps: {},
  preview: "",
  ...more,
});

test("a recording that was given up is processed again and not sent a second time", async () => {
  const asked = [];
  globalThis.document = { hidden: false, querySelector: () => ({ value: "csrf" }) };
  globalThis.fetch = (url, options = {}) => {
    asked.push(`${options.method || "GET"} ${url}`);
    return Promise.resolve({ ok: true, status: 200, json: () => Promise.resolve(answer("ready")) });
  };
  const view = new FakeView();
  const session = new Session({
    view,
    config: { statusUrl: "/status/0/", noAsset: "0", texts: { ready: "ready", failed: "failed" } },
    onasset: () => {},
  });
  assert.equal(session.showStatus(answer("failed", { message: "why", retry: "/again/" })), true);
  assert.deepEqual([view.state, view.said], ["failed", "why"]);

  session.goOn();
  assert.equal(view.state, "processing");
  await settled();
  await settled();

  assert.deepEqual(asked, ["POST /again/", "GET /status/a1/"]);
  assert.deepEqual([view.state, view.said], ["ready", "ready"]);
});
