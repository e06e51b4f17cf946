"""How long a journey takes a person, reckoned from what they must read, write and press. No clock is involved.

A browser is a hundred times faster than a person, so its own time says nothing. This counts, for one page of the
browser, every word that the person sees for the first time, every word that they write and every press, and turns them
into minutes at the speeds below. What must be thought over is said by the journey itself: `thinking`.

Sources of the speeds: silent reading of prose 238 words a minute (Brysbaert, 2019, a review of 190 studies), taken a
sixth slower because this is read with care; composing 19 words a minute (Karat and others, 1999); pointing at a thing,
deciding on it and pressing, 2.65 seconds (Card, Moran and Newell, 1980, keystroke-level model).
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from playwright.sync_api import Page

WORDS_READ_A_MINUTE = 200
WORDS_WRITTEN_A_MINUTE = 19
SECONDS_A_PRESS = 3

WATCH = """
(() => {
  const load = Math.random().toString(36).slice(2);
  const words = (text) => (text.match(/\\S+/g) || []).length;
  const started = new WeakMap();
  const look = () => {
    const main = document.querySelector("main");
    if (main) window.noteEffort("read", main.innerText);
  };
  document.addEventListener("DOMContentLoaded", () => setTimeout(look, 0));
  document.addEventListener("pointerdown", () => { window.noteEffort("press", 1); setTimeout(look, 50); }, true);
  document.addEventListener("toggle", look, true);
  document.addEventListener("focusin", (event) => {
    const box = event.target;
    if ("value" in box && !started.has(box)) started.set(box, words(box.value));
  }, true);
  document.addEventListener("input", (event) => {
    const box = event.target;
    if (box.matches("textarea, input:not([type=radio], [type=checkbox], [type=file])")) {
      const more = words(box.value) - (started.get(box) || 0);
      window.noteEffort("write", [load + box.name, Math.max(more, 0)]);
    } else if (box.matches("select")) {
      window.noteEffort("press", 2);
    }
  }, true);
})();
"""


@dataclass
class Effort:
    """What one person has had to do so far."""

    page: Page
    lines: set[str] = field(default_factory=set)
    """What they have read: a line that comes again is recognised, not read again."""
    read: int = 0
    boxes: dict[str, int] = field(default_factory=dict)
    presses: int = 0

    def note(self, what: str, value: Any) -> None:
        """Take what the page reports."""
        if what == "press":
            self.presses += value
        elif what == "write":
            self.boxes[value[0]] = value[1]
        else:
            new = {line.strip() for line in value.splitlines()} - self.lines
            self.read += sum(len(line.split()) for line in new)
            self.lines |= new

    def restart(self) -> None:
        """Count from here. What was read before is still known."""
        self.settle()
        self.read, self.presses = 0, 0
        self.boxes.clear()

    def settle(self) -> None:
        """Wait until what the page has sent so far is here."""
        self.page.wait_for_load_state()
        self.page.evaluate("() => 0")

    @property
    def written(self) -> int:
        """Words written."""
        return sum(self.boxes.values())

    def minutes(self, *, thinking: float = 0) -> float:
        """The whole, in minutes; `thinking` is in minutes too."""
        self.settle()
        reading, writing = self.read / WORDS_READ_A_MINUTE, self.written / WORDS_WRITTEN_A_MINUTE
        return reading + writing + self.presses * SECONDS_A_PRESS / 60 + thinking

    def __str__(self) -> str:
        return f"{self.read} words read, {self.written} written, {self.presses} presses"


def watch(page: Page) -> Effort:
    """Begin to count on this page; call it before the journey begins."""
    effort = Effort(page)
    page.expose_function("noteEffort", effort.note)
    page.add_init_script(WATCH)
    return effort
