// Marking by keyboard. Binds [data-keys]; each [data-decide] in it is a criterion with two radios and a feedback box.
// The written hints are made here, so they never promise what does not work; one key press turns all of it off for good.
const desk = document.querySelector("[data-keys]");
const FLAG = "alongside-keys-off";              // says only that keys are off; nothing about a person

const remembered = () => { try { return localStorage.getItem(FLAG) === "1"; } catch (_) { return false; } };
const remember = (off) => { try { localStorage.setItem(FLAG, off ? "1" : "0"); } catch (_) { /* until the page is left */ } };
const WORDS = [["1", "achieved"], ["2", "not yet"], ["f", "feedback"], ["g", "guidance"], ["s", "save and next"], ["Esc", "out of a box"], ["?", "these keys"]];

function start() {
  let off = remembered(), last = null;
  const criteria = [...desk.querySelectorAll("[data-decide]")];
  const hints = document.createElement("section");
  hints.className = "keys";
  hints.tabIndex = -1;
  hints.setAttribute("aria-label", "Keys");
  (document.querySelector("[data-keys-hints]") || desk).append(hints);

  function show() {
    const list = WORDS.map(([key, words]) => { const li = make("li"); li.append(make("kbd", key), " " + words); return li; });
    const ul = make("ul");
    ul.append(...list);
    const turn = make("button", off ? "Turn keys on" : "Turn keys off");
    turn.type = "button";
    turn.className = "btn quiet small";
    turn.addEventListener("click", () => { off = !off; remember(off); show(); hints.querySelector("button").focus(); });
    hints.replaceChildren(make("h3", "Keys"), ...(off ? [] : [ul]), turn);
  }

  const undecided = (part) => !part.querySelector("input[type=radio]:checked");
  const current = () => criteria.find((part) => part.contains(document.activeElement)) || criteria.find(undecided) || last || criteria[0];

  function choose(which) {
    last = current();
    const radio = last && last.querySelectorAll("input[type=radio]")[which];
    if (radio) { radio.focus(); if (!radio.checked) radio.click(); }
  }

  function feedback() {
    const focused = criteria.find((part) => part.contains(document.activeElement));
    const part = focused || last || current();
    const box = part && part.querySelector("textarea");
    if (box) box.focus();
  }

  function guidance() {
    const part = document.querySelector("[data-guidance]");
    if (!part) return;
    part.tabIndex = -1;
    part.focus();
  }

  const acts = {
    1: () => choose(0), 2: () => choose(1), f: feedback, g: guidance, "?": () => hints.focus(),
    s: () => { const next = desk.querySelector("[data-next]"); if (next) next.click(); },
  };

  document.addEventListener("keydown", (event) => {
    if (off || event.ctrlKey || event.altKey || event.metaKey || event.isComposing) return;
    const at = event.target, typing = at.matches("textarea, select, [contenteditable], input:not([type=radio]):not([type=checkbox])");
    if (typing) {
      if (event.key === "Escape" && desk.contains(at)) { last = criteria.find((part) => part.contains(at)) || last; at.blur(); }
      return;
    }
    const act = acts[event.key];
    if (act) { event.preventDefault(); act(); }
  });
  show();
}

function make(name, words = "") {
  const element = document.createElement(name);
  element.textContent = words;
  return element;
}

if (desk) start();
