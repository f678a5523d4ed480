// The keyboard.
//   data-keys="g h"  on a link, a button or a field: pressed one after the other, they press it
//   data-rows        on a list: j and k go from one `.whole` link to the next, x ticks its box
//   ?                shows all keys of the page

const PATIENCE = 900;
let begun = "";
let timer = 0;

const isVisible = (thing) => thing.checkVisibility?.({ visibilityProperty: true }) ?? true;
// What a closed menu holds can be pressed as well.
const isReachable = (thing) => isVisible(thing.closest("details.menu") ?? thing);
const known = () => [...document.querySelectorAll("[data-keys]")].filter(isReachable);

const isWriting = (target) =>
  target.isContentEditable || target.matches?.("input:not([type=checkbox], [type=radio]), textarea, select");

function press(thing) {
  if (thing.matches("input, textarea, select")) thing.focus();
  else thing.click();
}

function go(step) {
  const links = [...document.querySelectorAll("[data-rows] .whole")].filter(isVisible);
  if (!links.length) return;
  const row = document.activeElement?.closest("[data-rows] tr, [data-rows] > li");
  const at = links.findIndex((link) => row?.contains(link));
  const next = links[at < 0 ? (step > 0 ? 0 : links.length - 1) : Math.min(Math.max(at + step, 0), links.length - 1)];
  next.focus();
  next.scrollIntoView({ block: "nearest" });
}

function tick() {
  const row = document.activeElement?.closest("[data-rows] tr, [data-rows] > li");
  row?.querySelector("input[type=checkbox]")?.click();
}

function nameOf(thing) {
  return thing.dataset.keysName || thing.getAttribute("aria-label") || thing.querySelector(".name")?.textContent || thing.textContent.trim();
}

function help() {
  const dialog = document.createElement("dialog");
  dialog.setAttribute("aria-label", gettext("Keys"));
  const list = document.createElement("dl");
  list.className = "facts two";
  const line = (keys, name) => {
    const row = document.createElement("div");
    const term = document.createElement("dt");
    const text = document.createElement("dd");
    term.innerHTML = `<span class="keys">${keys.split(" ").map((key) => `<kbd>${key}</kbd>`).join("")}</span>`;
    text.textContent = name;
    row.append(term, text);
    list.append(row);
  };
  for (const thing of known()) line(thing.dataset.keys, nameOf(thing));
  if (document.querySelector("[data-rows]")) line("j k", gettext("Next and previous line"));
  line("Ctrl K", gettext("Find or do"));
  const inside = document.createElement("div");
  const title = document.createElement("h2");
  title.textContent = gettext("Keys");
  inside.append(title, list);
  dialog.append(inside);
  document.body.append(dialog);
  dialog.addEventListener("close", () => dialog.remove());
  dialog.showModal();
}

const OWN = { j: () => go(1), k: () => go(-1), x: tick, "?": help };

document.addEventListener("keydown", (event) => {
  if (event.ctrlKey || event.metaKey || event.altKey || event.defaultPrevented) return;
  if (isWriting(event.target) || document.querySelector("dialog[open]")) return;
  if (event.key.length !== 1) return;
  clearTimeout(timer);
  const typed = begun ? `${begun} ${event.key}` : event.key;
  const things = known();
  const thing = things.find((one) => one.dataset.keys === typed);
  begun = !thing && things.some((one) => one.dataset.keys.startsWith(`${typed} `)) ? typed : "";
  if (begun) timer = setTimeout(() => (begun = ""), PATIENCE);
  const deed = thing ? () => press(thing) : typed.length === 1 && !begun ? OWN[typed] : null;
  if (!deed) return;
  event.preventDefault();
  deed();
});
