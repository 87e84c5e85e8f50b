/* The keys of a sheet: A pass, R send back, C comment, J and K comments, N next, space plays. They
   rest while somebody types. */

export function isTyping(target) {
  return Boolean(target && target.closest && target.closest("input, textarea, select, [contenteditable]"));
}

/* The comment after or before the moment the film is at; the list is in order of time. */
export function neighbour(seconds, at, step) {
  if (step > 0) {
    return seconds.findIndex((second) => second > at + 0.5);
  }
  for (let i = seconds.length - 1; i >= 0; i -= 1) {
    if (seconds[i] < at - 0.5) {
      return i;
    }
  }
  return -1;
}

export function bindKeys({ film, approve, sendBack, comment, moments, next }) {
  const focus = (element) => {
    if (element) {
      element.focus();
    }
  };
  const go = (step) => {
    const list = moments();
    const video = film();
    const place = neighbour(
      list.map((button) => Number(button.dataset.second)),
      video ? video.currentTime : 0,
      step,
    );
    if (place >= 0) {
      list[place].click();
    }
  };
  const acts = {
    a: () => approve() && approve().click(),
    r: () => focus(sendBack()),
    c: () => focus(comment()),
    j: () => go(1),
    k: () => go(-1),
    n: () => next(),
    " ": () => {
      const video = film();
      if (video) {
        if (video.paused) {
          const begun = video.play();
          if (begun) {
            begun.catch(() => {});
          }
        } else {
          video.pause();
        }
      }
    },
  };
  document.addEventListener("keydown", (event) => {
    const act = acts[event.key.toLowerCase()];
    const modified = event.ctrlKey || event.metaKey || event.altKey || event.repeat;
    const onButton = event.key === " " && event.target.closest && event.target.closest("button, a, summary, video");
    if (act && !modified && !onButton && !isTyping(event.target)) {
      event.preventDefault();
      act();
    }
  });
}
