/* The page's small requests to its own site. */

/* From a form of the page: the cookie is not readable, and its name depends on TLS. */
export function csrfToken() {
  const field = document.querySelector("input[name=csrfmiddlewaretoken]");
  return field ? field.value : "";
}

/* JSON of a GET; null when it cannot be had now. */
export async function getJson(url) {
  try {
    const response = await fetch(url, { credentials: "same-origin" });
    return response.ok ? await response.json() : null;
  } catch (error) {
    return null;
  }
}

/* JSON of a POST of form fields: {status, data}; status 0 without an answer, data may be null. */
export async function postForm(url, fields) {
  try {
    const response = await fetch(url, {
      method: "POST",
      credentials: "same-origin",
      headers: { "X-CSRFToken": csrfToken() },
      body: new URLSearchParams(fields),
    });
    const data = await response.json().catch(() => null);
    return { status: response.status, data };
  } catch (error) {
    return { status: 0, data: null };
  }
}

/* Call `look` until it returns true; slower after a minute, resting while the page is hidden.
   Returns a function that ends it. */
export function poll(look, { every = 2000, later = 5000 } = {}) {
  const began = Date.now();
  let timer = 0;
  let ended = false;
  const next = () => {
    timer = setTimeout(run, Date.now() - began > 60000 ? later : every);
  };
  const run = async () => {
    const done = document.hidden ? false : await look();
    if (!done && !ended) {
      next();
    }
  };
  run();
  return () => {
    ended = true;
    clearTimeout(timer);
  };
}
