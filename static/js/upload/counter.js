/* How many signs a field holds and may hold, below it; counted as the server counts them. */

import { fill } from "./words.js";

export function signsIn(text) {
  return Array.from(text.normalize("NFC")).length;
}

export function countField(field, texts) {
  const limit = Number(field.dataset.counted);
  const line = document.createElement("p");
  line.className = "field-count";
  field.insertAdjacentElement("afterend", line);
  const show = () => {
    const n = signsIn(field.value.trim());
    line.textContent = fill(n > limit ? texts.tooMany : texts.counted, { n, limit });
    line.classList.toggle("is-over", n > limit);
  };
  field.addEventListener("input", show);
  show();
  return show;
}
