// Leave this page: empties the page at once and takes its place in the history. Also by pressing Shift three times.
const way = document.querySelector("[data-leave]");
let presses = [];

function leave(event) {
  if (event) event.preventDefault();
  document.documentElement.dataset.leaving = "";   // no question about unsaved words now; they are sent on the way out
  document.title = "…";
  document.body.hidden = true;
  location.replace(way.href);
}

if (way) {
  way.title = "You can also press Shift three times";
  way.addEventListener("click", leave);
  addEventListener("keydown", (event) => {
    if (event.repeat) return;
    presses = event.key === "Shift" ? [...presses, event.timeStamp].filter((at) => event.timeStamp - at < 2000) : [];
    if (presses.length >= 3) leave();
  });
  addEventListener("pageshow", (event) => { if (event.persisted) location.reload(); });
}
