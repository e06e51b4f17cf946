"""An application with its facts: where it stands, what is flagged, and what the rules need. No words are open."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime
from functools import cached_property
from uuid import UUID

from assessors.selection import rules
from assessors.selection.models import (
    Application,
    ApplicationSent,
    ApplicationWithdrawal,
    CheckSeen,
    EligibleDate,
    EvidenceDisposal,
    OfferReply,
    Reference,
    ReferenceRequest,
    Scoring,
    SelectionDecision,
    Waiver,
    WaiverAgreement,
)
from assessors.selection.rules import Evidence, Outcome, Standing
from course import clock
from course.enrolment.models import Cohort
from course.enrolment.policy import CompiledPolicy, SelectionCriterion
from course.people.models import Person
from course.working_days import day_of


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
    zone: str
    """The time zone of its centre."""
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
    is_replaced: bool
    """Whether the same person has sent a later application for the same cohort."""

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
    def takes_references(self) -> bool:
        """Whether a referee may still read whom it is about, and write."""
        return self.disposal is None and self.standing not in rules.IS_OVER and not self.is_replaced

    @property
    def needed_on(self) -> date:
        """The day on which the place would begin: the cohort's first, or today once it has begun."""
        return max(self.cohort.starts_on, self.today)

    @property
    def today(self) -> date:
        """The calendar day at the centre."""
        return self.day_of(clock.now())

    def day_of(self, moment: datetime) -> date:
        """A moment's day at the centre."""
        return day_of(moment, self.zone)

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
        if not mine or (mine[-1].expires_on is not None and mine[-1].expires_on < self.today):
            return None
        return mine[-1].decision

    @cached_property
    def flags(self) -> tuple[Evidence, ...]:
        """What a person should look at."""
        return rules.flagged(self.evidence, self.needed_on)

    @property
    def gaps(self) -> tuple[Evidence, ...]:
        """Where the two scorers see it differently, and it is not set aside."""
        return tuple(one for one in self.evidence if rules.is_gap(one))

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
            decided=len(self.decisions),
            is_replaced=self.is_replaced,
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
