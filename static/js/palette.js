// Ctrl+K or Cmd+K: find a place, a deed, a role, a request or a person, and go there.
// Places and deeds are those of the page; the rest is asked of the address in `data-finds`.

const WAIT = 120; // milliseconds without a key before the plane is asked
const SHORTEST = 2;
const NOTHING = gettext("Nothing is called that, or it is not for you to see.");
const body = document.body;
const openers = document.querySelectorAll("[data-opens-palette]");
let dialog, input, list, count, pending, timer;
let isMoved = false; // by an arrow or the mouse: then what is chosen stays chosen

const svg = (name) => `<svg class="icon" aria-hidden="true"><use href="${body.dataset.icons}#${name}"></use></svg>`;

function ownResults() {
  const seen = new Set();
  const found = [];
  const things = document.querySelectorAll(".page-actions :is(a, button), .side .place:is(a, button), [data-palette]");
  for (const thing of things) {
    const name = (thing.dataset.palette || thing.querySelector(".name")?.textContent || thing.textContent).trim();
    if (!name || seen.has(name)) continue;
    seen.add(name);
    const isPlace = thing.matches(".place[href]");
    const icon = thing.querySelector("use")?.getAttribute("href").split("#")[1] ?? (isPlace ? "next" : "enter");
    found.push({ group: isPlace ? gettext("Go to") : gettext("Do"), name, icon, keys: thing.dataset.keys, press: () => thing.click() });
  }
  return found;
}

function matches(result, words) {
  const text = `${result.name} ${result.hint ?? ""}`.toLowerCase();
  return words.every((word) => text.includes(word));
}

async function asked(query) {
  pending = new AbortController();
  const answer = await fetch(`${body.dataset.finds}?${new URLSearchParams({ q: query })}`, {
    signal: pending.signal,
    headers: { Accept: "application/json" },
    redirect: "manual", // to the sign-in: then nothing is found
  });
  if (!answer.ok) return [];
  const { results } = await answer.json();
  return results.map((result) => ({ ...result, press: () => location.assign(result.url) }));
}

function option(result, index) {
  const item = document.createElement("li");
  item.className = "result";
  item.id = `result-${index}`;
  item.role = "option";
  item.ariaSelected = "false";
  item.dataset.name = `${result.group} ${result.name} ${result.hint ?? ""} ${result.url ?? ""}`;
  item.innerHTML = svg(result.icon);
  const name = document.createElement("span");
  name.textContent = result.name;
  item.append(name);
  if (result.hint) {
    const hint = document.createElement("span");
    hint.className = "hint";
    hint.textContent = result.hint;
    item.append(hint);
  } else if (result.keys) {
    const keys = document.createElement("span");
    keys.className = "hint keys";
    for (const key of result.keys.split(" ")) keys.append(Object.assign(document.createElement("kbd"), { textContent: key }));
    item.append(keys);
  }
  item.addEventListener("click", () => take(result));
  item.addEventListener("mousemove", () => {
    isMoved = true;
    choose(item);
  });
  return item;
}

function take(result) {
  dialog.close();
  result.press();
}

let shown = [];
// Shows them by group. `isAll`: nothing more will come.
function show(results, isAll) {
  const before = isMoved ? chosen()?.dataset.name : null;
  const groups = Map.groupBy(results, (result) => result.group);
  shown = [...groups.values()].flat();
  list.replaceChildren();
  let index = 0;
  for (const [group, members] of groups) {
    const part = document.createElement("ul");
    part.role = "group";
    part.ariaLabel = group;
    const head = document.createElement("li");
    head.className = "group";
    head.role = "presentation";
    head.textContent = group;
    part.append(head, ...members.map((member) => option(member, index++)));
    list.append(part);
  }
  const again = options().find((item) => item.dataset.name === before) ?? options()[0];
  if (again) choose(again);
  else point();
  list.hidden = !shown.length;
  input.ariaExpanded = String(Boolean(shown.length));
  count.className = shown.length ? "unseen" : "none";
  if (shown.length) count.textContent = interpolate(ngettext("%s found", "%s found", shown.length), [shown.length]);
  else count.textContent = isAll ? NOTHING : gettext("Looking");
}

const options = () => [...list.querySelectorAll("[role=option]")];
const chosen = () => list.querySelector("[aria-selected=true]");

function choose(item) {
  for (const other of options()) other.ariaSelected = String(other === item);
  point();
}

function point() {
  const item = chosen();
  if (item) input.setAttribute("aria-activedescendant", item.id);
  else input.removeAttribute("aria-activedescendant");
}

function step(by) {
  const all = options();
  if (!all.length) return;
  const next = all[(all.indexOf(chosen()) + by + all.length) % all.length];
  isMoved = true;
  choose(next);
  next.scrollIntoView({ block: "nearest" });
}

function search() {
  const query = input.value.trim();
  const words = query.toLowerCase().split(/\s+/).filter(Boolean);
  const own = ownResults().filter((result) => matches(result, words));
  const isAll = !body.dataset.finds || query.length < SHORTEST;
  isMoved = false;
  pending?.abort();
  clearTimeout(timer);
  show(own, isAll);
  if (isAll) return;
  timer = setTimeout(async () => {
    try {
      show([...own, ...(await asked(query))], true);
    } catch (problem) {
      if (problem.name === "AbortError") return;
      show(own, true);
      if (!own.length) count.textContent = gettext("The plane cannot be reached.");
    }
  }, WAIT);
}

function keydown(event) {
  if (event.key === "ArrowDown") step(1);
  else if (event.key === "ArrowUp") step(-1);
  else if (event.key === "Enter" && chosen()) take(shown[options().indexOf(chosen())]);
  else return;
  event.preventDefault();
}

function build() {
  dialog = Object.assign(document.createElement("dialog"), { className: "palette" });
  dialog.ariaLabel = gettext("Find or do");
  input = Object.assign(document.createElement("input"), { type: "search", autocomplete: "off", spellcheck: false });
  input.placeholder = body.dataset.finds ? gettext("Find a role, a request, a person, or something to do") : gettext("Find a page, or something to do");
  input.role = "combobox";
  input.ariaLabel = gettext("Find or do");
  input.ariaAutoComplete = "list";
  input.setAttribute("aria-controls", "palette-results");
  list = Object.assign(document.createElement("div"), { className: "results", id: "palette-results" });
  list.role = "listbox";
  list.ariaLabel = gettext("Found");
  input.addEventListener("input", search);
  input.addEventListener("keydown", keydown);
  count = document.createElement("p");
  count.role = "status";
  dialog.addEventListener("close", () => {
    pending?.abort();
    clearTimeout(timer);
  });
  dialog.append(input, list, count);
  body.append(dialog);
}

export function open() {
  if (!dialog) build();
  if (dialog.open) return;
  input.value = "";
  list.replaceChildren();
  show(ownResults(), true);
  dialog.showModal();
  input.focus();
}

for (const opener of openers) {
  opener.hidden = false;
  opener.addEventListener("click", open);
}
document.addEventListener("keydown", (event) => {
  if (!openers.length || event.key.toLowerCase() !== "k" || !(event.ctrlKey || event.metaKey)) return;
  event.preventDefault();
  if (dialog?.open) dialog.close();
  else if (!document.querySelector("dialog[open]")) open();
});
