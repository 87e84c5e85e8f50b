/* What was typed about a recording, kept on this device until it is handed in, one draft a person.
   Storage may be full or forbidden: then there is no draft and everything else works. */

export const FIELDS = ["title", "speaker", "recorded_on", "subject", "summary"];

export class Draft {
  constructor(storage, person) {
    this.storage = storage;
    this.key = `lectern.upload.${person}`;
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

  /* Note the fields of the form as they are now. */
  keep(form) {
    const fields = {};
    for (const name of FIELDS) {
      fields[name] = form.elements[name].value;
    }
    this.write(Object.assign(this.read(), { fields }));
  }

  /* Fill the form with what was typed before. */
  restore(form) {
    const { fields = {} } = this.read();
    for (const name of FIELDS) {
      const element = form.elements[name];
      if (typeof fields[name] === "string" && fields[name]) {
        element.value = fields[name];
      }
    }
  }

  /* The recording that is sent but not yet handed in; empty for none. */
  keepAsset(asset) {
    this.write(Object.assign(this.read(), { asset }));
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
