/* Copies a text that is there to be handed on. Without a clipboard (no TLS, old phones) it marks the
   text, which can be copied by hand. */

const button = document.querySelector("[data-copy]");
if (button) {
  const field = document.querySelector(button.dataset.copy);
  const status = button.parentNode.querySelector("[role=status]");
  const say = (what) => {
    status.textContent = status.dataset[what];
  };
  const mark = () => {
    field.focus();
    field.select();
    field.setSelectionRange(0, field.value.length);
  };
  button.hidden = false;
  button.addEventListener("click", () => {
    const { clipboard } = window.navigator;
    if (clipboard) {
      clipboard.writeText(field.value).then(
        () => say("copied"),
        () => {
          mark();
          say("failed");
        },
      );
      return;
    }
    mark();
    say(document.execCommand("copy") ? "copied" : "failed");
  });
}
