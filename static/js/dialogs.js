// Questions before what cannot be taken back, and forms that open above the page.
//   <form data-confirm="Give dba back?" data-confirm-text="...">  asks once before it is sent
//   <details data-dialog><summary>..</summary><div>..</div></details>  opens the <div> as a dialog
//   <button data-closes>  closes the dialog it stands in
// Without this module the form is sent at once and the details open in their place.

function element(name, properties = {}, ...children) {
  const made = Object.assign(document.createElement(name), properties);
  made.append(...children);
  return made;
}

// Ask; the promise says whether the answer was yes.
export function ask({ question, text = "", yes = gettext("OK"), isDanger = false }) {
  const title = element("h2", { id: "question", textContent: question });
  const stay = element("button", { type: "button", textContent: gettext("Keep it as it is") });
  const go = element("button", {
    type: "button",
    textContent: yes,
    className: isDanger ? "primary danger" : "primary",
  });
  const inside = element("div", {}, title);
  if (text) inside.append(element("p", { className: "hint", textContent: text }));
  inside.append(element("p", { className: "buttons" }, stay, go));
  const dialog = element("dialog", {}, inside);
  dialog.setAttribute("aria-labelledby", "question");
  document.body.append(dialog);
  return new Promise((resolve) => {
    stay.addEventListener("click", () => dialog.close());
    go.addEventListener("click", () => dialog.close("yes"));
    dialog.addEventListener("close", () => {
      dialog.remove();
      resolve(dialog.returnValue === "yes");
    });
    dialog.showModal();
    (isDanger ? stay : go).focus();
  });
}

const agreed = new WeakSet();

document.addEventListener(
  "submit",
  async (event) => {
    const form = event.target;
    if (!form.dataset.confirm || agreed.delete(form)) return;
    event.preventDefault();
    event.stopImmediatePropagation();
    const button = event.submitter;
    const isAgreed = await ask({
      question: form.dataset.confirm,
      text: form.dataset.confirmText,
      yes: form.dataset.confirmYes || button?.textContent.trim() || gettext("OK"),
      isDanger: "confirmDanger" in form.dataset || Boolean(button?.classList.contains("danger")),
    });
    if (!isAgreed) return button?.focus();
    agreed.add(form);
    form.requestSubmit(button ?? undefined);
  },
  true,
);

function raise(details) {
  const summary = details.querySelector("summary");
  const inside = details.querySelector(":scope > :not(summary)");
  const dialog = element("dialog", {});
  dialog.setAttribute("aria-label", summary.dataset.keysName || summary.textContent.trim());
  details.append(dialog);
  dialog.append(inside);
  // A dialog inside closed details would not be shown.
  details.open = true;
  dialog.addEventListener("close", () => {
    details.append(inside);
    dialog.remove();
    details.open = false;
    summary.focus();
  });
  dialog.showModal();
  // What was closed a moment ago is not there to be focused by itself.
  dialog.querySelector("textarea, select, input:not([type=hidden])")?.focus();
}

document.addEventListener("click", (event) => {
  const details = event.target.closest("details[data-dialog] > summary")?.parentNode;
  // One that was closed this moment has yet to put its form back.
  const closing = details?.querySelector(":scope > dialog:not([open])");
  if (closing || details?.open === false) event.preventDefault();
  if (closing) closing.addEventListener("close", () => raise(details), { once: true });
  else if (details?.open === false) raise(details);
  if (event.target.closest("[data-closes]")) event.target.closest("dialog")?.close();
  // A click beside a dialog closes it, unless something was written there.
  const dialog = event.target.matches("dialog[open]") ? event.target : null;
  if (dialog && isBeside(event, dialog) && !hasWriting(dialog)) dialog.close();
});

function isBeside(event, dialog) {
  const { left, right, top, bottom } = dialog.getBoundingClientRect();
  return event.clientX < left || event.clientX > right || event.clientY < top || event.clientY > bottom;
}

function hasWriting(dialog) {
  return [...dialog.querySelectorAll("textarea, input:not([type=hidden])")].some(
    (field) => field.value !== field.defaultValue,
  );
}
