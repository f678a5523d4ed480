// Forms that need a passkey. The browser is asked when the form is sent, and its answer goes into
// the field `credential`.
//   <form data-passkey="create" data-options="id">  the options stand in a <script type="application/json" id="id">
//   <form data-passkey="get">                       without `data-options` the form's own address gives them

const bytes = (text) => Uint8Array.from(atob(text.replace(/-/g, "+").replace(/_/g, "/")), (one) => one.charCodeAt(0));
const text = (buffer) =>
  buffer && btoa(String.fromCharCode(...new Uint8Array(buffer))).replace(/\+/g, "-").replace(/\//g, "_").replace(/=+$/, "");
const named = (list) => list?.map((one) => ({ ...one, id: bytes(one.id) }));

const ask = {
  async create(options, form) {
    const alone = form.elements.passwordless?.checked;
    const publicKey = {
      ...options,
      challenge: bytes(options.challenge),
      user: { ...options.user, id: bytes(options.user.id) },
      excludeCredentials: named(options.excludeCredentials),
      authenticatorSelection: {
        ...options.authenticatorSelection,
        residentKey: alone ? "required" : "discouraged",
        requireResidentKey: Boolean(alone),
        ...(alone && { userVerification: "required" }),
      },
    };
    const made = await navigator.credentials.create({ publicKey });
    const { clientDataJSON, attestationObject } = made.response;
    return answer(made, {
      clientDataJSON: text(clientDataJSON),
      attestationObject: text(attestationObject),
      transports: made.response.getTransports?.() ?? [],
    });
  },

  async get(options) {
    const publicKey = { ...options, challenge: bytes(options.challenge), allowCredentials: named(options.allowCredentials) };
    const shown = await navigator.credentials.get({ publicKey });
    const { clientDataJSON, authenticatorData, signature, userHandle } = shown.response;
    return answer(shown, {
      clientDataJSON: text(clientDataJSON),
      authenticatorData: text(authenticatorData),
      signature: text(signature),
      userHandle: text(userHandle),
    });
  },
};

const answer = (credential, response) => ({
  id: credential.id,
  rawId: text(credential.rawId),
  type: credential.type,
  authenticatorAttachment: credential.authenticatorAttachment,
  clientExtensionResults: credential.getClientExtensionResults(),
  response,
});

async function optionsOf(form) {
  const { options } = form.dataset;
  if (options) return JSON.parse(document.getElementById(options).textContent).publicKey;
  const response = await fetch(form.action, { headers: { Accept: "application/json" } });
  if (!response.ok) throw new Error(`${response.status}`);
  return (await response.json()).request_options.publicKey;
}

async function send(event) {
  const form = event.target;
  event.preventDefault();
  const failed = form.querySelector("[data-passkey-says=failed]");
  failed.hidden = true;
  try {
    const credential = await ask[form.dataset.passkey](await optionsOf(form), form);
    form.elements.credential.value = JSON.stringify(credential);
    form.submit();
  } catch {
    failed.hidden = false; // the person said no, or the device did
  }
}

if (window.PublicKeyCredential) {
  for (const form of document.querySelectorAll("form[data-passkey]")) {
    form.querySelector("[data-passkey-says=impossible]").hidden = true;
    form.querySelector("[data-passkey-button]").hidden = false;
    form.addEventListener("submit", send);
  }
}
