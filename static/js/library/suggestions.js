/* The list below the search box: what is asked, what is shown, what a key does. Knows no page:
   everything it needs is handed in, so tests need no browser. */

const WAIT_MS = 150;
const KEPT = 30;

/* The choice after a key: -1 is the box itself, which stands between the last and the first. */
export function moved(active, step, count) {
  return ((active + 1 + step + count + 1) % (count + 1)) - 1;
}

export class Suggestions {
  /* `load(typed)` promises a list; `show(list, active)` draws it; `go(url)` leaves the page. */
  constructor({ load, show, go, setTimer, clearTimer }) {
    Object.assign(this, { load, show, go, setTimer, clearTimer });
    this.known = new Map();
    this.timer = null;
    this.typed = "";
    this.list = [];
    this.active = -1;
  }

  /* Called with the box's text at every change. */
  type(text) {
    this.typed = text.trim();
    this.clearTimer(this.timer);
    if (!this.typed) {
      this.close();
    } else if (this.known.has(this.typed)) {
      this.open(this.known.get(this.typed));
    } else {
      const asked = this.typed;
      this.timer = this.setTimer(() => this.ask(asked), WAIT_MS);
    }
  }

  ask(asked) {
    return this.load(asked).then(
      (list) => {
        this.remember(asked, list);
        // An answer to what stood there before is of no use any more.
        if (asked === this.typed) {
          this.open(list);
        }
      },
      () => {}, // no line, no suggestions
    );
  }

  remember(asked, list) {
    this.known.set(asked, list);
    if (this.known.size > KEPT) {
      this.known.delete(this.known.keys().next().value);
    }
  }

  open(list) {
    this.list = list;
    this.active = -1;
    this.show(list, -1);
  }

  /* Nothing that is still on its way opens it again. */
  close() {
    this.clearTimer(this.timer);
    this.typed = "";
    this.open([]);
  }

  /* Whether the key was meant for the list. */
  press(key) {
    const step = { ArrowDown: 1, ArrowUp: -1 }[key];
    if (!this.list.length) {
      return false;
    }
    if (step) {
      this.active = moved(this.active, step, this.list.length);
      this.show(this.list, this.active);
      return true;
    }
    if (key === "Escape") {
      this.close();
      return true;
    }
    if (key === "Enter" && this.active >= 0) {
      this.go(this.list[this.active].url);
      return true;
    }
    return false;
  }
}
