// The few touches every page has: nothing here is needed to read or to submit.

// A form that is sent once: the button is put back when the page comes from the history cache.
const once = document.querySelectorAll("form[data-once]");
for (const form of once) {
  form.addEventListener("submit", () => {
    const button = form.querySelector("button:not([type=button])");
    if (button) {
      window.setTimeout(() => {
        button.disabled = true;
      }, 0);
    }
  });
}
window.addEventListener("pageshow", (event) => {
  if (event.persisted) {
    for (const form of once) {
      const button = form.querySelector("button:not([type=button])");
      if (button) {
        button.disabled = false;
      }
    }
  }
});

// Show a password as it is typed: data-reveal names the field, two spans are the two labels.
for (const button of document.querySelectorAll("button[data-reveal]")) {
  const field = document.getElementById(button.dataset.reveal);
  if (field) {
    button.hidden = false;
    button.addEventListener("click", () => {
      const show = field.type === "password";
      field.type = show ? "text" : "password";
      button.querySelector("[data-when=hidden]").hidden = show;
      button.querySelector("[data-when=shown]").hidden = !show;
    });
  }
}

for (const button of document.querySelectorAll("button[data-print]")) {
  button.hidden = false;
  button.addEventListener("click", () => window.print());
}

for (const button of document.querySelectorAll("button[data-back]")) {
  button.hidden = window.history.length < 2;
  button.addEventListener("click", () => window.history.back());
}

// A poster that cannot be had leaves the designed ground with its title, no broken picture.
const dropPoster = (picture) => {
  if (picture.matches && picture.matches(".poster img")) {
    picture.hidden = true;
  }
};
document.addEventListener("error", (event) => dropPoster(event.target), true);
for (const picture of document.images) {
  if (picture.complete && picture.naturalWidth === 0) {
    dropPoster(picture);
  }
}

// While the demo fills, the line that says how far it is keeps itself up to date.
const fetchPreparing = async () => {
  const line = document.querySelector("[data-preparing]");
  if (!line || document.hidden) {
    return;
  }
  const answer = await fetch(window.location.href, { credentials: "same-origin" });
  if (answer.ok) {
    const page = new DOMParser().parseFromString(await answer.text(), "text/html");
    const fresh = page.querySelector("[data-preparing] progress");
    const text = page.querySelector("[data-preparing] p");
    if (fresh && text) {
      line.querySelector("progress").value = fresh.value;
      line.querySelector("p").textContent = text.textContent;
    } else {
      window.location.reload();
    }
  }
};
if (document.querySelector("[data-preparing]")) {
  window.setInterval(() => {
    fetchPreparing().catch(() => {
      // The line is only a courtesy: on a dead connection the next turn asks again.
    });
  }, 10000);
}
