// Times that stay true while a page is open, in the zone of whoever reads it.
//   <time datetime data-relative>   "in 12 minutes", "3 hours ago"; the exact one is its title
//   <time datetime data-countdown>  "1:12:05", running down; at zero the event "times:over" rises
//   <time datetime>                 the exact one
//   <span data-zone>                the name of that zone; with an <input data-zone> in data-moments
//                                   it is that of the moments there, until one is written
// A zone that was chosen stands in <html data-reads-in>; else it is the device's.

const MINUTE = 60;
const HOUR = 60 * MINUTE;
const DAY = 24 * HOUR;

const language = document.documentElement.lang || "en";

const zone = document.documentElement.dataset.readsIn || Intl.DateTimeFormat().resolvedOptions().timeZone;

// What the server's clock is ahead of this one; a few seconds are only the way from there to here.
const said = Date.parse(document.body.dataset.at || "");
const ahead = Number.isNaN(said) || Math.abs(said - Date.now()) < 5000 ? 0 : said - Date.now();

export const now = () => Date.now() + ahead;

// Some languages bend the words after "in" and before "ago".
function units(seconds) {
  const days = Math.floor(seconds / DAY);
  const hours = Math.floor((seconds % DAY) / HOUR);
  const minutes = Math.floor((seconds % HOUR) / MINUTE);
  return [
    [days, npgettext("from now", "%(count)s day", "%(count)s days", days)],
    [hours, npgettext("from now", "%(count)s hour", "%(count)s hours", hours)],
    [minutes, npgettext("from now", "%(count)s minute", "%(count)s minutes", minutes)],
  ]
    .filter(([count]) => count > 0)
    .map(([count, words]) => interpolate(words, { count }, true));
}

// Two units of what comes, one of what was.
export function distance(milliseconds) {
  const seconds = milliseconds / 1000;
  if (Math.abs(seconds) < MINUTE) return seconds > 0 ? gettext("in less than a minute") : gettext("just now");
  const named = units(Math.abs(seconds));
  if (seconds < 0) return interpolate(gettext("%(length)s ago"), { length: named[0] }, true);
  const length = named.slice(0, Math.abs(seconds) >= DAY ? 2 : 3).join(" ");
  return interpolate(gettext("in %(length)s"), { length }, true);
}

function left(milliseconds) {
  const seconds = Math.max(0, Math.round(milliseconds / 1000));
  const two = (number) => String(number).padStart(2, "0");
  const hours = Math.floor(seconds / HOUR);
  const rest = `${two(Math.floor((seconds % HOUR) / MINUTE))}:${two(seconds % MINUTE)}`;
  const count = Math.floor(hours / 24);
  if (hours >= 48) return interpolate(ngettext("%(count)s day", "%(count)s days", count), { count }, true);
  return hours ? `${hours}:${rest}` : rest;
}

function exact(moment) {
  const parts = (options) => new Intl.DateTimeFormat(language === "en" ? "en-GB" : language, { ...options, timeZone: zone }).format(moment);
  const day = parts({ weekday: "short", day: "numeric", month: "short", year: "numeric" }).replaceAll(",", "");
  return `${day}, ${parts({ hour: "2-digit", minute: "2-digit", timeZoneName: "short" })}`;
}

function write(time, text) {
  const first = time.firstChild;
  if (first?.nodeType !== Node.TEXT_NODE) time.prepend(text);
  else if (first.data !== text) first.data = text;
}

function localise(time, moment) {
  if (time.dataset.local) return;
  time.dataset.local = "true";
  const here = exact(moment);
  const hidden = time.querySelector(".unseen");
  time.title = here;
  if (hidden) hidden.textContent = ` (${here})`;
  else if (!("relative" in time.dataset) && !("countdown" in time.dataset)) write(time, here);
}

function show(time) {
  const moment = Date.parse(time.dateTime);
  if (Number.isNaN(moment)) return;
  localise(time, moment);
  const length = moment - now();
  if ("relative" in time.dataset) write(time, distance(length));
  if ("countdown" in time.dataset) write(time, left(length));
  const runs = "countdown" in time.dataset || "relative" in time.dataset;
  if (runs && length > 0) time.dataset.runs = "true";
  else if (time.dataset.runs) {
    delete time.dataset.runs;
    time.dispatchEvent(new CustomEvent("times:over", { bubbles: true }));
  }
}

function nameZone(place) {
  const written = place.closest("[data-moments]")?.querySelectorAll("[type=datetime-local]") ?? [];
  if ([...written].some((field) => field.value)) return;
  if (place instanceof HTMLInputElement) place.value = zone;
  else place.textContent = zone.replaceAll("_", " ");
}

const EVERY = "time[datetime]";

export function refresh(root = document, selector = EVERY) {
  for (const time of root.querySelectorAll(selector)) show(time);
  if (selector === EVERY) root.querySelectorAll("[data-zone]").forEach(nameZone);
}

refresh();
setInterval(() => refresh(document, "time[data-countdown]"), 1000);
setInterval(() => refresh(document, "time[data-relative]"), 10_000);
document.addEventListener("visibilitychange", () => document.hidden || refresh());
document.addEventListener("htmx:afterSettle", (event) => refresh(event.target.parentNode ?? document));
document.addEventListener("plane:replaced", (event) => refresh(event.target));
