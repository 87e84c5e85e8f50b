/* The storyboard: small pictures of the recording by time, read from its WebVTT index. Pure. */

const CUE = /^((?:\d+:)?\d{2}:\d{2}\.\d{3})\s+-->\s+((?:\d+:)?\d{2}:\d{2}\.\d{3})/;
const PLACE = /^(\S+)#xywh=(\d+),(\d+),(\d+),(\d+)$/;

function secondsOf(timestamp) {
  return timestamp.split(":").reduce((total, part) => total * 60 + Number(part), 0);
}

/* [{from, to, src, x, y, width, height}, …] in order of time; other cues are left out. */
export function parseStoryboard(text) {
  const pictures = [];
  let span = null;
  text.split(/\r\n|\r|\n/).forEach((line) => {
    const cue = CUE.exec(line);
    if (cue) {
      span = { from: secondsOf(cue[1]), to: secondsOf(cue[2]) };
      return;
    }
    const place = span && PLACE.exec(line.trim());
    if (place) {
      pictures.push({
        from: span.from,
        to: span.to,
        src: place[1],
        x: Number(place[2]),
        y: Number(place[3]),
        width: Number(place[4]),
        height: Number(place[5]),
      });
      span = null;
    }
  });
  return pictures;
}

export function pictureAt(pictures, time) {
  const found = pictures.find((picture) => time >= picture.from && time < picture.to);
  return found || (pictures.length && time >= pictures[pictures.length - 1].to ? pictures[pictures.length - 1] : null);
}
