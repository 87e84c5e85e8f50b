/* The recording through hls.js, where the browser has Media Source Extensions. */

import { isLightRung, loadedTo } from "./sources.js";

const NETWORK_PATIENCE = 4;
/* While there is more to play of what was loaded, nothing is given up. */
const CALM_MS = 5000;
const TOKEN_TRIES = 3;

/* hls.js asks for segments by the addresses in the playlist it once read; every request gets the
   token in force, and one that was refused for its token is asked again with a new one.
   `ahead`: seconds that are loaded ahead, as far as the browser holds them; 0 for what a page needs. */
export function hlsConfig({ addresses, settings, ahead = 0 }) {
  const retry = (retryConfig, count, isTimeout, response, wanted) => {
    const status = response ? response.code : 0;
    if (status === 403 || status === 410) {
      addresses.rejected().catch(() => {});
      return count < TOKEN_TRIES;
    }
    return wanted;
  };
  const config = {
    autoStartLoad: false,
    capLevelToPlayerSize: true,
    maxBufferLength: ahead || 30,
    maxMaxBufferLength: ahead || 60,
    backBufferLength: 60,
    startFragPrefetch: true,
    enableInterstitialPlayback: false,
    xhrSetup: (xhr, url) => addresses.ready(url).then((address) => xhr.open("GET", address, true)),
  };
  if (ahead) {
    // The picture takes half of the line at most, so that the film comes twice as fast as it plays.
    Object.assign(config, { abrBandWidthFactor: 0.5, abrBandWidthUpFactor: 0.5 });
  }
  ["manifestLoadPolicy", "playlistLoadPolicy", "fragLoadPolicy"].forEach((name) => {
    const policy = settings[name].default;
    config[name] = {
      default: Object.assign({}, policy, { errorRetry: Object.assign({}, policy.errorRetry, { shouldRetry: retry }) }),
    };
  });
  return config;
}

export class HlsSource {
  constructor({ Hls, video, addresses, ahead, win, onlevels, onlevel, onfail }) {
    Object.assign(this, { Hls, video, addresses, ahead, win, onlevels, onlevel, onfail });
    this.kind = "hls";
    this.hls = null;
    this.levelName = null;
    this.resume = () => this.resumeLoading();
  }

  load({ url, position, isAudio }) {
    this.destroy();
    const Hls = this.Hls;
    const hls = new Hls(hlsConfig({ addresses: this.addresses, settings: Hls.DefaultConfig, ahead: this.ahead }));
    this.hls = hls;
    this.url = url;
    this.position = position;
    this.isAudio = isAudio;
    this.failures = 0;
    this.recovered = false;
    hls.on(Hls.Events.MANIFEST_PARSED, () => {
      if (!isAudio) {
        this.onlevels(hls.levels.map(({ width, height }) => ({ width, height })));
        this.applyLevel(true);
      }
      // An explicit start: hls.js would begin a growing playlist near its end.
      hls.startLoad(position);
    });
    hls.on(Hls.Events.LEVEL_SWITCHED, (name, data) => {
      const level = hls.levels[data.level];
      if (level && !isAudio) {
        this.onlevel({ width: level.width, height: level.height });
      }
    });
    hls.on(Hls.Events.FRAG_BUFFERED, () => {
      this.failures = 0;
    });
    hls.on(Hls.Events.ERROR, (name, data) => {
      if (data.fatal) {
        this.failed(data);
      }
    });
    hls.attachMedia(this.video);
    hls.loadSource(url);
  }

  /* `rung`: {name, width, height} of the one to hold, or null to choose by the line. */
  setLevel(rung) {
    this.level = rung;
    this.applyLevel(false);
  }

  applyLevel(isFirst) {
    const { hls, level } = this;
    if (!hls || this.isAudio || !hls.levels.length) {
      return;
    }
    // Of two of a size hls.js has the better one last.
    const sizes = hls.levels.map(({ width, height }) => `${width}x${height}`);
    const size = level ? `${level.width}x${level.height}` : "";
    const index = level && isLightRung(level) ? sizes.indexOf(size) : sizes.lastIndexOf(size);
    if (isFirst) {
      hls.startLevel = index;
      if (index >= 0) {
        hls.loadLevel = index;
      }
    } else if (hls.nextLevel !== index) {
      hls.nextLevel = index;
    }
  }

  /* Every request has the token in force anyhow. */
  isStale() {
    return false;
  }

  failed(data) {
    const { Hls } = this;
    if (data.type === Hls.ErrorTypes.MEDIA_ERROR && !this.recovered) {
      this.recovered = true;
      this.hls.recoverMediaError();
      return;
    }
    const status = data.response ? data.response.code : 0;
    const isLine = data.type === Hls.ErrorTypes.NETWORK_ERROR && (status === 0 || status === 408 || status === 429 || status >= 500);
    if (!isLine) {
      this.onfail(data.details);
      return;
    }
    this.win.removeEventListener("online", this.resume);
    this.win.addEventListener("online", this.resume);
    if (this.win.navigator.onLine === false) {
      return;
    }
    if (loadedTo(this.video) > this.video.currentTime + 1) {
      this.timer = this.win.setTimeout(this.resume, CALM_MS);
      return;
    }
    this.failures += 1;
    if (this.failures > NETWORK_PATIENCE) {
      this.onfail(data.details);
      return;
    }
    this.timer = this.win.setTimeout(this.resume, 1000 * Math.pow(2, this.failures - 1));
  }

  resumeLoading() {
    this.win.removeEventListener("online", this.resume);
    this.win.clearTimeout(this.timer);
    if (!this.hls) {
      return;
    }
    if (this.hls.levels.length) {
      this.hls.startLoad(this.video.currentTime || this.position);
    } else {
      this.hls.loadSource(this.url);
    }
  }

  destroy() {
    this.win.removeEventListener("online", this.resume);
    this.win.clearTimeout(this.timer);
    if (this.hls) {
      this.hls.destroy();
      this.hls = null;
    }
  }
}
