"""The sample centre and people, made on first run and only where nobody but this machine can reach them.

Everything goes through the same operations as real work, so the sample's audit trail is as whole as any.
"""

from __future__ import annotations

import secrets
from dataclasses import dataclass, field
from datetime import timedelta

from flask import current_app
from sqlalchemy import func, select
from sqlalchemy.orm import Session

from assessors.external import operations as external
from assessors.external.rules import LearnersUnit
from assessors.marking.operations import judging, leasing
from assessors.marking.queries.desk import desk
from assessors.marking.queries.scope import Reader
from assessors.marking.rules import Judged, Judgement
from assessors.quality import operations as quality
from assessors.quality.plan import operations as plans
from assessors.quality.plan.rules import Stage
from assessors.quality.rules import Finding
from assessors.quality.second import operations as second
from assessors.quality.second.queries import asking
from assessors.quality.standardisation import operations as standardisation
from assessors.quality.standardisation.queries import choosing
from assessors.sample_words import DRAFT, FEEDBACK, NOT_YET, NOT_YET_FEEDBACK, UNIT_6, WAITING
from course import clock, db
from course.access import HeldAppointment, Role
from course.audit import INSTALLER, Actor
from course.catalogue import queries as catalogue
from course.enrolment import operations as enrolments
from course.enrolment.models import Cohort, Enrolment
from course.people import operations as people
from course.people import passwords
from course.people.models import Appointment, Centre, Person
from course.records import operations as records
from course.records.queries import AchievedUnit
from course.settings import Settings
from course.workbook import content as contents
from course.workbook import operations as workbook
from course.workbook import queries as workbook_queries
from course.workbook import rules as workbook_rules
from course.workbook.models import Answer, Outcome

QUALIFICATION = "peer-mentoring"
UNIT_4, UNIT_6_SLUG = "04-boundaries-confidentiality-and-records", "06-goals-lapse-and-moving-forward"

STAFF = (
    ("assessor@example.org", "Priya Nair", (Role.ASSESSOR,)),
    ("assessor2@example.org", "Tom Ellis", (Role.ASSESSOR,)),
    ("iqa@example.org", "Ruth Adeyemi", (Role.IQA, Role.LEAD_IQA)),
    ("admin@example.org", "Moira Kerr", (Role.ADMIN,)),
    ("eqa@example.org", "Helen Voss", (Role.EQA,)),
    ("tutor@example.org", "Marcus Lee", (Role.TUTOR,)),
    ("safeguarding@example.org", "Ade Cole", (Role.SAFEGUARDING_LEAD,)),
)
LEARNERS = (
    ("learner@example.org", "Sam Okafor"),
    ("learner2@example.org", "Mina Clarke"),
    ("learner3@example.org", "Gethin Rees"),
)
STRANGERS = (
    ("stranger-assessor@example.org", "Joy Bell", (Role.ASSESSOR,)),
    ("stranger-admin@example.org", "Neil Firth", (Role.ADMIN,)),
)


def ensure_sample(settings: Settings) -> list[str]:
    """Make the sample people on first run. Returns who can sign in, and with what."""
    password_file = settings.data_dir / "demo-password"
    with db.database().reader() as reading:
        is_new = not reading.scalar(select(func.count()).select_from(Person))
    if is_new:
        password = settings.demo_password or secrets.token_urlsafe(9)
        password_file.write_text(password)
        password_file.chmod(0o600)
        with current_app.test_request_context(), db.database().transaction() as session:
            Sample(session, passwords.hasher.hash(password)).build()
    password = password_file.read_text() if password_file.exists() else "(as you set it)"
    addresses = [address for address, *_ in (*LEARNERS, *STAFF, *STRANGERS)] + ["stranger-learner@example.org"]
    return ["The sample people can sign in. Their password is: " + password, *(f"  {address}" for address in addresses)]


@dataclass
class Sample:
    session: Session
    password_hash: str
    centre: Centre = field(init=False)
    appointments: dict[Role, Appointment] = field(default_factory=dict)

    def build(self) -> None:
        """Two centres, their people, and work in each of its states."""
        self.centre = people.open_centre(self.session, "Harbour Recovery", by=INSTALLER)
        self.centre.duty_worker_phone = "01632 960 144"
        for address, name, roles in STAFF:
            self._appoint(self._person(address, name), self.centre, roles)
        cohort = self._cohort(self.centre, "Autumn 2026")
        sam, mina, gethin = [self._enrol(cohort, *one) for one in LEARNERS]
        self.save(sam, UNIT_4, "jo-tells-you", DRAFT)
        self._mina(mina, cohort)
        (decided,) = self.hand_in(gethin, UNIT_4, {"three-rooms": NOT_YET})
        self.judge([decided], Outcome.NOT_YET_ACHIEVED, NOT_YET_FEEDBACK)
        self._judged_by_several(cohort, decided)
        self._plan(cohort)
        self._visit(mina, gethin)
        other = people.open_centre(self.session, "Northgate Together", by=INSTALLER)
        for address, name, roles in STRANGERS:
            self._appoint(self._person(address, name), other, roles, note=False)
        self._enrol(self._cohort(other, "First group"), "stranger-learner@example.org", "Pat Quinn")

    def _person(self, address: str, name: str) -> Person:
        person = people.create_person(self.session, name=name, known_as=name.split()[0], email=address, by=INSTALLER)
        person.password_hash = self.password_hash
        return person

    def _appoint(self, person: Person, centre: Centre, roles: tuple[Role, ...], *, note: bool = True) -> None:
        began = clock.now().date() - timedelta(days=200)
        for role in roles:
            appointment = people.appoint(self.session, person, role=role, centre=centre, from_date=began, by=INSTALLER)
            if note:
                self.appointments.setdefault(role, appointment)

    def _cohort(self, centre: Centre, name: str) -> Cohort:
        return enrolments.open_cohort(
            self.session, centre_id=centre.id, qualification=QUALIFICATION, name=name,
            starts_on=clock.now().date() - timedelta(days=60), by=INSTALLER,
        )  # fmt: skip

    def _enrol(self, cohort: Cohort, address: str, name: str) -> Enrolment:
        person = self._person(address, name)
        enrolment = enrolments.enrol(self.session, cohort, person, by=INSTALLER)
        version = catalogue.latest_induction(self.session)
        if version is not None:
            enrolments.acknowledge_induction(self.session, enrolment, version, by=Actor(person.id, Role.LEARNER))
        return enrolment

    def save(self, enrolment: Enrolment, unit: str, key: str, words: str) -> None:
        work = workbook_queries.unit_work(self.session, enrolment, unit)
        question = work.question(key)
        save, by = workbook.Save(base=0), Actor(enrolment.person_id, Role.LEARNER)
        if question.is_check:
            right = contents.ChoiceContent(chosen=tuple(option.text for option in question.options if option.right))
            workbook.try_check(self.session, work, question, right, save, by=by)
        else:
            kind = "extended" if question.kind == "extended" else "short"
            workbook.save_draft(self.session, work, question, contents.TextContent(kind=kind, text=words), save, by=by)
        self.session.flush()

    def hand_in(self, enrolment: Enrolment, unit: str, words: dict[str, str]) -> list[Answer]:
        for key, text in words.items():
            self.save(enrolment, unit, key, text)
        work = workbook_queries.unit_work(self.session, enrolment, unit)
        levels = [work.question(key).ai for key in words]
        handed = workbook.hand_in(
            self.session,
            work,
            workbook.HandingIn(
                revisions={key: work.drafts[key].revision for key in words},
                declaration=workbook_rules.declaration(levels), helpers="", declared=True,
            ),
            by=Actor(enrolment.person_id, Role.LEARNER),
        )  # fmt: skip
        self.session.flush()
        return list(self.session.scalars(select(Answer).where(Answer.hand_in_id == handed.id)))

    def judge(self, answers: list[Answer], outcome: Outcome, feedback: str = FEEDBACK) -> None:
        held = self._held(Role.ASSESSOR)
        reader = Reader(self.appointments[Role.ASSESSOR].person_id, (held,))
        for answer in answers:
            leasing.take(self.session, desk(self.session, reader, answer.id, lock=True))
            self.session.flush()
            found = desk(self.session, reader, answer.id, lock=True)
            judged = {criterion: Judged(criterion, outcome, feedback) for criterion in found.answer.open_criteria}
            decided, _ = judging.decide(self.session, found, Judgement(judged, found.case.guidance))
            judging.return_answer(self.session, decided)
            self.session.flush()

    def _held(self, role: Role) -> HeldAppointment:
        row = self.appointments[role]
        return HeldAppointment(row.id, role, self.centre.id, self.centre.name)

    def _mina(self, enrolment: Enrolment, cohort: Cohort) -> None:
        """Unit 6 achieved, sampled, released and recorded; one answer of unit 4 waits to be marked."""
        answers = self.hand_in(enrolment, UNIT_6_SLUG, UNIT_6)
        self.judge(answers, Outcome.ACHIEVED)
        self._release(cohort, [AchievedUnit(enrolment.id, UNIT_6_SLUG)], answers[0])
        admin = self.appointments[Role.ADMIN]
        records.issue_unit_statement(
            self.session, enrolment, UNIT_6_SLUG, by=Actor(admin.person_id, Role.ADMIN, admin.id)
        )
        self.hand_in(enrolment, UNIT_4, WAITING)

    def _plan(self, cohort: Cohort) -> None:
        """An interim plan, drawn and not looked at yet."""
        row = self.appointments[Role.IQA]
        by = Actor(row.person_id, Role.IQA, row.id)
        plans.draw(self.session, cohort, Stage.INTERIM, held=[self._held(Role.IQA)], by=by)
        self.session.flush()

    def _judged_by_several(self, cohort: Cohort, decided: Answer) -> None:
        """Sample answers that assessors are asked to judge, and an answer that one is asked to judge a second time."""
        row, today = self.appointments[Role.LEAD_IQA], clock.now().date()
        by = Actor(row.person_id, Role.LEAD_IQA, row.id)
        for choice in choosing.choices(self.session, [self._held(Role.LEAD_IQA)]):
            if choice.question == "jo-tells-you":
                meet_after = today + timedelta(days=7)
                standardisation.open_activity(
                    self.session, choice, centre_id=self.centre.id, judge_by=meet_after, today=today, by=by
                )
        answer = workbook_queries.answer_facts(self.session, decided.id)
        for chosen in asking.able(self.session, cohort, [answer])[answer.id]:
            second.ask(self.session, answer, cohort, second.Asking(chosen, "A first decision in this unit."), by=by)
        self.session.flush()

    def _visit(self, achieved: Enrolment, not_yet: Enrolment) -> None:
        """Helen comes to look from outside: a finished unit, and one that is not yet achieved."""
        row = self.appointments[Role.LEAD_IQA]
        by, today = Actor(row.person_id, Role.LEAD_IQA, row.id), clock.now().date()
        visitor = external.Visitor(
            "Helen Voss", "eqa@example.org", "The yearly visit.", QUALIFICATION, None, today, today + timedelta(days=60)
        )
        visit = external.set_up(self.session, self.centre, visitor, by=by)
        self.session.flush()
        chosen = [LearnersUnit(achieved.id, UNIT_6_SLUG), LearnersUnit(not_yet.id, UNIT_4)]
        external.show(self.session, visit, chosen, "One finished unit, and one that is not yet achieved.", by=by)
        self.session.flush()

    def _release(self, cohort: Cohort, units: list[AchievedUnit], sampled: Answer) -> None:
        row = self.appointments[Role.IQA]
        by, held = Actor(row.person_id, Role.IQA, row.id), [self._held(Role.IQA)]
        why = "The first finished unit of this cohort."
        sample = quality.open_sample(self.session, cohort, [sampled.id], why, held=held, by=by)
        self.session.flush()
        facts = workbook_queries.answer_facts(self.session, sampled.id)
        for decision in facts.standing.values():
            quality.review(self.session, sample, facts, decision, quality.Found(Finding.AGREE), by=by)
        batch = records.make_batch(self.session, cohort, units, by=by)
        self.session.flush()
        quality.release(self.session, batch, "Sampled and agreed.", "", by=by)
        self.session.flush()
