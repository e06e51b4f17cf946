"""The marking side: guidance, selection, marking and quality assurance. It imports `course`, never the other way."""

from __future__ import annotations

from pathlib import Path

from flask import Flask
from jinja2 import ChoiceLoader, FileSystemLoader

from course import evidence


def init_app(app: Flask) -> None:
    """Add the marking side's pages and commands to the application."""
    from assessors.appeals import views as appeals
    from assessors.attempts import views as attempts
    from assessors.authenticity.operations import compare_due
    from assessors.changes import views as changes
    from assessors.conduct import views as conduct
    from assessors.external import cli as packs
    from assessors.external import views as external
    from assessors.external.tables import PARTS
    from assessors.guidance import cli as guidance
    from assessors.guidance.publishing import publish_assessors
    from assessors.marking import views as marking
    from assessors.quality import views as quality
    from assessors.quality.affected import views as affected  # noqa: F401  it adds routes to quality's
    from assessors.quality.plan import views as plan  # noqa: F401
    from assessors.quality.second import views as second  # noqa: F401  it adds routes to quality's
    from assessors.quality.standardisation import views as standardisation  # noqa: F401  it adds routes to quality's
    from assessors.quality.workload import views as workload  # noqa: F401
    from assessors.sample import ensure_sample
    from assessors.selection import views as selection
    from assessors.selection.operations.checks import dispose_due

    own = FileSystemLoader(Path(__file__).parent / "templates")
    app.jinja_loader = ChoiceLoader([app.jinja_loader, own]) if app.jinja_loader else own
    app.register_blueprint(selection.bp)
    app.register_blueprint(marking.bp)
    app.register_blueprint(quality.bp)
    app.register_blueprint(appeals.bp)
    app.register_blueprint(conduct.bp)
    app.register_blueprint(changes.bp)
    app.register_blueprint(attempts.bp)
    app.register_blueprint(external.bp)
    app.cli.add_command(packs.packs)
    evidence.offer(app, *PARTS)
    app.cli.add_command(guidance.group)
    app.extensions["publishers"].append(publish_assessors)
    app.extensions["samples"].append(ensure_sample)
    app.extensions["jobs"] += [compare_due, dispose_due]
