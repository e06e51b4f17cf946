"""Who may batch, release, issue and revoke, what a record's code looks like, and when a holder may still answer."""

from __future__ import annotations

import hashlib
import re
import secrets
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta
from uuid import UUID

from course.audit import Event
from course.independence import Act, Standing, must_be_free
from course.refusal import Refusal, Step, require

ALPHABET = "0123456789ABCDEFGHJKMNPQRSTVWXYZ"  # Crockford's: nobody mistakes a letter for a digit
CODE_LENGTH = 12
TIME_TO_ANSWER = timedelta(days=2)
TIME_TO_SHOW = timedelta(days=14)
"""How long an approved request shows the details."""
DAYS_TO_SHOW = (7, 30, 90)
"""For how many days a holder may let the record be seen without being asked."""
CODES_A_DAY = 5
ASKING_AT_ONCE = 5
"""Unanswered requests kept for one record; more are answered alike and forgotten, so nobody can flood a holder."""

UNSETTLED = "An answer here was sent back, and is being decided again."
WAIT = "Wait until the new decision is returned."


def make_batch(standing: Standing, *, chosen: int, ready: bool, settled: bool = True) -> Step:
    """Put achieved units into a batch. `ready`: each is achieved, in no batch; `settled`: none is decided again."""
    must_be_free(standing, Act.CHECK)
    require(chosen, "Choose at least one unit to put into the batch.")
    again = "Open the cohort again and choose anew."
    require(ready, "One of these units is not achieved, or is in a batch already.", again)
    require(settled, UNSETTLED, WAIT)
    return Step(Event.BATCH_MADE)


def release(standing: Standing, *, released: bool, still_achieved: bool, rationale: str, settled: bool = True) -> Step:
    """Permit claims and records for a batch."""
    must_be_free(standing, Act.CHECK)
    require(not released, "This batch has been released already.")
    require(settled, UNSETTLED, WAIT)
    require(
        still_achieved,
        "A unit in this batch is no longer achieved, so the batch cannot be released.",
        "Open the batch and take that unit out of it.",
    )
    require(rationale.strip(), "Say why you release this batch.")
    return Step(Event.BATCH_RELEASED)


@dataclass(frozen=True)
class Claim:
    """What must be known before a record is issued."""

    standing: Standing
    """How whoever issues it stands to the holder and to everything that the record rests on."""
    is_released: bool
    is_achieved: bool
    has_record: bool
    is_settled: bool = True


def issue(claim: Claim) -> Step:
    """Issue a record: achieved, released, not issued before, and by an admin who had no part in it."""
    must_be_free(claim.standing, Act.ISSUE)
    require(
        claim.is_released,
        "This has not been released, so no record can be issued.",
        "An internal quality assurer must release it first.",
    )
    require(claim.is_settled, UNSETTLED, WAIT)
    changed, correct = "Ask the assessor what changed.", "To correct it, revoke it and replace it."
    require(claim.is_achieved, "This is no longer achieved, so no record can be issued.", changed)
    require(not claim.has_record, "A record of this has been issued already.", correct)
    return Step(Event.RECORD_ISSUED)


def revoke(standing: Standing, *, revoked: bool, reason: str) -> Step:
    """End a record, with the reason."""
    must_be_free(standing, Act.ARRANGE)
    require(not revoked, "This record has been revoked already.")
    require(reason.strip(), "Say why you revoke this record.")
    return Step(Event.RECORD_REVOKED)


def answer_request(*, answered: bool, open_until: datetime, approve: bool, now: datetime) -> Step:
    """The holder lets somebody see a record, or does not."""
    require(not answered, "This has been answered already.")
    require(now < open_until, "The two days to answer are over.", "They can ask again with the code.")
    return Step(Event.VERIFICATION_APPROVED if approve else Event.VERIFICATION_REFUSED)


def answer_for_holder(
    *, holder: UUID, by: UUID, answered: bool, open_until: datetime, approve: bool, now: datetime
) -> Step:
    """An admin notes what the holder said on the telephone."""
    require(by != holder, "This is your own record.", "Answer it on the page “My record”.")
    return answer_request(answered=answered, open_until=open_until, approve=approve, now=now)


def show_beforehand(*, days: int, revoked: bool, checked: bool) -> Step:
    """The holder lets anybody with the code see the record for some days, without being asked each time."""
    require(not revoked, "This record has been revoked, so there is nothing to show.")
    require(checked, "Checking is off, so nobody can ask.", "Turn checking on first.")
    require(days in DAYS_TO_SHOW, "Choose for how long.")
    return Step(Event.VERIFICATION_OPENED)


def stop_showing(*, shown: bool) -> Step:
    """The holder ends a permission given beforehand."""
    require(shown, "Nobody can see this record without asking you.")
    return Step(Event.VERIFICATION_CLOSED)


def change_code(*, changed_today: int) -> Step:
    """The holder gives the record a new code; papers with the old one lead nowhere from then on."""
    require(changed_today < CODES_A_DAY, "You have changed this code several times today.", "Try again tomorrow.")
    return Step(Event.RECORD_CODE_CHANGED)


def is_complete(
    mandatory: Iterable[str], optional: Iterable[tuple[int, tuple[str, ...]]], done: frozenset[str]
) -> bool:
    """Whether the units done satisfy the rules of combination: all mandatory, and enough of each optional group."""
    return all(unit in done for unit in mandatory) and all(
        sum(unit in done for unit in group) >= choose for choose, group in optional
    )


def new_code() -> str:
    """A random code of 60 bits, written as three groups of four."""
    letters = "".join(secrets.choice(ALPHABET) for _ in range(CODE_LENGTH))
    return "-".join(letters[at : at + 4] for at in range(0, CODE_LENGTH, 4))


def read_code(typed: str) -> str:
    """The code as it is stored, from what somebody typed. Raises Refusal when it cannot be one."""
    plain = re.sub(r"[\s\-–—]", "", typed).upper().translate(str.maketrans("OIL", "011"))
    if len(plain) != CODE_LENGTH or any(letter not in ALPHABET for letter in plain):
        raise Refusal("Enter the code as it stands on the record: twelve letters and numbers.")
    return "-".join(plain[at : at + 4] for at in range(0, CODE_LENGTH, 4))


def code_hash(code: str) -> str:
    """What the ink row keeps of a code."""
    return hashlib.sha256(b"record code|" + code.encode()).hexdigest()
