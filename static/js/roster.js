// One tick for all rows of the page; without this script each row has its own.

for (const all of document.querySelectorAll("input[data-check-all]")) {
  const form = all.closest("form");
  const rows = () => Array.from(form.querySelectorAll(`input[name="${all.dataset.checkAll}"]`));
  const look = () => {
    const ticked = rows().filter((row) => row.checked).length;
    all.checked = ticked > 0 && ticked === rows().length;
    all.indeterminate = ticked > 0 && !all.checked;
  };
  all.hidden = false;
  all.addEventListener("change", () => {
    for (const row of rows()) {
      row.checked = all.checked;
    }
  });
  form.addEventListener("change", look);
  window.addEventListener("pageshow", look);
}
