/* How large the next chunk should be, and how fast and how long the whole takes. Pure. */

const KB = 1024;
const SMALLEST = 256 * KB;
const LARGEST = 8 * KB * KB;
const FIRST = KB * KB;
const STEP = 64 * KB;
/* What a slow line must bring through in one go. */
const AIM_SECONDS = 10;
/* A break costs the chunk that it hits, so a chunk is at most a share of what went through since
   the last one: an eighth on a line that never broke, a fortieth afterwards. However the breaks
   fall, n of them cost at most one chunk, n times the smallest and a fortieth of the file. */
const SHARE = 1 / 8;
const SHARE_ONCE_BROKEN = 1 / 40;

function fit(size) {
  return Math.min(LARGEST, Math.max(SMALLEST, Math.floor(size / STEP) * STEP));
}

export class ChunkSize {
  constructor() {
    this.bytes = FIRST;
    this.through = 0; // Since the last break.
    this.hasBroken = false;
  }

  /* A chunk went through: aim at ten seconds for the next, at most doubling. */
  sent(bytes, seconds) {
    this.through += bytes;
    if (bytes < this.bytes) {
      return this.bytes; // The file's last piece says little.
    }
    const wanted = (bytes * AIM_SECONDS) / Math.max(seconds, 0.001);
    this.bytes = fit(Math.min(wanted, this.bytes * 2, this.affordable()));
    return this.bytes;
  }

  get atSmallest() {
    return this.bytes === SMALLEST;
  }

  affordable() {
    return this.hasBroken
      ? SMALLEST + this.through * SHARE_ONCE_BROKEN
      : FIRST + this.through * SHARE;
  }

  broke() {
    this.hasBroken = true;
    this.through = 0;
    this.bytes = SMALLEST;
    return this.bytes;
  }
}

const WINDOW_SECONDS = 20;

/* Speed over the last twenty seconds of sending; a pause starts anew. */
export class Pace {
  constructor() {
    this.points = [];
  }

  reset() {
    this.points = [];
  }

  /* `sent` bytes of the whole file, `at` in seconds. */
  note(sent, at) {
    const last = this.points[this.points.length - 1];
    if (last && sent < last.sent) {
      this.points = []; // What was lost on the way is sent again.
    }
    this.points.push({ sent, at });
    while (this.points.length > 2 && this.points[0].at < at - WINDOW_SECONDS) {
      this.points.shift();
    }
  }

  /* Bytes a second; 0 while there is too little to tell. */
  rate() {
    const first = this.points[0];
    const last = this.points[this.points.length - 1];
    if (!first || last.at - first.at < 1) {
      return 0;
    }
    return (last.sent - first.sent) / (last.at - first.at);
  }

  /* Seconds until `total` bytes are sent; null while it is a guess. */
  remaining(total) {
    const rate = this.rate();
    const last = this.points[this.points.length - 1];
    return rate > 0 ? Math.max(0, total - last.sent) / rate : null;
  }
}
