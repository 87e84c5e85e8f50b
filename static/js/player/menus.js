/* The speed and quality menus: one button and one list each, of which one entry holds. */

import { keepPreference } from "./preferences.js";
import { SOUND_RATE, rungText } from "./sources.js";
import { fill, megabytes, speedText } from "./texts.js";
import { AUDIO, AUTO, SAVER } from "./transport.js";

const SPEEDS = [0.75, 1, 1.25, 1.5, 1.75, 2];

class Menu {
  /* `entries()`: [{value, text, note, checked}, …]; `choose(value)` acts. */
  constructor({ root, name, entries, choose }) {
    this.button = root.querySelector(`[data-menu-button="${name}"]`);
    this.panel = root.querySelector(`[data-menu="${name}"]`);
    this.list = this.panel.querySelector("[role=menu]");
    this.shade = root.querySelector("[data-menu-shade]");
    this.entries = entries;
    this.choose = choose;
    this.button.addEventListener("click", () => (this.isOpen() ? this.close() : this.open()));
    this.panel.querySelector("[data-menu-close]").addEventListener("click", () => this.closeAndReturn());
    this.shade.addEventListener("click", () => this.isOpen() && this.close());
    this.panel.addEventListener("keydown", (event) => this.key(event));
    root.ownerDocument.addEventListener("pointerdown", (event) => {
      if (this.isOpen() && !this.panel.contains(event.target) && !this.button.contains(event.target)) {
        this.close();
      }
    });
  }

  isOpen() {
    return !this.panel.hidden;
  }

  open() {
    this.fillList();
    this.panel.hidden = false;
    this.shade.hidden = false;
    this.button.setAttribute("aria-expanded", "true");
    (this.list.querySelector('[aria-checked="true"]') || this.list.querySelector("[role=menuitemradio]")).focus();
  }

  close() {
    this.panel.hidden = true;
    this.shade.hidden = true;
    this.button.setAttribute("aria-expanded", "false");
  }

  closeAndReturn() {
    this.close();
    this.button.focus();
  }

  fillList() {
    const doc = this.panel.ownerDocument;
    this.list.textContent = "";
    this.entries().forEach(({ value, text, note, checked }) => {
      const item = doc.createElement("button");
      item.type = "button";
      item.className = "player-menu-item";
      item.setAttribute("role", "menuitemradio");
      item.setAttribute("aria-checked", String(checked));
      item.tabIndex = -1;
      const label = doc.createElement("span");
      label.textContent = text;
      item.appendChild(label);
      if (note) {
        const detail = doc.createElement("span");
        detail.className = "player-menu-note";
        detail.textContent = note;
        item.appendChild(doc.createTextNode(" "));
        item.appendChild(detail);
      }
      item.addEventListener("click", () => {
        this.choose(value);
        this.closeAndReturn();
      });
      this.list.appendChild(item);
    });
  }

  key(event) {
    const items = Array.prototype.slice.call(this.list.querySelectorAll("[role=menuitemradio]"));
    const at = items.indexOf(this.panel.ownerDocument.activeElement);
    const to = { ArrowDown: at + 1, ArrowUp: at - 1, Home: 0, End: items.length - 1 }[event.key];
    if (to !== undefined) {
      event.preventDefault();
      items[(to + items.length) % items.length].focus();
    } else if (event.key === "Escape") {
      event.preventDefault();
      this.closeAndReturn();
    } else if (event.key === "Tab") {
      this.close();
    }
    event.stopPropagation(); // the page's own keys rest while a menu is open
  }
}

export class Menus {
  constructor({ root, transport, texts, storage }) {
    Object.assign(this, { transport, texts, storage });
    this.speedLabel = root.querySelector("[data-speed-label]");
    this.qualityLabel = root.querySelector("[data-quality-label]");
    this.speed = new Menu({
      root,
      name: "speed",
      entries: () => this.speedEntries(),
      choose: (speed) => {
        transport.setSpeed(speed);
        keepPreference(storage, "speed", speed);
      },
    });
    this.quality = new Menu({
      root,
      name: "quality",
      entries: () => this.qualityEntries(),
      choose: (quality) => {
        transport.setQuality(quality);
        keepPreference(storage, "quality", transport.quality);
      },
    });
    this.refresh();
  }

  isOpen() {
    return this.speed.isOpen() || this.quality.isOpen();
  }

  speedEntries() {
    const { transport, texts } = this;
    return SPEEDS.filter((speed) => speed <= transport.speedLimit).map((speed) => ({
      value: speed,
      text: `${speedText(speed)}×`,
      note: speed === 1 ? texts.normalSpeed : "",
      checked: transport.video.playbackRate === speed,
    }));
  }

  qualityEntries() {
    const { transport, texts } = this;
    const { pictures, saver, audio } = transport.qualities();
    const { playback } = transport.addresses;
    const sizeAt = (rate) => fill(texts.size, { size: megabytes(rate, transport.duration) });
    const size = (one) => sizeAt(one.average_bandwidth || one.bandwidth);
    const entries = [{ value: AUTO, text: texts.auto, note: this.autoNote() }];
    pictures
      .filter((one) => !saver || one !== pictures[pictures.length - 1])
      .forEach((one, i, all) => {
        const isSaver = !saver && i === all.length - 1;
        entries.push({ value: one.name, text: isSaver ? fill(texts.saver, { name: rungText(one) }) : one.name, note: size(one) });
      });
    if (saver) {
      entries.push({ value: SAVER, text: fill(texts.saver, { name: rungText(saver) }), note: size(saver) });
    }
    if (audio) {
      entries.push({ value: AUDIO, text: texts.audioOnly, note: playback.sound ? sizeAt(SOUND_RATE) : size(audio) });
    }
    const held = entries.some((entry) => entry.value === transport.quality) ? transport.quality : AUTO;
    entries.forEach((entry) => {
      entry.checked = entry.value === held;
    });
    return entries;
  }

  autoNote() {
    const { transport, texts } = this;
    const { level, line } = transport;
    if (transport.quality === AUTO && level) {
      return level.name;
    }
    return line === "slow" ? texts.autoSlow : texts.autoNote;
  }

  /* Bring the buttons in step with what plays. */
  refresh() {
    const { transport, texts } = this;
    const { pictures, saver, audio } = transport.qualities();
    const canChoose = pictures.length > 0 || saver !== null || audio !== null;
    this.quality.button.hidden = !canChoose;
    if (!canChoose) {
      this.quality.close();
    }
    const rung = pictures.length || saver ? transport.chosenRung() : null;
    const now = transport.isAudioOnly() ? texts.audioShort : rung ? rung.name : texts.auto;
    this.qualityLabel.textContent = now;
    this.quality.button.setAttribute("aria-label", fill(texts.qualityButton, { quality: now }));
    const speed = `${speedText(transport.video.playbackRate)}×`;
    this.speedLabel.textContent = speed;
    this.speed.button.setAttribute("aria-label", fill(texts.speedButton, { speed }));
  }
}
