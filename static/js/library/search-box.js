/* The search box of the library gets its suggestions. Without this script it is a plain form. */

import { Suggestions } from "./suggestions.js";

function optionFor(one, at, texts) {
  const option = document.createElement("a");
  option.className = "suggest-option";
  option.id = `suggest-${at}`;
  option.href = one.url;
  option.tabIndex = -1;
  option.setAttribute("role", "option");
  const text = document.createElement("span");
  text.className = "suggest-text";
  one.parts.forEach(([piece, isHit]) => {
    const part = document.createElement(isHit ? "mark" : "span");
    part.textContent = piece;
    text.appendChild(part);
  });
  const kind = document.createElement("span");
  kind.className = "suggest-kind";
  kind.textContent = texts[one.kind] || "";
  option.appendChild(text);
  option.appendChild(kind);
  return option;
}

function start(form) {
  const input = form.querySelector("input[type=search]");
  const box = form.querySelector("#suggest");
  const status = form.querySelector("[data-suggest-status]");
  const texts = JSON.parse(form.querySelector("[data-suggest-texts]").textContent);

  let drawn = null;
  const show = (list, active) => {
    if (list !== drawn) {
      drawn = list;
      box.textContent = "";
      list.forEach((one, at) => box.appendChild(optionFor(one, at, texts)));
      status.textContent = list.length ? texts.many.replace("{n}", list.length) : "";
    }
    box.hidden = !list.length;
    input.setAttribute("aria-expanded", String(Boolean(list.length)));
    Array.from(box.children).forEach((option, at) => {
      option.setAttribute("aria-selected", String(at === active));
      if (at === active) {
        option.scrollIntoView({ block: "nearest" });
      }
    });
    if (active >= 0) {
      input.setAttribute("aria-activedescendant", `suggest-${active}`);
    } else {
      input.removeAttribute("aria-activedescendant");
    }
  };

  const suggestions = new Suggestions({
    load: (typed) =>
      fetch(`${form.dataset.suggestUrl}?q=${encodeURIComponent(typed)}`, { credentials: "same-origin" })
        .then((answer) => (answer.ok ? answer.json() : { suggestions: [] }))
        .then((body) => body.suggestions),
    show,
    go: (url) => window.location.assign(url),
    setTimer: (action, delay) => window.setTimeout(action, delay),
    clearTimer: (timer) => window.clearTimeout(timer),
  });

  input.setAttribute("role", "combobox");
  input.setAttribute("aria-autocomplete", "list");
  input.setAttribute("aria-controls", box.id);
  show([], -1);
  // While characters are being put together from pinyin, the box holds nothing to look for yet.
  input.addEventListener("input", (event) => event.isComposing || suggestions.type(input.value));
  input.addEventListener("compositionend", () => suggestions.type(input.value));
  input.addEventListener("keydown", (event) => {
    if (!event.isComposing && suggestions.press(event.key)) {
      event.preventDefault();
    }
  });
  // A finger on a suggestion must not close the list before it has chosen.
  box.addEventListener("mousedown", (event) => event.preventDefault());
  input.addEventListener("blur", () => suggestions.close());
  form.addEventListener("submit", () => suggestions.close());
}

document.querySelectorAll("form[data-search]").forEach(start);
