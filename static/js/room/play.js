/* The page that plays a programme: joins the sequence, the one <video> and the list below it. */

import { lineHere } from "../player/line.js";
import { Sequence } from "./sequence.js";

function start(root, win, doc) {
  const video = root.querySelector("video");
  const title = root.querySelector("[data-room-title]");
  const say = root.querySelector("[data-room-say]");
  const nextActs = root.querySelector("[data-room-next]");
  const items = Array.from(root.querySelectorAll("[data-room-item]"));
  const isSlow = lineHere(win, false) === "slow";

  const load = (place) =>
    win
      .fetch(items[place].getAttribute("data-playback-url"), { credentials: "same-origin" })
      .then((answer) => (answer.ok ? answer.json() : Promise.reject(new Error("refused"))));

  const play = (film, place) => {
    Array.from(video.querySelectorAll("source, track")).forEach((part) => video.removeChild(part));
    const captions = items[place].getAttribute("data-captions-url");
    if (captions) {
      const track = doc.createElement("track");
      Object.assign(track, { kind: "captions", srclang: "zh", src: captions, default: true });
      video.appendChild(track);
    }
    video.poster = film.poster || "";
    video.src = isSlow && film.low ? film.low : film.progressive;
    video.setAttribute("aria-label", items[place].getAttribute("data-title"));
    // Where a browser wants a tap first, its own controls offer it.
    Promise.resolve(video.play()).catch(() => {});
  };

  const sequence = new Sequence({
    count: items.length,
    load,
    play,
    setTimer: (action, delay) => win.setTimeout(action, delay),
    clearTimer: (timer) => win.clearTimeout(timer),
    onchange: (what, seconds) => {
      const following = items[sequence.place + 1];
      const words = {
        soon: () =>
          root.dataset.nextText
            .replace("{seconds}", seconds)
            .replace("{title}", following.getAttribute("data-title")),
        over: () => root.dataset.endText,
        trouble: () => root.dataset.troubleText,
      }[what];
      say.textContent = words ? words() : "";
      nextActs.hidden = what !== "soon" && what !== "waiting";
      title.textContent = items[sequence.place].getAttribute("data-title");
      items.forEach((item, place) => {
        if (place === sequence.place) {
          item.setAttribute("aria-current", "true");
        } else {
          item.removeAttribute("aria-current");
        }
      });
    },
  });

  video.addEventListener("ended", () => sequence.ended());
  // The first film plays by the page's markup; an address that ran out meanwhile is fetched anew.
  video.addEventListener("error", () => sequence.onchange("trouble"), true);
  root.querySelector("[data-room-go]").addEventListener("click", () => sequence.next());
  root.querySelector("[data-room-stay]").addEventListener("click", () => sequence.wait());
  items.forEach((item, place) =>
    item.querySelector("a").addEventListener("click", (event) => {
      event.preventDefault();
      sequence.go(place);
    }),
  );
}

const root = document.querySelector("[data-room]");
if (root) {
  start(root, window, document);
}
