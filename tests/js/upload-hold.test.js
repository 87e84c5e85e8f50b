import assert from "node:assert/strict";
import { test } from "node:test";

import { Hold } from "../../static/js/upload/hold.js";
import { settled } from "./support/fakes.js";

function holding(answers) {
  const posted = [];
  const hold = new Hold({
    announceUrl: "/announce/",
    withdrawUrl: "/withdraw/",
    post: (url) => {
      posted.push(url);
      const answer = answers.length ? answers.shift() : { status: 200, data: {} };
      return Promise.resolve(typeof answer === "number" ? { status: answer, data: null } : answer);
    },
    wait: () => settled(),
  });
  return { hold, posted };
}

test("the announcement is repeated until the server answers, and then no more", async () => {
  const { hold, posted } = holding([0, 503]);
  await hold.begin();
  assert.deepEqual(posted, ["/announce/", "/announce/", "/announce/"]);
  await hold.begin();
  assert.equal(posted.length, 3);
});

test("what was withdrawn while the announcement was on its way is withdrawn last", async () => {
  const { hold, posted } = holding([0]);
  const begun = hold.begin();
  hold.end();
  await begun;
  assert.equal(posted.at(-1), "/withdraw/");
  assert.equal(hold.told, false);
});

test("a page to sign in is no answer: whoever goes on afterwards announces again", async () => {
  for (const status of [200, 403]) {
    const { hold, posted } = holding([status]);
    await hold.begin();
    assert.equal(posted.length, 1);
    await hold.begin();
    assert.deepEqual(posted, ["/announce/", "/announce/"]);
    await hold.begin();
    assert.equal(posted.length, 2);
  }
});

test("a submission that is gone or decided is not asked about again", async () => {
  for (const answer of [404, { status: 409, data: { message: "" } }]) {
    const { hold, posted } = holding([answer]);
    await hold.begin();
    await hold.begin();
    assert.equal(posted.length, 1);
  }
});

test("a page that never announced still withdraws what an earlier one did", async () => {
  const { hold, posted } = holding([]);
  await hold.end();
  assert.deepEqual(posted, ["/withdraw/"]);
});
