"""Applications with everything known about them but their words, in a constant number of queries."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Iterable
from typing import Any, TypeVar
from uuid import UUID

from sqlalchemy import Select, func, select
from sqlalchemy.orm import Session
from werkzeug.exceptions import NotFound

from assessors.selection.models import (
    Application,
    ApplicationSent,
    ApplicationWithdrawal,
    CheckSeen,
    CriterionScore,
    Declared,
    EligibleDate,
    EvidenceDisposal,
    OfferReply,
    Reference,
    ReferenceRequest,
    Scoring,
    SelectionDecision,
    SelectorConflict,
    Waiver,
    WaiverAgreement,
)
from assessors.selection.queries.found import AskedReference, AskedWaiver, Found, Scored
from course.access import HeldAppointment
from course.enrolment import queries as enrolments
from course.enrolment.models import Cohort
from course.enrolment.policy import CompiledPolicy
from course.people import conflicts as all_conflicts
from course.people import queries as people
from course.people.accounts import hash_token
from course.people.models import Centre

Row = TypeVar("Row")


# -- for whom --------------------------------------------------------------------------------------------------------


def covers(held: Iterable[HeldAppointment], cohort: Cohort) -> bool:
    """Whether one of these appointments takes in the cohort."""
    return any(
        one.covers(centre_id=cohort.centre_id, cohort_id=cohort.id, qualification=cohort.qualification) for one in held
    )


def cohort_for(session: Session, cohort_id: UUID, held: Iterable[HeldAppointment]) -> Cohort:
    """A cohort in the scope of these appointments. Raises NotFound."""
    cohort = session.get(Cohort, cohort_id)
    if cohort is None or not covers(held, cohort):
        raise NotFound
    return cohort


def own(session: Session, application_id: UUID, person_id: UUID, *, lock: bool = False) -> Found:
    """A person's own application. Raises NotFound for anybody else's."""
    statement = select(Application).where(Application.id == application_id, Application.person_id == person_id)
    row = session.scalar(statement.with_for_update() if lock else statement)
    if row is None:
        raise NotFound
    return facts(session, [row])[0]


def all_own(session: Session, person_id: UUID) -> list[Found]:
    """A person's own applications, the latest first."""
    rows = session.scalars(
        select(Application).where(Application.person_id == person_id).order_by(Application.id.desc())
    ).all()
    return facts(session, rows)


def for_selector(
    session: Session, application_id: UUID, held: Iterable[HeldAppointment], *, lock: bool = False
) -> Found:
    """An application that was sent, in the scope of these appointments. Raises NotFound."""
    statement = select(Application).where(Application.id == application_id)
    row = session.scalar(statement.with_for_update() if lock else statement)
    if row is None or not covers(held, session.get_one(Cohort, row.cohort_id)):
        raise NotFound
    found = facts(session, [row])[0]
    if found.sent is None:
        raise NotFound
    return found


def of_cohort(session: Session, cohort: Cohort) -> list[Found]:
    """Every application that was sent for a cohort, in the order of beginning."""
    return of_cohorts(session, [cohort.id])


def of_cohorts(session: Session, cohort_ids: Collection[UUID]) -> list[Found]:
    """Each person's latest application that was sent for these cohorts; an earlier one is found from the later."""
    rows = session.scalars(
        select(Application).where(Application.cohort_id.in_(cohort_ids)).order_by(Application.id)
    ).all()
    return [one for one in facts(session, rows) if one.sent is not None and not one.is_replaced]


def latest(session: Session, cohort: Cohort, person_id: UUID) -> Found | None:
    """A person's latest application for a cohort, sent or not."""
    row = session.scalar(_of_person(cohort.id, person_id).order_by(Application.number.desc()).limit(1))
    return facts(session, [row])[0] if row is not None else None


def before(session: Session, found: Found) -> Found | None:
    """The application that the same person made for the same cohort before this one."""
    row = _numbered(session, found, found.application.number - 1)
    return facts(session, [row])[0] if row is not None else None


def after(session: Session, found: Found) -> Application | None:
    """The application that the same person made for the same cohort after this one, sent or not."""
    return _numbered(session, found, found.application.number + 1)


def others_sent(session: Session, found: Found) -> list[Found]:
    """The other applications that the same person has sent for the same cohort, the first one first."""
    this = found.application
    rows = session.scalars(
        _of_person(this.cohort_id, this.person_id).where(Application.id != this.id).order_by(Application.number)
    ).all()
    return [one for one in facts(session, rows) if one.sent is not None]


def _numbered(session: Session, found: Found, number: int) -> Application | None:
    this = found.application
    return session.scalar(_of_person(this.cohort_id, this.person_id).where(Application.number == number))


def _of_person(cohort_id: UUID, person_id: UUID) -> Select[Application]:
    return select(Application).where(Application.person_id == person_id, Application.cohort_id == cohort_id)


def by_reference_link(session: Session, token: str, *, lock: bool = False) -> tuple[Found, AskedReference] | None:
    """The application and the request behind a referee's link."""
    statement = (
        select(Application)
        .join(ReferenceRequest, ReferenceRequest.application_id == Application.id)
        .where(ReferenceRequest.token_hash == hash_token(token))
    )
    row = session.scalar(statement.with_for_update(of=Application) if lock else statement)
    if row is None:
        return None
    found = facts(session, [row])[0]
    return found, next(one for one in found.requests if one.row.token_hash == hash_token(token))


# -- their facts -----------------------------------------------------------------------------------------------------


def facts(session: Session, rows: Collection[Application]) -> list[Found]:
    """Everything known about these applications but their words. The same number of queries however many they are."""
    ids = [one.id for one in rows]

    def grouped(model: type[Row], *order: Any) -> dict[UUID, list[Row]]:
        return _of_applications(session, model, ids, *order)

    sent, dates = grouped(ApplicationSent), grouped(EligibleDate)
    decisions, withdrawals = grouped(SelectionDecision, SelectionDecision.number), grouped(ApplicationWithdrawal)
    scorings, waivers, requests = grouped(Scoring), grouped(Waiver), grouped(ReferenceRequest)
    disposals = grouped(EvidenceDisposal)
    declared = _by(session, Declared, Declared.sent_id, [one.id for many in sent.values() for one in many])
    scores = _by(session, CriterionScore, CriterionScore.scoring_id, _ids(scorings))
    replies = _by(session, OfferReply, OfferReply.decision_id, _ids(decisions))
    agreed = _by(session, WaiverAgreement, WaiverAgreement.waiver_id, _ids(waivers))
    given = _by(session, Reference, Reference.request_id, _ids(requests))
    persons = people.names(session, {one.person_id for one in rows})
    conflicts = conflicts_with(session, {one.person_id for one in rows})
    checks = _checks(session, rows)
    cohorts = {one.id: one for one in session.scalars(select(Cohort).where(Cohort.id.in_({r.cohort_id for r in rows})))}
    policies, last = _policies(session, rows, sent), _last_sent(session, rows)
    zones = _zones(session, rows)

    def last_reply(of: UUID) -> OfferReply | None:
        return next(iter(replies.get(decisions[of][-1].id, ())), None) if of in decisions else None

    return [
        Found(
            application=one, cohort=cohorts[one.cohort_id], zone=zones[one.centre_id],
            person=persons.get(one.person_id), policy=policies[one.id],
            sent=_first(sent[one.id]),
            declared={d.criterion: d.is_confirmed for s in sent[one.id] for d in declared.get(s.id, ())},
            eligible={d.criterion: d for d in dates[one.id]},
            scorings=tuple(Scored(s, {c.criterion: c.score for c in scores.get(s.id, ())}) for s in scorings[one.id]),
            decisions=tuple(decisions.get(one.id, ())), reply=last_reply(one.id),
            withdrawal=_first(withdrawals[one.id]),
            conflicts=frozenset(conflicts.get(one.person_id, ())),
            waivers=tuple(AskedWaiver(w, _first(agreed.get(w.id, []))) for w in waivers[one.id]),
            requests=tuple(AskedReference(r, _first(given.get(r.id, []))) for r in requests[one.id]),
            checks=tuple(checks.get((one.centre_id, one.person_id), ())), disposal=_first(disposals[one.id]),
            is_replaced=one.number < last.get((one.person_id, one.cohort_id), 0),
        )
        for one in rows
    ]  # fmt: skip


def conflicts_with(session: Session, person_ids: Iterable[UUID]) -> dict[UUID, set[UUID]]:
    """Who has said that they know these people, on whichever of their applications, or is kept apart from them.

    A tie does not end with one application, and one that was declared elsewhere holds here.
    """
    rows = session.execute(
        select(Application.person_id, SelectorConflict.declared_by)
        .join(SelectorConflict, SelectorConflict.application_id == Application.id)
        .where(Application.person_id.in_(list(person_ids)))
    )
    found: dict[UUID, set[UUID]] = defaultdict(set)
    for row in rows:
        found[row[0]].add(row[1])
    for person_id, others in all_conflicts.of_each(session, person_ids).items():
        found[person_id] |= others
    return dict(found)


def _of_applications(session: Session, model: type[Row], ids: Collection[UUID], *order: Any) -> dict[UUID, list[Row]]:
    of: Any = model
    found: dict[UUID, list[Row]] = defaultdict(list)
    for one in session.scalars(select(of).where(of.application_id.in_(ids)).order_by(*order, of.id)):
        found[one.application_id].append(one)
    return found


def _first(rows: list[Row]) -> Row | None:
    return rows[0] if rows else None


def _ids(grouped: dict[UUID, list[Any]]) -> list[UUID]:
    return [one.id for many in grouped.values() for one in many]


def _by(session: Session, model: type[Row], column: Any, ids: Collection[UUID]) -> dict[UUID, list[Row]]:
    found: dict[UUID, list[Row]] = defaultdict(list)
    for one in session.scalars(select(model).where(column.in_(ids))):
        found[getattr(one, column.key)].append(one)
    return dict(found)


def _checks(session: Session, rows: Collection[Application]) -> dict[tuple[UUID, UUID], list[CheckSeen]]:
    found: dict[tuple[UUID, UUID], list[CheckSeen]] = defaultdict(list)
    of_these = select(CheckSeen).where(
        CheckSeen.centre_id.in_({one.centre_id for one in rows}), CheckSeen.person_id.in_({r.person_id for r in rows})
    )
    for one in session.scalars(of_these.order_by(CheckSeen.id)):
        found[one.centre_id, one.person_id].append(one)
    return found


def _last_sent(session: Session, rows: Collection[Application]) -> dict[tuple[UUID, UUID], int]:
    """The number of the latest application that each of these people has sent for each of these cohorts."""
    found = session.execute(
        select(Application.person_id, Application.cohort_id, func.max(Application.number))
        .join(ApplicationSent, ApplicationSent.application_id == Application.id)
        .where(
            Application.person_id.in_({one.person_id for one in rows}),
            Application.cohort_id.in_({one.cohort_id for one in rows}),
        )
        .group_by(Application.person_id, Application.cohort_id)
    )
    return {(person_id, cohort_id): number for person_id, cohort_id, number in found}


def _zones(session: Session, rows: Collection[Application]) -> dict[UUID, str]:
    centres = select(Centre.id, Centre.time_zone).where(Centre.id.in_({one.centre_id for one in rows}))
    return {row.id: row.time_zone for row in session.execute(centres)}


def _policies(
    session: Session, rows: Collection[Application], sent: dict[UUID, list[ApplicationSent]]
) -> dict[UUID, CompiledPolicy]:
    """The policy that each was sent under; for a draft, the one in force for its cohort."""
    versions = {many[0].policy_version_id for many in sent.values() if many}
    known = enrolments.policies(session, versions)
    drafts = {one.cohort_id for one in rows if not sent.get(one.id)}
    in_force = enrolments.policies_of(session, drafts)
    return {
        one.id: known[sent[one.id][0].policy_version_id] if sent.get(one.id) else in_force[one.cohort_id]
        for one in rows
    }
