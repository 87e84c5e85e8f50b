/* The two questions a lecture page asks the server, apart from beats: for renewed addresses and for
   a play session. A sign-in page instead of JSON is a refusal, too. */

function jsonOr(Refusal) {
  return (response) => {
    const isJson = (response.headers.get("Content-Type") || "").indexOf("json") >= 0;
    if ([401, 403, 404].indexOf(response.status) >= 0 || (response.ok && !isJson)) {
      throw new Refusal(String(response.status));
    }
    if (!response.ok) {
      throw new Error(`answer ${response.status}`);
    }
    return response.json();
  };
}

export function playbackLoader({ url, fetchFn, Refusal }) {
  return () => fetchFn(url, { credentials: "same-origin", headers: { Accept: "application/json" } }).then(jsonOr(Refusal));
}

export function sessionOpener({ url, lecture, csrf, fetchFn, Refusal }) {
  return () =>
    fetchFn(url, {
      method: "POST",
      credentials: "same-origin",
      headers: { "Content-Type": "application/json", Accept: "application/json", "X-CSRFToken": csrf },
      body: JSON.stringify({ lecture }),
    }).then(jsonOr(Refusal));
}
