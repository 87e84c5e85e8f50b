// Passkeys: the button asks the browser, the answer goes into the hidden field, the form is sent.
// The options come as JSON from the page; binary values are base64url in both directions.

export function toBytes(text) {
  const plain = text.replace(/-/g, "+").replace(/_/g, "/");
  const binary = atob(plain + "=".repeat((4 - (plain.length % 4)) % 4));
  return Uint8Array.from(binary, (sign) => sign.charCodeAt(0)).buffer;
}

export function toText(buffer) {
  const binary = Array.from(new Uint8Array(buffer), (byte) => String.fromCharCode(byte)).join("");
  return btoa(binary).replace(/\+/g, "-").replace(/\//g, "_").replace(/=+$/, "");
}

const named = (list) => (list || []).map((one) => Object.assign({}, one, { id: toBytes(one.id) }));

/* What navigator.credentials.get or .create takes, from the JSON of the page. */
export function readOptions(json) {
  const key = Object.assign({}, json.publicKey, { challenge: toBytes(json.publicKey.challenge) });
  if (key.user) {
    key.user = Object.assign({}, key.user, { id: toBytes(key.user.id) });
  }
  if (key.allowCredentials) {
    key.allowCredentials = named(key.allowCredentials);
  }
  if (key.excludeCredentials) {
    key.excludeCredentials = named(key.excludeCredentials);
  }
  return { publicKey: key };
}

/* The JSON that the server reads, from what the browser answered. */
export function writeCredential(credential) {
  const said = credential.response;
  const response = { clientDataJSON: toText(said.clientDataJSON) };
  for (const name of ["attestationObject", "authenticatorData", "signature", "userHandle"]) {
    if (said[name]) {
      response[name] = toText(said[name]);
    }
  }
  if (said.attestationObject) {
    response.transports = said.getTransports ? said.getTransports() : [];
  }
  return {
    id: credential.id,
    rawId: toText(credential.rawId),
    type: credential.type,
    response,
    clientExtensionResults: credential.getClientExtensionResults(),
  };
}

export function attach(field, { credentials, options }) {
  const form = field.form;
  const button = form.querySelector("[data-passkey-button]");
  const failed = form.querySelector("[data-passkey-failed]");
  button.hidden = false;
  form.addEventListener("submit", (event) => {
    if (field.value) {
      return;
    }
    event.preventDefault();
    failed.hidden = true;
    credentials[field.dataset.passkey](readOptions(options))
      .then((credential) => {
        field.value = JSON.stringify(writeCredential(credential));
        form.submit();
      })
      .catch(() => {
        failed.hidden = false;
        button.disabled = false;
      });
  });
}

if (typeof document !== "undefined") {
  const field = document.querySelector("[data-passkey]");
  if (field) {
    if (window.PublicKeyCredential && navigator.credentials) {
      const options = JSON.parse(document.getElementById("passkey-options").textContent);
      attach(field, { credentials: navigator.credentials, options });
    } else {
      field.form.querySelector("[data-passkey-missing]").hidden = false;
    }
  }
}
