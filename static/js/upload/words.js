/* Numbers in words. The sentences come translated from the page. Pure. */

export function fill(text, values) {
  return text.replace(/\{(\w+)\}/g, (whole, name) => (name in values ? String(values[name]) : whole));
}

/* 512 -> "1 KB", 1500000 -> "1.4 MB", 4294967296 -> "4 GB" */
export function bytesText(bytes) {
  const units = ["KB", "MB", "GB"];
  let value = bytes / 1024;
  let unit = 0;
  while (value >= 1000 && unit < units.length - 1) {
    value /= 1024;
    unit += 1;
  }
  const rounded = value < 10 ? Math.round(value * 10) / 10 : Math.round(value);
  return `${Math.max(unit ? 0.1 : 1, unit ? rounded : Math.round(value))} ${units[unit]}`;
}

/* Whole percent; 100 only when it is all there. */
export function percentOf(sent, total) {
  return total > 0 ? Math.floor((sent / total) * 100) : 0;
}

export function remainingText(texts, seconds) {
  if (seconds === null) {
    return "";
  }
  if (seconds < 50) {
    return texts.secondsLeft;
  }
  const minutes = Math.ceil(seconds / 60);
  return minutes < 100
    ? fill(texts.minutesLeft, { n: minutes })
    : fill(texts.hoursLeft, { n: Math.ceil(minutes / 60) });
}

/* "120 MB of 300 MB · 1.2 MB a second · about 3 min left", as far as it is known. */
export function rateText(texts, { sent, total, rate, remaining }) {
  const parts = [fill(texts.sent, { done: bytesText(sent), total: bytesText(total) })];
  if (rate > 0) {
    parts.push(fill(texts.rate, { rate: bytesText(rate) }));
    parts.push(remainingText(texts, remaining));
  }
  return parts.filter(Boolean).join(texts.separator);
}
