/* The upload section of the page: what is shown in which state. Decides nothing.
   States: idle checking uploading paused offline failed processing ready refused. */

import { bytesText } from "./words.js";

const IN_WORK = ["uploading", "paused", "offline"];

export class View {
  constructor(root) {
    this.root = root;
    const one = (name) => root.querySelector(`[data-upload-${name}]`);
    this.input = root.querySelector("input[type=file]");
    this.drop = one("drop");
    this.panel = one("panel");
    this.name = one("name");
    this.size = one("size");
    this.bar = one("progress");
    this.percent = one("percent");
    this.status = one("status");
    this.rate = one("rate");
    this.pause = one("pause");
    this.resume = one("resume");
    this.cancel = one("cancel");
    this.error = one("error");
    this.errorText = one("error-text");
    this.retry = one("retry");
    this.another = one("another");
    this.preview = one("preview");
    this.found = one("findings");
    this.foundList = one("findings-list");
  }

  get state() {
    return this.root.dataset.state;
  }

  get inWork() {
    return IN_WORK.includes(this.state);
  }

  /* Change the state and say the sentence that goes with it. */
  show(state, sentence = "") {
    this.root.dataset.state = state;
    this.panel.hidden = state === "idle" || state === "refused";
    this.pause.hidden = !(state === "uploading" || state === "offline");
    this.resume.hidden = state !== "paused";
    this.cancel.hidden = !["paused", "failed", "processing", "ready"].includes(state);
    this.input.disabled = !(state === "idle" || state === "refused");
    if (this.status.textContent !== sentence) {
      this.status.textContent = sentence;
    }
    if (state !== "failed" && state !== "refused") {
      this.error.hidden = true;
    }
    if (state !== "uploading") {
      this.rate.textContent = "";
    }
  }

  /* Something a person has to decide: try again, or another file. */
  fail(state, message) {
    this.show(state);
    this.errorText.textContent = message;
    this.retry.hidden = state === "refused";
    this.another.hidden = state !== "refused";
    this.error.hidden = false;
  }

  file(name, size) {
    this.name.textContent = name;
    this.size.textContent = size ? bytesText(size) : "";
  }

  progress(percent) {
    this.bar.value = percent;
    this.percent.textContent = `${percent}%`;
  }

  step(key, state, note = "") {
    const item = this.root.querySelector(`[data-step="${key}"]`);
    if (item) {
      item.dataset.state = state;
      item.querySelector("[data-step-note]").textContent = note;
    }
  }

  resetSteps() {
    for (const item of this.root.querySelectorAll("[data-step]")) {
      this.step(item.dataset.step, "waiting");
    }
  }

  /* What the checks found, a sentence each; said again only when it is something else. */
  findings(sentences) {
    this.found.hidden = sentences.length === 0;
    if (sentences.join() === Array.from(this.foundList.children, (one) => one.textContent).join()) {
      return;
    }
    this.foundList.textContent = "";
    for (const sentence of sentences) {
      const item = document.createElement("li");
      item.textContent = sentence;
      this.foundList.appendChild(item);
    }
  }

  offerPreview(url) {
    this.preview.hidden = !url;
    if (url) {
      this.preview.querySelector("a").href = url;
    }
  }
}
