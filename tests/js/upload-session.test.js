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

  findings(sentences) {
    this.found = sentences;
  }
}

const answer = (state, more = {}) => ({
  asset: "a1",
  name: "课.mp4",
  size: 10,
  state,
  message: "",
  retry: "",
  steps: {},
  findings: [],
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

function choosing(respond) {
  const events = [];
  globalThis.document = { hidden: false, querySelector: () => ({ value: "csrf" }) };
  globalThis.window = { location: { href: "https://lectern.test/upload/" } };
  globalThis.fetch = (url) => {
    events.push(url);
    return Promise.resolve(respond(url));
  };
  const texts = { empty: "empty", tooLarge: "too large", checking: "checking", trouble: "trouble", alreadySent: "sent" };
  const view = new FakeView();
  view.resetSteps = () => {};
  const session = new Session({
    view,
    config: { resumeUrl: "/resume/", statusUrl: "/status/0/", noAsset: "0", maxBytes: 100, maxText: "100", texts },
    tus: { isSupported: true },
    onasset: () => {},
    onsending: () => events.push("sending"),
    onrefused: () => events.push("refused"),
  });
  return { events, session, view };
}

const film = (size) => new File([new Uint8Array(size)], "课.mp4");
const json = (data, status = 200) => ({ ok: status < 400, status, json: () => Promise.resolve(data) });

test("what the checks found is said as soon as it is known, and not of the next recording", () => {
  const { session, view } = choosing(() => json({}));
  session.showStatus(answer("processing", { findings: ["upright"] }));
  assert.deepEqual(view.found, ["upright"]);
  session.showStatus(answer("ready", { findings: ["upright", "dark"] }));
  assert.deepEqual(view.found, ["upright", "dark"]);
  session.begin(film(50));
  assert.deepEqual(view.found, []);
});

test("a file that is empty or too large is refused without having been sent", async () => {
  const { events, session } = choosing(() => json({}));
  await session.choose(film(0));
  await session.choose(film(101));
  assert.deepEqual(events, ["refused", "refused"]);
});

test("sending begins after the server was asked, and a recording that is refused there ends it", async () => {
  const { events, session, view } = choosing((url) => json(
    url === "/resume/" ? { asset: "a1" } : answer("refused", { message: "no film" }),
  ));
  await session.send(session.begin(film(50)));
  await settled();
  await settled();
  assert.deepEqual(events, ["/resume/", "sending", "/status/a1/", "refused"]);
  assert.deepEqual([view.state, view.said], ["refused", "no film"]);
});

test("what the server refuses while it is sent ends it, what may be tried again does not", () => {
  const { events, session, view } = choosing(() => json({}));
  session.failed({ status: 422, message: "no film" }, session.round);
  assert.deepEqual([view.state, events], ["refused", ["refused"]]);
  session.failed({ status: 503, message: "later" }, session.round);
  assert.deepEqual([view.state, events], ["failed", ["refused"]]);
});
