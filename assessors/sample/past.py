"""The sample centre's first cohort: five months of work, and everything that quality assurance made of it."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import UTC, datetime, time, timedelta
from uuid import UUID

from assessors.conduct import queries as conduct
from assessors.external import operations as external
from assessors.external import queries as visits
from assessors.external.models import Visit
from assessors.external.rules import LearnersUnit
from assessors.marking.operations import concerns
from assessors.marking.rules import Judged, Judgement
from assessors.quality import operations as quality
from assessors.quality.models import Sample as QualitySample
from assessors.quality.plan import membership
from assessors.quality.plan import operations as plans
from assessors.quality.plan.models import Plan
from assessors.quality.plan.rules import Stage
from assessors.quality.rules import Finding
from assessors.quality.second import operations as second
from assessors.quality.second.queries import pairs
from assessors.quality.standardisation import operations as standardisation
from assessors.quality.standardisation.models import Standardisation
from assessors.quality.standardisation.operations import Met
from assessors.quality.standardisation.queries import activities, choosing
from assessors.sample import past_words as words
from assessors.sample.centre import QUALIFICATION, UNIT_4, UNIT_6_SLUG, Sample
from course import clock, working_days
from course.access import Role
from course.adjustments import operations as adjustments
from course.adjustments.models import Kind, Seen
from course.adjustments.rules import Agreement
from course.audit import Actor
from course.cases import conduct as cases
from course.cases.models import CaseKind
from course.cases.operations import appeals
from course.cases.operations import conduct as opening
from course.enrolment import operations as enrolments
from course.enrolment.models import Cohort, Enrolment
from course.enrolment.rules import ReasonForLeaving, SourceOfReason
from course.records.queries import AchievedUnit
from course.workbook import appealing
from course.workbook import queries as workbook_queries
from course.workbook.models import Answer, Outcome
from course.workbook.rules import AnswerFacts

BEGAN = 150
"""Days ago."""
PRIYA, TOM, BRONWEN = "assessor@example.org", "assessor2@example.org", "assessor3@example.org"
RUTH = "iqa@example.org"
GOALS, ROUTINE, TRIGGERS = words.GOALS, words.ROUTINE, words.TRIGGERS
PRIVATE, ROOMS = words.PRIVATE, words.ROOMS
LEARNERS = (
    ("learner4@example.org", "Dele Martins"),
    ("learner5@example.org", "Kirsty Bain"),
    ("learner6@example.org", "Owen Pryce"),
    ("learner7@example.org", "Farah Aziz"),
    ("learner8@example.org", "Lee Tranter"),
)
WHOLE = ("morags-hope", "siobhan-hands-you-the-phone", "lapse-and-relapse", "dean-texts-you", "ruths-sunday-night")
WORK = (
    # learner, questions, handed in and back (days ago), who judged it, whether achieved
    ("Dele", (GOALS,), 139, 134, PRIYA, True),
    ("Lee", (GOALS,), 136, 128, TOM, False),
    ("Owen", (GOALS,), 130, 121, PRIYA, True),
    ("Lee", (GOALS,), 120, 112, TOM, True),
    ("Farah", (GOALS,), 116, 104, TOM, True),
    ("Dele", (ROUTINE, TRIGGERS), 110, 100, PRIYA, True),
    ("Kirsty", (GOALS,), 98, 92, PRIYA, True),
    ("Lee", (PRIVATE,), 94, 85, PRIYA, True),
    ("Owen", (ROUTINE, TRIGGERS), 88, 78, TOM, True),
    ("Farah", (ROUTINE,), 82, 77, PRIYA, True),
    ("Dele", WHOLE, 80, 70, PRIYA, True),
    ("Kirsty", (ROUTINE,), 74, 62, TOM, False),
    ("Farah", (TRIGGERS,), 66, 57, PRIYA, True),
    ("Kirsty", (ROUTINE,), 55, 49, TOM, True),
    ("Owen", (PRIVATE,), 50, 43, PRIYA, True),
    ("Dele", (PRIVATE,), 47, 41, TOM, True),
    ("Farah", (PRIVATE,), 45, 31, TOM, True),
    ("Kirsty", (TRIGGERS, PRIVATE), 38, 29, PRIYA, True),
    ("Dele", (ROOMS,), 33, 23, TOM, True),
    ("Owen", (ROOMS,), 24, 13, PRIYA, True),
    ("Farah", (ROOMS,), 17, 9, TOM, True),
    ("Kirsty", (ROOMS,), 15, 7, PRIYA, False),
)


def build(sample: Sample) -> None:
    """Live through the five months, in order."""
    past = Past(sample)
    for days_ago, step in past.steps():
        with clock.standing_at(on(days_ago)):
            step()
            sample.session.flush()


def on(days_ago: int) -> datetime:
    """Ten in the morning of that day, or of the last working day before it."""
    day = datetime.now(UTC).date() - timedelta(days=days_ago)
    while not working_days.is_working_day(day):
        day -= timedelta(days=1)
    return datetime.combine(day, time(10), UTC)


@dataclass
class Past:
    """What has been made so far, and what comes next."""

    sample: Sample
    cohort: Cohort = field(init=False)
    learners: dict[str, Enrolment] = field(default_factory=dict)
    answers: dict[tuple[str, str], Answer] = field(default_factory=dict)
    plan: Plan = field(init=False)
    visit: Visit = field(init=False)
    meeting: Standardisation = field(init=False)

    def steps(self) -> list[tuple[int, Callable[[], None]]]:
        """Every step with its days ago, the longest ago first; steps of one day as they are written here."""
        steps: list[tuple[int, Callable[[], None]]] = [
            (BEGAN, self.begin), (140, self.adjust), (125, self.be_visited), (105, self.answer_the_visit),
            (80, self.lose_lee), (68, self.release), (60, self.ask_to_judge), (56, self.judge_samples),
            (53, self.meet), (40, self.judge_twice), (20, self.draw), (12, self.look), (6, self.raise_concern),
            (5, self.open_case), (3, self.reply_to_case), (2, self.appeal),
        ]  # fmt: skip
        for learner, questions, handed, back, assessor, achieved in WORK:
            steps.append((handed, lambda a=learner, b=questions: self.hand_in(a, b)))  # type: ignore[misc]
            steps.append(
                (back, lambda a=learner, b=questions, c=assessor, d=achieved: self.give_back(a, b, c, achieved=d))  # type: ignore[misc]
            )
        return sorted(steps, key=lambda step: -step[0])

    # -- learning and marking ------------------------------------------------------------------------------------------

    def begin(self) -> None:
        self.cohort = self.sample.cohort("Spring 2026", began=clock.now().date())
        for address, name in LEARNERS:
            self.learners[name.split()[0]] = self.sample.enrol(self.cohort, address, name)

    def hand_in(self, learner: str, questions: tuple[str, ...]) -> None:
        again = any((learner, key) in self.answers for key in questions)
        said = {key: words.AGAIN[learner, key] if again else words.WORDS[learner][key] for key in questions}
        in_4 = [key for key in questions if key in (PRIVATE, ROOMS)]
        for unit, keys in ((UNIT_4, in_4), (UNIT_6_SLUG, [key for key in questions if key not in in_4])):
            if keys:
                for answer in self.sample.hand_in(self.learners[learner], unit, {key: said[key] for key in keys}):
                    self.answers[learner, answer.question] = answer

    def give_back(self, learner: str, questions: tuple[str, ...], assessor: str, *, achieved: bool) -> None:
        answers = [self.answers[learner, key] for key in questions]
        outcome = Outcome.ACHIEVED if achieved else Outcome.NOT_YET_ACHIEVED
        for answer in answers:
            said = words.WELL_DONE if achieved else words.NOT_YET[answer.question]
            self.sample.judge([answer], outcome, said, by=assessor)

    def adjust(self) -> None:
        """With Farah, before the work it is for."""
        today = clock.now().date()
        wanted = Agreement(
            Kind.ADJUSTMENT, words.ADJUSTED, "Farah and Marcus", Seen.DOCUMENT, today, None, today + timedelta(days=170)
        )
        by = self.sample.actor("tutor@example.org", Role.TUTOR)
        adjustments.agree(self.sample.session, self.learners["Farah"], wanted, by=by)

    def lose_lee(self) -> None:
        by = self.sample.actor("admin@example.org", Role.ADMIN)
        reason, source = ReasonForLeaving.WORK, SourceOfReason.LEARNER
        enrolments.withdraw(self.sample.session, self.learners["Lee"], reason=reason, source=source, by=by)

    # -- quality assurance ---------------------------------------------------------------------------------------------

    def release(self) -> None:
        """Dele's unit 6: sampled, agreed, released, with a statement."""
        unit = AchievedUnit(self.learners["Dele"].id, UNIT_6_SLUG)
        self.sample.release(self.cohort, unit, self.answers["Dele", "dean-texts-you"])

    def draw(self) -> None:
        held, by = [self.sample.held(RUTH, Role.IQA)], self.sample.actor(RUTH, Role.IQA)
        self.plan = plans.draw(self.sample.session, self.cohort, Stage.INTERIM, held=held, by=by)

    def look(self) -> None:
        """At Dele's finished unit and at two learners' units more; in the second, an assessor is to read one again."""
        session, by = self.sample.session, self.sample.actor(RUTH, Role.IQA)
        sample = session.get_one(QualitySample, self.plan.sample_id)
        units: dict[tuple[UUID, str], list[AnswerFacts]] = {}
        for answer_id in membership.of_sample(session, sample.id):
            facts = workbook_queries.answer_facts(session, answer_id)
            units.setdefault((facts.enrolment_id, facts.unit), []).append(facts)
        agreed = units.pop((self.learners["Dele"].id, UNIT_6_SLUG)) + units.pop(next(iter(units)))
        asked = units[next(iter(units))][0]
        due = clock.now().date() + timedelta(days=21)
        for facts in [*agreed, asked]:
            act = quality.Found(Finding.ACT, words.REVIEW, due)
            found = act if facts is asked else quality.Found(Finding.AGREE)
            for decision in facts.standing.values():
                quality.review(session, sample, facts, decision, found, by=by)
                session.flush()

    def judge_twice(self) -> None:
        """Bronwen judges, blind, what Priya called achieved, and says not yet: the two have not talked yet."""
        session, chosen = self.sample.session, self.sample.actor(BRONWEN, Role.ASSESSOR).person_id
        answer = workbook_queries.answer_facts(session, self.answers["Owen", PRIVATE].id)
        asked = second.ask(
            session, answer, self.cohort, second.Asking(chosen, words.SECOND_WHY), by=self.sample.actor(RUTH, Role.IQA)
        )
        session.flush()
        (twice,) = [one for one in pairs.of_answer(session, answer.id) if one.row.id == asked.id]
        desk = self.sample.desk(answer.id, BRONWEN)
        judged = {
            criterion: Judged(criterion, Outcome.NOT_YET_ACHIEVED, words.SECOND_SAID)
            for criterion in desk.answer.open_criteria
        }
        second.judge(session, twice, desk, Judgement(judged, desk.case.guidance))

    def ask_to_judge(self) -> None:
        """Everything that there are samples of in the unit on keeping people safe."""
        session, today = self.sample.session, clock.now().date()
        found = choosing.choices(session, [self.sample.held(RUTH, Role.LEAD_IQA)])
        choice = next(one for one in found if one.question is None and one.version.unit.startswith("07-"))
        self.meeting = standardisation.open_activity(
            session, choice, centre_id=self.sample.centre.id, judge_by=today + timedelta(days=6), today=today,
            by=self.sample.actor(RUTH, Role.LEAD_IQA),
        )  # fmt: skip

    def judge_samples(self) -> None:
        """As published, but that Tom is strict on the borderline ones and Bronwen lets some of the "not yet" pass."""
        found = activities.standardising(self.sample.session, self.meeting)
        # In an order of their own: the one in which assessors see them differs from one installation to the next.
        samples = sorted(found.samples, key=lambda one: (one.question.key, one.sample.title))
        for assessor in (PRIYA, TOM, BRONWEN):
            for number, one in enumerate(samples):
                is_strict = assessor == TOM and one.sample.sort == "borderline" and number % 2
                is_kind = assessor == BRONWEN and one.sample.sort == "not-yet" and number % 3 == 0
                differs = bool(is_strict or is_kind)
                outcomes = {
                    criterion: Outcome.ACHIEVED if published != differs else Outcome.NOT_YET_ACHIEVED
                    for criterion, published in one.sample.decisions.items()
                }
                by = self.sample.actor(assessor, Role.ASSESSOR)
                standardisation.judge(self.sample.session, found, one, outcomes, words.JUDGED, by=by)
            self.sample.session.flush()

    def meet(self) -> None:
        session, by = self.sample.session, self.sample.actor(RUTH, Role.LEAD_IQA)
        standardisation.begin(session, activities.standardising(session, self.meeting), by=by)
        session.flush()
        found, today = activities.standardising(session, self.meeting), clock.now().date()
        there = [self.sample.actor(one, Role.ASSESSOR).person_id for one in (PRIYA, TOM, BRONWEN)]
        standardisation.record(session, found, Met(today, 75, there, words.MINUTES), today=today, by=by)

    def be_visited(self) -> None:
        """A visit that is over: its last day has passed."""
        session, by, today = self.sample.session, self.sample.actor(RUTH, Role.LEAD_IQA), clock.now().date()
        visitor = external.Visitor(
            "Helen Voss", "eqa@example.org", "A first look at the new course.", QUALIFICATION, None, today,
            today + timedelta(days=30),
        )  # fmt: skip
        self.visit = external.set_up(session, self.sample.centre, visitor, by=by)
        session.flush()
        chosen = [LearnersUnit(self.learners["Dele"].id, UNIT_6_SLUG)]
        external.show(session, self.visit, chosen, "The first unit that anybody began.", by=by)
        external.note_action(session, self.visit, words.VISIT_TASK, today + timedelta(days=60), by=by)

    def answer_the_visit(self) -> None:
        by = self.sample.actor(RUTH, Role.LEAD_IQA)
        (noted,) = visits.actions_of(self.sample.session, [self.visit.id])
        external.finish_action(
            self.sample.session, self.visit, noted, words.VISIT_DONE, clock.now().date(), by=by
        )  # fmt: skip

    # -- what needs somebody else --------------------------------------------------------------------------------------

    def raise_concern(self) -> None:
        desk = self.sample.desk(self.answers["Farah", ROOMS].id, TOM)
        concerns.raise_concern(self.sample.session, desk)

    def open_case(self) -> None:
        session, by = self.sample.session, self.sample.actor(PRIYA, Role.ASSESSOR)
        about = conduct.about_answer(
            session, self.answers["Owen", ROOMS].id, [self.sample.held(PRIYA, Role.ASSESSOR)]
        )  # fmt: skip
        mine = conduct.standing_to_open(session, about, by.person_id)
        opening.open_case(session, about, mine, CaseKind.MALPRACTICE, words.CASE_NOTED, words.CASE_TOLD, by=by)

    def reply_to_case(self) -> None:
        session, owen = self.sample.session, self.learners["Owen"].person_id
        (facts,) = cases.of_person(session, owen)
        opening.reply(session, facts, words.CASE_REPLY, by=Actor(owen, Role.LEARNER))

    def appeal(self) -> None:
        """At its first stage: another assessor is to look."""
        session, enrolment = self.sample.session, self.learners["Kirsty"]
        answer = workbook_queries.answer_facts(session, self.answers["Kirsty", ROOMS].id)
        found = appealing.of_answer(session, enrolment, answer)
        by = Actor(enrolment.person_id, Role.LEARNER)
        appeals.appeal(session, found.answer, found.appealed, words.APPEAL, by=by)
