/* tus-js-client's own requests, with Upload-Checksum on every chunk where the browser can compute
   one (crypto.subtle needs https or localhost). Elsewhere the chunks go plain. */

import { readBytes } from "./fingerprint.js";

function base64(buffer) {
  let text = "";
  for (const byte of new Uint8Array(buffer)) {
    text += String.fromCharCode(byte);
  }
  return btoa(text);
}

export function checksumStack(plain, subtle, read = readBytes) {
  if (!subtle) {
    return plain;
  }
  return {
    getName: () => "ChecksumHttpStack",
    createRequest(method, url) {
      const request = plain.createRequest(method, url);
      if (method !== "PATCH") {
        return request;
      }
      const send = request.send.bind(request);
      const abort = request.abort.bind(request);
      let aborted = false;
      request.send = async (body) => {
        if (body && body.size) {
          const digest = await subtle.digest("SHA-256", await read(body));
          request.setHeader("Upload-Checksum", `sha256 ${base64(digest)}`);
        }
        if (aborted) {
          return new Promise(() => {}); // As silent as an aborted XMLHttpRequest.
        }
        return send(body);
      };
      request.abort = () => {
        aborted = true;
        return abort();
      };
      return request;
    },
  };
}
