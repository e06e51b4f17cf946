"""An assessor's own kept comments."""

from __future__ import annotations

from uuid import UUID

from flask import flash, redirect, url_for
from werkzeug.exceptions import NotFound
from werkzeug.wrappers import Response

from assessors.marking import showing
from assessors.marking.operations.comments import remove_comment
from assessors.marking.queries.words import kept_comments
from assessors.marking.views import ASSESSOR, assessor, bp
from assessors.marking.views.queue import tabs
from course import db
from course.pages import page
from course.people.accounts import me


@bp.get("/marking/comments", allow=ASSESSOR)
def comments() -> Response:
    """The comments one chose to keep, newest first."""
    found = kept_comments(db.session(), me().person_id)
    return page(
        "marking/comments.html", comments=showing.comments(db.session(), found), tabs=tabs(assessor(), "comments")
    )


@bp.post("/marking/comments/<uuid:comment_id>/removal", allow=ASSESSOR)
def remove(comment_id: UUID) -> Response:
    """Forget one of them."""
    found = next((one for one in kept_comments(db.session(), me().person_id) if one.id == comment_id), None)
    if found is None:
        raise NotFound
    remove_comment(db.session(), found)
    flash("The comment is gone. Feedback you sent with it stays as it is.")
    return redirect(url_for(".comments"), 303)
