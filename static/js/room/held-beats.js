/* Beats that a lost line held on this screen: sent by whatever page it shows, on loading and when the
   line is back. */

import { Outbox, sendBeat } from "../player/outbox.js";

const SEND_TIMEOUT_MS = 15000;

function storageOf(win) {
  try {
    return win.localStorage;
  } catch (error) {
    return null;
  }
}

/* `outbox`, how one beat is `send`ed, and `deliver`: all but the one of `ownKey()`. */
export function heldBeats(win, ownKey) {
  const outbox = new Outbox({ storage: storageOf(win), now: Date.now });
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
