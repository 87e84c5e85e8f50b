/* The list of submissions: entries in work are asked for and drawn anew when they have changed. */

import { getJson, poll } from "./requests.js";

function version(data) {
  return JSON.stringify([data.state, data.text, data.steps, data.submitted]);
}

function replace(item, html) {
  const frame = document.createElement("template");
  frame.innerHTML = html; // Our own server's template, escaped there.
  const fresh = frame.content.querySelector("li");
  if (fresh) {
    item.replaceWith(fresh);
  }
  return fresh || item;
}

function follow(first) {
  let item = first;
  let shown = "";
  const url = item.dataset.statusUrl;
  poll(
    async () => {
      const data = await getJson(`${url}?item=1`);
      if (data && version(data) !== shown) {
        shown = version(data);
        if (!item.contains(document.activeElement)) {
          item = replace(item, data.html);
        }
      }
      return Boolean(data) && data.state !== "processing";
    },
    { every: 3000, later: 6000 },
  );
}

export function followSubmissions(root) {
  for (const item of root.querySelectorAll("[data-status-url]")) {
    if (item.dataset.statusUrl) {
      follow(item);
    }
  }
}
