/* Reads the video element's events for the evidence, and says when a beat is due. */

export function watch({ video, evidence, session, transport, win, doc }) {
  const wall = () => win.performance.now() / 1000;
  const look = () => {
    if (video.seeking || transport.isLoading()) {
      return;
    }
    if (evidence.observe({ time: video.currentTime, wall: wall(), rate: video.playbackRate })) {
      session.onchange("evidence");
    }
  };
  const on = (target, name, listener) => target.addEventListener(name, listener);
  const during = () => {
    if (!video.paused) {
      look();
    }
  };

  // Up to the very moment of a jump: time updates come a quarter of a second apart.
  transport.onleave = during;
  on(video, "timeupdate", during);
  on(video, "ratechange", during);
  on(video, "playing", () => {
    during();
    session.playing();
  });
  on(video, "pause", () => {
    look();
    evidence.hold();
    session.stopped();
    // The end pauses, too, and has its own beat.
    if (!video.ended) {
      session.beat();
    }
  });
  on(video, "seeking", () => evidence.interrupt());
  on(video, "seeked", () => {
    if (!transport.isLoading()) {
      during(); // the new run begins exactly here
      session.beat();
    }
  });
  on(video, "emptied", () => evidence.interrupt());
  on(video, "ended", () => {
    look();
    evidence.interrupt();
    session.stopped();
    session.beat();
  });

  on(doc, "visibilitychange", () => {
    if (doc.visibilityState === "hidden") {
      during();
      session.beatBeforeHiding();
    }
  });
  on(win, "pagehide", () => {
    during();
    session.beatBeforeHiding();
  });
  on(win, "online", () => session.online());
  on(win, "offline", () => session.offline());
}
