/* Counts how often play had to wait, and says once that the line is too weak for the picture. */

const SPAN_MS = 60000;
const MANY = 3;

export class Stalls {
  /* `onmany()` is called once, after the third wait within a minute. */
  constructor({ now, onmany }) {
    Object.assign(this, { now, onmany });
    this.times = [];
    this.said = false;
  }

  waited() {
    const now = this.now();
    this.times = this.times.filter((time) => now - time < SPAN_MS).concat(now);
    if (this.times.length >= MANY && !this.said) {
      this.said = true;
      this.onmany();
    }
  }
}
