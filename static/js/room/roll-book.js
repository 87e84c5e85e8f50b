/* What a keeper ticked and the server has not confirmed, kept on the phone. Of each person the newest
   mark counts, so sending twice or late does no harm; a mark goes only when exactly it arrived. Pure:
   storage, clock and sending are passed in. */

const RETRY_MS = [2000, 5000, 10000, 20000, 30000];
const FINAL = [400, 401, 403, 404, 409];

export class Refused extends Error {
  constructor(status, message) {
    super(message || String(status));
    this.status = status;
    this.isFinal = FINAL.indexOf(status) >= 0;
  }
}

export class RollBook {
  /* `send(body)` resolves to the server's roll or rejects; `onchange(what, detail)` hears "kept",
     "saved" with the roll, "lost", "refused" with the sentence. */
  constructor({ key, storage, now, send, setTimer, clearTimer, onchange }) {
    Object.assign(this, { key: `lectern.roll.${key}`, storage, now, send, setTimer, clearTimer, onchange });
    this.marks = {};
    this.guests = null;
    this.isSending = false;
    this.failures = 0;
    this.timer = null;
    this.number = 0;
    this.read();
  }

  read() {
    try {
      const kept = JSON.parse(this.storage.getItem(this.key) || "{}");
      this.marks = kept.marks || {};
      this.guests = kept.guests || null;
    } catch (error) {
      this.marks = {};
    }
  }

  write() {
    try {
      if (this.waiting() === 0) {
        this.storage.removeItem(this.key);
      } else {
        this.storage.setItem(this.key, JSON.stringify({ marks: this.marks, guests: this.guests }));
      }
    } catch (error) {
      // Forbidden or full: what is in memory counts.
    }
  }

  forget() {
    this.marks = {};
    this.guests = null;
    this.write();
  }

  waiting() {
    return Object.keys(this.marks).length + (this.guests === null ? 0 : 1);
  }

  /* Waits for the server: what the page shows of this person is newer than what the server says. */
  waitsFor(user) {
    return Object.prototype.hasOwnProperty.call(this.marks, user);
  }

  stamp() {
    this.number += 1;
    return `${this.now()}.${this.number}`;
  }

  mark({ user, present, came, left }) {
    this.marks[user] = { present, came: came || "", left: left || "", at: this.now(), stamp: this.stamp() };
    this.changed();
  }

  markGuests(count) {
    this.guests = { count, at: this.now(), stamp: this.stamp() };
    this.changed();
  }

  changed() {
    this.write();
    this.onchange("kept", this.waiting());
    this.failures = 0;
    this.deliver();
  }

  /* Everything that waits, as one message; also with nothing, to see what others did. */
  deliver() {
    if (this.isSending) {
      return Promise.resolve();
    }
    this.clearTimer(this.timer);
    this.isSending = true;
    const sent = Object.assign({}, this.marks);
    const guests = this.guests;
    const age = (one) => Math.max(0, (this.now() - one.at) / 1000);
    const body = {
      marks: Object.keys(sent).map((user) => ({
        user: Number(user),
        present: sent[user].present,
        came: sent[user].came,
        left: sent[user].left,
        age: age(sent[user]),
      })),
      guests: guests && { count: guests.count, age: age(guests) },
    };
    return this.send(body).then(
      (roll) => this.arrived(sent, guests, roll),
      (error) => this.failed(error),
    );
  }

  arrived(sent, guests, roll) {
    this.isSending = false;
    this.failures = 0;
    Object.keys(sent).forEach((user) => {
      if (this.marks[user] && this.marks[user].stamp === sent[user].stamp) {
        delete this.marks[user];
      }
    });
    if (guests && this.guests && this.guests.stamp === guests.stamp) {
      this.guests = null;
    }
    this.write();
    this.onchange("saved", roll);
    if (this.waiting()) {
      this.deliver();
    }
  }

  failed(error) {
    this.isSending = false;
    if (error instanceof Refused && error.isFinal) {
      // Kept all the same: it may be a sign-in that has run out.
      this.onchange("refused", error.message);
      return;
    }
    this.onchange("lost", this.waiting());
    const delay = RETRY_MS[Math.min(this.failures, RETRY_MS.length - 1)];
    this.failures += 1;
    this.timer = this.setTimer(() => this.deliver(), delay);
  }
}
