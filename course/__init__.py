"""Alongside's engine: `create_app` reads like a table of contents."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from datetime import timedelta
from types import ModuleType
from typing import Any

from flask import Flask, Response
from flask.sessions import SecureCookieSessionInterface, SessionMixin
from werkzeug.middleware.proxy_fix import ProxyFix

from course.settings import Settings

LARGEST_REQUEST = 11 * 1024 * 1024  # bytes: one 10 MB file and the form around it; the server itself stops at 12 MB


class Cookie(SecureCookieSessionInterface):
    """Flask's signed cookie, sent when it has changed. Its signer is made once, as the secret stays the same."""

    _signer: Any = None

    def get_signing_serializer(self, app: Flask) -> Any:
        """The signer, made on first use."""
        self._signer = self._signer or super().get_signing_serializer(app)
        return self._signer

    def save_session(self, app: Flask, session: SessionMixin, response: Response) -> None:
        """Send the cookie, or only say that the answer depends on it."""
        if session.modified:
            super().save_session(app, session, response)
        elif session.accessed:
            response.vary.add("Cookie")


class App(Flask):
    """Flask, with one transaction a request: committed if the view returns, rolled back if it raises."""

    def ensure_sync(self, func: Callable[..., Any]) -> Callable[..., Any]:
        """Every view and hook is an ordinary function: Flask need not ask each of them on each request."""
        return func

    def dispatch_request(self) -> Any:
        """Run the view, commit, and write the access log before any opened words leave the server."""
        from course import db, special_log
        from course.workbook import access_log

        answer = self.make_response(super().dispatch_request())
        openings, special = access_log.collect(), special_log.collect()
        db.commit()
        access_log.write(openings)
        special_log.write(special)
        return answer


def create_app(settings: Settings, extensions: Iterable[ModuleType] = ()) -> Flask:
    """Build the application. `extensions` are packages with an `init_app`, such as the marking side."""
    from course import access, cli, csrf, db, errors, evidence, fragments, logs, pages
    from course.adjustments import views as adjustments
    from course.catalogue import views as catalogue
    from course.catalogue.publishing import publish_modules
    from course.corrections import views as corrections
    from course.development import views as development
    from course.development.queries import tables as development_tables
    from course.enrolment import views as enrolment
    from course.office import views as office
    from course.people import accounts
    from course.people import views as people
    from course.records import views as records
    from course.witnesses import views as witnesses
    from course.workbook import case_views, prior_views, study_views, witness_views
    from course.workbook import views as workbook

    app = App(__name__, static_folder=None)
    app.session_interface = Cookie()
    _configure(app, settings)
    logs.init_app(app)
    db.init_app(app, settings.database_url)
    csrf.SessionBound(app)
    accounts.init_app(app)
    pages.init_app(app)
    errors.init_app(app)
    slices = (people, catalogue, enrolment, adjustments, witnesses, workbook, witness_views, prior_views)
    for slice_ in (*slices, study_views, case_views, records, corrections, office, development):
        app.register_blueprint(slice_.bp)
    app.extensions["publishers"], app.extensions["samples"], app.extensions["jobs"] = [publish_modules], [], []
    evidence.offer(app, development_tables)
    for extension in extensions:
        extension.init_app(app)
    fragments.init_app(app)
    cli.init_app(app)
    access.check_every_route(app)
    return app


def _configure(app: Flask, settings: Settings) -> None:
    app.config.update(
        SETTINGS=settings,
        SECRET_KEY=settings.secret_key,
        MAX_CONTENT_LENGTH=LARGEST_REQUEST,
        MAX_FORM_MEMORY_SIZE=LARGEST_REQUEST,
        TRUSTED_HOSTS=sorted(settings.hosts),
        SESSION_COOKIE_NAME="__Host-session" if settings.is_https else "session",
        SESSION_COOKIE_SECURE=settings.is_https,
        SESSION_COOKIE_HTTPONLY=True,
        SESSION_COOKIE_SAMESITE="Lax",
        SESSION_COOKIE_PATH="/",
        PERMANENT_SESSION_LIFETIME=timedelta(days=30),
        SESSION_REFRESH_EACH_REQUEST=False,
    )
    if settings.trusted_proxies:
        count = settings.trusted_proxies
        app.wsgi_app = ProxyFix(app.wsgi_app, x_for=count, x_proto=count, x_host=count)  # type: ignore[method-assign]
