/* What a remote control says, in one vocabulary, and where the focus goes. Pure: events and places
   come in as they are. TVs send names, numbers of their own, or both. */

const BY_NAME = {
  ArrowUp: "up",
  ArrowDown: "down",
  ArrowLeft: "left",
  ArrowRight: "right",
  Enter: "ok",
  Select: "ok",
  " ": "ok",
  Escape: "back",
  Backspace: "back",
  GoBack: "back",
  BrowserBack: "back",
  XF86Back: "back",
  MediaPlayPause: "toggle",
  MediaPlay: "play",
  MediaPause: "pause",
  MediaStop: "pause",
  MediaTrackNext: "next",
};
/* Tizen 10009, webOS 461 and older boxes 27 and 8 are "back"; 415, 19, 10252 are the play keys. */
const BY_CODE = {
  37: "left",
  38: "up",
  39: "right",
  40: "down",
  13: "ok",
  32: "ok",
  8: "back",
  27: "back",
  461: "back",
  10009: "back",
  415: "play",
  19: "pause",
  413: "pause",
  10252: "toggle",
};

export function commandOf({ key, keyCode }) {
  return BY_NAME[key] || BY_CODE[keyCode] || null;
}

/* The place to go to from `from` in a direction: the nearest whose middle lies that way, sideways
   distance counting double; -1 when there is none. Places are {left, top, width, height}. */
export function placeTowards(places, from, direction) {
  const middle = ({ left, top, width, height }) => ({ x: left + width / 2, y: top + height / 2 });
  if (from < 0) {
    return places.length ? 0 : -1;
  }
  const here = middle(places[from]);
  const sign = direction === "left" || direction === "up" ? -1 : 1;
  const isSideways = direction === "left" || direction === "right";
  let best = -1;
  let least = Infinity;
  places.forEach((place, index) => {
    const there = middle(place);
    const along = (isSideways ? there.x - here.x : there.y - here.y) * sign;
    const across = Math.abs(isSideways ? there.y - here.y : there.x - here.x);
    if (index !== from && along > 0.5 && along + 2 * across < least) {
      best = index;
      least = along + 2 * across;
    }
  });
  return best;
}
