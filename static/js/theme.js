// The theme, switched without a reload. The cookie is what the server reads for the next page.

const YEAR = 365 * 24 * 3600;

function show(chosen) {
  const root = document.documentElement;
  if (chosen === "system") delete root.dataset.theme;
  else root.dataset.theme = chosen;
  const secure = location.protocol === "https:" ? "; Secure" : "";
  const age = chosen === "system" ? 0 : YEAR;
  document.cookie = `theme=${chosen}; Path=/; Max-Age=${age}; SameSite=Lax${secure}`;
  for (const button of document.querySelectorAll("[data-theme-switch] button[name=theme]")) {
    button.setAttribute("aria-pressed", String(button.value === chosen));
  }
}

document.addEventListener("submit", (event) => {
  if (!event.target.matches("[data-theme-switch]") || !event.submitter) return;
  event.preventDefault();
  show(event.submitter.value);
});
