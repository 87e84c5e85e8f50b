// Puts account and code from a slip's QR code into the form. They come in the fragment of the
// address, which is sent to no server, and are taken out of it at once.

const form = document.querySelector("form[data-first]");
const [account, code] = window.location.hash.slice(1).split("/").map((part) => {
  try {
    return decodeURIComponent(part);
  } catch (problem) {
    return "";
  }
});
if (form && account && code) {
  form.elements.login.value = account;
  form.elements.code.value = code;
  form.querySelector("[data-first-scanned]").hidden = false;
  window.history.replaceState(null, "", window.location.pathname);
}
