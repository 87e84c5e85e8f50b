/* The line of words under the picture: one notice at a time, the most important one. */

const RANK = ["denied", "line", "weak", "givenUp", "cut", "recovered", "complete", "next", "resumed", "unchecked"];

export class Notices {
  constructor({ root, win }) {
    this.win = win;
    this.line = root.querySelector("[data-notice]");
    this.text = root.querySelector("[data-notice-text]");
    this.action = root.querySelector("[data-notice-action]");
    this.icons = root.querySelectorAll("[data-notice-icon]");
    this.shown = {};
    this.timers = {};
    this.action.addEventListener("click", () => {
      const name = this.current();
      const act = name && this.shown[name].act;
      if (act) {
        this.clear(name);
        act();
      }
    });
  }

  /* `seconds`: how long it stays; without, until cleared. `icon`: "info", "ok" or "offline". */
  show(name, { text, icon, seconds, actionText, act }) {
    this.win.clearTimeout(this.timers[name]);
    this.shown[name] = { text, icon: icon || "info", actionText, act };
    if (seconds) {
      this.timers[name] = this.win.setTimeout(() => this.clear(name), seconds * 1000);
    }
    this.draw();
  }

  clear(name) {
    this.win.clearTimeout(this.timers[name]);
    delete this.shown[name];
    this.draw();
  }

  has(name) {
    return name in this.shown;
  }

  current() {
    return RANK.find((name) => name in this.shown) || null;
  }

  draw() {
    const name = this.current();
    const notice = name ? this.shown[name] : { text: "", icon: "", actionText: "" };
    this.line.classList.toggle("is-empty", !name);
    if (this.text.textContent !== notice.text) {
      this.text.textContent = notice.text;
    }
    this.action.hidden = !notice.act;
    this.action.textContent = notice.actionText || "";
    for (let i = 0; i < this.icons.length; i += 1) {
      this.icons[i].hidden = this.icons[i].getAttribute("data-notice-icon") !== notice.icon;
    }
  }
}
