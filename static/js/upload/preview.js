/* The owner's look at a recording whose playlist still grows. */

const video = document.querySelector("video[data-playlist]");
const { Hls } = window;

if (Hls && Hls.isSupported()) {
  const hls = new Hls({ autoStartLoad: false }); // It would begin near the end of a growing list.
  hls.on(Hls.Events.MANIFEST_PARSED, () => hls.startLoad(0));
  hls.loadSource(video.dataset.playlist);
  hls.attachMedia(video);
} else {
  video.src = video.dataset.playlist;
}
