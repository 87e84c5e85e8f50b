/* The page of the screen in the room, made for a remote control: arrows, OK, Back. */

import { lineHere } from "../player/line.js";
import { sessionOpener } from "../player/requests.js";
import { OpenDenied } from "../player/session.js";
import { hlsLoader, loadedTo } from "../player/sources.js";
import { clock, fill } from "../player/texts.js";
import { Door, doorLoader } from "./door.js";
import { heldBeats, roomOf } from "./held-beats.js";
import { commandOf, placeTowards } from "./remote.js";
import { RoomPlayer } from "./room-player.js";
import { Sequence } from "./sequence.js";

const BAR_MS = 4000;
const JUMP = 10;
const OPEN_TIMEOUT_MS = 15000;

const win = window;
const doc = document;
const root = doc.querySelector("[data-tv]");
const texts = root.dataset;
const part = (name) => root.querySelector(`[data-${name}]`);
const all = (name) => Array.from(root.querySelectorAll(`[data-${name}]`));
const fetchFn = (url, options) => win.fetch(url, options);
const setTimer = (action, delay) => win.setTimeout(action, delay);
const clearTimer = (timer) => win.clearTimeout(timer);
const csrf = doc.querySelector("input[name=csrfmiddlewaretoken]").value;

const [menu, stage, bar, corner, ask, lost] = ["menu", "stage", "bar", "corner", "ask", "lost"].map(part);
const items = all("item");
const video = stage.querySelector("video");
let barTimer = null;
/* What could not begin or go on had no answer at all, rather than a refusal. */
let isUnanswered = false;

const { outbox, send, deliver } = heldBeats(win, {
  ownKey: () => player.ownKey(),
  notice: part("given-up"),
  isSeen: () => !menu.hidden, // the list covers no film
});

/* A session that is over elsewhere leaves the page to say so. */
class Over extends OpenDenied {}

const open = (lecture) =>
  sessionOpener({ url: texts.openUrl, lecture, csrf, fetchFn, Refusal: Over })();

const player = new RoomPlayer({
  video,
  outbox,
  person: roomOf(texts.key),
  open,
  send,
  loadHls: hlsLoader(doc, win, texts.hlsSrc),
  line: lineHere(win, false),
  fetchFn,
  win,
  doc,
  setTimer,
  clearTimer,
  onchange: (what) => changed(what),
});

const sequence = new Sequence({
  count: items.length,
  load: (place) => {
    const { lecture, title, playbackUrl } = items[place].dataset;
    return Promise.race([
      player.load({ lecture: Number(lecture), title, playbackUrl }),
      new Promise((resolve, reject) => setTimer(() => reject(new TypeError("no answer")), OPEN_TIMEOUT_MS)),
    ]).catch((error) => {
      if (error instanceof Over) {
        win.location.reload();
      }
      isUnanswered = error instanceof TypeError; // as fetch says it
      throw error;
    });
  },
  play: (film) => player.play(film),
  setTimer,
  clearTimer,
  onchange: (what, seconds) => told(what, seconds),
});

/* ---- what is seen ---- */

function showBar() {
  bar.hidden = false;
  clearTimer(barTimer);
  barTimer = setTimer(() => {
    bar.hidden = !video.paused;
  }, BAR_MS);
}

function showMenu() {
  player.leave();
  sequence.wait();
  ask.hidden = true;
  corner.hidden = true;
  stage.hidden = true;
  menu.hidden = false;
  deliver();
  focusOn(items[sequence.place] || items[0]);
}

function told(what, seconds) {
  const following = items[sequence.place + 1];
  const words = {
    soon: () => fill(texts.nextText, { seconds, title: following.dataset.title }),
    over: () => texts.endText,
    trouble: () => (isUnanswered ? texts.noLineText : texts.troubleText),
  }[what];
  if (what === "loading") {
    menu.hidden = true;
    stage.hidden = false;
    part("now").textContent = items[sequence.place].dataset.title;
    showBar();
  }
  const wasAsking = !ask.hidden;
  ask.hidden = !words;
  part("say").textContent = words ? words() : "";
  part("go").hidden = what !== "soon";
  part("again").hidden = !(what === "trouble" && isUnanswered);
  if (words && !wasAsking) {
    focusOn(focusable()[0]);
  }
}

/* What stands on the screen of the loaded part, and of the line while it is lost. */
function drawLine() {
  const { duration } = video;
  const end = loadedTo(video);
  const isWhole = end >= duration - 1;
  const n = Math.floor((end / duration) * 100);
  write("loaded", isWhole ? texts.wholeText : n ? fill(texts.loadedText, { n }) : "");
  const isLost = Boolean(player.session && player.session.lost);
  const isOut = end < video.currentTime + 1;
  const film = isWhole ? texts.lostWholeText : isOut ? texts.lostOutText : fill(texts.lostUntilText, { time: clock(end) });
  lost.hidden = !isLost;
  const isPlaying = player.transport && duration && !player.transport.hasFailed;
  write("lost", isLost ? (isPlaying ? film : texts.lostText) : "");
}

function write(name, text) {
  if (part(name).textContent !== text) {
    part(name).textContent = text; // said aloud once
  }
}

function changed(what) {
  if (what === "failed") {
    isUnanswered = player.session.lost;
    told("trouble");
  } else if (what === "blocked") {
    showBar();
  } else if (what === "line" || what === "opened") {
    drawLine();
  }
  if (what === "beat" || what === "opened") {
    const n = Math.min(100, Math.floor(player.session.coverage * 100));
    // What is told of a film may arrive when the next one is already wanted.
    const item = items.find((one) => Number(one.dataset.lecture) === player.session.lecture);
    item.querySelector("[data-done]").textContent = n ? fill(texts.percentText, { n }) : "";
  }
}

function drawTime() {
  const length = video.duration || 0;
  part("progress").value = length ? (video.currentTime / length) * 1000 : 0;
  part("time").textContent = `${clock(video.currentTime)} / ${clock(length)}`;
}

["timeupdate", "durationchange", "seeked"].forEach((name) => video.addEventListener(name, drawTime));
["timeupdate", "progress", "emptied"].forEach((name) => video.addEventListener(name, drawLine));
["play", "pause"].forEach((name) => video.addEventListener(name, showBar));
video.addEventListener("ended", () => sequence.ended());

/* ---- the code of the room ---- */

const door = new Door({
  load: doorLoader(texts.doorUrl, fetchFn),
  show: (picture) =>
    all("door").forEach((place) => {
      place.hidden = !picture;
      place.src = picture;
    }),
  say: (isLost) => {
    part("door-say").textContent = isLost ? texts.doorLostText : doorWords;
  },
  setTimer,
  clearTimer,
});
const doorWords = part("door-say").textContent;

/* ---- the remote control ---- */

function focusable() {
  const place = ask.hidden ? menu : ask;
  return Array.from(place.querySelectorAll("button:not([hidden])"));
}

function focusOn(button) {
  if (button) {
    button.focus();
    if (button.scrollIntoView) {
      button.scrollIntoView({ block: "nearest" });
    }
  }
}

function move(direction) {
  const buttons = focusable();
  const next = placeTowards(
    buttons.map((one) => one.getBoundingClientRect()),
    buttons.indexOf(doc.activeElement),
    direction,
  );
  focusOn(buttons[next]);
}

function inFilm(command) {
  const { transport } = player;
  showBar();
  if (command === "ok" || command === "toggle") {
    if (transport) {
      transport.toggle();
    }
  } else if (command === "play" && transport) {
    transport.play();
  } else if (command === "pause" && transport) {
    transport.pause();
  } else if ((command === "left" || command === "right") && transport) {
    transport.seek(transport.position() + (command === "left" ? -JUMP : JUMP));
  } else if (command === "up") {
    corner.hidden = !corner.hidden;
  } else if (command === "next") {
    sequence.next();
  }
}

doc.addEventListener("keydown", (event) => {
  const command = commandOf(event);
  if (!command || event.ctrlKey || event.metaKey || event.altKey) {
    return;
  }
  if (menu.hidden && ask.hidden && command !== "back") {
    event.preventDefault();
    inFilm(command);
    return;
  }
  if (command === "back") {
    if (!stage.hidden) {
      event.preventDefault();
      showMenu();
    }
  } else if (command === "ok") {
    event.preventDefault();
    if (doc.activeElement && doc.activeElement.click) {
      doc.activeElement.click();
    }
  } else if (["up", "down", "left", "right"].indexOf(command) >= 0) {
    event.preventDefault();
    move(command);
  }
});

items.forEach((item, place) => item.addEventListener("click", () => sequence.go(place)));
part("go").addEventListener("click", () => sequence.next());
part("stay").addEventListener("click", showMenu);
part("again").addEventListener("click", () => {
  if (player.transport && player.transport.hasFailed) {
    told("playing");
    player.transport.play(); // from where it stood
  } else {
    sequence.go(sequence.place);
  }
});
stage.addEventListener("click", (event) => event.target === video && inFilm("ok"));

/* What an earlier page on this screen could not send. */
deliver();

door.open();
focusOn(items[0]);
