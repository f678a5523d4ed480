// What htmx asks for goes out with the token of this page's forms, asks in our dialog, and is heard
// of when it fails.

import { ask } from "./dialogs.js";
import { say } from "./toasts.js";

document.addEventListener("htmx:configRequest", (event) => {
  const token = document.querySelector("input[name=csrfmiddlewaretoken]");
  if (token && event.detail.verb !== "get") event.detail.headers["X-CSRFToken"] = token.value;
});

document.addEventListener("htmx:confirm", async (event) => {
  const { question, elt, issueRequest } = event.detail;
  if (!question) return;
  event.preventDefault();
  const yes = await ask({
    question,
    text: elt.dataset.confirmText,
    yes: elt.dataset.confirmYes || elt.textContent.trim(),
    isDanger: elt.matches(".danger"),
  });
  if (yes) issueRequest(true);
});

document.addEventListener("htmx:sendError", () => {
  say(gettext("The plane cannot be reached. Nothing was sent; try again in a moment."), "warning");
});
document.addEventListener("htmx:responseError", (event) => {
  const isOurs = event.detail.xhr.status >= 500;
  const sentence = isOurs
    ? gettext("Something went wrong there. Reload the page before you try again.")
    : gettext("This is no longer possible. Reload the page to see why.");
  say(sentence, "warning");
});

// What came in live has its attributes read as well.
document.addEventListener("plane:replaced", (event) => window.htmx?.process(event.target));
