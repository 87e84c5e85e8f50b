/* What was typed about a recording, kept on this device until it is handed in, one draft a person
   and, of a submission that is changed, one for each of its rounds. The server keeps it as well (`autosave.js`);
   this one holds what the line did not carry. Storage may be full or forbidden: then there is no
   draft and everything else works. */

export const FIELDS = [
  "title", "speaker", "recorded_on", "subject", "summary", "script",
];
/* Fields with a box for each choice; kept as their values with commas between them. */
const CHOICES = ["audiences"];

/* The boxes of such a field; a form gives a single one as itself. */
function boxesOf(form, name) {
  const found = form.elements[name];
  return found ? (found.length === undefined ? [found] : Array.from(found)) : [];
}

export class Draft {
  constructor(storage, person, round = "") {
    this.storage = storage;
    this.key = round ? `lectern.upload.${person}.${round}` : `lectern.upload.${person}`;
  }

  read() {
    try {
      const value = JSON.parse(this.storage.getItem(this.key));
      return value && typeof value === "object" ? value : {};
    } catch (error) {
      return {};
    }
  }

  write(value) {
    try {
      this.storage.setItem(this.key, JSON.stringify(value));
    } catch (error) {
      return false;
    }
    return true;
  }

  /* Note the fields of the form as they are now; the server does not have them yet. */
  keep(form) {
    const fields = {};
    for (const name of FIELDS) {
      if (form.elements[name]) {
        fields[name] = form.elements[name].value;
      }
    }
    for (const name of CHOICES) {
      const chosen = boxesOf(form, name).filter((box) => box.checked);
      fields[name] = chosen.map((box) => box.value).join(",");
    }
    this.write(Object.assign(this.read(), { fields, unsaved: true, isHandedIn: false }));
    return fields;
  }

  /* The server has what it is told of now. */
  saved() {
    this.write(Object.assign(this.read(), { unsaved: false }));
  }

  /* Fill the form with what was typed before and did not reach the server. */
  restore(form) {
    const { fields = {}, unsaved = true } = this.read();
    if (!unsaved) {
      return; // The page came with it.
    }
    for (const name of FIELDS) {
      const element = form.elements[name];
      if (element && typeof fields[name] === "string" && fields[name]) {
        element.value = fields[name];
      }
    }
    for (const name of CHOICES) {
      if (typeof fields[name] === "string") {
        const chosen = fields[name].split(",");
        boxesOf(form, name).forEach((box) => {
          box.checked = chosen.includes(box.value);
        });
      }
    }
  }

  /* The recording that is sent but not yet handed in; empty for none. */
  keepAsset(asset) {
    this.write(Object.assign(this.read(), { asset }));
  }

  /* It is on its way for good. Whether it arrived is known when the next page has asked. */
  handIn(asset) {
    this.write(Object.assign(this.read(), { asset, isHandedIn: true }));
  }

  /* What to do with it, where the server said `data` of its recording, null for no answer:
     "over" when it was handed in, "wait" while that is not known, else "restore". */
  fate(data) {
    if (data && data.submitted) {
      return "over";
    }
    return !data && this.read().isHandedIn ? "wait" : "restore";
  }

  clear() {
    try {
      this.storage.removeItem(this.key);
    } catch (error) {
      return false;
    }
    return true;
  }
}
