// The form that asks for access. What is chosen stays chosen while the catalogue is searched, and is
// seen as chips; what the request would come to is asked for again whenever something changes.

import { refresh } from "./times.js";

const form = document.getElementById("ask");
const BOXES = ["roles", "suggested_reviewers"];

const boxes = (name) => [...form.querySelectorAll(`input[type=checkbox][name=${name}]`)];
const chosen = Object.fromEntries(BOXES.map((name) => [name, new Map()]));

function remember(box) {
  if (box.checked) chosen[box.name].set(box.value, box.dataset.title || box.value);
  else chosen[box.name].delete(box.value);
}

// --- what is chosen ----------------------------------------------------------------------------

function draw() {
  const line = document.getElementById("chosen");
  const template = document.getElementById("chip");
  if (!line || !boxes("roles").length) return;
  line.replaceChildren(
    ...[...chosen.roles].map(([name, title]) => {
      const chip = template.content.firstElementChild.cloneNode(true);
      chip.dataset.takes = name;
      chip.firstElementChild.textContent = title;
      return chip;
    }),
  );
  line.hidden = chosen.roles.size === 0;
}

// Ticks again what was ticked before a part was replaced; what is not in it any more is looked for.
function tickAgain(name) {
  const shown = boxes(name);
  for (const box of shown) box.checked = chosen[name].has(box.value);
  const missing = [...chosen[name].keys()].filter((value) => !shown.some((box) => box.value === value));
  if (name === "suggested_reviewers") missing.forEach((value) => chosen[name].delete(value));
  return missing;
}

function takeAway(name) {
  chosen.roles.delete(name);
  tickAgain("roles");
  changed();
  const next = document.querySelector("#chosen button") ?? form.elements.q;
  next?.focus();
}

// The address is a link to what is chosen; the reason stays out of it.
function keepAddress() {
  const address = new URL(location.href);
  if (address.searchParams.has("extends")) return;
  address.search = "";
  for (const name of chosen.roles.keys()) address.searchParams.append("role", name);
  for (const name of ["q", "label"])
    if (form.elements[name]?.value) address.searchParams.set(name, form.elements[name].value);
  history.replaceState(history.state, "", address);
}

function changed() {
  draw();
  keepAddress();
  document.getElementById("foreseen").dispatchEvent(new CustomEvent("asking:changed"));
}

// --- for how long ------------------------------------------------------------------------------

// Lengths beyond the limit of what is chosen are no choice.
function limitLengths() {
  const { limit, longestIs } = document.querySelector("#foreseen .preview")?.dataset ?? {};
  for (const radio of form.querySelectorAll("input[name=duration][data-seconds]")) {
    const isBeyond = limit !== undefined && Number(radio.dataset.seconds) >= Number(limit);
    radio.closest(".pick").hidden = isBeyond;
    if (isBeyond && radio.checked) form.querySelector("input[name=duration][value='']").checked = true;
  }
  form.querySelector("[data-longest]").textContent = longestIs ? `, ${longestIs}` : "";
}

// --- listen ------------------------------------------------------------------------------------

function begin() {
  for (const name of BOXES) boxes(name).filter((box) => box.checked).forEach(remember);
  limitLengths();
  draw();

  form.addEventListener("input", (event) => {
    const field = event.target;
    if (field.closest("#looking")) return;
    if (field.name === "other_duration") form.querySelector("#length-other").checked = true;
    if (BOXES.includes(field.name) && field.type === "checkbox") remember(field);
    changed();
  });
  form.addEventListener("click", (event) => {
    const chip = event.target.closest("[data-takes]");
    if (chip) takeAway(chip.dataset.takes);
  });
  // Enter in a line sends the request, and searches where one searches.
  form.addEventListener("keydown", (event) => {
    const field = event.target;
    if (event.key !== "Enter" || field.tagName !== "INPUT") return;
    event.preventDefault();
    if (field.type !== "search") form.requestSubmit(form.querySelector("button.primary"));
  });
  form.addEventListener("htmx:afterSettle", (event) => {
    if (event.target.id === "catalogue") {
      keepAddress();
      if (tickAgain("roles").length) document.getElementById("looking").dispatchEvent(new CustomEvent("asking:look"));
      draw();
    }
    if (event.target.id === "foreseen") {
      tickAgain("suggested_reviewers");
      limitLengths();
      const { who } = form.elements;
      if (who) who.hidden = !who.value && !form.querySelector("[data-many]");
      const isWrong = form.querySelector("#said-reason .errors") !== null;
      form.elements.reason.setAttribute("aria-invalid", isWrong);
      refresh(form);
    }
  });
}

if (form) begin();
