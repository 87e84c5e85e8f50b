/* One file on its way to the server: tus-js-client, told when to retry, how large its chunks are,
   and watched for silence. Reports to `on`; knows nothing of the page. */

import { checksumStack } from "./checksums.js";
import { readBytes } from "./fingerprint.js";
import { ChunkSize } from "./pace.js";
import { Resent } from "./resent.js";

/* Growing pauses; after a success tus-js-client begins anew. The last one repeats for an hour. */
const RETRY_MS = [1000, 2000, 4000, 8000, 15000].concat(new Array(120).fill(30000));
/* A phone that changes its network leaves a connection that never says anything again. */
const SILENCE_MS = 30000;
/* Known to have changed its network, the phone need not wait that long. */
const SILENCE_AFTER_CHANGE_MS = 4000;
/* With everything sent the server makes the recording; nginx may still be passing on the last
   chunk, and the disk be busy with others. */
const FINISHING_MS = 240000;
const WATCH_MS = 2000;

/* Worth another try: no answer, a conflict, a lock, a damaged chunk, trouble on the server's side.
   507 is a full disk and does not go away by itself. */
export function worthRetrying(status) {
  return status === 0 || [409, 423, 460].includes(status) || (status >= 500 && status !== 507);
}

/* The sentence in a JSON answer, empty when there is none. */
export function messageOf(response) {
  try {
    return String(JSON.parse(response.getBody()).message || "");
  } catch (error) {
    return "";
  }
}

/* What was answered; 0 for no answer. */
function statusOf({ originalResponse, causingError }) {
  return originalResponse ? originalResponse.getStatus() : (causingError && causingError.status) || 0;
}

export class Transfer {
  /* on: {progress(sent, total), trouble(status), moving(), success(assetId),
     failure({status, message, unreadable})} */
  constructor({ tus, file, endpoint, url, metadata, csrf, subtle, on }) {
    this.file = file;
    this.on = on;
    this.sizes = new ChunkSize();
    this.resent = new Resent(endpoint);
    this.running = false;
    this.waiting = false; // Between a fault and its retry.
    this.troubled = false; // From a fault until bytes move again.
    this.changed = false; // Another network, and no answer since; progress alone proves nothing.
    this.touched = 0;
    this.sent = 0;
    this.upload = new tus.Upload(file, {
      endpoint,
      uploadUrl: url || null,
      metadata,
      chunkSize: this.sizes.bytes,
      retryDelays: RETRY_MS,
      storeFingerprintForResuming: false,
      fingerprint: () => Promise.resolve(null),
      httpStack: checksumStack(new tus.DefaultHttpStack({}), subtle),
      onBeforeRequest: (request) => {
        this.touch();
        this.waiting = false;
        this.resent.begin();
        this.startedAt = performance.now();
        /* Read anew each time: signing in again in another tab changes it. */
        request.setHeader("X-CSRFToken", csrf());
      },
      onAfterResponse: (request, response) => {
        this.changed = false;
        this.touch();
        /* Here tus-js-client would send the whole film again; as an error it is asked again. */
        if (request.getMethod() === "HEAD" && response.getStatus() >= 500) {
          throw Object.assign(new Error("in trouble"), { status: response.getStatus() });
        }
      },
      onProgress: (sent, total) => this.progressed(sent, total),
      onChunkComplete: (bytes) => {
        const seconds = (performance.now() - this.startedAt) / 1000;
        /* A break that only the browser noticed costs as much as one that is told. */
        this.upload.options.chunkSize =
          this.resent.ended() && !this.sizes.atSmallest
            ? this.sizes.broke()
            : this.sizes.sent(bytes, seconds);
      },
      onShouldRetry: (problem) => this.shouldRetry(problem),
      onError: (problem) => this.failed(problem),
      onSuccess: (payload) => this.succeeded(payload),
    });
  }

  start() {
    if (this.running) {
      return;
    }
    this.running = true;
    this.waiting = false;
    this.troubled = false;
    this.touch();
    this.watch = setInterval(() => this.listen(), WATCH_MS);
    this.resent.start();
    this.upload.start();
  }

  /* Stop sending; `start` goes on at the server's offset. Nothing is deleted anywhere. */
  stop() {
    this.over();
    return this.upload.abort();
  }

  over() {
    this.running = false;
    clearInterval(this.watch);
    this.resent.stop();
  }

  /* The line is probably back: do not wait for the next retry. */
  nudge() {
    if (this.running && this.troubled) {
      this.again();
    }
  }

  /* Another network: what was under way may never be answered. */
  lineChanged() {
    this.changed = true;
    this.nudge();
  }

  again() {
    this.waiting = false;
    this.changed = false;
    this.touch();
    this.upload.abort();
    this.upload.start();
  }

  touch() {
    this.touched = performance.now();
  }

  listen() {
    const silent = performance.now() - this.touched;
    const patient = this.sent >= this.file.size ? FINISHING_MS : SILENCE_MS;
    if (!this.waiting && silent > (this.changed ? SILENCE_AFTER_CHANGE_MS : patient)) {
      this.broke(0);
      this.again();
    }
  }

  progressed(sent, total) {
    this.touch();
    this.sent = sent;
    this.resent.progressed(sent);
    if (this.troubled) {
      this.troubled = false;
      this.on.moving();
    }
    this.on.progress(sent, total);
  }

  broke(status) {
    this.troubled = true;
    this.upload.options.chunkSize = this.sizes.broke();
    this.on.trouble(status);
  }

  shouldRetry(problem) {
    const status = statusOf(problem);
    if ((problem.causingError && problem.causingError.unreadable) || !worthRetrying(status)) {
      return false;
    }
    this.waiting = true;
    this.broke(status);
    if (status === 0) {
      this.checkReadable();
    }
    return true;
  }

  /* Without an answer the fault may also lie in the file: deleted, or taken away by the phone. */
  checkReadable() {
    const middle = Math.min(this.sent, this.file.size - 1);
    readBytes(this.file.slice(middle, middle + 1)).catch((problem) => {
      if (this.running) {
        this.stop();
        this.failed({ causingError: problem });
      }
    });
  }

  failed(problem) {
    this.over();
    const response = problem.originalResponse || null;
    this.on.failure({
      status: statusOf(problem),
      message: response ? messageOf(response) : "",
      unreadable: Boolean(problem.causingError && problem.causingError.unreadable),
    });
  }

  succeeded(payload) {
    this.over();
    this.on.success(payload.lastResponse.getHeader("Lectern-Asset"));
  }
}
