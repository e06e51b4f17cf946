"""Applications with everything known about them but their words, in a constant number of queries."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Iterable
from dataclasses import dataclass
from datetime import date
from functools import cached_property
from typing import Any, TypeVar
from uuid import UUID

from sqlalchemy import select
from sqlalchemy.orm import Session
from werkzeug.exceptions import NotFound

from assessors.selection import rules
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
from assessors.selection.rules import Evidence, Outcome, Standing
from course import clock
from course.access import HeldAppointment
from course.enrolment import queries as enrolments
from course.enrolment.models import Cohort
from course.enrolment.policy import CompiledPolicy, SelectionCriterion
from course.people import queries as people
from course.people.accounts import hash_token
from course.people.models import Person
from course.working_days import day_of

Row = TypeVar("Row")


@dataclass(frozen=True)
class Scored:
    """One selector's saved scores, by criterion."""

    row: Scoring
    scores: dict[str, int | None]


@dataclass(frozen=True)
class AskedWaiver:
    """A waiver that was asked for, and who agreed."""

    row: Waiver
    agreement: WaiverAgreement | None


@dataclass(frozen=True)
class AskedReference:
    """A reference that was asked for, and what came."""

    row: ReferenceRequest
    given: Reference | None

    @property
    def is_live(self) -> bool:
        """Whether its link still works."""
        return self.given is None and self.row.expires_at >= clock.now()


@dataclass(frozen=True)
class Found:
    """One application with its facts; no words are open."""

    application: Application
    cohort: Cohort
    person: Person | None
    policy: CompiledPolicy
    sent: ApplicationSent | None
    declared: dict[str, bool]
    eligible: dict[str, EligibleDate]
    scorings: tuple[Scored, ...]
    decisions: tuple[SelectionDecision, ...]
    reply: OfferReply | None
    """The answer to the latest decision, if that is an offer."""
    withdrawal: ApplicationWithdrawal | None
    conflicts: frozenset[UUID]
    waivers: tuple[AskedWaiver, ...]
    requests: tuple[AskedReference, ...]
    checks: tuple[CheckSeen, ...]
    disposal: EvidenceDisposal | None

    @property
    def id(self) -> UUID:
        """The application's id."""
        return self.application.id

    @property
    def name(self) -> str:
        """The applicant's name, as selectors see it."""
        return self.person.name if self.person else "Name erased"

    @property
    def known_as(self) -> str:
        """What the applicant likes to be called."""
        return self.person.known_as if self.person else "Somebody"

    @property
    def criteria(self) -> tuple[SelectionCriterion, ...]:
        """What the applicant was, or is, asked."""
        return self.policy.selection_at("application")

    @property
    def scored_criteria(self) -> tuple[SelectionCriterion, ...]:
        """What two people score."""
        return tuple(one for one in self.criteria if one.is_scored)

    @property
    def decision(self) -> SelectionDecision | None:
        """The decision that counts."""
        return self.decisions[-1] if self.decisions else None

    @cached_property
    def standing(self) -> Standing:
        """Where it stands."""
        return rules.standing_of(
            is_sent=self.sent is not None,
            scorings=len(self.scorings),
            outcome=Outcome(self.decision.outcome) if self.decision else None,
            accepted=self.reply.is_accepted if self.reply else None,
            withdrawn=self.withdrawal is not None,
        )

    @property
    def needed_on(self) -> date:
        """The day on which the place would begin: the cohort's first, or today once it has begun."""
        return max(self.cohort.starts_on, day_of(clock.now()))

    @cached_property
    def evidence(self) -> tuple[Evidence, ...]:
        """What is known of each criterion of the policy that it was sent under."""
        return self.evidence_under(self.policy)

    def evidence_under(self, policy: CompiledPolicy) -> tuple[Evidence, ...]:
        """What is known of each criterion of a policy; what nobody was asked is said to be so."""
        asked = {one.key: one.type for one in self.policy.selection}
        waived = {one.row.criterion for one in self.waivers if one.agreement}
        arrived = {one.row.criterion for one in self.requests if one.given}
        return tuple(
            Evidence(
                one,
                confirmed=self.declared.get(one.key),
                eligible=_eligible(self.eligible.get(one.key)),
                scores=tuple(scored.scores.get(one.key) for scored in self.scorings),
                has_reference=one.key in arrived,
                check=self.check_of(one.key),
                is_waived=one.key in waived,
                was_asked=asked.get(one.key) == one.type,
            )
            for one in policy.selection_at("application")
        )

    def check_of(self, criterion: str) -> str | None:
        """The last decision on a document, if it has not run out."""
        mine = [one for one in self.checks if one.criterion == criterion]
        if not mine or (mine[-1].expires_on is not None and mine[-1].expires_on < day_of(clock.now())):
            return None
        return mine[-1].decision

    @cached_property
    def flags(self) -> tuple[Evidence, ...]:
        """What a person should look at."""
        return rules.flagged(self.evidence, self.needed_on)

    @property
    def gaps(self) -> tuple[Evidence, ...]:
        """Where the two scorers see it differently."""
        return tuple(one for one in self.evidence if rules.is_gap(one.scores))

    @property
    def total(self) -> int:
        """All points of all scorers together; only for the order of a list."""
        return sum(score or 0 for scored in self.scorings for score in scored.scores.values())

    @property
    def most(self) -> int:
        """The most points that those who scored could have given."""
        return 3 * sum(1 for scored in self.scorings for score in scored.scores.values() if score is not None)

    @property
    def case(self) -> rules.Case:
        """The application as the rules need it."""
        return rules.Case(
            applicant=self.application.person_id,
            standing=self.standing,
            scored_by=tuple(one.row.scored_by for one in self.scorings),
            conflicts=self.conflicts,
            unmet=tuple(one.criterion.text for one in self.flags if one.criterion.required),
        )

    @property
    def evidence_ends(self) -> date | None:
        """The day on which its evidence is destroyed, once that is known."""
        last = self.withdrawal or self.reply or self.decision
        if last is None:
            return None
        until = self.decision.until_date if self.decision else None
        return rules.evidence_ends(self.standing, since=last.at, until=until, starts_on=self.cohort.starts_on)


def _eligible(row: EligibleDate | None) -> rules.Eligible | None:
    return rules.Eligible(row.from_date, row.days) if row else None


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
    """Every application that was sent for these cohorts."""
    rows = session.scalars(
        select(Application).where(Application.cohort_id.in_(cohort_ids)).order_by(Application.id)
    ).all()
    return [one for one in facts(session, rows) if one.sent is not None]


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
        of: Any = model
        found: dict[UUID, list[Row]] = defaultdict(list)
        for one in session.scalars(select(of).where(of.application_id.in_(ids)).order_by(*order, of.id)):
            found[one.application_id].append(one)
        return found

    sent, dates, conflicts = grouped(ApplicationSent), grouped(EligibleDate), grouped(SelectorConflict)
    decisions, withdrawals = grouped(SelectionDecision, SelectionDecision.number), grouped(ApplicationWithdrawal)
    scorings, waivers, requests = grouped(Scoring), grouped(Waiver), grouped(ReferenceRequest)
    disposals = grouped(EvidenceDisposal)
    declared = _by(session, Declared, Declared.sent_id, [one.id for many in sent.values() for one in many])
    scores = _by(session, CriterionScore, CriterionScore.scoring_id, _ids(scorings))
    replies = _by(session, OfferReply, OfferReply.decision_id, _ids(decisions))
    agreed = _by(session, WaiverAgreement, WaiverAgreement.waiver_id, _ids(waivers))
    given = _by(session, Reference, Reference.request_id, _ids(requests))
    persons = people.names(session, {one.person_id for one in rows})
    checks = _checks(session, rows)
    cohorts = {one.id: one for one in session.scalars(select(Cohort).where(Cohort.id.in_({r.cohort_id for r in rows})))}
    policies = _policies(session, cohorts, rows, sent)

    def last_reply(of: UUID) -> OfferReply | None:
        return next(iter(replies.get(decisions[of][-1].id, ())), None) if of in decisions else None

    return [
        Found(
            application=one, cohort=cohorts[one.cohort_id], person=persons.get(one.person_id), policy=policies[one.id],
            sent=_first(sent[one.id]),
            declared={d.criterion: d.is_confirmed for s in sent[one.id] for d in declared.get(s.id, ())},
            eligible={d.criterion: d for d in dates[one.id]},
            scorings=tuple(Scored(s, {c.criterion: c.score for c in scores.get(s.id, ())}) for s in scorings[one.id]),
            decisions=tuple(decisions.get(one.id, ())), reply=last_reply(one.id),
            withdrawal=_first(withdrawals[one.id]),
            conflicts=frozenset(c.declared_by for c in conflicts[one.id]),
            waivers=tuple(AskedWaiver(w, _first(agreed.get(w.id, []))) for w in waivers[one.id]),
            requests=tuple(AskedReference(r, _first(given.get(r.id, []))) for r in requests[one.id]),
            checks=tuple(checks.get((one.centre_id, one.person_id), ())), disposal=_first(disposals[one.id]),
        )
        for one in rows
    ]  # fmt: skip


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


def _policies(
    session: Session,
    cohorts: dict[UUID, Cohort],
    rows: Collection[Application],
    sent: dict[UUID, list[ApplicationSent]],
) -> dict[UUID, CompiledPolicy]:
    """The policy that each was sent under; for a draft, the one in force for its cohort."""
    versions = {many[0].policy_version_id for many in sent.values() if many}
    known = {version: enrolments.policy(session, version) for version in versions}
    drafts = {one.cohort_id for one in rows if not sent.get(one.id)}
    in_force = {cohort: enrolments.policy_for(session, cohorts[cohort])[1] for cohort in drafts}
    return {
        one.id: known[sent[one.id][0].policy_version_id] if sent.get(one.id) else in_force[one.cohort_id]
        for one in rows
    }
