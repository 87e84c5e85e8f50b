/* What a member is told of what the server made of the evidence. */

import assert from "node:assert/strict";
import test from "node:test";

import { EvidenceView } from "../../static/js/player/evidence-view.js";

const texts = {
  cut: "{length} did not count",
  givenUp: "never counted: {titles}",
  lengthSeconds: "{s} s",
  lengthMinutes: "{m} min {s} s",
  lengthWholeMinutes: "{m} min",
  complete: "complete",
};

function view(changes) {
  const said = [];
  const drawn = [];
  const made = new EvidenceView({
    transport: { duration: 600, started: false, position: () => 0, seek: (time) => said.push(["seek", time]) },
    picture: { offerResume: (time) => said.push(["offered", time]) },
    seekBar: { drawWatched: (one) => drawn.push(one) },
    panel: { show: () => {} },
    notices: { show: (name, { text }) => said.push([name, text]), clear: () => {}, has: () => false },
    texts,
    ...changes,
  });
  return { made, said, drawn };
}

const session = (changes) =>
  Object.assign(
    { confirmed: "confirmed", pending: () => "pending", seconds: 600, completed: false, missing: [], coverage: 0, cut: 0, lost: false },
    changes,
  );

test("what was cut off is said in words, once", () => {
  const { made, said } = view();
  made.heard(session({ cut: 200 }), "beat");
  made.heard(session({ cut: 200 }), "beat");
  assert.deepEqual(said, [["cut", "3 min 20 s did not count"]]);
});

test("what will never count is named, each lecture once", () => {
  const { made, said } = view();
  made.sayGivenUp("A");
  made.sayGivenUp("B");
  made.sayGivenUp("A");
  assert.deepEqual(said.pop(), ["givenUp", "never counted: A、B"]);
});

test("where somebody stopped is offered, unless the address names a moment", () => {
  const opened = session({ opened: { position: 90 } });
  const plain = view();
  plain.made.heard(opened, "opened");
  assert.deepEqual(plain.said, [["seek", 90], ["offered", 90]]);
  const linked = view({ hasMoment: true });
  linked.made.heard(opened, "opened");
  assert.deepEqual(linked.said, []);
});

test("what opens after the lecture is shown once it is learnt", () => {
  const opens = { hidden: true };
  const { made } = view({ opens });
  made.heard(session(), "beat");
  assert.equal(opens.hidden, true);
  made.heard(session({ completed: true }), "beat");
  assert.equal(opens.hidden, false);
});

test("a second or two of rounding is not worth a word", () => {
  const { made, said } = view();
  made.heard(session({ cut: 2 }), "beat");
  assert.deepEqual(said, []);
});

test("the strip draws what the server has confirmed apart from what waits", () => {
  const { made, drawn } = view();
  made.heard(session({ cut: 200 }), "beat");
  assert.equal(drawn[0].confirmed, "confirmed");
  assert.equal(drawn[0].pending, "pending");
  assert.equal(drawn[0].completed, false);
});
