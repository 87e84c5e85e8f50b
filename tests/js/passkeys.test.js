// Passkeys: binary values cross the page as base64url, and a refusal gives the button back.
import assert from "node:assert/strict";
import { test } from "node:test";

import { attach, readOptions, toBytes, toText, writeCredential } from "../../static/js/passkeys.js";

const bytes = (...values) => Uint8Array.from(values).buffer;

test("every byte survives the way to text and back", () => {
  const all = Uint8Array.from({ length: 256 }, (_, n) => n).buffer;
  assert.deepEqual(toBytes(toText(all)), all);
  assert.equal(toText(bytes(251, 255)), "-_8");
});

test("options for making a passkey hold bytes where the browser wants them", () => {
  const { publicKey } = readOptions({
    publicKey: { challenge: "AQI", user: { id: "Aw", name: "x" }, excludeCredentials: [{ id: "BA", type: "public-key" }] },
  });
  assert.deepEqual(publicKey.challenge, bytes(1, 2));
  assert.deepEqual(publicKey.user, { id: bytes(3), name: "x" });
  assert.deepEqual(publicKey.excludeCredentials[0].id, bytes(4));
});

test("an answer is written as the server reads it", () => {
  const said = writeCredential({
    id: "id",
    rawId: bytes(1),
    type: "public-key",
    response: { clientDataJSON: bytes(2), authenticatorData: bytes(3), signature: bytes(4), userHandle: null },
    getClientExtensionResults: () => ({}),
  });
  assert.deepEqual(said.response, { clientDataJSON: "Ag", authenticatorData: "Aw", signature: "BA" });
});

function page() {
  const parts = { button: { hidden: true, disabled: true }, failed: { hidden: true } };
  const form = {
    sent: 0,
    querySelector: (name) => (name.indexOf("button") >= 0 ? parts.button : parts.failed),
    addEventListener: (_name, listener) => {
      form.press = () => listener({ preventDefault: () => {} });
    },
    submit: () => {
      form.sent += 1;
    },
  };
  return { field: { form, value: "", dataset: { passkey: "get" } }, form, parts };
}

test("a refusal says so, sends nothing and gives the button back", async () => {
  const { field, form, parts } = page();
  attach(field, { credentials: { get: () => Promise.reject(new Error("no")) }, options: { publicKey: { challenge: "AQ" } } });
  assert.equal(parts.button.hidden, false);
  form.press();
  await new Promise((resolve) => setTimeout(resolve, 0));
  assert.equal(form.sent, 0);
  assert.equal(parts.failed.hidden, false);
  assert.equal(parts.button.disabled, false);
});
