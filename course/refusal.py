"""How a rule says no (with a sentence for the person) and yes (with the event that the step is)."""

from __future__ import annotations

from dataclasses import dataclass

from course.audit import Event


class Refusal(Exception):
    """A rule does not allow the step. The text is a sentence for the person; `next_step` says what to do now."""

    def __init__(self, sentence: str, next_step: str = "") -> None:
        super().__init__(sentence)
        self.sentence = sentence
        self.next_step = next_step


def require(condition: object, sentence: str, next_step: str = "") -> None:
    """Raise Refusal unless the condition holds."""
    if not condition:
        raise Refusal(sentence, next_step)


@dataclass(frozen=True)
class Step:
    """A step that a rule allows, named by the event it leaves in the audit trail."""

    event: Event
