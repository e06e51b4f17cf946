"""The token that every form carries: an HMAC of the browser's session id, masked, and neither stored nor looked up.

Flask-WTF stays the interface (`CSRFProtect`, `CSRFError`, `csrf_token()` in templates); see decision 0013.
"""

from __future__ import annotations

import base64
import hashlib
import hmac
import secrets

from flask import Flask, current_app, g, request, session
from flask_wtf import CSRFProtect

FIELD = "csrf_token"
SIZE = 16  # bytes: 128 bits


def token() -> str:
    """The token of this browser's session, masked afresh for each answer, whose forms share it.

    A visitor who has no session is given a random id to hang it on.
    """
    if not (owner := _owner()):
        owner = session["visitor"] = secrets.token_urlsafe(SIZE)
    if "form_token" not in g or g.form_token[0] != owner:
        g.form_token = owner, masked(_secret(owner, current_app.config["SECRET_KEY"]))
    found: str = g.form_token[1]
    return found


def token_for(owner: str, secret_key: str) -> str:
    """A token of a session id."""
    return masked(_secret(owner, secret_key))


def masked(secret: bytes) -> str:
    """The secret under a mask of its own each time: compressing a page that holds it tells nothing about it."""
    mask = secrets.token_bytes(SIZE)
    return base64.urlsafe_b64encode(mask + _xor(mask, secret)).decode().rstrip("=")


def is_token_for(owner: str, secret_key: str, sent: str) -> bool:
    """Whether this is a token of the session id, under whatever mask."""
    try:
        content = base64.urlsafe_b64decode(sent.encode("ascii") + b"==")
    except ValueError:
        return False
    return hmac.compare_digest(_xor(content[:SIZE], content[SIZE:]), _secret(owner, secret_key))


def _secret(owner: str, secret_key: str) -> bytes:
    return hmac.digest(secret_key.encode(), b"csrf|" + owner.encode(), hashlib.sha256)[:SIZE]


def _xor(one: bytes, other: bytes) -> bytes:
    if len(one) != len(other):
        return b""
    return (int.from_bytes(one) ^ int.from_bytes(other)).to_bytes(len(one))


def _owner() -> str | None:
    """The signed-in session's id, otherwise the visitor's: a token from before signing in is worth nothing after it."""
    return session.get("_user_id") or session.get("visitor")


class SessionBound(CSRFProtect):  # type: ignore[misc]
    """Flask-WTF's protection with our token."""

    def init_app(self, app: Flask) -> None:
        """Check every request that changes something, and give templates the token."""
        super().init_app(app)
        app.jinja_env.globals[FIELD] = token
        app.context_processor(lambda: {FIELD: token})

    def protect(self, apply_exemptions: bool = False) -> None:
        """Refuse a form without the token of its own session. Raises CSRFError."""
        if request.method not in current_app.config["WTF_CSRF_METHODS"] or not request.endpoint:
            return
        owner, sent = _owner(), request.form.get(FIELD, "")
        if not owner or not is_token_for(owner, current_app.config["SECRET_KEY"], sent):
            self._error_response("The form's token is missing, or of another session.")
        g.csrf_valid = True
