// How strong a new password is, in words, as it is typed. The server's rules decide; this only
// says early how much is missing. Every sentence comes from the page.

const words = (field, hint) => {
  const typed = Array.from(field.value);
  const missing = Number(field.dataset.least) - typed.length;
  if (typed.length === 0) {
    return ["", ""];
  }
  if (missing > 0) {
    return ["short", hint.dataset.short.replace("{n}", String(missing))];
  }
  if (new Set(typed).size < 5) {
    return ["short", hint.dataset.same];
  }
  return typed.length < Number(field.dataset.least) + 4
    ? ["enough", hint.dataset.enough]
    : ["good", hint.dataset.good];
};

for (const field of document.querySelectorAll("input[data-strength]")) {
  const hint = document.getElementById(field.dataset.strength);
  field.addEventListener("input", () => {
    const [level, text] = words(field, hint);
    hint.dataset.level = level;
    hint.textContent = text;
  });
}
