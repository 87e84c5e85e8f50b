/* Entry of the lecture page: takes the plain <video> over and joins the parts of the player.
   Until this has run, and when it cannot, the video plays by itself. */

import { AccessDenied, Addresses } from "./addresses.js";
import { Chapters, Transcript } from "./beside.js";
import { Captions } from "./captions.js";
import { Controls } from "./controls.js";
import { Evidence } from "./evidence.js";
import { EvidenceView } from "./evidence-view.js";
import { FullScreen } from "./fullscreen.js";
import { lineHere } from "./line.js";
import { announce } from "./media-session.js";
import { Menus } from "./menus.js";
import { Notices } from "./notices.js";
import { Outbox, sendBeat } from "./outbox.js";
import { Panel } from "./panel.js";
import { Picture } from "./picture.js";
import { keepPreference, readPreferences } from "./preferences.js";
import { playbackLoader, sessionOpener } from "./requests.js";
import { SeekBar } from "./seekbar.js";
import { OpenDenied, WatchSession } from "./session.js";
import { HLS, LIGHT, abilitiesOf, hlsLoader } from "./sources.js";
import { Stalls } from "./stalls.js";
import { fill, readTexts } from "./texts.js";
import { AUDIO, SAVER, Transport } from "./transport.js";
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

/* A link to a moment begins there, whatever is known of last time; also where the markup plays already. */
function beginAt(moment, { transport, picture }) {
  if (transport.position() < moment) {
    transport.seek(moment);
  }
  if (!transport.started) {
    picture.offerResume(moment);
  }
}

function takeOver(video) {
  video.querySelectorAll("source").forEach((source) => video.removeChild(source));
  video.preload = "none";
  video.removeAttribute("src");
  video.load();
}

/* Words to somebody whose line cannot carry the picture, with the next smaller thing to tap. */
function watchTheLine({ transport, texts, notices, storage }) {
  const { video } = transport;
  const stalls = new Stalls({
    now: Date.now,
    onmany: () => {
      const { saver, audio } = transport.qualities();
      const next = transport.kind !== LIGHT && saver ? SAVER : audio && !transport.isAudioOnly() ? AUDIO : null;
      if (next) {
        notices.show("weak", {
          text: texts.weakLine,
          icon: "offline",
          actionText: next === AUDIO ? texts.audioOnly : fill(texts.saver, { name: saver.name }),
          act: () => {
            transport.setQuality(next);
            keepPreference(storage, "quality", next);
          },
        });
      }
    },
  });
  video.addEventListener("waiting", () => {
    if (!transport.isLoading() && !video.seeking && !video.ended) {
      stalls.waited();
    }
  });
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

/* Chapters and words beside the film, where the page has them. */
function followBeside({ root, transport, seekBar, preferences, storage }) {
  const list = doc.querySelector("[data-chapters]");
  const box = doc.querySelector("[data-transcript]");
  const position = () => transport.position();
  const jump = (time) => {
    transport.seek(time);
    transport.play();
  };
  const { video } = transport;
  if (list) {
    const onjump = (time) => {
      root.scrollIntoView({ block: "nearest" });
      jump(time);
    };
    seekBar.markChapters(new Chapters({ list, video, position, onjump, win }).marks);
  }
  if (box) {
    const isOpen = preferences.transcript === true;
    new Transcript({ box, video, position, onjump: jump, storage, isOpen, win });
  }
}

/* At the end: what follows in the row that one comes from. */
function offerNext({ video, notices, texts }) {
  const link = doc.querySelector("[data-next] a");
  if (!link) {
    return;
  }
  video.addEventListener("ended", () => {
    if (link.closest("[hidden]")) {
      return; // it opens when this one is learnt
    }
    notices.show("next", {
      text: fill(texts.next, { title: link.textContent }),
      actionText: texts.playNext,
      act: () => win.location.assign(link.href),
    });
  });
  video.addEventListener("playing", () => notices.clear("next"));
}

/* The evidence: one play session, and what earlier ones left on this device. */
function keepEvidence({ root, transport, texts, storage, screen, hasMoment }) {
  const { openUrl, lecture, csrf, person } = root.dataset;
  const { video, duration } = transport;
  const view = new EvidenceView(
    Object.assign(
      {
        transport,
        texts,
        hasMoment,
        isPhone: win.matchMedia("(pointer: coarse)").matches,
        reload: () => win.location.reload(),
        opens: doc.querySelector("[data-after-learning]"),
      },
      screen,
    ),
  );
  // Whoever else learns on this device is told when they are here themselves.
  const giveUp = (record) => {
    if (record.person !== person) {
      return false;
    }
    view.sayGivenUp(record.title);
    return true;
  };
  const outbox = new Outbox({ storage, now: Date.now, giveUp });
  const evidence = new Evidence({ seconds: Math.max(1, Math.round(duration)), duration });
  const beacon = "keepalive" in win.Request.prototype ? null : (url, body) => win.navigator.sendBeacon(url, body);
  const send = (record, { keepalive, timeoutMs }) =>
    sendBeat(record, { fetchFn, keepalive, beacon, timeoutMs: timeoutMs || SEND_TIMEOUT_MS, setTimer, clearTimer });
  const session = new WatchSession({
    evidence,
    outbox,
    person,
    lecture,
    title: video.getAttribute("aria-label"),
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
  if (transport.started) {
    evidence.adopt(video.played); // by the markup alone, before this script
  }
  watch({ video, evidence, session, transport, win, doc });
  if (transport.isPlaying()) {
    session.playing();
  }
  video.addEventListener("playing", () => view.sayResumed());
  win.addEventListener("online", deliverEarlier);
  // Earlier evidence goes first: after half an hour without a beat a new session begins with no
  // unspent wall-clock time, and what arrives after it would be cut. A slow line does not keep the page.
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

  const loadHls = hlsLoader(doc, win, root.dataset.hlsSrc);
  const transport = new Transport({
    video,
    addresses,
    win,
    abilities: abilitiesOf(win, video),
    loadHls,
    speedLimit: Number(root.dataset.speedLimit) || 1.5,
    line: lineHere(win, root.dataset.saveData === "on"),
  });
  if (typeof preferences.quality === "string") {
    transport.setQuality(preferences.quality);
  }
  const wanted = transport.kind;
  const isAdopted = transport.adopt();
  if (!isAdopted) {
    takeOver(video);
  }
  video.controls = false;
  for (let i = 0; i < video.textTracks.length; i += 1) {
    video.textTracks[i].mode = "disabled"; // drawn by captions.js
  }
  const screen = makeScreen({ root, transport, addresses, texts, storage });
  followBeside({ root, transport, seekBar: screen.seekBar, preferences, storage });
  offerNext({ video, notices: screen.notices, texts });
  watchTheLine({ transport, texts, notices: screen.notices, storage });
  const { captionsUrl, captionsUnchecked } = root.dataset;
  new Captions({ root, video, url: captionsUrl, isOn: preferences.captions !== false, texts, storage, win });
  if (captionsUrl && captionsUnchecked) {
    video.addEventListener(
      "playing",
      () => screen.notices.show("unchecked", { text: texts.captionsUnchecked, seconds: 10 }),
      { once: true },
    );
  }
  if (preferences.speed) {
    transport.setSpeed(preferences.speed);
  }
  if (typeof preferences.volume === "number") {
    video.volume = preferences.volume;
  }
  root.querySelector("[data-dock]").hidden = false;
  root.classList.add("is-ready");
  announce({ win, transport, title: video.getAttribute("aria-label"), artwork: playback.poster });
  if (wanted === HLS) {
    // There by the time of the first tap. What the markup plays already is exchanged then.
    const exchange = () => isAdopted && transport.upgrade();
    loadHls().then(exchange, () => {});
  } else if (isAdopted && wanted !== LIGHT) {
    transport.upgrade();
  }
  const moment = askedPosition();
  const hasMoment = moment >= 1 && moment < transport.duration;
  if (hasMoment) {
    beginAt(moment, { transport, picture: screen.picture });
  }
  const view = keepEvidence({ root, transport, texts, storage, screen, hasMoment });
  addresses.ondenied = () => view.sayDenied();
}

const root = doc.querySelector("[data-player]");
if (root) {
  start(root);
}
