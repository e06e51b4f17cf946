"""Facts about cohorts, enrolments, pins and policies in force, on a database, each with its audit entry."""

from __future__ import annotations

import pytest
from sqlalchemy import func, select
from sqlalchemy.orm import Session

from course import audit, clock, sealing
from course.access import Role
from course.audit import INSTALLER, Actor, AuditEvent, Event
from course.catalogue import queries as catalogue
from course.catalogue.models import InductionVersion, UnitVersion
from course.enrolment import operations, queries
from course.enrolment.models import Cohort, Enrolment, Pin, PolicyVersion, Study, Withdrawal
from course.enrolment.policy import Attempts, CompiledPolicy
from course.enrolment.publishing import publish_policy
from course.enrolment.rules import ReasonForLeaving, SourceOfReason
from course.people.models import Person
from course.refusal import Refusal
from course.sealing import Purpose
from tests.support.story import QUALIFICATION, UNIT, Story


def entries(session: Session, event: Event) -> int:
    """How often something stands in the audit chain."""
    return session.scalar(select(func.count()).where(AuditEvent.action == str(event))) or 0


def newer_unit(session: Session, unit: str = UNIT) -> UnitVersion:
    """Publish the same unit once more, as the next version."""
    latest = catalogue.latest_unit(session, QUALIFICATION, unit)
    assert latest is not None
    row = UnitVersion(
        qualification=QUALIFICATION, unit=unit, number=latest.number + 1, hash="f" * 64, title=latest.title,
        status=latest.status, compiled=latest.compiled, published_at=clock.now(),
    )  # fmt: skip
    session.add(row)
    session.flush()
    audit.record(session, Event.UNIT_PUBLISHED, row, by=INSTALLER)
    return row


def test_an_opened_cohort_leaves_an_entry_and_its_name_is_used_once(story: Story) -> None:
    cohort = story.cohort("Spring")
    with story.reading() as session:
        assert entries(session, Event.COHORT_OPENED) == 1
    with story.writing() as session, pytest.raises(Refusal, match="this name"):
        operations.open_cohort(
            session, centre_id=cohort.centre_id, qualification=QUALIFICATION, name=" Spring ",
            starts_on=cohort.starts_on, by=INSTALLER,
        )  # fmt: skip


def test_two_centres_may_use_the_same_name_for_a_cohort(story: Story) -> None:
    first, second = story.cohort("Spring"), story.cohort("Spring", centre=story.centre("Riverside"))
    assert first.id != second.id


def test_a_cohort_needs_a_published_qualification(story: Story) -> None:
    centre = story.centre()
    with story.writing() as session, pytest.raises(Refusal, match="not published"):
        operations.open_cohort(
            session, centre_id=centre.id, qualification="juggling", name="Jugglers",
            starts_on=clock.now().date(), by=INSTALLER,
        )  # fmt: skip


def test_an_enrolment_has_a_key_of_its_own_and_an_entry(story: Story) -> None:
    person, enrolment = story.learner(inducted=False)
    with story.reading() as session:
        assert sealing.key_of(session, enrolment.id, Purpose.WORK) is not None
        entry = session.scalars(select(AuditEvent).where(AuditEvent.action == str(Event.LEARNER_ENROLLED))).one()
        assert (entry.subject, entry.enrolment) == (str(person.id), str(enrolment.id))


def test_a_registration_is_noted_once_and_its_number_belongs_to_one_learner(story: Story) -> None:
    _, sam = story.learner("Sam Okafor")
    _, dee = story.learner("Dee Mistry")
    today = clock.now().date()
    with story.writing() as session:
        operations.register(session, session.get_one(Enrolment, sam.id), number="AO1", on=today, by=INSTALLER)
    with story.reading() as session:
        assert entries(session, Event.LEARNER_REGISTERED) == 1
        assert queries.registration_of(session, sam.id) is not None
        assert session.get_one(Enrolment, sam.id).ao_learner_number == "AO1"
    with story.writing() as session, pytest.raises(Refusal, match="already"):
        operations.register(session, session.get_one(Enrolment, sam.id), number="AO2", on=today, by=INSTALLER)
    with story.writing() as session, pytest.raises(Refusal, match="Another learner"):
        operations.register(session, session.get_one(Enrolment, dee.id), number="AO1", on=today, by=INSTALLER)


def test_the_induction_is_acknowledged_once_for_each_version(story: Story) -> None:
    person, enrolment = story.learner(inducted=False)
    learner = Actor(person.id, Role.LEARNER)
    with story.reading() as session:
        assert not queries.is_inducted(session, enrolment.id)
    for _ in range(2):
        with story.writing() as session:
            newest = catalogue.latest_induction(session)
            assert newest is not None
            row = session.get_one(Enrolment, enrolment.id)
            operations.acknowledge_induction(session, row, newest, by=learner)
    with story.reading() as session:
        assert queries.is_inducted(session, enrolment.id)
        assert entries(session, Event.LEARNER_INDUCTED) == 1


def test_an_older_induction_is_not_acknowledged_any_more(story: Story) -> None:
    person, enrolment = story.learner(inducted=False)
    with story.writing() as session:
        older = catalogue.latest_induction(session)
        assert older is not None
        newer = InductionVersion(number=older.number + 1, hash="e" * 64, html="<p>New.</p>", published_at=clock.now())
        session.add(newer)
        session.flush()
        audit.record(session, Event.INDUCTION_PUBLISHED, newer, by=INSTALLER)
        row = session.get_one(Enrolment, enrolment.id)
        with pytest.raises(Refusal, match="changed"):
            operations.acknowledge_induction(session, row, older, by=Actor(person.id, Role.LEARNER))


def test_leaving_keeps_only_a_broad_reason(story: Story) -> None:
    _, enrolment = story.learner()
    with story.writing() as session:
        operations.withdraw(
            session, session.get_one(Enrolment, enrolment.id), reason=ReasonForLeaving.MOVED,
            source=SourceOfReason.LEARNER, by=INSTALLER,
        )  # fmt: skip
    with story.reading() as session:
        row = session.scalars(select(Withdrawal)).one()
        assert (row.reason, row.source) == ("moved", "learner")
        assert session.get_one(Enrolment, enrolment.id).withdrawn_at is not None
        assert entries(session, Event.LEARNER_WITHDRAWN) == 1
    with story.writing() as session, pytest.raises(Refusal, match="already"):
        operations.withdraw(session, session.get_one(Enrolment, enrolment.id), by=INSTALLER)


def test_a_unit_is_pinned_once_with_the_version_in_use(story: Story) -> None:
    person, enrolment = story.learner()
    learner = Actor(person.id, Role.LEARNER)
    with story.writing() as session:
        row = session.get_one(Enrolment, enrolment.id)
        begun = operations.begin_unit(session, row, UNIT)
        newer = newer_unit(session)
        pin = operations.pin(session, row, UNIT, by=learner)
        assert (pin.unit_version_id, newer.id) == (begun.id, newer.id)
        assert operations.pin(session, row, UNIT, by=learner).id == pin.id
    with story.reading() as session:
        assert entries(session, Event.UNIT_PINNED) == 1
        row = session.get_one(Enrolment, enrolment.id)
        assert queries.version_in_use(session, row, UNIT).id == begun.id
        assert queries.newer_version(session, row, UNIT) is None


def test_a_newer_version_is_offered_and_taken_up_only_by_the_learner(story: Story) -> None:
    person, enrolment = story.learner()
    with story.writing() as session:
        row = session.get_one(Enrolment, enrolment.id)
        begun = operations.begin_unit(session, row, UNIT)
        newer = newer_unit(session)
        offered = queries.newer_version(session, row, UNIT)
        assert offered is not None
        assert (queries.version_in_use(session, row, UNIT).id, offered.id) == (begun.id, newer.id)
        with pytest.raises(Refusal, match="your own"):
            operations.accept_version(session, row, UNIT, by=INSTALLER)
        operations.accept_version(session, row, UNIT, by=Actor(person.id, Role.LEARNER))
        assert queries.version_in_use(session, row, UNIT).id == newer.id
        assert session.get_one(Study, (row.id, UNIT)).unit_version_id == newer.id


def test_the_first_policy_applies_to_everybody_and_a_second_waits(story: Story) -> None:
    cohort = story.cohort()
    policy = CompiledPolicy(qualification=QUALIFICATION, attempts=Attempts(limit=7))
    with story.writing() as session:
        before, _ = queries.policy_for(session, cohort)
        made = publish_policy(session, policy, INSTALLER)
        assert made is not None
        assert publish_policy(session, policy, INSTALLER) is None
        assert queries.policy_for(session, cohort)[0].id == before.id
        operations.put_policy_in_force(session, made, cohort_id=cohort.id, reason="A fair number.", by=INSTALLER)
        assert queries.policy_for(session, cohort)[1].attempts.limit == 7
    with story.reading() as session:
        first = session.scalars(
            select(PolicyVersion).where(PolicyVersion.qualification == QUALIFICATION, PolicyVersion.number == 1)
        ).one()
        assert first.id == before.id
        assert entries(session, Event.POLICY_PUBLISHED) >= 2


def test_a_policy_for_one_cohort_or_centre_stays_there(story: Story) -> None:
    here, there = story.cohort("Autumn"), story.cohort("Spring")
    far = story.cohort("Autumn", centre=story.centre("Riverside"))
    with story.writing() as session:
        version = publish_policy(
            session, CompiledPolicy(qualification=QUALIFICATION, attempts=Attempts(limit=7)), INSTALLER
        )
        assert version is not None
        operations.put_policy_in_force(session, version, cohort_id=here.id, reason="Tried here.", by=INSTALLER)

        def limits() -> list[int | None]:
            return [queries.policy_for(session, one)[1].attempts.limit for one in (here, there, far)]

        assert [limit == 7 for limit in limits()] == [True, False, False]
        operations.put_policy_in_force(session, version, centre_id=there.centre_id, reason="Good.", by=INSTALLER)
        assert [limit == 7 for limit in limits()] == [True, True, False]


def test_a_pin_keeps_its_policy_when_another_comes_into_force(story: Story) -> None:
    person, enrolment = story.learner()
    with story.writing() as session:
        row = session.get_one(Enrolment, enrolment.id)
        pin = operations.pin(session, row, UNIT, by=Actor(person.id, Role.LEARNER))
        version = publish_policy(
            session, CompiledPolicy(qualification=QUALIFICATION, attempts=Attempts(limit=7)), INSTALLER
        )
        assert version is not None
        operations.put_policy_in_force(session, version, reason="For everybody.", by=INSTALLER)
        assert session.get_one(Pin, pin.id).policy_version_id != version.id


def test_the_chain_is_sound_after_all_of_it(story: Story) -> None:
    _, enrolment = story.learner()
    with story.writing() as session:
        operations.withdraw(session, session.get_one(Enrolment, enrolment.id), by=INSTALLER)
    with story.reading() as session:
        assert list(audit.verify(session)) == []


def test_an_enrolment_of_another_person_does_not_exist(story: Story) -> None:
    from werkzeug.exceptions import NotFound

    _, enrolment = story.learner()
    other, _ = story.learner()
    with story.reading() as session, pytest.raises(NotFound):
        queries.own_enrolment(session, other.id, enrolment.id)


def test_a_cohort_lists_nobody_twice(story: Story) -> None:
    person, _ = story.learner()
    cohort = story.cohort()
    with story.writing() as session, pytest.raises(Refusal, match="already"):
        operations.enrol(session, session.get_one(Cohort, cohort.id), session.get_one(Person, person.id), by=INSTALLER)
