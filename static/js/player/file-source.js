/* The recording by a plain address on the video element: the browser's own HLS (iPhone) or the
   progressive MP4. An address whose token has expired is exchanged at the same position. */

const PATIENCE = 4;
const MEDIA_ERR_NETWORK = 2;
/* Some browsers go on asking with a dead token and say nothing. */
const SILENCE_MS = 8000;

export class FileSource {
  /* `reload(position)` loads this source again at that position and goes on playing. */
  constructor({ kind, video, addresses, win, onfail, reload }) {
    Object.assign(this, { kind, video, addresses, win, onfail, reload });
    this.failures = 0;
    this.position = 0;
    this.onerror = () => this.failed();
    this.onmetadata = () => {
      if (this.position > 0) {
        this.video.currentTime = this.position;
      }
    };
    this.onprogress = () => {
      if (this.video.currentTime > this.position + 3) {
        this.failures = 0;
      }
    };
    this.again = () => this.tryAgain();
    this.onwaiting = () => {
      this.win.clearTimeout(this.silence);
      this.silence = this.win.setTimeout(() => {
        if (this.video.readyState < 3 && !this.video.paused && this.isStale()) {
          this.position = this.video.currentTime || this.position;
          this.tryAgain();
        }
      }, SILENCE_MS);
    };
  }

  /* Take over what the video already plays by its markup. */
  adopt({ position }) {
    this.destroy();
    this.position = position;
    this.goodUntil = this.addresses.goodUntil;
    this.listen();
  }

  listen() {
    this.video.addEventListener("error", this.onerror);
    this.video.addEventListener("loadedmetadata", this.onmetadata);
    this.video.addEventListener("timeupdate", this.onprogress);
    this.video.addEventListener("waiting", this.onwaiting);
  }

  load({ url, position }) {
    this.destroy();
    this.position = position;
    this.goodUntil = this.addresses.goodUntil;
    this.listen();
    this.video.preload = "auto";
    this.video.src = this.addresses.rewrite(url);
    this.video.load();
  }

  /* A rung cannot be held from outside: the browser chooses, or there is only one. */
  setLevel() {}

  /* The token in the address that plays has run out, whatever has been renewed meanwhile. */
  isStale() {
    return this.addresses.now() >= this.goodUntil;
  }

  failed() {
    const error = this.video.error;
    const position = this.video.currentTime || this.position;
    const isTokenOrLine = (error && error.code === MEDIA_ERR_NETWORK) || this.isStale();
    this.position = position;
    this.failures += 1;
    if (this.win.navigator.onLine === false) {
      this.win.addEventListener("online", this.again);
      return;
    }
    if (this.failures > (isTokenOrLine ? PATIENCE : 1)) {
      this.onfail(error ? `media error ${error.code}` : "media error");
      return;
    }
    this.timer = this.win.setTimeout(this.again, this.failures === 1 ? 0 : 1000 * Math.pow(2, this.failures - 2));
  }

  tryAgain() {
    this.win.removeEventListener("online", this.again);
    const reload = () => this.reload(this.position);
    // A refused token shows itself as a bare network or format error, so it is renewed first.
    this.addresses.rejected().then(reload, reload);
  }

  destroy() {
    this.win.removeEventListener("online", this.again);
    this.win.clearTimeout(this.timer);
    this.win.clearTimeout(this.silence);
    this.video.removeEventListener("waiting", this.onwaiting);
    this.video.removeEventListener("error", this.onerror);
    this.video.removeEventListener("loadedmetadata", this.onmetadata);
    this.video.removeEventListener("timeupdate", this.onprogress);
  }
}
