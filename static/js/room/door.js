/* The sign-in code of the room: drawn anew every few seconds, taken away when it cannot be. */

const PATIENCE_MS = 5000;

export class Door {
  /* `load()` resolves to {picture, next_in}; `show(picture)` draws it, with "" takes it away;
     `say(isLost)` tells whether the line is lost. */
  constructor({ load, show, say, setTimer, clearTimer }) {
    Object.assign(this, { load, show, say, setTimer, clearTimer });
    this.timer = null;
    this.isOpen = false;
  }

  open() {
    if (!this.isOpen) {
      this.isOpen = true;
      this.next();
    }
  }

  close() {
    this.isOpen = false;
    this.clearTimer(this.timer);
    this.show("");
  }

  next() {
    return this.load().then(
      ({ picture, next_in: nextIn }) => this.drawn(picture, nextIn * 1000, false),
      () => this.drawn("", PATIENCE_MS, true),
    );
  }

  drawn(picture, delay, isLost) {
    if (!this.isOpen) {
      return;
    }
    this.show(picture);
    this.say(isLost);
    this.clearTimer(this.timer);
    this.timer = this.setTimer(() => this.next(), delay);
  }
}

export function doorLoader(url, fetchFn) {
  return () =>
    fetchFn(url, { credentials: "same-origin", headers: { Accept: "application/json" } }).then((answer) =>
      answer.ok ? answer.json() : Promise.reject(new Error(String(answer.status))),
    );
}
