"""Everything that changes a second marking, each with its audit entry. None of it decides anything."""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Collection
from dataclasses import dataclass
from uuid import UUID

from sqlalchemy.orm import Session

from assessors.marking.operations import leasing
from assessors.marking.queries.desk import Desk
from assessors.marking.rules import Judgement
from assessors.quality.second import rules
from assessors.quality.second.models import SecondJudging, SecondMarking, SecondMarkingEnd, SecondOutcome, SecondView
from assessors.quality.second.queries import asking
from assessors.quality.second.queries.pairs import Twice
from assessors.quality.second.rules import Side
from course import audit, clock, outbox, sealing
from course.access import HeldAppointment, Role
from course.audit import Actor
from course.db import new_id
from course.enrolment.models import Cohort
from course.independence import Act, Standing
from course.records import queries as records
from course.refusal import require
from course.sealing import Purpose, Sealed
from course.workbook.models import Outcome
from course.workbook.rules import AnswerFacts

BY_HAND, SHARE = "hand", "share"
HOME = "/quality/second-marking"


@dataclass(frozen=True)
class Asking:
    """Whom to ask, and why."""

    chosen: UUID
    why: str
    cause: str = BY_HAND


def ask(session: Session, answer: AnswerFacts, cohort: Cohort, what: Asking, *, by: Actor) -> SecondMarking:
    """Ask an assessor to judge a decided answer without seeing what was decided. Raises Refusal."""
    step = rules.ask(
        records.standing(session, by.person_id, cohort, answers=[answer.id]), by=by.person_id,
        is_decided=bool(answer.decisions) and answer.is_decided,
        is_running=answer.id in asking.running(session, [answer.id]), chosen=what.chosen,
        able=asking.able(session, cohort, [answer])[answer.id], why=what.why,
    )  # fmt: skip
    row = SecondMarking(
        id=new_id(), answer_id=answer.id, assessor_id=what.chosen, cause=what.cause, why=what.why,
        asked_by=by.person_id, appointment_id=by.appointment_id, at=clock.now(),
    )  # fmt: skip
    session.add(row)
    session.flush()
    audit.record(session, step.event, row, by=by, subject=records.person_of(session, answer.enrolment_id))
    _tell(session, [what.chosen], f"second-marking:{row.id}")
    return row


def standing(
    session: Session, twice: Twice, person_id: UUID, act: Act = Act.CHECK, *, roles: tuple[Role, ...] | None = None
) -> Standing:
    """How somebody stands to an answer that is judged twice, and to both who judge it."""
    answers, about = [twice.row.answer_id], {twice.row.assessor_id}
    return records.standing(session, person_id, twice.cohort, act=act, about=about, answers=answers, roles=roles)


def ask_for_share(
    session: Session, cohort: Cohort, *, held: Collection[HeldAppointment], by: Actor
) -> list[SecondMarking]:
    """Ask for what the policy's share still lacks: drawn by hash, given to whoever has the least to do.

    Raises Refusal when nobody can judge what was drawn.
    """
    shares = asking.shares(session, cohort, held)
    open_answers = [one for share in shares if share.missing for one in share.left]
    able = asking.able(session, cohort, open_answers)
    given: Counter[UUID] = Counter()
    asked: list[SecondMarking] = []
    taken: set[UUID] = set()
    for share in shares:
        by_id = {one.id: one for one in share.left if one.is_decided and one.id not in taken}
        for answer_id in rules.drawn([one for one in by_id if able[one].keys() - {by.person_id}], share.missing):
            chosen = min(able[answer_id].keys() - {by.person_id}, key=lambda one: (given[one], one.int))
            given[chosen] += 1
            taken.add(answer_id)
            why = "Drawn by lot: the policy asks for a share of each assessor’s answers to be judged twice."
            asked.append(ask(session, by_id[answer_id], cohort, Asking(chosen, why, SHARE), by=by))
    require(asked, "Nobody can be asked now: the share is reached, or no other assessor can judge these blind.",
            "Look at the list below.")  # fmt: skip
    return asked


def call_off(session: Session, twice: Twice, why: str, *, by: Actor) -> SecondMarkingEnd:
    """Take back the asking while nobody has judged. Raises Refusal."""
    step = rules.call_off(standing(session, twice, by.person_id, roles=(Role.LEAD_IQA,)), twice.pair, why=why)
    row = SecondMarkingEnd(
        id=new_id(), second_marking_id=twice.row.id, why=why, ended_by=by.person_id, appointment_id=by.appointment_id,
        at=clock.now(),
    )  # fmt: skip
    session.add(row)
    session.flush()
    audit.record(session, step.event, row, by=by, subject=twice.learner)
    return row


def judge(session: Session, twice: Twice, desk: Desk, judgement: Judgement) -> SecondJudging:
    """Save the second judgement, whole. From now on its assessor sees the first. Raises Refusal."""
    criteria = desk.answer.open_criteria
    step = rules.judge(
        standing(session, twice, desk.by.person_id, Act.JUDGE_AGAIN), twice.pair, by=desk.by.person_id,
        criteria=criteria,
        outcomes={key: one.outcome for key, one in judgement.criteria.items()},
        feedback={key: one.feedback for key, one in judgement.criteria.items()},
        guidance_is_current=judgement.guidance == desk.case.guidance,
    )  # fmt: skip
    words = {key: {"feedback": one.feedback, "ticks": list(one.ticks)} for key, one in judgement.criteria.items()}
    box = _seal(session, twice.answer, "second-judging.words", json.dumps(words, ensure_ascii=False))
    row = SecondJudging(
        id=new_id(), second_marking_id=twice.row.id, guidance=desk.case.guidance, words_id=box.id,
        judged_by=desk.by.person_id, appointment_id=desk.by.appointment_id, at=clock.now(),
    )  # fmt: skip
    session.add(row)
    session.flush()
    for key, one in judgement.criteria.items():
        session.add(SecondOutcome(judging_id=row.id, criterion=key, outcome=str(one.outcome)))
    session.flush()
    audit.record(session, step.event, row, by=desk.by, subject=twice.learner, enrolment=twice.answer.enrolment_id)
    leasing.drop_judgement(session, desk)
    _tell(session, {one.decided_by for one in twice.first.values()}, f"second-judging:{row.id}")
    return row


def _seal(session: Session, answer: AnswerFacts, place: str, words: str) -> Sealed:
    key = sealing.ensure_key(session, answer.enrolment_id, Purpose.WORK)
    session.flush()
    box = sealing.seal(session, key, place, words, about=answer.id)
    session.flush()
    return box


def _tell(session: Session, people: Collection[UUID], key: str) -> None:
    for person_id in people:
        letter = outbox.Letter.SOMETHING_TO_READ
        outbox.queue(session, person_id, letter, key=f"{key}:{person_id}", link=HOME)


@dataclass(frozen=True)
class Said:
    """An outcome on one criterion, and why."""

    criterion: str
    outcome: Outcome
    reason: str


def reconsider(session: Session, twice: Twice, said: Said, *, by: Actor) -> SecondView:
    """One of the two comes round to the other's outcome: they agree. Raises Refusal."""
    step, side = rules.reconsider(
        standing(session, twice, by.person_id, Act.JUDGE),
        twice.pair,
        by=by.person_id,
        criterion=said.criterion,
        outcome=said.outcome,
        reason=said.reason,
    )
    row = _view(session, twice, said, side, by)
    audit.record(session, step.event, row, by=by, subject=twice.learner, enrolment=twice.answer.enrolment_id)
    _tell(session, _others(twice, by), f"second-view:{row.id}")
    return row


def settle(session: Session, twice: Twice, said: Said, *, by: Actor) -> SecondView:
    """The lead internal quality assurer settles a difference. Raises Refusal."""
    step = rules.settle(
        standing(session, twice, by.person_id, roles=(Role.LEAD_IQA,)),
        twice.pair,
        criterion=said.criterion,
        reason=said.reason,
    )
    row = _view(session, twice, said, Side.LEAD, by)
    audit.record(session, step.event, row, by=by, subject=twice.learner, enrolment=twice.answer.enrolment_id)
    _tell(session, _others(twice, by), f"second-view:{row.id}")
    return row


def _others(twice: Twice, by: Actor) -> set[UUID]:
    """The two, and who asked: what they come to may have to be decided again."""
    everybody = {twice.row.assessor_id, twice.row.asked_by, *(one.decided_by for one in twice.first.values())}
    return everybody - {by.person_id}


def _view(session: Session, twice: Twice, said: Said, side: Side, by: Actor) -> SecondView:
    box = _seal(session, twice.answer, "second-view.reason", said.reason)
    row = SecondView(
        id=new_id(), second_marking_id=twice.row.id, criterion=said.criterion, side=side, outcome=said.outcome,
        reason_id=box.id, said_by=by.person_id, appointment_id=by.appointment_id, at=clock.now(),
    )  # fmt: skip
    session.add(row)
    session.flush()
    return row
