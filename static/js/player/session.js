/* One play session with the server: opened once a page, fed by beats, painted from the answers.

   A beat is the whole evidence of the sitting, so any later one repairs a lost one. It goes out
   every 30 s of play and when something happens (watching.js says when), is kept in the outbox
   before it leaves and until it is acknowledged, and is tried again at growing intervals. What the
   member is shown as watched is only what the server has confirmed. */

import { bitmapFromBase64, bitmapToBase64, countSeconds, emptyBitmap, runsOf, union, without } from "./bitmap.js";
import { BeatRefused } from "./outbox.js";

export const BEAT_SECONDS = 30;
export const KEEP_SECONDS = 5;
const RETRY_MS = [2000, 4000, 8000, 16000, 30000, 60000];
const REOPEN_MS = 60000;
const HIDDEN_TIMEOUT_MS = 5000;

export class OpenDenied extends Error {}

export class WatchSession {
  /* `open()` resolves to the server's answer or rejects (OpenDenied: signed out or not allowed);
     `send(record, {keepalive})` delivers a beat; `position()` is where the video stands;
     `onchange(what)` hears "opened", "evidence", "beat", "line", "denied". */
  constructor({ evidence, outbox, person, lecture, title, open, send, position, now, setTimer, clearTimer, onchange }) {
    Object.assign(this, { evidence, outbox, person, lecture, title, send, position, now, setTimer, clearTimer, onchange });
    this.openSession = open;
    this.opened = null;
    this.key = "";
    this.last = null;
    this.acknowledged = 0;
    this.sending = false;
    this.again = false;
    this.failures = 0;
    this.retry = null;
    this.keepTimer = null;
    this.sinceBeat = 0;
    this.reopenedAt = -Infinity;
    this.seconds = evidence.seconds;
    this.confirmed = emptyBitmap(this.seconds);
    this.completed = false;
    this.missing = null;
    this.coverage = 0;
    this.cut = 0;
    this.lost = false; // the line: what was watched waits on the device
    this.denied = false;
  }

  open() {
    this.clearTimer(this.retry);
    return this.openSession().then(
      (answer) => this.accept(answer),
      (error) => {
        if (error instanceof OpenDenied) {
          this.denied = true;
          this.onchange("denied");
          return;
        }
        this.setLost(true);
        this.plan(() => this.open());
      },
    );
  }

  accept(answer) {
    const oldKey = this.key;
    this.opened = answer;
    this.key = this.outbox.keyOf(this.person, answer.session);
    this.seconds = answer.seconds;
    this.evidence.resize(answer.seconds);
    this.last = null;
    this.acknowledged = 0;
    this.failures = 0;
    this.denied = false;
    this.show(Object.assign({ union: answer.seen }, answer));
    if (oldKey && oldKey !== this.key) {
      this.snapshot();
      this.outbox.drop(oldKey);
    }
    this.setLost(false);
    this.onchange("opened");
    if (countSeconds(this.evidence.seen) > 0) {
      this.beat();
    }
  }

  show({ union: seen, completed, missing, coverage, cut }) {
    this.confirmed = bitmapFromBase64(seen, this.seconds);
    this.completed = this.completed || Boolean(completed);
    this.missing = Array.isArray(missing) ? missing : runsOf(this.confirmed, this.seconds, false);
    this.coverage = typeof coverage === "number" ? coverage : countSeconds(this.confirmed) / Math.max(1, this.seconds);
    this.cut = cut || 0;
  }

  /* A beat of an earlier sitting with this lecture arrived after this one was opened. */
  confirmEarlier(answer) {
    const before = this.confirmed;
    this.show(answer);
    this.confirmed = union(this.confirmed, before);
    this.onchange("beat");
  }

  /* Watched here, not yet confirmed by the server. */
  pending() {
    return without(this.evidence.seen, this.confirmed);
  }

  /* The newest state of this sitting, kept on the device before anything is sent. */
  snapshot() {
    if (!this.opened) {
      return;
    }
    const seen = bitmapToBase64(this.evidence.seen);
    const position = Math.max(0, Math.round(this.position() * 10) / 10);
    const last = this.last;
    const nothing = !last && position === 0 && countSeconds(this.evidence.seen) === 0;
    if (nothing || (last && last.seen === seen && Math.abs(last.position - position) < 1)) {
      return;
    }
    this.last = {
      token: this.opened.token,
      url: this.opened.beat_url,
      seq: (last ? last.seq : 0) + 1,
      position,
      seen,
      person: this.person,
      lecture: this.lecture,
      title: this.title,
    };
    this.outbox.put(this.key, this.last);
  }

  beat() {
    this.sinceBeat = 0;
    this.snapshot();
    if (!this.hasNews()) {
      return;
    }
    if (this.sending) {
      this.again = true;
      return;
    }
    this.clearTimer(this.retry);
    this.sending = true;
    const record = this.last;
    this.send(record, {}).then(
      (answer) => this.delivered(record, answer),
      (error) => this.undelivered(record, error),
    );
  }

  /* The page goes out of sight and may never come back: one more try that outlives it. The stored
     copy goes only when the answer is seen. */
  beatBeforeHiding() {
    this.snapshot();
    if (!this.hasNews()) {
      return;
    }
    const record = this.last;
    this.send(record, { keepalive: true, timeoutMs: HIDDEN_TIMEOUT_MS }).then(
      (answer) => this.taken(record, answer),
      () => {},
    );
  }

  hasNews() {
    return this.last !== null && this.last.seq > this.acknowledged;
  }

  delivered(record, answer) {
    this.sending = false;
    this.failures = 0;
    this.taken(record, answer);
    this.setLost(false);
    if (this.again) {
      this.again = false;
      this.beat();
    }
  }

  taken(record, answer) {
    if (!this.opened || record.token !== this.opened.token) {
      return;
    }
    this.outbox.acknowledged(this.key, record.seq);
    if (record.seq <= this.acknowledged) {
      return;
    }
    this.acknowledged = record.seq;
    this.show(answer);
    this.onchange("beat");
  }

  undelivered(record, error) {
    this.sending = false;
    this.again = false;
    if (error instanceof BeatRefused && error.final) {
      this.reopen();
      return;
    }
    this.setLost(true);
    this.plan(() => this.beat());
  }

  /* The server no longer takes this session (expired, closed): go on in a new one, with what was
     not confirmed in the old. */
  reopen() {
    const wait = this.reopenedAt + REOPEN_MS - this.now();
    if (wait > 0) {
      this.clearTimer(this.retry);
      this.retry = this.setTimer(() => this.reopen(), wait);
      return;
    }
    this.reopenedAt = this.now();
    this.opened = null;
    this.last = null;
    this.evidence.seen = this.pending();
    this.open();
  }

  plan(action) {
    const delay = RETRY_MS[Math.min(this.failures, RETRY_MS.length - 1)];
    this.failures += 1;
    this.clearTimer(this.retry);
    this.retry = this.setTimer(action, delay);
  }

  setLost(lost) {
    if (this.lost !== lost) {
      this.lost = lost;
      this.onchange("line");
    }
  }

  /* While the video plays: keep a copy every 5 s, send every 30 s. */
  playing() {
    if (this.keepTimer !== null) {
      return;
    }
    const tick = () => {
      this.keepTimer = this.setTimer(tick, KEEP_SECONDS * 1000);
      this.sinceBeat += KEEP_SECONDS;
      if (this.sinceBeat >= BEAT_SECONDS) {
        this.beat();
      } else {
        this.snapshot();
      }
    };
    this.keepTimer = this.setTimer(tick, KEEP_SECONDS * 1000);
  }

  stopped() {
    this.clearTimer(this.keepTimer);
    this.keepTimer = null;
  }

  offline() {
    this.setLost(true);
  }

  online() {
    this.failures = 0;
    if (this.denied) {
      return;
    }
    if (!this.opened) {
      this.open();
    } else if (this.hasNews()) {
      this.beat();
    } else {
      this.setLost(false);
    }
  }
}
