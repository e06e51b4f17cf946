"""Pictures and recordings of published units."""

from __future__ import annotations

from flask import Response

from course import db
from course.access import SIGNED_IN, Blueprint
from course.catalogue import queries

bp = Blueprint("catalogue", __name__)


@bp.get("/media/<name>", allow=SIGNED_IN)
def media(name: str) -> Response:
    """A picture, found by its content: it may be kept for ever."""
    found = queries.media(db.session(), name)
    response = Response(found.content, content_type=found.content_type)
    response.headers["Cache-Control"] = "private, max-age=31536000, immutable"
    response.headers["Content-Security-Policy"] = "default-src 'none'; sandbox"
    return response
