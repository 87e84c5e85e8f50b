/* What this device remembers of its owner's taste: speed, quality, volume. Nothing about persons. */

const KEY = "lectern.player";

export function readPreferences(storage) {
  try {
    const value = JSON.parse(storage.getItem(KEY));
    return value && typeof value === "object" ? value : {};
  } catch (error) {
    return {};
  }
}

export function keepPreference(storage, name, value) {
  const preferences = readPreferences(storage);
  preferences[name] = value;
  try {
    storage.setItem(KEY, JSON.stringify(preferences));
  } catch (error) {
    // Full or forbidden storage: the choice holds for this page only.
  }
}
