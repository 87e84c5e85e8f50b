/* The captions' file: strict WebVTT that our server wrote. Read to cues, and a cue's text to pieces
   of plain text with styles. Pure; nothing of it ever becomes markup. */

const TIMES = /^(\d+):(\d{2}):(\d{2})\.(\d{3}) --> (\d+):(\d{2}):(\d{2})\.(\d{3})/;
const TAG = /<(\/?)([biu])>/g;
const SIGNS = { "&lt;": "<", "&gt;": ">", "&amp;": "&" };

const seconds = (match, at) =>
  Number(match[at]) * 3600 + Number(match[at + 1]) * 60 + Number(match[at + 2]) + Number(match[at + 3]) / 1000;

/* [{from, to, text}, …] in order of time. */
export function parseCues(file) {
  const cues = [];
  file.split("\n\n").forEach((block) => {
    const lines = block.split("\n");
    const times = TIMES.exec(lines[0]);
    if (times) {
      cues.push({ from: seconds(times, 1), to: seconds(times, 5), text: lines.slice(1).join("\n").replace(/\n+$/, "") });
    }
  });
  return cues;
}

/* All that are on at `time`; overlapping cues stand below each other. */
export function cuesAt(cues, time) {
  return cues.filter((cue) => time >= cue.from && time < cue.to);
}

/* [{text, styles: ["b", "i"]}, …] */
export function piecesOf(text) {
  const pieces = [];
  const styles = [];
  let at = 0;
  const add = (part) => {
    if (part) {
      pieces.push({ text: part.replace(/&(?:lt|gt|amp);/g, (sign) => SIGNS[sign]), styles: styles.slice() });
    }
  };
  TAG.lastIndex = 0;
  for (let tag = TAG.exec(text); tag; tag = TAG.exec(text)) {
    add(text.slice(at, tag.index));
    at = tag.index + tag[0].length;
    if (tag[1]) {
      const found = styles.lastIndexOf(tag[2]);
      styles.splice(found < 0 ? styles.length : found);
    } else {
      styles.push(tag[2]);
    }
  }
  add(text.slice(at));
  return pieces;
}
