/* The upload page: choose or record a video, fill in the form while it is sent, hand it in. To change
   a submission it is the same page; then its recording stays until a new one is chosen. */

import { Autosave } from "./autosave.js";
import { countField } from "./counter.js";
import { Draft } from "./draft.js";
import { Hold } from "./hold.js";
import { getJson } from "./requests.js";
import { Session } from "./session.js";
import { followSubmissions } from "./submissions.js";
import { View } from "./view.js";

const config = JSON.parse(document.getElementById("upload-config").textContent);
const view = new View(document.getElementById("upload"));
const form = document.getElementById("submission-form");
const submit = form.querySelector("[data-upload-submit]");
const hint = form.querySelector("[data-upload-hint]");
const draft = new Draft(localStore(), config.person, config.round);
const autosave = new Autosave({
  url: config.draftUrl,
  texts: config.texts,
  line: form.querySelector("[data-draft-saved]"),
  fields: () => Object.assign(
    { lecture: config.lecture || "", asset: form.elements.asset.value, opened: config.opened },
    draft.keep(form),
  ),
  onsaved: () => draft.saved(),
});

/* Reading it throws where storage is forbidden; a draft then lives as long as the page. */
function localStore() {
  try {
    return window.localStorage;
  } catch (error) {
    return null;
  }
}

/* Handing in is possible once the recording is on the server. */
function setAsset(asset) {
  form.elements.asset.value = asset;
  submit.disabled = !asset;
  hint.hidden = Boolean(asset);
}

/* Of a submission: nobody shall decide about the version that goes, and somebody about that which
   stays. */
const hold = config.announceUrl ? new Hold(config) : null;

function staysAsItWas() {
  if (hold) {
    hold.end();
    setAsset(config.present);
  }
}

const session = new Session({
  view,
  config,
  tus: window.tus,
  subtle: window.crypto && window.crypto.subtle,
  onasset: (asset) => {
    if (autosave.isOver) {
      return; // Handed in, and the next page not there yet: the server has taken it over.
    }
    const isOther = asset !== form.elements.asset.value;
    setAsset(asset);
    draft.keepAsset(asset);
    if (isOther) {
      autosave.note(); // Also that there is none any more: it must not come back with the page.
    }
  },
  onsending: () => hold && hold.begin(),
  onrefused: staysAsItWas,
});

/* Keep the screen on while bytes move: a phone that sleeps stops sending. */
let awake = null;
async function keepAwake() {
  const wanted = view.state === "uploading" && !document.hidden;
  if (wanted && !awake && navigator.wakeLock) {
    awake = await navigator.wakeLock.request("screen").catch(() => null);
    if (awake) {
      awake.addEventListener("release", () => {
        awake = null;
      });
    }
  } else if (!wanted && awake) {
    awake.release();
  }
}
new MutationObserver(keepAwake).observe(view.root, {
  attributes: true,
  attributeFilter: ["data-state"],
});

function chosen(files) {
  if (files && files.length && !view.input.disabled) {
    session.choose(files[0]);
  }
}

view.input.addEventListener("change", () => chosen(view.input.files));
view.pause.addEventListener("click", () => session.pause());
view.resume.addEventListener("click", () => session.goOn());
view.retry.addEventListener("click", () => session.goOn());
view.cancel.addEventListener("click", () => {
  session.drop();
  staysAsItWas();
});
view.another.addEventListener("click", () => view.input.click());

for (const name of ["dragenter", "dragover"]) {
  view.drop.addEventListener(name, (event) => {
    event.preventDefault();
    view.drop.classList.add("is-over");
  });
}
for (const name of ["dragleave", "drop"]) {
  view.drop.addEventListener(name, (event) => {
    event.preventDefault();
    view.drop.classList.remove("is-over");
  });
}
view.drop.addEventListener("drop", (event) => chosen(event.dataTransfer.files));

window.addEventListener("online", () => session.lineChanged());
/* A phone that goes from Wi-Fi to its operator's network need never have been offline. */
const link = navigator.connection;
if (link && link.addEventListener) {
  let kind = link.type;
  link.addEventListener("change", () => {
    if (link.type !== kind) {
      kind = link.type;
      session.lineChanged();
    }
  });
}
document.addEventListener("visibilitychange", () => {
  if (!document.hidden) {
    session.nudge();
    keepAwake();
  }
});
window.addEventListener("beforeunload", (event) => {
  if (view.inWork) {
    event.preventDefault();
    event.returnValue = config.texts.leave;
  }
});

let typed = false;
form.addEventListener("input", () => {
  typed = true;
  draft.keep(form);
  autosave.note();
});
form.addEventListener("submit", (event) => {
  if (form.elements.asset.value) {
    autosave.end();
    draft.handIn(form.elements.asset.value);
  } else {
    event.preventDefault();
  }
});
window.addEventListener("pagehide", () => autosave.leave());
window.addEventListener("online", () => autosave.send());
for (const field of form.querySelectorAll("[data-counted]")) {
  countField(field, config.texts);
}

/* Take up what was typed and sent before; what has been handed in since is over. */
async function restoreDraft() {
  const { asset } = draft.read();
  if (asset && asset !== config.asset && asset !== config.present) {
    const data = await getJson(config.statusUrl.replace(config.noAsset, asset));
    const fate = draft.fate(data);
    if (fate === "over" && typed) {
      draft.keepAsset(""); // Already of the next one.
    } else if (fate === "over") {
      draft.clear();
    }
    if (fate !== "restore") {
      return;
    }
    if (data && data.state !== "refused" && view.state === "idle") {
      session.sent(asset, config.texts.processing);
    }
  }
  if (!config.sentBack && !typed) {
    draft.restore(form);
  }
}

setAsset(config.asset);
view.input.value = "";
restoreDraft();
if (config.asset && config.asset !== config.present) {
  session.sent(config.asset, config.texts.processing);
}
followSubmissions(document);
