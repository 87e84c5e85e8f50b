// Follows an import or export that is being worked on; the page is loaded anew when its state
// changes. Without scripts the page refreshes itself.

const PAUSE = 1500;
const LONGEST_PAUSE = 15000;

const box = document.querySelector("[data-roster-progress]");

async function look(pause) {
  let next = PAUSE;
  try {
    const answer = await fetch(box.dataset.rosterProgress, { credentials: "same-origin" });
    if (answer.ok) {
      const facts = await answer.json();
      if (facts.state !== box.dataset.state && !(facts.moving && facts.state === "checking")) {
        window.location.reload();
        return;
      }
      show(facts);
    } else {
      next = Math.min(LONGEST_PAUSE, pause * 2);
    }
  } catch (problem) {
    // The line is down: the work goes on without us, and so does the looking.
    next = Math.min(LONGEST_PAUSE, pause * 2);
  }
  window.setTimeout(() => look(next), next);
}

function show(facts) {
  const bar = box.querySelector("progress");
  if (facts.percent === null) {
    bar.removeAttribute("value");
  } else {
    bar.value = facts.percent;
  }
  box.querySelector("[data-roster-text]").textContent = facts.text;
}

if (box) {
  window.setTimeout(() => look(PAUSE), PAUSE);
}
