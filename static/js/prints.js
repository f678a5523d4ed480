// <button data-prints hidden>: prints the page. Without this module it is not there.

for (const button of document.querySelectorAll("[data-prints]")) button.hidden = false;

document.addEventListener("click", (event) => {
  if (event.target.closest("[data-prints]")) window.print();
});
