"""Decisions name guidance that exists, and whatever makes ink says so in the trail."""

from __future__ import annotations

import ast
import re
from pathlib import Path
from typing import Any

from sqlalchemy import select

from assessors.guidance.models import GuidanceVersion
from course import audit
from course.access import Role
from course.audit import Event
from course.catalogue import queries as catalogue
from course.workbook.models import Decision
from tests.support.house import sign_in
from tests.support.story import QUALIFICATION, UNIT, Story

ROOT = Path(__file__).parents[2]


def operations() -> list[Path]:
    """Files whose functions change state; publishing is the same act by command."""
    everything = [path for package in ("course", "assessors") for path in sorted((ROOT / package).rglob("*.py"))]
    return [one for one in everything if one.stem in {"operations", "publishing"} or one.parent.name == "operations"]


def names_called(function: ast.AST) -> set[str]:
    """Plain names called inside, and the last part of dotted ones after a dot."""
    calls = [node.func for node in ast.walk(function) if isinstance(node, ast.Call)]
    plain = {one.id for one in calls if isinstance(one, ast.Name)}
    return plain | {f".{one.attr}" for one in calls if isinstance(one, ast.Attribute)}


def models_imported(tree: ast.AST) -> set[str]:
    """The names that a file takes from models."""
    froms = [node for node in ast.walk(tree) if isinstance(node, ast.ImportFrom)]
    return {name.name for node in froms if (node.module or "").endswith("models") for name in node.names}


def test_every_guidance_hash_on_a_decision_resolves(app: Any, story: Story) -> None:
    """A decision names its guidance by content; `course` cannot look it up, so the house does."""
    with story.reading() as session:
        unit = catalogue.unit(session, catalogue.latest_unit(session, QUALIFICATION, UNIT).id)
    _, enrolment = story.learner()
    answer = story.hand_in(enrolment, next(one.key for one in unit.questions if one.kind == "extended"))
    client = sign_in(app, story.staff(Role.ASSESSOR).id)
    client.post(f"/marking/answers/{answer.id}/lease")
    page = client.get(f"/marking/answers/{answer.id}").get_data(as_text=True)
    fields = dict(re.findall(r'<input type="hidden" name="((?:base|guidance)[^"]*)" value="([^"]*)">', page))
    for name in [name for name in fields if name.startswith("base-")]:
        criterion = name.removeprefix("base-")
        fields |= {f"outcome-{criterion}": "achieved", f"feedback-{criterion}": "You say why."}
    decided = client.post(f"/marking/answers/{answer.id}/decision", data=fields | {"then": "hold"})
    assert decided.status_code == 303
    with story.reading() as session:
        named = set(session.scalars(select(Decision.guidance)))
        known = set(session.scalars(select(GuidanceVersion.hash)))
    assert named
    assert named <= known


def test_every_function_that_makes_ink_writes_its_entry(app: Any) -> None:
    """Whoever makes a row of ink records an event in the same function; a private part leaves it to its callers."""
    ink = {one.__name__ for one in audit.ink_classes().values() if not getattr(one, "__vouched_by__", None)}
    silent = []
    for path in operations():
        tree = ast.parse(path.read_text("utf-8"))
        calls = {one.name: names_called(one) for one in ast.walk(tree) if isinstance(one, ast.FunctionDef)}
        for name, called in calls.items():
            above = [others for others in calls.values() if name in others] if name.startswith("_") else []
            recorded = ".record" in called or (above and all(".record" in others for others in above))
            if called & ink & models_imported(tree) and not recorded:
                silent.append(f"{path.relative_to(ROOT)}: {name}")
    assert silent == []


def test_ink_is_made_by_operations_only(app: Any) -> None:
    ink = {one.__name__ for one in audit.ink_classes().values()}
    free = {"access_log.py", "checkpoints.py"}  # the access log is the framework's; checkpoints sign themselves
    wrong = []
    for path in [*(ROOT / "course").rglob("*.py"), *(ROOT / "assessors").rglob("*.py")]:
        if path in operations() or path.name in free or "demo" in path.parts:
            continue
        tree = ast.parse(path.read_text("utf-8"))
        wrong += [f"{path.relative_to(ROOT)} makes {name}" for name in names_called(tree) & ink & models_imported(tree)]
    assert wrong == []


def test_event_names_are_data_for_ever() -> None:
    """Removing or renaming one would make old entries unreadable: this list only ever grows."""
    names = {str(one) for one in Event}
    assert len(names) == len(list(Event))
    assert names >= {
        "centre.opened", "person.invited", "person.changed", "person.disabled", "appointment.made", "appointment.ended",
        "unit.published", "guidance.published", "policy.published", "learner.enrolled", "learner.inducted",
        "unit.pinned", "work.handed-in", "answer.handed-in", "answer.taken-back", "answer.decided", "answer.returned",
        "decision.reviewed", "batch.released", "record.issued", "record.revoked", "words.exported", "key.destroyed",
    }  # fmt: skip
