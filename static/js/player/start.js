/* The first script of a lecture page, and small: the video plays by its markup alone. On a good line
   the poster and the player follow at once. On a weak one the line belongs to the film first: the
   player, what every page has, and pictures follow once enough of it has arrived. */

import { lineHere } from "./line.js";

/* Seconds of film that must lie ready before a weak line carries anything else. */
const AHEAD = 6;
const PATIENCE_MS = 12000;
const LOOK_MS = 250;

function aheadOf(video) {
  const { buffered, currentTime } = video;
  for (let i = 0; i < buffered.length; i += 1) {
    if (buffered.start(i) <= currentTime + 0.5 && buffered.end(i) > currentTime) {
      return buffered.end(i) - currentTime;
    }
  }
  return 0;
}

function isServed(video) {
  const rest = video.duration - video.currentTime;
  return aheadOf(video) >= (rest > 0 ? Math.min(AHEAD, rest - 0.5) : AHEAD);
}

/* Resolves when the film does not need the whole line, has failed, or has had its time. */
function served(video, win) {
  return new Promise((resolve) => {
    let timer = null;
    const look = () => {
      if (isServed(video)) {
        end();
      }
    };
    const looking = win.setInterval(look, LOOK_MS);
    const end = () => {
      win.clearInterval(looking);
      win.clearTimeout(timer);
      video.removeEventListener("error", end, true);
      video.removeEventListener("suspend", rest);
      resolve();
    };
    // A browser that loads nothing before the tap (iPhone, saving data) has nothing to wait for;
    // one that was told to play pauses its loading, too, and goes on at once.
    const rest = () => video.paused && end();
    video.addEventListener("error", end, true); // its sources' errors, which do not bubble
    video.addEventListener("suspend", rest);
    timer = win.setTimeout(end, PATIENCE_MS);
    look();
  });
}

function showPictures(doc) {
  doc.querySelectorAll("img[data-later]").forEach((picture) => {
    picture.hidden = false;
    picture.src = picture.getAttribute("data-later");
    picture.removeAttribute("data-later");
  });
}

/* By an element, for ES2019 has no import that waits. Resolves also when it did not come. */
function follow(doc, src) {
  return new Promise((resolve) => {
    const script = doc.createElement("script");
    script.type = "module";
    script.onload = resolve;
    script.onerror = resolve;
    script.src = src;
    doc.head.appendChild(script);
  });
}

/* Seen until the film is: on a weak line the film's own first picture comes no later. */
function showPoster(video) {
  const poster = video.getAttribute("data-poster");
  if (poster && video.paused && video.currentTime === 0) {
    video.poster = poster;
  }
}

const root = document.querySelector("[data-player]");
const video = root && root.querySelector("video");
if (root) {
  const isSlow = lineHere(window, root.dataset.saveData === "on") === "slow";
  const ready = isSlow && video.preload !== "none" ? served(video, window) : Promise.resolve();
  const scripts = [root.dataset.mainSrc].concat(root.dataset.laterSrc.split(" "));
  ready
    .then(() => showPoster(video))
    .then(() => scripts.reduce((before, src) => before.then(() => follow(document, src)), Promise.resolve()))
    .then(() => showPictures(document));
}
