/* Bitmaps of watched seconds: bit i of byte i >> 3, least significant bit first, is the second
   [i, i + 1) of the recording. The same layout as on the server. Pure: no DOM, no clock. */

export function emptyBitmap(seconds) {
  return new Uint8Array(Math.ceil(Math.max(0, seconds) / 8));
}

export function hasSecond(bitmap, second) {
  return second >= 0 && second >> 3 < bitmap.length && (bitmap[second >> 3] & (1 << (second & 7))) !== 0;
}

export function addSecond(bitmap, second) {
  bitmap[second >> 3] |= 1 << (second & 7);
}

/* A copy of `bitmap` for a recording of `seconds`: padded or cut, never a bit outside. */
export function fitBitmap(bitmap, seconds) {
  const fitted = emptyBitmap(seconds);
  fitted.set(bitmap.subarray(0, fitted.length));
  const spare = fitted.length * 8 - seconds;
  if (spare > 0 && fitted.length > 0) {
    fitted[fitted.length - 1] &= 0xff >> spare;
  }
  return fitted;
}

export function bitmapFromBase64(text, seconds) {
  const binary = atob(text || "");
  const bitmap = new Uint8Array(binary.length);
  for (let i = 0; i < binary.length; i += 1) {
    bitmap[i] = binary.charCodeAt(i);
  }
  return fitBitmap(bitmap, seconds);
}

export function bitmapToBase64(bitmap) {
  let binary = "";
  for (let i = 0; i < bitmap.length; i += 1) {
    binary += String.fromCharCode(bitmap[i]);
  }
  return btoa(binary);
}

/* Both bitmaps are of one recording, so of one length. */
export function union(one, other) {
  return one.map((byte, i) => byte | (other[i] || 0));
}

export function without(one, other) {
  return one.map((byte, i) => byte & ~(other[i] || 0));
}

export function sameBits(one, other) {
  return one.length === other.length && one.every((byte, i) => byte === other[i]);
}

export function countSeconds(bitmap) {
  let count = 0;
  for (let i = 0; i < bitmap.length; i += 1) {
    for (let byte = bitmap[i]; byte; byte &= byte - 1) {
      count += 1;
    }
  }
  return count;
}

/* Runs of seconds that are set (or, with `set` false, missing): [[from, to), …] in seconds. */
export function runsOf(bitmap, seconds, set = true) {
  const runs = [];
  let from = -1;
  for (let second = 0; second <= seconds; second += 1) {
    const wanted = second < seconds && hasSecond(bitmap, second) === set;
    if (wanted && from < 0) {
      from = second;
    } else if (!wanted && from >= 0) {
      runs.push([from, second]);
      from = -1;
    }
  }
  return runs;
}
