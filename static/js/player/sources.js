/* Which way the recording comes: hls.js where Media Source Extensions exist, the browser's own HLS
   elsewhere, the progressive MP4 as the last resort. Choosing is pure; the script is loaded here. */

export const HLS = "hls";
export const NATIVE = "native";
export const FILE = "file";
const HLS_TYPE = "application/vnd.apple.mpegurl";

export function abilitiesOf(win, video) {
  return {
    hasMse: Boolean(win.ManagedMediaSource || win.MediaSource || win.WebKitMediaSource),
    hasNativeHls: Boolean(video.canPlayType && video.canPlayType(HLS_TYPE)),
  };
}

export function chooseKind(playback, { hasMse, hasNativeHls }) {
  if (playback.master && hasMse) {
    return HLS;
  }
  if (playback.master && hasNativeHls) {
    return NATIVE;
  }
  return playback.progressive ? FILE : null;
}

/* What to try when `kind` cannot go on; `isScriptMissing`: hls.js never came or cannot run here. */
export function nextKind(kind, playback, { hasNativeHls }, isScriptMissing) {
  if (kind === HLS && isScriptMissing && hasNativeHls) {
    return NATIVE;
  }
  return kind !== FILE && playback.progressive ? FILE : null;
}

/* The address of the playlist or file. Audio alone is the shared audio track of the package. */
export function addressOf(kind, playback, isAudio) {
  if (kind === FILE) {
    return playback.progressive;
  }
  return isAudio ? playback.audio || playback.master.replace(/[^/]+$/, "audio/index.m3u8") : playback.master;
}

/* Rungs with a picture, best first; the audio entry (no picture) or null. */
export function rungsOf(playback) {
  const renditions = playback.renditions || [];
  const pictures = renditions.filter((one) => one.width > 0 && one.height > 0);
  const shortSide = (one) => Math.min(one.width, one.height);
  pictures.sort((one, other) => shortSide(other) - shortSide(one));
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
