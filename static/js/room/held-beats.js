/* Beats that a lost line held on this screen: sent by whatever page it shows, on loading and when the
   line is back. What can never count is named there. */

import { Outbox, sendBeat } from "../player/outbox.js";
import { fill } from "../player/texts.js";

const SEND_TIMEOUT_MS = 15000;
const ROOM = "room-";

function storageOf(win) {
  try {
    return win.localStorage;
  } catch (error) {
    return null;
  }
}

/* Who plays on this screen in the outbox; people who learn on it by themselves have a number. */
export const roomOf = (session) => `${ROOM}${session}`;

/* `outbox`, how one beat is `send`ed, and `deliver`: all but the one of `ownKey()`. `notice` is where
   is named what will never count, once, while `isSeen()`; a person's own waits for that person. */
export function heldBeats(win, { ownKey = () => "", notice, isSeen = () => true }) {
  const titles = [];
  const giveUp = ({ person, title }) => {
    if (String(person).indexOf(ROOM) !== 0 || !isSeen()) {
      return false;
    }
    if (title && titles.indexOf(title) < 0) {
      titles.push(title);
      notice.hidden = false;
      notice.textContent = fill(notice.dataset.text, { titles: titles.join("、") });
    }
    return true;
  };
  const outbox = new Outbox({ storage: storageOf(win), now: Date.now, giveUp });
  const fixed = {
    fetchFn: (url, options) => win.fetch(url, options),
    timeoutMs: SEND_TIMEOUT_MS,
    setTimer: (action, delay) => win.setTimeout(action, delay),
    clearTimer: (timer) => win.clearTimeout(timer),
  };
  const send = (record, options) => sendBeat(record, Object.assign({}, fixed, options));
  const deliver = () => outbox.deliver((record) => send(record, {}), ownKey);
  win.addEventListener("online", deliver);
  return { outbox, send, deliver };
}
