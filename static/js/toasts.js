// Messages go by themselves once they have been read; a warning stays until it is closed.

const READ_AFTER = 7000;

const use = (name) =>
  `<svg class="icon" aria-hidden="true"><use href="${document.body.dataset.icons}#${name}"></use></svg>`;

function dress(message) {
  if (message.querySelector(".shut")) return;
  const shut = document.createElement("button");
  shut.type = "button";
  shut.className = "quiet small square shut";
  shut.setAttribute("aria-label", gettext("Close this message"));
  shut.innerHTML = use("close");
  shut.addEventListener("click", () => message.remove());
  message.append(shut);
  if (message.matches(".warning, .error")) return;
  const go = () => (message.matches(":hover, :focus-within") ? setTimeout(go, 2000) : message.remove());
  setTimeout(go, READ_AFTER);
}

// Say something that came without a page: `level` is "info", "warning" or "error".
export function say(sentence, level = "info") {
  const page = document.getElementById("content");
  let toasts = page.querySelector(":scope > .toasts");
  if (!toasts) {
    toasts = document.createElement("div");
    toasts.className = "toasts";
    page.prepend(toasts);
  }
  const message = document.createElement("p");
  message.className = `message ${level}`;
  message.setAttribute("role", level === "info" ? "status" : "alert");
  message.innerHTML = use(level === "info" ? "approved" : "warning");
  const text = document.createElement("span");
  text.textContent = sentence;
  message.append(text);
  toasts.append(message);
  dress(message);
}

const dressAll = () => document.querySelectorAll(".page > .toasts > .message").forEach(dress);
dressAll();
document.addEventListener("htmx:afterSettle", dressAll);
