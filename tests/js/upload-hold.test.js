import assert from "node:assert/strict";
import { test } from "node:test";

import { Hold } from "../../static/js/upload/hold.js";
import { settled } from "./support/fakes.js";

function holding(statuses) {
  const posted = [];
  const hold = new Hold({
    announceUrl: "/announce/",
    withdrawUrl: "/withdraw/",
    post: (url) => {
      posted.push(url);
      return Promise.resolve({ status: statuses.length ? statuses.shift() : 200, data: null });
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

test("a page that never announced still withdraws what an earlier one did", async () => {
  const { hold, posted } = holding([]);
  await hold.end();
  assert.deepEqual(posted, ["/withdraw/"]);
});
