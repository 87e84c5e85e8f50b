/* Words of the player. Sentences come translated from the template; here placeholders are filled
   and lengths and sizes are put into words. Pure apart from `readTexts`. */

export function readTexts(root) {
  return JSON.parse(root.querySelector("[data-texts]").textContent);
}

/* fill("Resume at {time}", {time: "3 min"}) */
export function fill(text, values) {
  return text.replace(/\{(\w+)\}/g, (whole, name) => (name in values ? String(values[name]) : whole));
}

const pad = (number) => String(number).padStart(2, "0");

/* 200 -> "3:20", 3800 -> "1:03:20" */
export function clock(seconds) {
  const whole = Math.max(0, Math.floor(seconds));
  const hours = Math.floor(whole / 3600);
  const minutes = Math.floor((whole % 3600) / 60);
  return hours ? `${hours}:${pad(minutes)}:${pad(whole % 60)}` : `${minutes}:${pad(whole % 60)}`;
}

/* 200 -> "3分20秒", 240 -> "4分钟" */
export function lengthText(texts, seconds) {
  const whole = Math.max(0, Math.round(seconds));
  const h = Math.floor(whole / 3600);
  const m = Math.floor((whole % 3600) / 60);
  const s = whole % 60;
  if (h) {
    return fill(texts.lengthHours, { h, m, s });
  }
  if (m && s) {
    return fill(texts.lengthMinutes, { m, s });
  }
  return m ? fill(texts.lengthWholeMinutes, { m }) : fill(texts.lengthSeconds, { s });
}

/* A data volume in MB, rounded as one would say it: 0.4, 6.3, 25. */
export function megabytes(bitsPerSecond, seconds) {
  const size = (bitsPerSecond * seconds) / 8e6;
  return size < 10 ? Math.max(0.1, Math.round(size * 10) / 10) : Math.round(size);
}

export function speedText(rate) {
  return Number.isInteger(rate * 10) ? rate.toFixed(1) : String(rate);
}
