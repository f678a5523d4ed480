// Follows changes. The plane sends hints over a WebSocket; what is shown is read again from the
// page's own address, with the viewer's rights, and the parts that are marked take it over:
//
//   <section id="timeline" data-live="access_request:0199... grant">
//
// `data-live` names kinds, or objects as kind:id; `*` is anything. A part needs an id. One that
// somebody is writing in is not taken away: a line above it offers the news. What was replaced is
// tinted for a moment, unless it has `data-quiet`. In a list with `data-merges` the lines that have
// ids come and go one by one; those that stay keep the focus and what is chosen.

const FIRST_PAUSE = 500; // milliseconds before the first try to connect again
const LONGEST_PAUSE = 20_000;
const POLL_EVERY = 15_000; // while there is no connection
const GATHER = 80; // hints come in bunches
const BETWEEN = 700; // between two readings of the page
const TINTED = 2_000;
const PATIENCE = 2_000; // a short interruption is nobody's business
const SIGNED_OUT = 4401;

const page = document.body;
let socket = null;
let pause = FIRST_PAUSE;
let lastRead = 0;
let reading = null;
let isAsked = false;
let lostTimer = null;
let pollTimer = null;

// --- the connection ----------------------------------------------------------------------------

function connect() {
  const scheme = location.protocol === "https:" ? "wss:" : "ws:";
  socket = new WebSocket(
    `${scheme}//${location.host}/ws/live/?after=${page.dataset.after}`,
  );
  socket.addEventListener("open", () => {
    pause = FIRST_PAUSE;
    found();
  });
  socket.addEventListener("message", (message) => {
    if (concerns(JSON.parse(message.data))) ask();
  });
  socket.addEventListener("close", (event) => {
    if (event.code === SIGNED_OUT) return tell("signed-out");
    lost();
    setTimeout(connect, pause * (0.5 + Math.random()));
    pause = Math.min(pause * 2, LONGEST_PAUSE);
  });
}

function lost() {
  lostTimer ??= setTimeout(() => tell("lost"), PATIENCE);
  pollTimer ??= setInterval(() => document.hidden || ask(), POLL_EVERY);
}

function found() {
  clearTimeout(lostTimer);
  clearInterval(pollTimer);
  lostTimer = pollTimer = null;
  tell("live");
}

// Shows one of the sentences of #connection, or none.
function tell(state) {
  const sign = document.getElementById("connection");
  if (!sign) return;
  for (const sentence of sign.children) sentence.hidden = sentence.dataset.when !== state;
  sign.dataset.state = state;
}

// --- what concerns this page -------------------------------------------------------------------

const parts = () => document.querySelectorAll("[data-live][id]");

function concerns(hint) {
  const names = ["*", hint.kind, `${hint.kind}:${hint.id}`];
  return [...parts()].some((part) =>
    part.dataset.live.split(/\s+/).some((name) => names.includes(name)),
  );
}

// --- reading the page again --------------------------------------------------------------------

// Reads soon; what is asked for meanwhile is read after that.
function ask() {
  isAsked = true;
  if (reading) return;
  const wait = Math.max(GATHER, BETWEEN - (Date.now() - lastRead));
  reading = setTimeout(read, wait);
}

async function read() {
  isAsked = false;
  lastRead = Date.now();
  try {
    const answer = await fetch(location.href, {
      headers: { Accept: "text/html", "X-Live": "1" },
      redirect: "manual",
    });
    if (answer.type === "opaqueredirect") tell("signed-out");
    else if (answer.ok) takeOver(new DOMParser().parseFromString(await answer.text(), "text/html"));
    else if (answer.status === 403 || answer.status === 404) tell("gone");
    if (answer.ok && socket?.readyState === WebSocket.OPEN) found();
  } catch {
    lost(); // the plane is away; it is asked again
  } finally {
    reading = null;
    if (isAsked) ask();
  }
}

function takeOver(fresh) {
  page.dataset.after = fresh.body.dataset.after ?? page.dataset.after;
  document.title = fresh.title;
  for (const part of parts()) {
    const other = fresh.getElementById(part.id);
    if (!other || words(other) === words(part)) continue;
    if ("merges" in part.dataset) merge(part, other);
    else if (isInUse(part)) offer(part, other);
    else replace(part, other);
  }
}

// What a part says, without what differs every time: the token of its forms and the clock.
function words(part) {
  const copy = part.cloneNode(true);
  copy.classList.remove("changed");
  for (const field of copy.querySelectorAll("input[name=csrfmiddlewaretoken]")) field.remove();
  for (const zone of copy.querySelectorAll("[data-zone]")) zone.remove(); // as are the times below
  for (const details of copy.querySelectorAll("details[open]")) details.open = false;
  for (const time of copy.querySelectorAll("time")) {
    time.replaceChildren(time.dateTime);
    time.removeAttribute("title"); // it is in the zone of whoever reads
    for (const name of Object.keys(time.dataset)) delete time.dataset[name];
  }
  return copy.outerHTML;
}

function isInUse(part) {
  const fields = [...part.querySelectorAll("input:not([type=hidden]), textarea, select")];
  return (
    part.querySelector("dialog[open]") !== null ||
    fields.some((field) => field === document.activeElement || isChanged(field))
  );
}

function isChanged(field) {
  if (field instanceof HTMLSelectElement)
    return [...field.options].some((option) => option.selected !== option.defaultSelected);
  if (field.type === "checkbox" || field.type === "radio")
    return field.checked !== field.defaultChecked;
  return field.value !== field.defaultValue;
}

// Says above a part that it changed while somebody was writing there.
function offer(part, other) {
  document.getElementById(`${part.id}-news`)?.remove();
  const template = document.getElementById("live-offer");
  if (!template) return;
  const line = template.content.firstElementChild.cloneNode(true);
  line.id = `${part.id}-news`;
  line.querySelector("button").addEventListener("click", () => {
    line.remove();
    replace(part, other);
  });
  part.before(line);
}

// Lines come, go and change in their list, and nothing else of it moves.
function merge(list, other) {
  const lost = [...list.children].filter((line) => !other.querySelector(`#${CSS.escape(line.id)}`));
  const focused = lost.find((line) => line.contains(document.activeElement));
  let place = list.firstElementChild;
  for (const line of [...other.children]) {
    const own = document.getElementById(line.id);
    const taken = own && words(own) === words(line) ? own : take(own, line);
    while (place && lost.includes(place)) place = place.nextElementSibling;
    if (taken === place) place = place.nextElementSibling;
    else list.insertBefore(taken, place);
  }
  const heir = focused && [...list.children].slice([...list.children].indexOf(focused)).find((line) => !lost.includes(line));
  for (const line of lost) line.remove();
  if (focused) (heir ?? list.lastElementChild)?.querySelector("a[href]")?.focus({ preventScroll: true });
}

// The line as it is now, in the place of the old one, if there was one.
function take(own, line) {
  const taken = document.adoptNode(line);
  const wasChosen = own?.querySelector("input[type=checkbox]")?.checked;
  if (own) {
    const place = placeOf(document.activeElement, own);
    own.replaceWith(taken);
    if (wasChosen) taken.querySelector("input[type=checkbox]").checked = true;
    place && taken.querySelector(place)?.focus({ preventScroll: true });
  }
  taken.classList.add("changed");
  setTimeout(() => taken.classList.remove("changed"), TINTED);
  queueMicrotask(() => taken.dispatchEvent(new CustomEvent("plane:replaced", { bubbles: true })));
  return taken;
}

function replace(part, other) {
  const place = placeOf(document.activeElement, part);
  const taken = document.adoptNode(other);
  for (const details of part.querySelectorAll("details[open][id]"))
    taken.querySelector(`#${CSS.escape(details.id)}`)?.setAttribute("open", "");
  document.getElementById(`${part.id}-news`)?.remove();
  part.replaceWith(taken);
  place && taken.querySelector(place)?.focus({ preventScroll: true });
  if (!("quiet" in taken.dataset)) {
    taken.classList.add("changed");
    setTimeout(() => taken.classList.remove("changed"), TINTED);
  }
  taken.dispatchEvent(new CustomEvent("plane:replaced", { bubbles: true }));
}

// How to find what has the focus again once its part is another one.
function placeOf(focused, part) {
  if (!focused || !part.contains(focused)) return null;
  if (focused.id) return `#${CSS.escape(focused.id)}`;
  const href = focused.getAttribute("href");
  return href ? `a[href="${CSS.escape(href)}"]` : null;
}

// --- begin -------------------------------------------------------------------------------------

if (page.dataset.after && parts().length) {
  connect();
  // A page that slept heard nothing.
  document.addEventListener("visibilitychange", () => document.hidden || ask());
  addEventListener("online", ask);
}
