"""What a plan keeps of its draw: canonical JSON of counts and ids, written once and read back without the pool."""

from __future__ import annotations

import json
from dataclasses import replace
from typing import Any
from uuid import UUID

from assessors.quality.plan.rules import Because, Cover, Drawn, Line, Need, Share, Touched


def dumps(drawn: Drawn) -> str:
    """Sorted keys, no blanks: equal draws give equal text. The lines stand in rows of their own."""
    said = {
        "answers": drawn.answers,
        "decisions": drawn.decisions,
        "shares": [
            [str(one.assessor), one.decisions, one.achieved, one.before, one.hundredths, list(one.because), one.drawn]
            for one in drawn.shares
        ],
        "covers": [[one.need, one.of, one.pool, one.before, one.drawn] for one in drawn.covers],
        "reasons": [list(one) for one in drawn.reasons],
    }
    return json.dumps(said, sort_keys=True, ensure_ascii=False, separators=(",", ":"))


def loads(text: str) -> Drawn:
    """The draw without its lines."""
    said: dict[str, Any] = json.loads(text)
    shares = tuple(
        Share(UUID(who), decisions, achieved, before, hundredths, tuple(Because(one) for one in because), drawn)
        for who, decisions, achieved, before, hundredths, because, drawn in said["shares"]
    )
    covers = tuple(Cover(Need(need), of, pool, before, drawn) for need, of, pool, before, drawn in said["covers"])
    reasons = tuple((why, of, count) for why, of, count in said["reasons"])
    return replace(Drawn(said["answers"], said["decisions"], shares, covers), reasons=reasons)


def line_dumps(line: Line) -> str:
    """Why one answer was drawn."""
    said = {"brings": [list(one) for one in line.brings], "fills": [[why, str(who)] for why, who in line.fills]}
    return json.dumps(said, sort_keys=True, separators=(",", ":"))


def line_loads(answer_id: UUID, text: str) -> Line:
    """The same, read back."""
    said = json.loads(text)
    return Line(
        answer_id, tuple((Need(need), of) for need, of in said["brings"]),
        tuple((Because(why), UUID(who)) for why, who in said["fills"]),
    )  # fmt: skip


def change_dumps(*, added: Touched | None, dropped: Touched | None) -> str:
    """What a change by hand brought to a plan, and what it took away."""
    said = {name: _touched(one) for name, one in (("added", added), ("dropped", dropped)) if one}
    return json.dumps(said, sort_keys=True, separators=(",", ":"))


def _touched(one: Touched) -> dict[str, Any]:
    return {"decisions": [[str(who), made] for who, made in one.decisions], "needs": [list(need) for need in one.needs]}


def change_loads(text: str) -> dict[str, Touched]:
    """The same by "added" and "dropped", read back."""
    return {
        name: Touched(
            tuple((UUID(who), made) for who, made in one["decisions"]),
            tuple((Need(need), of) for need, of in one["needs"]),
        )
        for name, one in json.loads(text).items()
    }
