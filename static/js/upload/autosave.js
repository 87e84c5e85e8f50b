/* The draft on its way to the server: soon after the last key, at once when the page is left, again
   when the line is back. One request at a time; what is typed meanwhile goes with the next. */

import { csrfToken, postForm } from "./requests.js";
import { fill } from "./words.js";

const QUIET_MS = 900;
const AGAIN_MS = 15000;

export class Autosave {
  /* `fields()` gives what is to be kept; `onsaved` hears that the server has it. */
  constructor({ url, fields, texts, line, onsaved, post = postForm }) {
    Object.assign(this, { url, fields, texts, line, onsaved, post });
    this.timer = 0;
    this.isDue = false;
    this.isSending = false;
    this.isOver = false;
  }

  /* Something was typed. */
  note() {
    if (!this.isOver) {
      this.isDue = true;
      this.later(QUIET_MS);
    }
  }

  later(ms) {
    clearTimeout(this.timer);
    this.timer = setTimeout(() => this.send(), ms);
  }

  async send() {
    if (this.isSending || !this.isDue || this.isOver) {
      return;
    }
    this.isSending = true;
    this.isDue = false;
    const { status, data } = await this.post(this.url, this.fields());
    this.isSending = false;
    if (this.isOver) {
      return;
    }
    if (status === 200 && data) {
      this.say(fill(this.texts.draftSaved, { time: data.saved }));
      if (!this.isDue) {
        this.onsaved();
      }
    } else {
      this.isDue = true;
      this.say(this.texts.draftKept);
    }
    if (this.isDue) {
      this.later(status === 200 ? QUIET_MS : AGAIN_MS);
    }
  }

  /* The page is put away, perhaps for good: a beacon goes out without waiting for an answer. */
  leave() {
    if (!this.isDue || this.isOver || !navigator.sendBeacon) {
      return;
    }
    const body = new FormData();
    const fields = Object.assign(this.fields(), { csrfmiddlewaretoken: csrfToken() });
    for (const name of Object.keys(fields)) {
      body.append(name, fields[name]);
    }
    navigator.sendBeacon(this.url, body);
  }

  /* Handed in: nothing may bring the draft back. */
  end() {
    this.isOver = true;
    clearTimeout(this.timer);
  }

  say(text) {
    if (this.line) {
      this.line.textContent = text;
      this.line.hidden = !text;
    }
  }
}
