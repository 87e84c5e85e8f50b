/* A row of lectures that play one after the other in one <video>: the element stays, so full screen
   and the permission to play with sound stay, too. Only its source changes. Pure of the page: what
   is shown is told through `onchange`. */

export const PAUSE_SECONDS = 5;

export class Sequence {
  /* `load(place)` resolves to the address of a film; addresses are fetched when they are needed, for
     they are signed and run out. `setTimer`, `clearTimer` as in window. */
  constructor({ count, load, play, setTimer, clearTimer, onchange }) {
    Object.assign(this, { count, load, play, setTimer, clearTimer, onchange });
    this.place = 0;
    this.timer = null;
    this.asked = 0;
  }

  hasNext() {
    return this.place + 1 < this.count;
  }

  /* The film is over: the next one follows after a breath, unless somebody wants to wait. */
  ended() {
    if (!this.hasNext()) {
      this.onchange("over");
      return;
    }
    this.countDown(PAUSE_SECONDS);
  }

  countDown(seconds) {
    this.clearTimer(this.timer);
    if (seconds <= 0) {
      this.go(this.place + 1);
      return;
    }
    this.onchange("soon", seconds);
    this.timer = this.setTimer(() => this.countDown(seconds - 1), 1000);
  }

  /* Nothing follows, whatever is being loaded. */
  wait() {
    this.clearTimer(this.timer);
    this.asked += 1;
    this.onchange("waiting");
  }

  next() {
    if (this.hasNext()) {
      this.go(this.place + 1);
    }
  }

  /* A second tap while the first is still loading wins. */
  go(place) {
    this.clearTimer(this.timer);
    this.place = place;
    this.asked += 1;
    const { asked } = this;
    this.onchange("loading");
    return this.load(place).then(
      (film) => {
        if (asked === this.asked) {
          this.play(film, place);
          this.onchange("playing");
        }
      },
      () => {
        if (asked === this.asked) {
          this.onchange("trouble");
        }
      },
    );
  }
}
