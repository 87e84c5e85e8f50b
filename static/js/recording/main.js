/* The page of one recording: proposals get their pictures from the storyboard, and the moment the
   film shows can be taken as its picture. */

import { parseStoryboard, pictureAt } from "../player/storyboard.js";
import { clock } from "../player/texts.js";

function showMoments(list) {
  const url = list.dataset.storyboard;
  const buttons = list.querySelectorAll("[data-second]");
  buttons.forEach((button) => {
    button.querySelector("[data-clock]").textContent = clock(Number(button.dataset.second));
  });
  fetch(url)
    .then((answer) => (answer.ok ? answer.text() : ""))
    .then((text) => {
      const pictures = parseStoryboard(text);
      buttons.forEach((button) => {
        const picture = pictureAt(pictures, Number(button.dataset.second));
        if (picture) {
          const { style } = button.querySelector("[data-moment-picture]");
          style.width = `${picture.width}px`;
          style.height = `${picture.height}px`;
          style.backgroundImage = `url("${new URL(picture.src, new URL(url, window.location.href)).href}")`;
          style.backgroundPosition = `-${picture.x}px -${picture.y}px`;
        }
      });
    })
    .catch(() => {}); // the times alone say enough
}

const film = document.querySelector("#recording-film");
/* An address that ends in #t=12 shows the second that a reviewer wrote about. */
const wanted = /^#t=(\d+(?:\.\d+)?)$/.exec(window.location.hash);
if (film && wanted) {
  const go = () => {
    film.currentTime = Number(wanted[1]);
  };
  if (film.readyState > 0) {
    go();
  } else {
    film.addEventListener("loadedmetadata", go, { once: true });
  }
}
const take = document.querySelector("[data-take]");
if (film && take) {
  take.hidden = false;
  take.addEventListener("submit", () => {
    take.querySelector("[data-take-second]").value = film.currentTime.toFixed(3);
  });
}
const moments = document.querySelector("[data-moments]");
if (moments) {
  showMoments(moments);
}
