/* Which way the recording comes: on a weak line, and for sound alone, one light file that needs no
   further script; else hls.js where Media Source Extensions exist, the browser's own HLS elsewhere,
   the progressive MP4 as the last resort. Choosing is pure; the script is loaded here. */

export const HLS = "hls";
export const NATIVE = "native";
export const FILE = "file";
export const LIGHT = "light";
/* Bits a second of the mono sound of a package (media_pipeline/ffmpeg/light.py), heads included. */
export const SOUND_RATE = 42000;
const HLS_TYPE = "application/vnd.apple.mpegurl";

export function abilitiesOf(win, video) {
  return {
    hasMse: Boolean(win.ManagedMediaSource || win.MediaSource || win.WebKitMediaSource),
    hasNativeHls: Boolean(video.canPlayType && video.canPlayType(HLS_TYPE)),
  };
}

/* How far the film is loaded without a gap from where it stands, in seconds. */
export function loadedTo({ buffered, currentTime }) {
  for (let i = 0; i < buffered.length; i += 1) {
    if (buffered.start(i) <= currentTime + 0.5 && buffered.end(i) > currentTime) {
      return buffered.end(i);
    }
  }
  return currentTime;
}

/* `isLight`: the line is weak, or somebody saves data; `isAudio`: no picture is wanted. */
export function chooseKind(playback, { hasMse, hasNativeHls }, { isLight = false, isAudio = false } = {}) {
  if (isAudio ? playback.sound : isLight && playback.low) {
    return LIGHT;
  }
  if (playback.master && hasMse) {
    return HLS;
  }
  if (playback.master && hasNativeHls) {
    return NATIVE;
  }
  return playback.progressive ? FILE : null;
}

/* What to try when `kind` cannot go on; `isScriptMissing`: hls.js never came or cannot run here. */
export function nextKind(kind, playback, { hasMse, hasNativeHls }, isScriptMissing) {
  if (kind === HLS && isScriptMissing && hasNativeHls) {
    return NATIVE;
  }
  if (kind === LIGHT && playback.master && (hasMse || hasNativeHls)) {
    return hasMse ? HLS : NATIVE;
  }
  return kind !== FILE && playback.progressive ? FILE : null;
}

/* The address of the playlist or file. Audio alone is the shared audio track of the package. */
export function addressOf(kind, playback, isAudio) {
  if (kind === FILE) {
    return playback.progressive;
  }
  if (kind === LIGHT) {
    return isAudio ? playback.sound : playback.low;
  }
  return isAudio ? playback.audio || playback.master.replace(/[^/]+$/, "audio/index.m3u8") : playback.master;
}

/* The rung for weak lines of a film that moves, as large as the one above it (media_pipeline/ffmpeg/ladder.py). */
const LIGHT_RUNG = "light";
const shortSide = (one) => Math.min(one.width, one.height);
export const isLightRung = (rung) => rung.name === LIGHT_RUNG;
export const rungText = (rung) => (isLightRung(rung) ? `${shortSide(rung)}p` : rung.name);

/* Rungs with a picture, best first; the audio entry (no picture) or null. */
export function rungsOf(playback) {
  const renditions = playback.renditions || [];
  const pictures = renditions.filter((one) => one.width > 0 && one.height > 0);
  pictures.sort((one, other) => shortSide(other) - shortSide(one) || isLightRung(one) - isLightRung(other));
  return { pictures, audio: renditions.find((one) => !(one.width > 0)) || null };
}

/* Resolves to the Hls class, or rejects when it does not come or does not run here. */
export function hlsLoader(doc, win, url) {
  let loading = null;
  return () => {
    if (!loading) {
      loading = new Promise((resolve, reject) => {
        const script = doc.createElement("script");
        script.src = url;
        script.onload = () => {
          if (win.Hls && win.Hls.isSupported()) {
            resolve(win.Hls);
          } else {
            reject(new Error("hls.js does not run here"));
          }
        };
        script.onerror = () => {
          loading = null;
          reject(new Error("hls.js did not come"));
        };
        doc.head.appendChild(script);
      });
    }
    return loading;
  };
}
