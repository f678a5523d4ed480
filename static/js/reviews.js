// The list of what waits, and the request that is open beside it.
//   a, d   on a line: open it, and the small form of the decision with it
//   j, k   go on from the line that is open, wherever the focus is
// What is sent takes its line away; the focus goes to the next one.

const DEEDS = ["a", "d", "m"];
let wanted = null; // the key, and the line that is to be opened for it
let coming = null;
let next = "";

const pane = () => document.getElementById("judged");
const rowOf = (thing) => thing?.closest?.(".inbox > li") ?? null;
const linkOf = (row) => row?.querySelector(".whole") ?? null;
const openRow = () => document.getElementById(`row-${pane()?.dataset.request}`);

const isWriting = (target) =>
  target.isContentEditable || target.matches?.("input:not([type=checkbox], [type=radio]), textarea, select");

function mark() {
  for (const link of document.querySelectorAll(".inbox .whole[aria-current]")) link.removeAttribute("aria-current");
  linkOf(openRow())?.setAttribute("aria-current", "true");
}

// Before keys.js hears of it: what it does next begins where this leaves the focus.
document.addEventListener(
  "keydown",
  (event) => {
    if (event.ctrlKey || event.metaKey || event.altKey || isWriting(event.target)) return;
    if (document.querySelector("dialog[open]")) return;
    const row = rowOf(document.activeElement);
    if ((event.key === "j" || event.key === "k") && !row) linkOf(openRow())?.focus();
    if (!DEEDS.includes(event.key) || !row || row === openRow()) return;
    event.preventDefault();
    wanted = { key: event.key, request: row.dataset.request };
    if (coming !== row) linkOf(row).click();
  },
  true,
);

document.addEventListener("htmx:beforeRequest", (event) => (coming = rowOf(event.detail.elt)));
document.addEventListener("htmx:afterRequest", (event) => {
  if (!event.detail.successful) coming = null;
});

document.addEventListener("htmx:beforeSwap", (event) => {
  if (event.detail.target?.id !== "judged") return;
  const row = openRow();
  next = (row?.nextElementSibling ?? row?.previousElementSibling)?.id ?? "";
});

// With the swap, not after it: a key that is pressed meanwhile finds the focus where it belongs.
document.addEventListener("htmx:afterSwap", () => {
  const judged = pane();
  if (!judged || judged.dataset.seen) return;
  judged.dataset.seen = "true";
  coming = null;
  mark();
  const isListHidden = document.querySelector(".list")?.checkVisibility?.() === false;
  const wrong = judged.querySelector("[aria-invalid=true]");
  if (wrong) wrong.focus();
  else if ("said" in judged.dataset) (linkOf(document.getElementById(next)) ?? judged.querySelector("#judged-title"))?.focus();
  else if (isListHidden) judged.querySelector("#judged-title")?.focus();
  if (wanted?.request !== judged.dataset.request) return;
  judged.querySelector(`[data-keys="${wanted.key}"]`)?.click();
  wanted = null;
});
