/* What comes next, fetched ahead: the page, and the beginning of its film. */

/* {url, page}: `page` becomes a document, or null when it cannot be had. */
export function prepare(url) {
  const page = fetch(url, { credentials: "same-origin" })
    .then((answer) => (answer.ok ? answer.text() : ""))
    .then((text) => (text ? new DOMParser().parseFromString(text, "text/html") : null))
    .catch(() => null);
  page.then(warm);
  return { url, page };
}

/* Elements of a parsed document load nothing; one of our own fetches into the browser's cache. */
function warm(page) {
  const source = page && page.querySelector("#film source");
  if (source && !(navigator.connection && navigator.connection.saveData)) {
    const film = document.createElement("video");
    film.preload = "metadata";
    film.muted = true;
    film.src = source.src;
  }
}

/* A POST that wants to know where to go: {data}, null without an answer that can be read. */
export async function ask(url, body) {
  try {
    const response = await fetch(url, {
      method: "POST",
      credentials: "same-origin",
      headers: { Accept: "application/json" },
      body,
    });
    return { data: await response.json() };
  } catch (error) {
    return { data: null };
  }
}
