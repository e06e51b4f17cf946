"""The table of a request's states, and what may be done in each."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from uuid import uuid4

import pytest

from course.audit import Event
from course.refusal import Refusal
from course.witnesses import rules
from course.witnesses.models import Outcome
from course.witnesses.rules import Asked, RequestFacts, State, Vouched

NOON = datetime(2026, 11, 20, 12, tzinfo=UTC)
LATER = NOON + timedelta(hours=1)
ASKED = Asked("Ana Reid", "supervisor", "ana@example.org", "3 November", "The café", "I served a guest.")
SAID = Vouched("Ana Reid", "Head cook", "I supervise them", "I saw it.")


def request(**more: object) -> RequestFacts:
    plain = RequestFacts(uuid4(), "q", NOON, NOON + rules.LINK_LASTS, uuid4())
    return replace(plain, **more)  # type: ignore[arg-type]


@pytest.mark.parametrize(
    ("facts", "at", "state"),
    [
        ({}, LATER, State.ASKED),
        ({}, NOON + rules.LINK_LASTS, State.EXPIRED),
        ({"outcome": "confirmed", "replied_at": LATER}, NOON + timedelta(days=90), State.CONFIRMED),
        ({"outcome": "corrected", "replied_at": LATER}, LATER, State.CONFIRMED),
        ({"outcome": "declined", "replied_at": LATER}, LATER, State.DECLINED),
        ({"withdrawn_at": LATER}, LATER, State.WITHDRAWN),
        ({"outcome": "confirmed", "withdrawn_at": LATER}, LATER, State.WITHDRAWN),
    ],
)
def test_where_a_request_stands(facts: dict[str, object], at: datetime, state: State) -> None:
    assert request(**facts).state(at) is state


ALLOWED = {
    None: {"ask"}, State.ASKED: {"withdraw"}, State.CONFIRMED: {"withdraw"}, State.DECLINED: {"ask"},
    State.EXPIRED: {"ask"},
}  # fmt: skip


@pytest.mark.parametrize("state", list(ALLOWED))
@pytest.mark.parametrize("verb", ["ask", "withdraw"])
def test_what_the_table_does_not_allow_is_refused(state: State | None, verb: str) -> None:
    def act() -> object:
        if verb == "ask":
            return rules.ask(ASKED, standing_state=state, own_email="me@example.org", asked_today=0)
        return rules.withdraw(state)

    if verb in ALLOWED[state]:
        act()
    else:
        with pytest.raises(Refusal):
            act()


def test_the_request_that_counts_is_the_latest_since_the_last_answer() -> None:
    first, second = request(outcome="declined"), request(at=LATER)
    assert rules.standing([first, second], None) == second
    assert rules.standing([first, replace(second, withdrawn_at=LATER)], None) == first
    assert rules.standing([first, second], LATER) is None, "a statement that was handed in belongs to that attempt"
    assert rules.standing([], None) is None


@pytest.mark.parametrize(
    ("change", "sentence"),
    [
        ({"email": "me@example.org"}, "your own witness"),
        ({"email": "nobody"}, "does not look right"),
        ({"email": "a@b.org\nBcc: c@d.org"}, "does not look right"),
        ({"email": ""}, "who saw it"),
        ({"role": "friend"}, "who saw it"),
        ({"seen": ""}, "what was seen"),
    ],
)
def test_whom_and_what_a_learner_may_ask(change: dict[str, str], sentence: str) -> None:
    with pytest.raises(Refusal, match=sentence):
        rules.ask(replace(ASKED, **change), standing_state=None, own_email="me@example.org", asked_today=0)


def test_letters_to_addresses_that_anybody_may_type_are_few() -> None:
    with pytest.raises(Refusal, match="today"):
        rules.ask(ASKED, standing_state=None, own_email="me@example.org", asked_today=rules.MOST_A_DAY)


def test_a_statement_needs_words_and_a_no_needs_none() -> None:
    assert rules.reply(Outcome.DECLINED, Vouched()).event is Event.WITNESS_DECLINED
    assert rules.reply(Outcome.CONFIRMED, SAID).event is Event.WITNESS_CONFIRMED
    for name in ("name", "role", "relation", "saw"):
        with pytest.raises(Refusal):
            rules.reply(Outcome.CORRECTED, replace(SAID, **{name: ""}))
