/* The keeper's page: ticks the roll through the book that survives a lost line, shows who signed in by
   code meanwhile, and the code itself. */

import { Door, doorLoader } from "./door.js";
import { Refused, RollBook } from "./roll-book.js";

const LOOK_MS = 8000;

const win = window;
const fetchFn = (url, options) => win.fetch(url, options);
const setTimer = (action, delay) => win.setTimeout(action, delay);
const clearTimer = (timer) => win.clearTimeout(timer);

function storageHere() {
  try {
    return win.localStorage;
  } catch (error) {
    return null;
  }
}

function startRoll(root) {
  const list = root.querySelector("[data-rows]");
  const blank = root.querySelector("template[data-row]");
  const say = root.querySelector("[data-say]");
  const present = root.querySelector("[data-present]");
  const guests = root.querySelector("[data-guests]");
  const csrf = root.querySelector("input[name=csrfmiddlewaretoken]").value;
  const part = (row, name) => row.querySelector(`[data-${name}]`);

  const send = (body) =>
    fetchFn(root.dataset.url, {
      method: "POST",
      credentials: "same-origin",
      headers: { "Content-Type": "application/json", Accept: "application/json", "X-CSRFToken": csrf },
      body: JSON.stringify(body),
    }).then((answer) => {
      const isJson = (answer.headers.get("Content-Type") || "").indexOf("json") >= 0;
      if (!isJson) {
        const isOut = answer.ok || answer.status === 401 || answer.status === 403;
        throw new Refused(answer.ok ? 401 : answer.status, isOut ? root.dataset.signedOutText : "");
      }
      return answer.json().then((said) => {
        if (!answer.ok) {
          throw new Refused(answer.status, said.message);
        }
        return said;
      });
    });

  const count = () => {
    present.textContent = list.querySelectorAll("[data-present-of]:checked").length;
  };

  const rowOf = (user) => list.querySelector(`[data-user="${user}"]`);

  const draw = (one) => {
    let row = rowOf(one.user);
    if (!row) {
      list.appendChild(blank.content.cloneNode(true));
      row = list.lastElementChild;
      row.setAttribute("data-user", one.user);
      part(row, "name").textContent = one.name;
      part(row, "note").textContent = one.note;
      part(row, "note").hidden = !one.note;
    }
    part(row, "way").textContent = one.way;
    if (book.waitsFor(one.user)) {
      return;
    }
    part(row, "present-of").checked = one.present;
    ["came", "left"].forEach((name) => {
      const field = part(row, name);
      if (field && field !== win.document.activeElement) {
        field.value = one[name];
      }
    });
  };

  const shown = (roll) => {
    roll.rows.forEach(draw);
    count();
    if (guests && book.guests === null && guests !== win.document.activeElement) {
      guests.value = roll.guests;
    }
    const on = win.document.querySelector("[data-screen-on]");
    if (on) {
      on.hidden = !roll.has_screen;
    }
    roll.plays.forEach(({ id, percent }) => {
      const line = win.document.querySelector(`[data-play="${id}"]`);
      if (line && line.querySelector("progress")) {
        line.querySelector("progress").value = percent;
        line.querySelector("[data-percent]").textContent = percent;
      }
    });
  };

  const kept = (n) => {
    say.textContent = n ? root.dataset.keptText.replace("{n}", n) : "";
  };

  // A problem that the server told stays until the next mark.
  let isTold = false;
  const book = new RollBook({
    key: root.dataset.key,
    storage: storageHere(),
    now: Date.now,
    send,
    setTimer,
    clearTimer,
    onchange: (what, detail) => {
      if (what === "saved") {
        shown(detail);
        isTold = isTold || Boolean(detail.say);
        if (detail.say) {
          say.textContent = detail.say;
        } else if (!isTold && say.textContent && !book.waiting()) {
          say.textContent = root.dataset.sentText;
        }
      } else if (what === "kept") {
        isTold = false;
      } else if (what === "lost") {
        kept(detail);
      } else if (what === "refused") {
        say.textContent = detail;
      }
    },
  });

  list.addEventListener("change", (event) => {
    const row = event.target.closest("[data-user]");
    const value = (name) => (part(row, name) ? part(row, name).value : "");
    book.mark({
      user: Number(row.getAttribute("data-user")),
      present: part(row, "present-of").checked,
      came: value("came"),
      left: value("left"),
    });
    count();
  });
  if (guests) {
    guests.addEventListener("change", () => {
      const number = Math.max(0, Math.floor(Number(guests.value) || 0));
      guests.value = number;
      book.markGuests(number);
    });
  }
  win.addEventListener("online", () => book.deliver());

  // What waited on this phone since an earlier page is shown as it was ticked.
  Object.keys(book.marks).forEach((user) => {
    const row = rowOf(user);
    if (row) {
      part(row, "present-of").checked = book.marks[user].present;
      ["came", "left"].filter((name) => part(row, name)).forEach((name) => {
        part(row, name).value = book.marks[user][name];
      });
    }
  });
  count();
  const look = () => {
    if (root.dataset.open && win.document.visibilityState !== "hidden") {
      book.deliver();
    }
    setTimer(look, LOOK_MS);
  };
  if (book.waiting()) {
    book.deliver();
  }
  if (root.dataset.open) {
    setTimer(look, LOOK_MS);
  }

  // Handing in waits for what has not been sent yet.
  Array.from(win.document.querySelectorAll("form[data-needs-sent]")).forEach((form) =>
    form.addEventListener("submit", (event) => {
      if (book.waiting()) {
        event.preventDefault();
        event.stopImmediatePropagation();
        kept(book.waiting());
        say.scrollIntoView({ block: "center" });
        book.deliver();
        setTimer(() => {
          form.querySelector("button").disabled = false;
        }, 0);
      }
    }),
  );
}

function startDoor(root) {
  const place = root.querySelector("[data-door-code]");
  const say = root.querySelector("[data-door-say]");
  const door = new Door({
    load: doorLoader(root.dataset.url, fetchFn),
    show: (picture) => {
      place.hidden = !picture;
      place.src = picture;
    },
    say: (isLost) => {
      say.textContent = isLost ? say.dataset.lostText : "";
    },
    setTimer,
    clearTimer,
  });
  root.addEventListener("toggle", () => (root.open ? door.open() : door.close()));
}

/* What waits on this phone when the township has decided is told once and goes. */
function tellTooLate(root) {
  const book = new RollBook({ key: root.dataset.key, storage: storageHere() });
  if (book.waiting()) {
    root.querySelector("[data-say]").textContent = root.dataset.tooLateText.replace("{n}", book.waiting());
    book.forget();
  }
}

const roll = document.querySelector("[data-roll]");
if (roll && roll.dataset.canMark) {
  startRoll(roll);
} else if (roll && roll.dataset.decided) {
  tellTooLate(roll);
}
const doorRoot = document.querySelector("details[data-door]");
if (doorRoot) {
  startDoor(doorRoot);
}
