/* That the review of a submission rests while a new version is sent: the server is told until it
   answers, and last of what is wanted last. */

import { postForm } from "./requests.js";

const ASK_AGAIN_MS = 3000;

const pause = (ms) => new Promise((resolve) => {
  setTimeout(resolve, ms);
});

export class Hold {
  constructor({ announceUrl, withdrawUrl, post = postForm, wait = pause }) {
    this.announceUrl = announceUrl;
    this.withdrawUrl = withdrawUrl;
    this.post = post;
    this.wait = wait;
    this.wanted = null;
    this.told = null; // Also what an earlier page has told: unknown.
    this.running = false;
  }

  begin() {
    return this.want(true);
  }

  end() {
    return this.want(false);
  }

  async want(wanted) {
    this.wanted = wanted;
    if (this.running) {
      return;
    }
    this.running = true;
    while (this.told !== this.wanted) {
      const telling = this.wanted;
      const { status, data } = await this.post(telling ? this.announceUrl : this.withdrawUrl, {});
      if (status === 0 || status >= 500) {
        await this.wait(ASK_AGAIN_MS);
      } else if (data === null && status !== 404) {
        break; // Signed out meanwhile: whoever has signed in again asks anew.
      } else {
        this.told = telling;
      }
    }
    this.running = false;
  }
}
