/* Whether the browser sent a piece a second time by itself. Chromium does so where a connection
   breaks that was in use before, over HTTP/1.1 as over HTTP/2, and tells the page nothing: no
   error, and the progress does not go back. Its timing of the request does: it is that of the last
   attempt, so what passed before that one's connection was asked for was lost. */

const NEGLIGIBLE_MS = 50; // A slow phone takes some time to read a piece of the film.
const NEGLIGIBLE_SHARE = 1 / 8; // Of what the piece took at last.

/* entry: a PerformanceResourceTiming, or what has its names; milliseconds. */
export function wasResent(entry) {
  const connecting = entry.connectEnd - entry.domainLookupStart; // 0 on a connection that is open
  const lost = entry.requestStart - entry.fetchStart - connecting;
  const took = entry.responseEnd - entry.requestStart;
  return lost > Math.max(NEGLIGIBLE_MS, took * NEGLIGIBLE_SHARE);
}

export class Resent {
  /* Watches the requests to addresses that begin with `endpoint`. */
  constructor(endpoint) {
    this.endpoint = endpoint;
    this.seen = false;
    this.observer = new PerformanceObserver((list) => this.note(list.getEntries()));
  }

  start() {
    this.observer.observe({ entryTypes: ["resource"] });
  }

  stop() {
    this.observer.disconnect();
  }

  note(entries) {
    const own = entries.filter((entry) => entry.name.startsWith(this.endpoint));
    this.seen = this.seen || own.some(wasResent);
  }

  /* Whether a request since the last question was sent twice. */
  take() {
    this.note(this.observer.takeRecords());
    const seen = this.seen;
    this.seen = false;
    return seen;
  }
}
