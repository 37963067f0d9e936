// Comfort only: every page works without this file.

for (const button of document.querySelectorAll("[data-copy]")) {
  const word = button.querySelector("span");
  const before = word.textContent;
  button.hidden = !navigator.clipboard;
  button.addEventListener("click", async () => {
    await navigator.clipboard.writeText(document.getElementById(button.dataset.copy).value);
    word.textContent = button.dataset.done;
    setTimeout(() => { word.textContent = before; }, 2500);
  });
}

// The "now" line walks with the clock, and a narrow board opens where it stands.
const opened = Date.now();

function walk(svg) {
  const hours = Number(svg.dataset.hours);
  const share = Number(svg.dataset.now) + (Date.now() - opened) / (hours * 3_600_000);
  svg.toggleAttribute("hidden", share > 1);
  const [line, dot] = svg.children;
  for (const [part, name] of [[line, "x1"], [line, "x2"], [dot, "cx"]]) {
    part.setAttribute(name, `${(100 * share).toFixed(2)}%`);
  }
}

for (const svg of document.querySelectorAll(".now")) {
  const box = svg.closest(".board");
  const lanes = svg.getBoundingClientRect().width;
  box.scrollLeft = Number(svg.dataset.now) * lanes - lanes / Number(svg.dataset.hours);
  setInterval(walk, 60_000, svg);
}

// A reservation one may read is dragged to a free place of the board: the form of its change opens with that place and
// time, and shows what would come of it. By keyboard and on phones the same form is reached from the reservation.
function leadsTo(link, pattern) {
  const url = link && new URL(link.href);
  return url && pattern.test(url.pathname) ? url : null;
}

for (const board of document.querySelectorAll(".board")) {
  const link = (event) => event.target.closest?.("td > a");
  const free = (event) => dragged && leadsTo(link(event), /^\/reservations\/new$/);
  let dragged = null;
  const point = (at) => {
    board.querySelector("[data-over]")?.removeAttribute("data-over");
    at?.setAttribute("data-over", "");
  };
  board.addEventListener("dragstart", (event) => {
    dragged = leadsTo(link(event), /^\/reservations\/[A-Z0-9]{3}-[A-Z0-9]{4}$/);
    if (dragged) event.dataTransfer.effectAllowed = "move";
  });
  board.addEventListener("dragover", (event) => {
    const place = free(event);
    point(place && link(event));
    if (!place) return;
    event.preventDefault();
    event.dataTransfer.dropEffect = "move";
  });
  board.addEventListener("dragend", () => {
    dragged = null;
    point(null);
  });
  board.addEventListener("drop", (event) => {
    const place = free(event);
    if (!place) return;
    event.preventDefault();
    dragged.pathname += "/change";
    for (const name of ["space", "on", "from"]) {
      dragged.searchParams.set(name, place.searchParams.get(name));
    }
    location.assign(dragged);
  });
}

// A later start takes the end along, so that the length stays what it was.
const from = document.querySelector(".finder [name=from]");
const to = document.querySelector(".finder [name=to]");

function minutes(input) {
  const [hour, minute] = input.value.split(":").map(Number);
  return hour * 60 + minute;
}

if (from && to) {
  let length = minutes(to) - minutes(from);
  to.addEventListener("change", () => { length = minutes(to) - minutes(from); });
  from.addEventListener("change", () => {
    const end = Math.min(minutes(from) + length, 1439);
    if (!(length > 0 && end >= 0)) return;
    to.value = [Math.floor(end / 60), end % 60].map((n) => String(n).padStart(2, "0")).join(":");
  });
}

// A named period takes along what has been typed in the form so far, but for the time itself.
const moot = ["csrf_token", "once", "space", "on", "from", "to", "until", "exception"];

for (const chip of document.querySelectorAll("[data-keep]")) {
  chip.addEventListener("click", () => {
    const target = new URL(chip.href);
    for (const [name, value] of new FormData(chip.closest("form"))) {
      if (!moot.includes(name)) target.searchParams.set(name, value);
    }
    chip.href = target.href;
  });
}

// What can be taken back for some seconds only says so no longer when they are over.
for (const box of document.querySelectorAll("[data-ends]")) {
  setTimeout(() => { box.remove(); }, Number(box.dataset.ends) * 1000);
}
