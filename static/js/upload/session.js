/* One recording's way through the page: chosen, recognised, sent, checked, ready to hand in.
   Everything that may happen twice (taps, events, answers) is harmless the second time. */

import { fingerprint } from "./fingerprint.js";
import { Pace } from "./pace.js";
import { csrfToken, getJson, poll, postForm } from "./requests.js";
import { Transfer } from "./transfer.js";
import { fill, percentOf, rateText } from "./words.js";

const RATE_EVERY_MS = 1000;
const ASK_AGAIN_MS = 3000;

const pause = (ms) => new Promise((resolve) => {
  setTimeout(resolve, ms);
});

export class Session {
  /* `onsending` when the first byte is about to go or the server has it all, `onrefused` when
     nothing comes of a recording. */
  constructor({ view, config, tus, subtle, onasset, onsending = () => {}, onrefused = () => {} }) {
    this.view = view;
    this.config = config;
    this.texts = config.texts;
    this.tus = tus;
    this.subtle = subtle;
    this.onasset = onasset;
    this.onsending = onsending;
    this.onrefused = onrefused;
    this.transfer = null;
    this.file = null;
    this.pace = new Pace();
    this.percent = 0;
    this.ratedAt = 0;
    this.again = null; // What "try again" asks the server for, once everything is there.
    this.round = 0; // Answers to an earlier choice are not listened to.
    this.endPoll = () => {};
  }

  say(name, values = {}) {
    return fill(this.texts[name], Object.assign({ percent: `${this.percent}%` }, values));
  }

  async choose(file) {
    const round = this.begin(file);
    if (!this.acceptable(file)) {
      return;
    }
    let print;
    try {
      print = await fingerprint(file);
    } catch (problem) {
      this.fail("refused", this.texts.unreadable, round);
      return;
    }
    this.print = print;
    await this.send(round);
  }

  begin(file) {
    this.round += 1;
    this.endPoll();
    this.onasset("");
    this.again = null;
    this.file = file;
    this.transfer = null;
    this.percent = 0;
    this.pace.reset();
    this.view.file(file.name, file.size);
    this.view.progress(0);
    this.view.resetSteps();
    this.view.findings([]);
    this.view.offerPreview("");
    this.view.show("checking", this.texts.checking);
    this.view.step("upload", "current");
    return this.round;
  }

  acceptable(file) {
    if (file.size === 0) {
      this.refuse(this.texts.empty);
    } else if (file.size > this.config.maxBytes) {
      this.refuse(fill(this.texts.tooLarge, { limit: this.config.maxText }));
    } else if (!this.tus || !this.tus.isSupported) {
      this.refuse(this.texts.unsupported);
    } else {
      return true;
    }
    return false;
  }

  /* Ask whether the server knows the file, then send what is missing. */
  async send(round) {
    const fields = { size: this.file.size, fingerprint: this.print };
    let { status, data } = await postForm(this.config.resumeUrl, fields);
    while (status === 0 && round === this.round) {
      this.view.show("checking", this.say("offline"));
      await pause(ASK_AGAIN_MS);
      ({ status, data } = await postForm(this.config.resumeUrl, fields));
    }
    if (round !== this.round) {
      return;
    }
    if (status >= 400) {
      this.fail("failed", (data && data.message) || this.texts.trouble, round);
      return;
    }
    const found = data || {};
    this.onsending();
    if (found.asset) {
      this.sent(found.asset, this.texts.alreadySent);
      return;
    }
    this.transfer = this.newTransfer(found.url, round);
    this.percent = percentOf(found.offset || 0, this.file.size);
    this.view.progress(this.percent);
    this.view.show("uploading", this.percent ? this.say("resuming") : this.texts.uploading);
    this.transfer.start();
  }

  newTransfer(url, round) {
    const mine = (act) => (...values) => {
      if (round === this.round) {
        act(...values);
      }
    };
    return new Transfer({
      tus: this.tus,
      file: this.file,
      endpoint: new URL(this.config.endpoint, window.location.href).href,
      url: url ? new URL(url, window.location.href).href : "",
      metadata: {
        filename: this.file.name,
        filetype: this.file.type || "application/octet-stream",
        fingerprint: this.print,
      },
      csrf: csrfToken,
      subtle: this.subtle,
      on: {
        progress: mine((sent, total) => this.progressed(sent, total)),
        trouble: mine((status) => this.troubled(status)),
        moving: mine(() => this.view.show("uploading", this.texts.uploading)),
        success: mine((asset) => this.arrived(asset)),
        failure: mine((problem) => this.failed(problem, round)),
      },
    });
  }

  progressed(sent, total) {
    const now = performance.now();
    this.pace.note(sent, now / 1000);
    this.percent = percentOf(sent, total);
    this.view.progress(this.percent);
    if (sent >= total) {
      this.view.show("uploading", this.texts.finishing);
    } else if (now - this.ratedAt >= RATE_EVERY_MS && this.view.state === "uploading") {
      this.ratedAt = now;
      const rate = this.pace.rate();
      const remaining = this.pace.remaining(total);
      this.view.rate.textContent = rateText(this.texts, { sent, total, rate, remaining });
    }
  }

  troubled(status) {
    this.pace.reset();
    const lost = status === 0;
    this.view.show(lost ? "offline" : "uploading", this.say(lost ? "offline" : "slow"));
  }

  failed({ status, message, unreadable }, round) {
    const final = unreadable || status === 422 || status === 413;
    const words = unreadable ? this.texts.unreadable : message || this.texts.trouble;
    this.fail(final ? "refused" : "failed", words, round);
  }

  fail(state, message, round) {
    if (round === this.round) {
      this.view.step("upload", "failed");
      if (state === "refused") {
        this.refuse(message);
      } else {
        this.view.fail(state, message);
      }
    }
  }

  /* Nothing comes of this recording; only another one helps. */
  refuse(message) {
    this.view.fail("refused", message);
    this.onrefused();
  }

  pause() {
    if (this.transfer && (this.view.state === "uploading" || this.view.state === "offline")) {
      this.transfer.stop();
      this.pace.reset();
      this.view.show("paused", this.say("paused"));
    }
  }

  /* Go on after a pause, or try again after a fault. */
  goOn() {
    if (this.view.state !== "paused" && this.view.state !== "failed") {
      return;
    }
    if (this.again) {
      this.processAgain();
      return;
    }
    this.view.step("upload", "current");
    if (this.view.state === "paused") {
      this.view.show("uploading", this.texts.uploading);
      this.transfer.start();
    } else {
      // After a fault the server is asked again where it stands: tus-js-client may have given up
      // the address of the transfer when it met a session that had ended.
      this.view.show("checking", this.texts.checking);
      this.send(this.round);
    }
  }

  /* The recording is on the server and was given up there: nothing is sent a second time. */
  async processAgain() {
    const { round } = this;
    const { asset, url } = this.again;
    this.again = null;
    this.view.show("processing", this.texts.processing);
    await postForm(url, {});
    if (round === this.round) {
      this.follow(asset, round);
    }
  }

  /* Let this recording be; what was sent of it stays on the server for a while. */
  drop() {
    if (this.transfer) {
      this.transfer.stop();
    }
    this.round += 1;
    this.endPoll();
    this.onasset("");
    this.transfer = null;
    this.view.show("idle");
    this.view.input.value = "";
  }

  nudge() {
    if (this.transfer) {
      this.transfer.nudge();
    }
  }

  lineChanged() {
    if (this.transfer) {
      this.transfer.lineChanged();
    }
  }

  arrived(asset) {
    if (asset) {
      this.sent(asset, this.texts.processing);
    } else {
      this.fail("failed", this.texts.trouble, this.round);
    }
  }

  /* Everything is on the server: from here on the page may be left. */
  sent(asset, sentence) {
    this.percent = 100;
    this.view.progress(100);
    this.view.step("upload", "done");
    this.view.show("processing", sentence);
    this.onasset(asset);
    this.follow(asset, this.round);
  }

  /* Show how far the server is with the recording until it is ready or refused. */
  follow(asset, round) {
    const url = this.config.statusUrl.replace(this.config.noAsset, asset);
    this.endPoll();
    this.endPoll = poll(
      async () => {
        const data = await getJson(url);
        if (round !== this.round || !data) {
          return round !== this.round;
        }
        return this.showStatus(data);
      },
      { every: 1000 }, // The first look is there after seconds.
    );
  }

  showStatus(data) {
    for (const key of Object.keys(data.steps)) {
      this.view.step(key, data.steps[key].state, data.steps[key].note);
    }
    this.view.findings(data.findings);
    this.view.offerPreview(data.preview);
    if (!this.view.name.textContent) {
      this.view.file(data.name, data.size);
    }
    if (data.state === "refused") {
      this.onasset("");
      this.view.input.value = "";
      this.refuse(data.message);
    } else if (data.state === "failed") {
      this.again = { asset: data.asset, url: data.retry };
      this.view.fail("failed", data.message || this.texts.failed);
    } else if (data.submitted) {
      this.onasset("");
      this.view.show("ready", this.texts.alreadySubmitted);
    } else if (data.state === "ready") {
      this.view.step("ready", "done");
      this.view.show("ready", this.texts.ready);
    }
    return data.state !== "processing";
  }
}
