// <button data-copy="text">  puts the text on the clipboard and says so.

document.addEventListener("click", async (event) => {
  const button = event.target.closest("button[data-copy]");
  if (!button) return;
  const use = button.querySelector("use");
  const before = use?.getAttribute("href");
  const label = button.getAttribute("aria-label");
  try {
    await navigator.clipboard.writeText(button.dataset.copy);
  } catch {
    return; // no permission, or no TLS: the text can still be selected
  }
  use?.setAttribute("href", before.replace(/#.*/, "#done"));
  button.setAttribute("aria-label", gettext("Copied"));
  setTimeout(() => {
    use?.setAttribute("href", before);
    if (label) button.setAttribute("aria-label", label);
  }, 1500);
});
