/* Whether the browser sent a piece a second time by itself. Browsers do so where a connection breaks
   that was in use before, and tell the page nothing. What tells it is, in Chromium, over HTTP/1.1 as
   over HTTP/2, the request's timing: that of the last attempt, so that its connection was asked for
   long after the request; in others progress that goes back. */

const NEGLIGIBLE_MS = 50; // Some pass before any connection is asked for.

/* entry: a PerformanceResourceTiming, or what has its names; milliseconds. */
export function wasResent(entry) {
  return entry.domainLookupStart - entry.fetchStart > NEGLIGIBLE_MS;
}

export class Resent {
  /* Watches the requests to addresses that begin with `endpoint`. */
  constructor(endpoint) {
    this.endpoint = endpoint;
    this.observer = new PerformanceObserver((list) => this.note(list.getEntries()));
    this.begin();
  }

  start() {
    this.observer.observe({ entryTypes: ["resource"] });
  }

  stop() {
    this.observer.disconnect();
  }

  /* Another request begins: what was seen before is not its own. */
  begin() {
    this.observer.takeRecords();
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
    this.note(this.observer.takeRecords());
    return this.seen;
  }
}
