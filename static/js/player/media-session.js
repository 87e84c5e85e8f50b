/* Title and keys on the lock screen and headset, where the browser offers them. */

export function announce({ win, transport, title, artwork }) {
  const session = win.navigator.mediaSession;
  if (!session || typeof win.MediaMetadata !== "function") {
    return;
  }
  session.metadata = new win.MediaMetadata({ title, artwork: artwork ? [{ src: artwork }] : [] });
  const acts = {
    play: () => transport.play(),
    pause: () => transport.pause(),
    seekbackward: () => transport.seek(transport.position() - 10),
    seekforward: () => transport.seek(transport.position() + 10),
  };
  Object.keys(acts).forEach((name) => {
    try {
      session.setActionHandler(name, acts[name]);
    } catch (error) {
      // An action that this browser does not know.
    }
  });
}
