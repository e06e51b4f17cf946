"""The life of an appeal: the tables of states × verbs, and of stages × parts in it, are the specification."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from uuid import UUID, uuid4

import pytest

from course.audit import Event
from course.cases import rules
from course.cases.models import Outcome, Stage
from course.cases.rules import ADMITS, Appealed, AppealFacts, CaseFacts, Change, Found, State
from course.independence import Standing, Tie
from course.refusal import Refusal, Step

TODAY = date(2026, 11, 25)
NOW = datetime(2026, 11, 25, 9, tzinfo=UTC)
LEARNER, SOMEBODY = uuid4(), uuid4()
NO = object()


def facts(stage: int, *outcomes: Outcome, **more: object) -> AppealFacts:
    """An appeal that has begun so many stages, with these outcomes."""
    found = tuple(
        Found(number, tuple(Stage)[number - 1], outcome, SOMEBODY, NOW, uuid4())
        for number, outcome in enumerate(outcomes, 1)
    )
    said: dict[str, object] = {"due_on": TODAY, "go_on_by": TODAY, "today": TODAY} | more
    return AppealFacts(uuid4(), uuid4(), uuid4(), uuid4(), "u", "q", LEARNER, (NOW,) * stage, found, **said)  # type: ignore[arg-type]


NOT = Outcome.NOT_UPHELD
STATES = {
    "with an assessor": facts(1),
    "answered": facts(1, NOT),
    "answered, days over": facts(1, NOT, go_on_by=TODAY - timedelta(days=1)),
    "with an assessor, days over": facts(1, due_on=TODAY - timedelta(days=1)),
    "with an IQA": facts(2, NOT),
    "with an IQA, no answer before": facts(2),
    "with an IQA, days over": facts(2, NOT, due_on=TODAY - timedelta(days=1)),
    "with somebody uninvolved": facts(3, NOT, NOT),
    "with somebody uninvolved, days over": facts(3, NOT, NOT, due_on=TODAY - timedelta(days=1)),
    "to be sent": facts(4, NOT, NOT, NOT),
    "to be sent, days over": facts(4, NOT, NOT, NOT, due_on=TODAY - timedelta(days=1)),
    "sent": facts(4, NOT, NOT, NOT, sent_on=TODAY),
    "answered outside": facts(4, NOT, NOT, NOT, NOT, sent_on=TODAY),
    "upheld": facts(2, NOT, Outcome.UPHELD),
    "withdrawn": facts(1, withdrawn_at=NOW),
}
ROLES = (
    "learner",
    "tutor",
    "assessor",
    "iqa",
    "lead-iqa",
    "admin",
    "eqa",
    "safeguarding-lead",
    "selector",
    "keyworker",
)
FREE, OWN = Standing(), Standing(frozenset({Tie.OWN}))
ROLE = {Stage.ASSESSOR: "assessor", Stage.IQA: "iqa", Stage.INDEPENDENT: "iqa", Stage.AWARDING_ORGANISATION: "lead-iqa"}
VERBS: dict[str, Callable[[AppealFacts], Step]] = {
    "withdraw": lambda one: rules.withdraw(one, by=LEARNER),
    "reply": lambda one: rules.reply(one, by=LEARNER, words="And this."),
    "go on": lambda one: rules.go_on(one, by=LEARNER, is_latest=True, words="Still wrong."),
    "decide": lambda one: rules.decide(one, FREE, role=ROLE[one.stage], reason="I read it."),
    "send": lambda one: rules.send(one, FREE, role="lead-iqa", sent_on=TODAY, reference="A-1"),
}
ALLOWED = {
    "with an assessor": {"withdraw", "reply", "decide"},
    "answered": {"withdraw", "go on"},
    "answered, days over": set(),
    "with an assessor, days over": {"withdraw", "reply", "decide", "go on"},
    "with an IQA": {"withdraw", "reply", "decide"},
    "with an IQA, no answer before": {"withdraw", "reply", "decide"},
    "with an IQA, days over": {"withdraw", "reply", "decide", "go on"},
    "with somebody uninvolved": {"withdraw", "reply", "decide", "send"},
    "with somebody uninvolved, days over": {"withdraw", "reply", "decide", "send", "go on"},
    "to be sent": {"withdraw", "reply", "send"},
    "to be sent, days over": {"withdraw", "reply", "send"},
    "sent": {"withdraw", "reply", "decide"},
    "answered outside": set(),
    "upheld": set(),
    "withdrawn": set(),
}
EVENTS = {"withdraw": Event.APPEAL_WITHDRAWN, "reply": Event.APPEAL_REPLIED, "go on": Event.APPEAL_TAKEN_FURTHER,
          "decide": Event.APPEAL_DECIDED, "send": Event.APPEAL_SENT}  # fmt: skip


BY_ROLE: dict[str, Callable[[AppealFacts, str, UUID], Step]] = {
    "withdraw": lambda one, role, by: rules.withdraw(one, by=by),
    "reply": lambda one, role, by: rules.reply(one, by=by, words="And this."),
    "go on": lambda one, role, by: rules.go_on(one, by=by, is_latest=True, words="Still wrong."),
    "decide": lambda one, role, by: rules.decide(one, OWN if by == LEARNER else FREE, role=role, reason="I read it."),
    "send": lambda one, role, by: rules.send(
        one, OWN if by == LEARNER else FREE, role=role, sent_on=TODAY, reference="A-1"
    ),
}


@pytest.mark.parametrize("role", ROLES)
@pytest.mark.parametrize("verb", list(BY_ROLE))
@pytest.mark.parametrize("state", list(STATES))
def test_who_may_do_what_in_each_state(state: str, verb: str, role: str) -> None:
    """The learner does the learner's verbs, and nothing of the others; of the staff, only the stage's own roles."""
    one = STATES[state]
    by = LEARNER if role == "learner" else SOMEBODY
    whose = {"decide": ADMITS[one.stage], "send": {"lead-iqa"}}.get(verb, {"learner"})
    if verb in ALLOWED[state] and role in whose:
        assert BY_ROLE[verb](one, role, by).event == EVENTS[verb]
    else:
        with pytest.raises(Refusal):
            BY_ROLE[verb](one, role, by)


@pytest.mark.parametrize("verb", list(VERBS))
@pytest.mark.parametrize("state", list(STATES))
def test_what_each_state_allows_and_nothing_else(state: str, verb: str) -> None:
    if verb in ALLOWED[state]:
        assert VERBS[verb](STATES[state]).event == EVENTS[verb]
    else:
        with pytest.raises(Refusal):
            VERBS[verb](STATES[state])


def test_the_question_is_on_hold_exactly_while_somebody_looks() -> None:
    open_ = {"with an assessor", "with an IQA", "with somebody uninvolved", "to be sent", "sent"}
    ran_out = {f"{name}, days over" for name in open_ - {"sent"}}
    assert {name for name, one in STATES.items() if one.is_open} == open_ | ran_out | {"with an IQA, no answer before"}


def test_a_stage_that_ran_out_is_passed_over_and_the_next_ones_answer_counts() -> None:
    passed = facts(2)
    assert (passed.stage, passed.following) == (Stage.IQA, None)
    answer = Found(2, Stage.IQA, NOT, SOMEBODY, NOW, uuid4())
    answered = replace(passed, found=(answer,))
    assert (answered.state, answered.following) == (State.ANSWERED, Stage.INDEPENDENT)
    assert replace(passed, found=(replace(answer, outcome=Outcome.UPHELD),)).state == State.UPHELD
    assert STATES["with an assessor, days over"].following == Stage.IQA
    assert STATES["with somebody uninvolved, days over"].following == Stage.AWARDING_ORGANISATION


def test_it_is_late_after_the_day_that_was_told_and_not_on_it() -> None:
    assert not facts(1).is_late
    assert facts(1, due_on=TODAY - timedelta(days=1)).is_late
    assert not facts(1, NOT, due_on=TODAY - timedelta(days=1)).is_late


def test_sent_early_the_awarding_organisation_answers_and_that_is_the_end() -> None:
    early = facts(3, NOT, NOT, sent_on=TODAY)
    assert early.stage == Stage.AWARDING_ORGANISATION
    last = Found(3, Stage.AWARDING_ORGANISATION, NOT, SOMEBODY, NOW, uuid4())
    assert replace(early, found=(*early.found, last)).state == State.CLOSED


# -- who answers -------------------------------------------------------------------------------------------------------

PARTS = {"nothing": FREE} | {str(tie): Standing(frozenset({tie})) for tie in Tie}
BARRED = {
    Stage.ASSESSOR: set(PARTS) - {"nothing", Tie.RELEASED, Tie.TAUGHT, Tie.ASSESSED},
    Stage.IQA: set(PARTS) - {"nothing", Tie.RELEASED},
    Stage.INDEPENDENT: set(PARTS) - {"nothing", Tie.RELEASED},
    Stage.AWARDING_ORGANISATION: {Tie.OWN},
}
AT = {
    Stage.ASSESSOR: STATES["with an assessor"], Stage.IQA: STATES["with an IQA"],
    Stage.INDEPENDENT: STATES["with somebody uninvolved"], Stage.AWARDING_ORGANISATION: STATES["sent"],
}  # fmt: skip


@pytest.mark.parametrize("part", list(PARTS))
@pytest.mark.parametrize("stage", list(Stage))
def test_nobody_answers_a_stage_who_had_a_part_in_it_before(stage: Stage, part: str) -> None:
    def answer() -> Step:
        return rules.decide(AT[stage], PARTS[part], role=ROLE[stage], reason="I read it.")

    if part in BARRED[stage]:
        with pytest.raises(Refusal):
            answer()
    else:
        assert answer().event == Event.APPEAL_DECIDED


@pytest.mark.parametrize("role", ROLES)
@pytest.mark.parametrize("stage", list(Stage))
def test_each_stage_has_its_roles(stage: Stage, role: str) -> None:
    if role in ADMITS[stage]:
        assert rules.decide(AT[stage], FREE, role=role, reason="I read it.")
    else:
        with pytest.raises(Refusal, match="answers this appeal"):
            rules.decide(AT[stage], FREE, role=role, reason="I read it.")


def test_an_answer_has_its_reason_and_only_the_lead_sends_it_out() -> None:
    with pytest.raises(Refusal, match="The learner reads it"):
        rules.decide(AT[Stage.IQA], FREE, role="iqa", reason="  ")
    for change, sentence in (
        ({"role": "iqa"}, "lead"), ({"sent_on": TODAY + timedelta(days=1)}, "today or before"),
        ({"reference": " "}, "reference"), ({"standing": OWN}, "your own"),
    ):  # fmt: skip
        said: dict[str, object] = {"standing": FREE, "role": "lead-iqa", "sent_on": TODAY, "reference": "A-1"}
        with pytest.raises(Refusal, match=sentence):
            rules.send(STATES["to be sent"], **(said | change))  # type: ignore[arg-type]


# -- appealing ---------------------------------------------------------------------------------------------------------

FAIR = Appealed(LEARNER, is_latest=True, is_returned=True, has_not_yet=True, is_reopened=False, is_held=False,
                appeal_by=TODAY, today=TODAY)  # fmt: skip


def test_an_appeal_is_about_the_last_returned_answer_that_is_not_yet_achieved_and_in_time() -> None:
    assert rules.appeal(FAIR, by=LEARNER, words="I did say that.").event == Event.APPEAL_MADE
    for change, sentence in (
        ({"is_latest": False}, "newer answer"), ({"is_returned": False}, "once you have heard"),
        ({"has_not_yet": False}, "achieved"), ({"is_reopened": True}, "looking at this answer again"),
        ({"is_held": True}, "on hold already"), ({"is_enrolled": False}, "left"),
        ({"appeal_by": TODAY - timedelta(days=1)}, "days to appeal"),
        ({"answered": State.ANSWERED}, "was not upheld"), ({"answered": State.CLOSED}, "has ended"),
    ):  # fmt: skip
        with pytest.raises(Refusal, match=sentence):
            rules.appeal(replace(FAIR, **change), by=LEARNER, words="I did say that.")  # type: ignore[arg-type]
    with pytest.raises(Refusal, match="your own work"):
        rules.appeal(FAIR, by=SOMEBODY, words="I did say that.")
    with pytest.raises(Refusal, match="Write what"):
        rules.appeal(FAIR, by=LEARNER, words=" ")


def test_nobody_touches_somebody_elses_appeal_and_an_older_answer_goes_no_further() -> None:
    for verb in (
        lambda: rules.withdraw(facts(1), by=SOMEBODY), lambda: rules.reply(facts(1), by=SOMEBODY, words="x"),
        lambda: rules.go_on(facts(1, NOT), by=SOMEBODY, is_latest=True, words="x"),
    ):  # fmt: skip
        with pytest.raises(Refusal, match="not your appeal"):
            verb()
    with pytest.raises(Refusal, match="newer answer"):
        rules.go_on(facts(1, NOT), by=LEARNER, is_latest=False, words="x")


# -- cases -------------------------------------------------------------------------------------------------------------

CASE = CaseFacts(uuid4(), "malpractice", uuid4(), uuid4(), uuid4(), "u", "q", LEARNER, SOMEBODY, NOW, TODAY, uuid4(),
                 uuid4(), today=TODAY)  # fmt: skip
CLOSED = replace(CASE, finding="nothing-found")
CASE_VERBS: dict[str, Callable[[CaseFacts], Step]] = {
    "reply": lambda case: rules.reply_to_case(case, by=LEARNER, words="I wrote it on paper first."),
    "close": lambda case: rules.close_case(case, FREE, role="iqa", reason="I asked.", told="Nothing was found."),
}


CASE_BY_ROLE: dict[str, Callable[[CaseFacts, str, UUID], Step]] = {
    "reply": lambda case, role, by: rules.reply_to_case(case, by=by, words="I wrote it on paper first."),
    "close": lambda case, role, by: rules.close_case(
        case, OWN if by == LEARNER else FREE, role=role, reason="I asked.", told="Nothing was found."
    ),
}
CASE_STATES = {
    "open": CASE, "days over": replace(CASE, due_on=TODAY - timedelta(days=1)), "closed": CLOSED,
    "closed, found": replace(CASE, finding="found"),
}  # fmt: skip
WHOSE = {"reply": {"learner"}, "close": {"iqa", "lead-iqa"}}


@pytest.mark.parametrize("role", ROLES)
@pytest.mark.parametrize("verb", list(CASE_BY_ROLE))
@pytest.mark.parametrize("state", list(CASE_STATES))
def test_who_may_do_what_with_a_case_in_each_state(state: str, verb: str, role: str) -> None:
    def act() -> Step:
        return CASE_BY_ROLE[verb](CASE_STATES[state], role, LEARNER if role == "learner" else SOMEBODY)

    if state in {"open", "days over"} and role in WHOSE[verb]:
        assert act().event in {Event.CASE_REPLIED, Event.CASE_CLOSED}
    else:
        with pytest.raises(Refusal):
            act()


@pytest.mark.parametrize("verb", list(CASE_VERBS))
def test_an_open_case_takes_a_reply_and_an_outcome_and_a_closed_one_nothing(verb: str) -> None:
    assert CASE_VERBS[verb](CASE).event in {Event.CASE_REPLIED, Event.CASE_CLOSED}
    with pytest.raises(Refusal, match="closed"):
        CASE_VERBS[verb](CLOSED)


@pytest.mark.parametrize("part", list(PARTS))
@pytest.mark.parametrize("role", ROLES)
def test_only_a_quality_assurer_without_any_part_in_it_closes_a_case(role: str, part: str) -> None:
    def close() -> Step:
        return rules.close_case(CASE, PARTS[part], role=role, reason="I asked.", told="Nothing was found.")

    if role in {"iqa", "lead-iqa"} and part in {"nothing", Tie.RELEASED}:
        assert close().event == Event.CASE_CLOSED
    else:
        with pytest.raises(Refusal):
            close()


def test_a_case_is_opened_once_about_what_was_handed_in_and_never_about_ones_own_work() -> None:
    said = {"standing": FREE, "is_open": False, "is_handed_in": True, "words": "Two are alike.",
            "told": "We ask how it was written."}  # fmt: skip
    assert rules.open_case(**said).event == Event.CASE_OPENED  # type: ignore[arg-type]
    for change in (
        {"standing": OWN},
        {"standing": PARTS["apart"]},
        {"is_open": True},
        {"is_handed_in": False},
        {"words": " "},
        {"told": ""},
    ):
        with pytest.raises(Refusal):
            rules.open_case(**(said | change))  # type: ignore[arg-type]
    with pytest.raises(Refusal, match="not about your work"):
        rules.reply_to_case(CASE, by=SOMEBODY, words="x")
    for words in ({"reason": ""}, {"told": " "}):
        with pytest.raises(Refusal):
            rules.close_case(CASE, FREE, role="iqa", **({"reason": "I asked.", "told": "Nothing."} | words))


def test_a_case_is_late_after_its_day_and_not_on_it() -> None:
    assert not CASE.is_late
    assert replace(CASE, due_on=TODAY - timedelta(days=1)).is_late
    assert not replace(CLOSED, due_on=TODAY - timedelta(days=1)).is_late


APPEAL, OTHER = uuid4(), uuid4()


def change(day: int, opens: bool, about: UUID = APPEAL, question: str | None = "q") -> Change:
    return Change(about, question, opens, NOW + timedelta(days=day))


@pytest.mark.parametrize(
    ("changes", "days"),
    [
        ([change(0, True)], [(0, None)]),
        ([change(0, True), change(3, False)], [(0, 3)]),
        ([change(5, True), change(3, False), change(0, True), change(8, False)], [(0, 3), (5, 8)]),
        ([change(0, True), change(5, True), change(7, False)], [(0, 7)]),
        ([change(0, True), change(3, False), change(4, False)], [(0, 3)]),
        ([change(0, True), change(1, True, OTHER, None), change(2, False)], [(0, 2), (1, None)]),
    ],
    ids=["open", "closed", "two stages", "a stage that ran out", "taken back between stages", "two things at once"],
)
def test_when_work_was_on_hold(changes: list[Change], days: list[tuple[int, int | None]]) -> None:
    said = [(NOW + timedelta(days=first), None if last is None else NOW + timedelta(days=last)) for first, last in days]
    assert [(one.began, one.ended) for one in rules.periods(changes)] == said
