"""A third cohort of the sample centre, for which people apply: in each state between a draft and a place."""

from __future__ import annotations

from datetime import timedelta
from uuid import UUID

from assessors.sample import past_words as words
from assessors.sample.centre import RUTH, Sample
from assessors.sample.past import on
from assessors.selection import notice
from assessors.selection.models import Application
from assessors.selection.operations import applying, deciding
from assessors.selection.operations.applying import Save, applicant
from assessors.selection.operations.deciding import Scores
from assessors.selection.queries import applications as queries
from assessors.selection.queries.found import Found
from assessors.selection.rules import Outcome
from assessors.selection.words import ApplicationWords, MonitoringWords
from course import clock
from course.access import Role
from course.enrolment import operations as enrolments
from course.enrolment import queries as enrolment_queries
from course.enrolment.models import Cohort
from course.enrolment.policy import SelectionCriterion
from course.enrolment.publishing import publish_for_centre

NIA, COLM = "selector@example.org", "selector2@example.org"
APPLICANT = ("applicant@example.org", "Nadia Farrow")
GROUPS = (
    ("25-34", "woman", "asian"), ("35-44", "man", "white"), ("25-34", "woman", "black"), ("45-54", "man", "white"),
    ("35-44", "woman", "asian"), ("25-34", "man", "white"), ("55-over", "woman", "white"), ("", "", ""),
)  # fmt: skip
"""What applicants chose to tell, in their order; the last told nothing."""
SCORES = ((3, 3), (2, 2), (3, 2), (3, 1), (2,), (1,), (), ())
"""What each selector gave, in the order of the applicants."""
DECIDED = {1: (Outcome.OFFER, words.OFFER), 2: (Outcome.WAITLIST, words.WAIT)}
SORTS = {"agree-to-supervision": "declaration", "why-mentor": "experience", "conversation": "interview"}


def build(sample: Sample) -> None:
    """A cohort that begins in six weeks, under a policy of its own that asks and flags."""
    with clock.standing_at(on(20)):
        cohort = sample.cohort("Spring 2027", began=clock.now().date() + timedelta(days=62))
    # Today: of two policies in force the later counts, and a new installation put everybody's in force just now.
    _choose(sample, cohort)
    with clock.standing_at(on(20)):
        applying.set_intake(sample.session, cohort, is_open=True, by=sample.actor(NIA, Role.SELECTOR))
    sent = [_apply(sample, cohort, number) for number in range(len(words.WHY_APPLY))]
    for number, application_id in enumerate(sent):
        with clock.standing_at(on(6)):
            for selector, score in zip((NIA, COLM), SCORES[number], strict=False):
                _score(sample, application_id, selector, score)
    for number, (outcome, reason) in DECIDED.items():
        with clock.standing_at(on(4)):
            found = _found(sample, sent[number])
            deciding.decide(sample.session, found, outcome, reason, by=sample.actor(NIA, Role.SELECTOR))
            sample.session.flush()


def _choose(sample: Sample, cohort: Cohort) -> None:
    """Put criteria in force for this cohort alone: the centre's own version of the policy."""
    _, policy = enrolment_queries.policy_for(sample.session, cohort)
    criteria = tuple(
        SelectionCriterion(
            key=key, text=text, type=SORTS[key], required=key != "conversation", ask=ask, guidance=guidance
        )
        for key, (text, ask, guidance) in words.CRITERIA.items()
    )
    by = sample.actor(RUTH, Role.LEAD_IQA)
    own = publish_for_centre(sample.session, policy.model_copy(update={"selection": criteria}), sample.centre.id, by=by)
    reason = "The next group is smaller than the number of people who ask."
    enrolments.put_policy_in_force(
        sample.session, own, centre_id=sample.centre.id, cohort_id=cohort.id, reason=reason, by=by
    )
    sample.session.flush()


def _apply(sample: Sample, cohort: Cohort, number: int) -> UUID:
    """Somebody applies and, if they like, tells of themselves. The last one has not sent it yet."""
    name, why = list(words.WHY_APPLY.items())[number]
    address = APPLICANT[0] if name == APPLICANT[1] else f"applicant{number + 1}@example.org"
    said = ApplicationWords(answers={"why-mentor": why}, confirmed=("agree-to-supervision",), support=words.SUPPORT)
    with clock.standing_at(on(18 - number)):
        session, person = sample.session, sample.person(address, name)
        row = applying.begin(session, cohort, person)
        found, by = _found(sample, row.id), applicant(person.id)
        if number == len(words.WHY_APPLY) - 1:
            applying.save_draft(session, found, said, Save(base=0), by=by)
            return row.id
        applying.send(session, found, said, notice=notice.VERSION, noticed=True, by=by)
        session.flush()
        age, gender, ethnicity = GROUPS[number]
        applying.save_monitoring(
            session, _found(sample, row.id), MonitoringWords(age=age, gender=gender, ethnicity=ethnicity)
        )
    return row.id


def _score(sample: Sample, application_id: UUID, selector: str, score: int) -> None:
    found = _found(sample, application_id)
    given = Scores({one.key: score for one in found.scored_criteria}, {"why-mentor": words.NOTE})
    deciding.score(sample.session, found, given, by=sample.actor(selector, Role.SELECTOR))
    sample.session.flush()


def _found(sample: Sample, application_id: UUID) -> Found:
    sample.session.flush()
    return queries.facts(sample.session, [sample.session.get_one(Application, application_id)])[0]
