// Forms: sent once, sent by Ctrl+Enter, and at once where a choice is all there is to say.
//   <form data-submits>  is sent when one of its choices changes

document.addEventListener("submit", (event) => {
  const form = event.target;
  if (event.defaultPrevented || form.method === "get" || form.hasAttribute("hx-post")) return;
  if (form.ariaBusy === "true") return event.preventDefault();
  form.ariaBusy = "true";
});

// A page that comes back from the browser's cache can be sent again.
window.addEventListener("pageshow", () => {
  for (const form of document.querySelectorAll("form[aria-busy]")) form.removeAttribute("aria-busy");
});

document.addEventListener("keydown", (event) => {
  if (event.key !== "Enter" || !(event.ctrlKey || event.metaKey)) return;
  const form = event.target.closest?.("form");
  if (!form || event.target.tagName !== "TEXTAREA") return;
  const buttons = form.querySelectorAll("button:not([type=button])");
  const first = form.querySelector("button.primary") ?? (buttons.length === 1 ? buttons[0] : null);
  if (first) form.requestSubmit(first);
});

document.addEventListener("change", (event) => {
  const form = event.target.closest("form[data-submits]");
  if (form && event.target.matches("select, [type=checkbox], [type=radio], [type=date]")) form.requestSubmit();
});
