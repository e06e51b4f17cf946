"""Passwords: Argon2id at the OWASP floor, and plain advice on choosing one."""

from __future__ import annotations

import unicodedata

from argon2 import PasswordHasher
from argon2.exceptions import InvalidHashError, VerificationError

SHORTEST, LONGEST = 12, 200  # characters
COMMON = ("password", "alongside", "qwerty", "letmein", "welcome", "123456", "abcdef", "iloveyou")

hasher = PasswordHasher(time_cost=2, memory_cost=19 * 1024, parallelism=1)
DUMMY = hasher.hash("nobody has this password")
"""Checked for unknown addresses, so that the answer takes as long as for known ones."""


def matches(password: str, stored: str | None) -> bool:
    """Whether a password is the stored one; takes as long when nothing is stored."""
    try:
        return hasher.verify(stored or DUMMY, _typed_alike(password)) and stored is not None
    except (VerificationError, InvalidHashError):
        return False


def hash_of(password: str) -> str:
    """The hash to store."""
    return hasher.hash(_typed_alike(password))


def _typed_alike(password: str) -> str:
    """The same bytes from every keyboard: some send é as one sign, some as two."""
    return unicodedata.normalize("NFC", password)


def advice(password: str, *names: str) -> str | None:
    """Say what is wrong with a password, as an instruction; None when it will do. `names` are easy to guess."""
    if len(password) < SHORTEST:
        return f"Use at least {SHORTEST} characters. Three or four words together work well"
    if len(password) > LONGEST:
        return f"Use at most {LONGEST} characters"
    if len(set(password)) < 5:
        return "Use more than a few different characters"
    rest = password.lower()
    own = " ".join(names).lower().replace("@", " ").replace(".", " ").split()
    guessable = [*COMMON, *own]
    for part in guessable:
        if len(part) > 3:
            rest = rest.replace(part, "")
    if len(rest) < 6:
        return "Choose something that others cannot guess from your name or from common words"
    return None
