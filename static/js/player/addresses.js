/* Signed addresses of one recording, renewed while one watches.

   Every file of a package lies under `…/v/<token>/<package>/`, and the token expires. A new one is
   fetched at 60 % of its life, and whenever the server says that the old one is no longer good
   (403, 410). `rewrite` puts the token in force into any older address of the same package, so a
   playlist that was read an hour ago goes on working. Clock, timers and fetching are passed in. */

const SIGNED = /\/v\/([^/]+)\/([^/?#]+)\//;
const RENEW_AT = 0.6;
/* A request that was under way with the old token is no reason to renew once more. */
const JUST_RENEWED_MS = 2000;
const RETRY_MS = [1000, 2000, 4000, 8000, 15000, 30000];

export class AccessDenied extends Error {}

export function signedParts(url) {
  const match = SIGNED.exec(url || "");
  return match ? { token: match[1], pack: match[2] } : null;
}

export class Addresses {
  /* `load()` resolves to a Playback object, rejects with AccessDenied when one may not watch;
     `askedAt`: when the first one was asked for, for its life began before the page had come. */
  constructor({ playback, askedAt, load, now, setTimer, clearTimer, onrenew, ondenied }) {
    this.load = load;
    this.now = now;
    this.setTimer = setTimer;
    this.clearTimer = clearTimer;
    this.onrenew = onrenew || (() => {});
    this.ondenied = ondenied || (() => {});
    this.renewal = null;
    this.timer = null;
    this.failures = 0;
    this.denied = false;
    this.accept(playback, askedAt);
  }

  /* True when it belongs to another package than the one before. */
  accept(playback, askedAt = this.now()) {
    const before = this.parts;
    this.playback = playback;
    this.parts = signedParts(playback.master || playback.progressive);
    this.goodUntil = askedAt + playback.expires_in * 1000;
    this.renewedAt = this.now();
    this.failures = 0;
    this.denied = false;
    this.plan(askedAt + playback.expires_in * 1000 * RENEW_AT - this.now());
    return Boolean(before && this.parts && before.pack !== this.parts.pack);
  }

  plan(delay) {
    this.clearTimer(this.timer);
    this.timer = this.setTimer(() => {
      this.renew().catch(() => {});
    }, Math.max(1000, delay));
  }

  isExpired() {
    return this.now() >= this.goodUntil;
  }

  rewrite(url) {
    const parts = signedParts(url);
    if (!parts || !this.parts || parts.pack !== this.parts.pack || parts.token === this.parts.token) {
      return url;
    }
    return url.replace(`/v/${parts.token}/`, `/v/${this.parts.token}/`);
  }

  /* The address to ask for now; waits for a renewal when the token is past its time. */
  ready(url) {
    const rewritten = () => this.rewrite(url);
    if (this.renewal) {
      return this.renewal.then(rewritten, rewritten);
    }
    return this.isExpired() && !this.denied ? this.renew().then(rewritten, rewritten) : Promise.resolve(this.rewrite(url));
  }

  /* The server refused a token: get another, unless that has just been done. */
  rejected() {
    if (this.renewal || this.now() - this.renewedAt < JUST_RENEWED_MS) {
      return this.renewal || Promise.resolve();
    }
    return this.renew();
  }

  renew() {
    if (!this.renewal) {
      const askedAt = this.now();
      this.renewal = this.load().then(
        (playback) => {
          this.renewal = null;
          this.onrenew({ replaced: this.accept(playback, askedAt) });
        },
        (error) => {
          this.renewal = null;
          this.failed(error);
          throw error;
        },
      );
    }
    return this.renewal;
  }

  failed(error) {
    if (error instanceof AccessDenied) {
      this.denied = true;
      this.clearTimer(this.timer);
      this.ondenied();
      return;
    }
    this.plan(RETRY_MS[Math.min(this.failures, RETRY_MS.length - 1)]);
    this.failures += 1;
  }

  stop() {
    this.clearTimer(this.timer);
  }
}
