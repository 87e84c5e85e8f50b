/* The owner's first look at a recording that is still being prepared. Its playlist grows, and is
   taken away once the recording is ready: then the film itself goes on at the same place. */

import { getJson, poll } from "./requests.js";

const video = document.querySelector("video[data-playlist]");
const { Hls } = window;
let hls = null;
let following = false;

function playList(url, at) {
  if (Hls && Hls.isSupported()) {
    hls = new Hls({ autoStartLoad: false }); // It would begin near the end of a growing list.
    hls.on(Hls.Events.MANIFEST_PARSED, () => hls.startLoad(at));
    hls.on(Hls.Events.ERROR, (event, data) => {
      if (data.fatal) {
        follow();
      }
    });
    hls.loadSource(url);
    hls.attachMedia(video);
  } else {
    goOn(url, at);
  }
}

/* Play `url` from the second `at`, as it was played before. */
function goOn(url, at) {
  const playing = !video.paused;
  const begin = () => {
    video.currentTime = at;
    if (playing) {
      const started = video.play();
      if (started) {
        started.catch(() => {}); // A browser that wants a tap first shows its button.
      }
    }
  };
  video.addEventListener("loadedmetadata", begin, { once: true });
  video.src = url;
}

/* Ask where the recording can be watched now, until it can. */
function follow() {
  if (following) {
    return;
  }
  following = true;
  const at = video.currentTime;
  const gone = video.dataset.playlist;
  if (hls) {
    hls.destroy();
    hls = null;
  }
  poll(async () => {
    const data = await getJson(video.dataset.statusUrl);
    if (!data || !(data.film || (data.playlist && data.playlist !== gone))) {
      return Boolean(data) && data.state !== "processing";
    }
    following = false;
    video.dataset.playlist = data.playlist;
    if (data.film) {
      goOn(data.film, at);
    } else {
      playList(data.playlist, at);
    }
    return true;
  });
}

video.addEventListener("error", () => {
  if (!hls) {
    follow();
  }
});
playList(video.dataset.playlist, 0);
