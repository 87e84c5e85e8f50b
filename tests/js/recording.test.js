/* The page of one recording: the moment that the film shows becomes its picture. */

import assert from "node:assert/strict";
import { afterEach, test } from "node:test";

import { FakeVideo, settled } from "./support/fakes.js";

const STORYBOARD = "/v/t1/pack/storyboard.vtt";
let pages = 0;

function moment(second) {
  const parts = { "[data-clock]": { textContent: `Second ${second}` }, "[data-moment-picture]": { style: {} } };
  return { dataset: { second: String(second) }, querySelector: (name) => parts[name], parts };
}

async function opened({ hash = "", film = new FakeVideo(), moments = [], vtt = null } = {}) {
  const field = { value: "0" };
  const take = Object.assign(new EventTarget(), { hidden: true, querySelector: () => field });
  const list = { dataset: { storyboard: STORYBOARD }, querySelectorAll: () => moments };
  const found = { "#recording-film": film, "[data-take]": take, "[data-moments]": moments.length ? list : null };
  globalThis.document = { querySelector: (name) => found[name] };
  globalThis.window = { location: { hash, href: "http://site/recordings/1/" } };
  globalThis.fetch = async () => ({ ok: vtt !== null, text: async () => vtt });
  pages += 1;
  await import(`../../static/js/recording/main.js?page=${pages}`);
  await settled();
  return { film, take, field };
}

afterEach(() => {
  for (const name of ["document", "window", "fetch"]) {
    delete globalThis[name];
  }
});

test("the button sends the second that the film shows when it is pressed", async () => {
  const { film, take, field } = await opened();
  assert.equal(take.hidden, false);
  film.currentTime = 12.34567;
  take.dispatchEvent(new Event("submit"));
  assert.equal(field.value, "12.346");
  film.currentTime = 3;
  take.dispatchEvent(new Event("submit"));
  assert.equal(field.value, "3.000");
});

test("without a film there is no button", async () => {
  const { take } = await opened({ film: null });
  assert.equal(take.hidden, true);
});

test("an address that names a second shows it once the film knows its length", async () => {
  const { film } = await opened({ hash: "#t=12.5" });
  assert.equal(film.currentTime, 0);
  film.begin();
  assert.equal(film.currentTime, 12.5);
});

test("an address that names nonsense shows the beginning", async () => {
  const { film } = await opened({ hash: "#t=x" });
  film.begin();
  assert.equal(film.currentTime, 0);
});

test("proposals show their picture and their time", async () => {
  const button = moment(65);
  const vtt = "WEBVTT\n\n01:00.000 --> 01:10.000\nstory_001.jpg#xywh=160,90,160,90\n";
  await opened({ moments: [button], vtt });
  const { style } = button.parts["[data-moment-picture]"];
  assert.equal(button.parts["[data-clock]"].textContent, "1:05");
  assert.deepEqual([style.width, style.height, style.backgroundPosition], ["160px", "90px", "-160px -90px"]);
  assert.equal(style.backgroundImage, 'url("http://site/v/t1/pack/story_001.jpg")');
});

test("proposals without a storyboard keep their times", async () => {
  const button = moment(5);
  await opened({ moments: [button] });
  assert.equal(button.parts["[data-clock]"].textContent, "0:05");
  assert.deepEqual(button.parts["[data-moment-picture]"].style, {});
});
