/* Evidence of watching: which seconds of the recording were really played in this sitting.

   A second counts when at least half of it was played in one continuous run. Playing is continuous
   while the media clock moves no further than the wall clock allows at the speed in force, with
   0.75 s of tolerance. A weak device lets the media clock fall behind and catch up at once; so much
   as it fell behind, 5 s at most, it may. Jumps, scrubbing and pauses earn nothing. Pure: times come in as arguments;
   the events of the video element are read in watching.js, and what the server makes of the
   evidence is in session.js. */

import { addSecond, emptyBitmap, fitBitmap } from "./bitmap.js";

const TOLERANCE = 0.75;
const MOST_BEHIND = 5;
/* Clocks of media elements are not exact to the last digit. */
const EPSILON = 0.001;

export class Evidence {
  /* `seconds`: length of the bitmap; `duration`: exact length of the recording in seconds. */
  constructor({ seconds, duration }) {
    this.seconds = seconds;
    this.duration = duration;
    this.seen = emptyBitmap(seconds);
    this.run = null;
  }

  /* The server's length holds; what was gathered before it was known is kept. */
  resize(seconds) {
    this.seconds = seconds;
    this.seen = fitBitmap(this.seen, seconds);
  }

  /* What the browser itself played before this script came: `ranges` are its `played` ones. */
  adopt(ranges) {
    for (let i = 0; i < ranges.length; i += 1) {
      this.count({ from: ranges.start(i), to: ranges.end(i) });
    }
  }

  /* One look at the playing video: `time` of the media and `wall` clock in seconds, `rate` of
     play. Returns true when a second was newly counted. */
  observe({ time, wall, rate }) {
    const run = this.run;
    const allowed = run === null || run.wall === null ? 0 : Math.max(0, wall - run.wall) * Math.max(rate, run.rate);
    if (run === null || !this.isContinuous(run, time - run.time, allowed)) {
      this.run = { from: time, to: time, time, wall, rate, behind: 0 };
      return false;
    }
    run.behind = Math.min(Math.max(run.behind + allowed - (time - run.time), 0), MOST_BEHIND);
    run.to = Math.max(run.to, time);
    run.time = time;
    run.wall = wall;
    run.rate = rate;
    return this.count(run);
  }

  /* Paused: the wall clock goes on, the media clock may not. */
  hold() {
    if (this.run !== null) {
      this.run.wall = null;
      this.run.behind = 0;
    }
  }

  /* A jump, another source, the end: what follows is a new run. */
  interrupt() {
    this.run = null;
  }

  isContinuous(run, moved, allowed) {
    return moved <= allowed + run.behind + TOLERANCE && -moved <= allowed + TOLERANCE;
  }

  count(run) {
    let added = false;
    const last = Math.min(Math.floor(run.to), this.seconds - 1);
    for (let second = Math.floor(run.counted === undefined ? run.from : run.counted); second <= last; second += 1) {
      if (second >= 0 && this.isPlayed(run, second)) {
        added = this.add(second) || added;
      }
    }
    // Only the second in which the run stands can still grow.
    run.counted = Math.max(0, Math.floor(run.to));
    return added;
  }

  isPlayed(run, second) {
    const end = Math.min(second + 1, this.duration > second ? this.duration : second + 1);
    const played = Math.min(run.to, end) - Math.max(run.from, second);
    return played > 0 && played >= (end - second) / 2 - EPSILON;
  }

  add(second) {
    const before = this.seen[second >> 3];
    addSecond(this.seen, second);
    return this.seen[second >> 3] !== before;
  }
}
