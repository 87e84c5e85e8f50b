/* The owner's first look at a recording that is still being prepared. Its playlist grows, and is
   taken away once the recording is ready: then the film itself goes on at the same place. */

import { getJson, poll } from "./requests.js";

const video = document.querySelector("video[data-playlist]");
const { Hls } = window;
let hls = null;
let following = false;

function playList(url, from) {
  if (Hls && Hls.isSupported()) {
    hls = new Hls({ autoStartLoad: false }); // It would begin near the end of a growing list.
    hls.on(Hls.Events.MANIFEST_PARSED, () => {
      hls.startLoad(from.at);
      if (from.playing) {
        play();
      }
    });
    hls.on(Hls.Events.ERROR, (event, data) => {
      if (data.fatal) {
        follow();
      }
    });
    hls.loadSource(url);
    hls.attachMedia(video);
  } else {
    goOn(url, from);
  }
}

/* Where it was, and as it was played; from the beginning, and waiting, if that was all of it. */
function goOn(url, { at, playing }) {
  const begin = () => {
    const isOver = video.duration - at < 1;
    video.currentTime = isOver ? 0 : at;
    if (playing && !isOver) {
      play();
    }
  };
  video.addEventListener("loadedmetadata", begin, { once: true });
  video.src = url;
}

function play() {
  const started = video.play();
  if (started) {
    started.catch(() => {}); // A browser that wants a tap first shows its button.
  }
}

/* Where it is. To leave a playlist stops the film and forgets that. */
function now() {
  return { at: video.currentTime, playing: !video.paused || video.ended };
}

function leave() {
  if (hls) {
    hls.destroy();
    hls = null;
  }
}

/* Ask where the recording can be watched now, until it can. What has ended stays meanwhile: somebody
   may look at it once more. */
function follow() {
  if (following) {
    return;
  }
  following = true;
  const gone = video.dataset.playlist;
  const was = video.ended ? null : now();
  if (was) {
    leave();
  }
  poll(async () => {
    const data = await getJson(video.dataset.statusUrl);
    if (!data || !(data.film || (data.playlist && data.playlist !== gone))) {
      return Boolean(data) && data.state !== "processing";
    }
    following = false;
    const from = was || now();
    leave();
    video.dataset.playlist = data.playlist;
    if (data.film) {
      goOn(data.film, from);
    } else {
      playList(data.playlist, from);
    }
    return true;
  });
}

video.addEventListener("error", () => {
  if (!hls) {
    follow();
  }
});
// Of a long film there may be its beginning only.
video.addEventListener("ended", () => {
  if (video.dataset.playlist) {
    follow();
  }
});
playList(video.dataset.playlist, { at: 0, playing: false });
