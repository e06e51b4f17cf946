"""Every refusal and fault as a page: what happened, what is safe, what to do; and nobody's typed words are lost."""

from __future__ import annotations

import logging
import sqlite3
from typing import Any

from flask import Flask, current_app, jsonify, make_response, render_template, request, url_for
from flask_login import current_user
from flask_wtf.csrf import CSRFError
from sqlalchemy.exc import DBAPIError, OperationalError, TimeoutError as PoolTimeout
from sqlalchemy.orm.exc import StaleDataError
from werkzeug.exceptions import HTTPException, RequestEntityTooLarge
from werkzeug.wrappers import Response

from course import db
from course.refusal import Refusal
from course.turn import TurnTimeout

log = logging.getLogger("alongside.errors")
SECRET_FIELDS = {"csrf_token", "password", "new_password", "current_password", "token", "code"}


class StaleForm(Exception):
    """A form was based on something that has changed since; nothing was saved."""


def init_app(app: Flask) -> None:
    """Register a page for each way a request can end without its answer."""
    app.register_error_handler(Refusal, refused)
    app.register_error_handler(CSRFError, token_stale)
    app.register_error_handler(RequestEntityTooLarge, too_large)
    for fault in (TurnTimeout, OperationalError, PoolTimeout, OSError):
        app.register_error_handler(fault, cannot_save)
    app.register_error_handler(StaleDataError, changed_meanwhile)
    app.register_error_handler(HTTPException, http_error)
    app.register_error_handler(Exception, unexpected)


def wants_json() -> bool:
    """Whether a script asked (autosave), not a person."""
    return request.accept_mimetypes.best == "application/json"


def typed() -> list[tuple[str, str]]:
    """The longer texts of the form that was sent, so that an error page can give them back."""
    fields = [(name, text) for name, text in request.form.items(multi=True) if name not in SECRET_FIELDS]
    return [(name, text) for name, text in fields if len(text) > 20 or "\n" in text]


def refused(error: Refusal) -> Any:
    """A rule said no: 409 with its sentence and what to do next."""
    db.roll_back()
    if wants_json():
        return jsonify(refused=error.sentence, next=error.next_step), 409
    return _page("errors/409.html", 409, sentence=error.sentence, next_step=error.next_step, typed=typed())


def changed_meanwhile(error: StaleDataError) -> Any:
    """Somebody else saved first."""
    return refused(Refusal("Somebody else changed this a moment ago.", "Go back, look again, and send it once more."))


def token_stale(error: CSRFError) -> Any:
    """The form's token is missing or from another session: the words go back to the person, who may send again."""
    db.roll_back()
    if wants_json():
        return jsonify(sign_in=url_for("people.sign_in")), 401
    signed_in = current_user.is_authenticated
    return _page("errors/400.html", 400, typed=typed(), again=_again() if signed_in else None, signed_in=signed_in)


def _again() -> dict[str, Any]:
    """What the same form needs to be sent once more, by the person's own press."""
    fields = [(name, text) for name, text in request.form.items(multi=True) if name not in SECRET_FIELDS]
    return {"action": request.full_path.rstrip("?"), "fields": fields}


def too_large(error: RequestEntityTooLarge) -> Any:
    """More than the server takes in one go."""
    db.roll_back()
    if wants_json():
        return jsonify(refused="This is too large to save. Shorten it, or send it in parts."), 413
    return _page("errors/413.html", 413)


def cannot_save(error: Exception) -> Any:
    """The database or the disk does not answer: say so truthfully and give the words back."""
    log.error("cannot save", extra={"fault": type(error).__name__, "endpoint": request.endpoint})
    db.roll_back()
    if wants_json():
        return jsonify(not_saved=True), 503, {"Retry-After": "5"}
    response = _page("errors/503.html", 503, typed=typed())
    response.headers["Retry-After"] = "5"
    return response


def http_error(error: HTTPException) -> Any:
    """An ordinary HTTP refusal: 400, 403, 404, 405, 429 …"""
    db.roll_back()
    code = error.code or 500
    if wants_json():
        return jsonify(refused=error.name), code
    template = f"errors/{code}.html" if code in {400, 403, 404, 413, 429} else "errors/404.html"
    context = {"typed": typed(), "again": None, "signed_in": False} if code == 400 else {}
    return _page(template, code, **context)


def unexpected(error: Exception) -> Any:
    """A fault of ours: logged without anybody's words, answered by a page that needs no database."""
    db.roll_back()
    if isinstance(error, DBAPIError | sqlite3.Error):
        return cannot_save(error)
    # The stack names files and lines; frames' local variables, which may hold words, are never logged.
    log.error("unexpected", extra={"fault": type(error).__name__, "endpoint": request.endpoint}, exc_info=error)
    if current_app.testing:
        raise error
    if wants_json():
        return jsonify(not_saved=True), 500
    return _page("errors/500.html", 500)


def _page(template: str, status: int, **context: Any) -> Response:
    return make_response(render_template(template, **context), status)
