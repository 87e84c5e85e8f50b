/* Entry of the lecture page: takes the plain <video> over and joins the parts of the player.
   Until this has run, and when it cannot, the video plays by itself. */

import { AccessDenied, Addresses } from "./addresses.js";
import { Controls } from "./controls.js";
import { Evidence } from "./evidence.js";
import { EvidenceView } from "./evidence-view.js";
import { FullScreen } from "./fullscreen.js";
import { announce } from "./media-session.js";
import { Menus } from "./menus.js";
import { Notices } from "./notices.js";
import { Outbox, sendBeat } from "./outbox.js";
import { Panel } from "./panel.js";
import { Picture } from "./picture.js";
import { readPreferences } from "./preferences.js";
import { playbackLoader, sessionOpener } from "./requests.js";
import { SeekBar } from "./seekbar.js";
import { OpenDenied, WatchSession } from "./session.js";
import { HLS, abilitiesOf, hlsLoader } from "./sources.js";
import { readTexts } from "./texts.js";
import { Transport } from "./transport.js";
import { watch } from "./watching.js";

const SEND_TIMEOUT_MS = 15000;
const EARLIER_FIRST_MS = 4000;

const win = window;
const doc = document;
const fetchFn = (url, options) => win.fetch(url, options);
const setTimer = (action, delay) => win.setTimeout(action, delay);
const clearTimer = (timer) => win.clearTimeout(timer);

/* Naming the property alone may throw where storage is forbidden. */
function deviceStorage() {
  try {
    return win.localStorage;
  } catch (error) {
    return null;
  }
}

/* When this page was asked for, in milliseconds of the wall clock. */
function pageAskedAt() {
  const { timing } = win.performance;
  return (timing && timing.requestStart) || Date.now();
}

function askedPosition() {
  const asked = Number(new URLSearchParams(win.location.search).get("t"));
  return Number.isFinite(asked) && asked > 0 ? asked : 0;
}

function takeOver(video) {
  while (video.firstChild) {
    video.removeChild(video.firstChild);
  }
  video.preload = "none";
  video.removeAttribute("src");
  video.load();
  video.controls = false;
}

/* The screen: everything that is seen and pressed. Returns what the evidence has to reach. */
function makeScreen({ root, transport, addresses, texts, storage }) {
  const { video } = transport;
  const notices = new Notices({ root, win });
  const seekBar = new SeekBar({ root, transport, addresses, texts, win });
  const menus = new Menus({ root, transport, texts, storage });
  const fullScreen = new FullScreen({
    root,
    video,
    button: root.querySelector("[data-full]"),
    labels: { enter: texts.fullScreen, exit: texts.exitFullScreen },
    isBusy: () => menus.isOpen() || seekBar.dragging,
    isPortrait: root.classList.contains("is-portrait"),
    win,
    doc,
  });
  const controls = new Controls({ root, transport, texts, storage, win, doc, fullScreen });
  const picture = new Picture({ root, transport, texts, win, ontap: () => fullScreen.tap() });
  const panel = new Panel({
    doc,
    texts,
    onjump: (time) => {
      root.scrollIntoView({ block: "nearest" });
      transport.seek(time);
      transport.play();
    },
  });

  transport.onchange = (what) => {
    picture.update();
    controls.update();
    menus.refresh();
    seekBar.place();
    if (what === "blocked") {
      picture.blocked();
    }
  };
  const refresh = () => {
    controls.update();
    seekBar.place();
    seekBar.drawBuffered(video.buffered);
  };
  ["timeupdate", "progress", "play", "pause", "ended", "seeking", "seeked", "emptied"].forEach((name) =>
    video.addEventListener(name, refresh),
  );
  video.addEventListener("ratechange", () => menus.refresh());
  return { notices, seekBar, picture, panel };
}

/* The evidence: one play session, and what earlier ones left on this device. */
function keepEvidence({ root, transport, texts, storage, screen }) {
  const { openUrl, lecture, csrf, person } = root.dataset;
  const { video, duration } = transport;
  const view = new EvidenceView(
    Object.assign(
      {
        transport,
        texts,
        asked: askedPosition(),
        isPhone: win.matchMedia("(pointer: coarse)").matches,
        reload: () => win.location.reload(),
      },
      screen,
    ),
  );
  const outbox = new Outbox({ storage, now: Date.now });
  const evidence = new Evidence({ seconds: Math.max(1, Math.round(duration)), duration });
  const beacon = "keepalive" in win.Request.prototype ? null : (url, body) => win.navigator.sendBeacon(url, body);
  const send = (record, { keepalive, timeoutMs }) =>
    sendBeat(record, { fetchFn, keepalive, beacon, timeoutMs: timeoutMs || SEND_TIMEOUT_MS, setTimer, clearTimer });
  const session = new WatchSession({
    evidence,
    outbox,
    person,
    lecture,
    open: sessionOpener({ url: openUrl, lecture: Number(lecture), csrf, fetchFn, Refusal: OpenDenied }),
    send,
    position: () => transport.position(),
    now: Date.now,
    setTimer,
    clearTimer,
    onchange: (what) => view.heard(session, what),
  });
  const deliverEarlier = () =>
    outbox
      .deliver((record) => send(record, {}), () => session.key)
      .then((arrived) =>
        arrived
          .filter(({ record }) => session.opened && record.person === person && record.lecture === lecture)
          .forEach(({ answer }) => session.confirmEarlier(answer)),
      );

  if (!openUrl) {
    return view; // a preview counts nothing
  }
  watch({ video, evidence, session, transport, win, doc });
  video.addEventListener("playing", () => view.sayResumed());
  win.addEventListener("online", deliverEarlier);
  // Earlier evidence goes first: issuing a new session sets the person's unspent wall-clock time
  // back to zero, and what arrives after that would be cut. A slow line does not keep the page.
  const open = () => session.open();
  const patience = new Promise((resolve) => setTimer(resolve, EARLIER_FIRST_MS));
  Promise.race([deliverEarlier(), patience]).then(open, open);
  return view;
}

function start(root) {
  const texts = readTexts(root);
  const video = root.querySelector("video");
  const playback = JSON.parse(doc.querySelector("#player-playback").textContent);
  const storage = deviceStorage();
  const preferences = readPreferences(storage);
  const addresses = new Addresses({
    playback,
    askedAt: pageAskedAt(),
    load: playbackLoader({ url: root.dataset.playbackUrl, fetchFn, Refusal: AccessDenied }),
    now: Date.now,
    setTimer,
    clearTimer,
  });

  takeOver(video);
  const loadHls = hlsLoader(doc, win, root.dataset.hlsSrc);
  const transport = new Transport({
    video,
    addresses,
    win,
    abilities: abilitiesOf(win, video),
    loadHls,
    speedLimit: Number(root.dataset.speedLimit) || 1.5,
  });
  const screen = makeScreen({ root, transport, addresses, texts, storage });
  if (preferences.speed) {
    transport.setSpeed(preferences.speed);
  }
  if (typeof preferences.quality === "string") {
    transport.setQuality(preferences.quality);
  }
  if (typeof preferences.volume === "number") {
    video.volume = preferences.volume;
  }
  root.querySelector("[data-dock]").hidden = false;
  root.classList.add("is-ready");
  announce({ win, transport, title: video.getAttribute("aria-label"), artwork: playback.poster });
  if (transport.kind === HLS) {
    loadHls().catch(() => {}); // there by the time of the first tap
  }
  const view = keepEvidence({ root, transport, texts, storage, screen });
  addresses.ondenied = () => view.sayDenied();
}

const root = doc.querySelector("[data-player]");
if (root) {
  start(root);
}
