/* Whether the browser sent a piece a second time by itself. Browsers do so where a connection breaks
   that was in use before, and tell the page nothing. What tells it is, in Chromium, over HTTP/1.1 as
   over HTTP/2, the request's timing: that of the last attempt, so that its connection was asked for
   long after the request; in others progress that goes back. */

const NEGLIGIBLE_MS = 50;

/* entry: a PerformanceResourceTiming, or what has its names; milliseconds. */
export function wasResent(entry) {
  return entry.domainLookupStart - entry.fetchStart > NEGLIGIBLE_MS;
}

export class Resent {
  /* Watches the requests to addresses that begin with `endpoint`. */
  constructor(endpoint) {
    this.endpoint = endpoint;
    this.observer =
      typeof PerformanceObserver === "undefined"
        ? null
        : new PerformanceObserver((list) => this.note(list.getEntries()));
    this.begin();
  }

  start() {
    if (this.observer) {
      this.observer.observe({ entryTypes: ["resource"] });
    }
  }

  stop() {
    if (this.observer) {
      this.observer.disconnect();
    }
  }

  /* Another request begins: what was seen before is not its own. */
  begin() {
    if (this.observer) {
      this.observer.takeRecords();
    }
    this.seen = false;
    this.reached = 0;
  }

  progressed(sent) {
    this.seen = this.seen || sent < this.reached;
    this.reached = sent;
  }

  note(entries) {
    const own = entries.filter((entry) => entry.name.startsWith(this.endpoint));
    this.seen = this.seen || own.some(wasResent);
  }

  /* Whether the request that has just been answered was sent twice. */
  ended() {
    if (this.observer) {
      this.note(this.observer.takeRecords());
    }
    return this.seen;
  }
}
