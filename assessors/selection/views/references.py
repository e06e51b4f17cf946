"""The referee's page: one link, no account, one answer."""

from __future__ import annotations

from werkzeug.wrappers import Response

from assessors.selection.forms import ReferenceForm
from assessors.selection.operations import deciding
from assessors.selection.queries import applications as queries
from assessors.selection.queries.found import AskedReference, Found
from assessors.selection.views import bp
from assessors.selection.words import ReferenceWords
from course import db
from course.access import PUBLIC
from course.pages import page
from course.people.models import Centre


def _asked(token: str, *, lock: bool = False) -> tuple[Found, AskedReference] | None:
    found = queries.by_reference_link(db.session(), token, lock=lock)
    if found is None or not found[1].is_live or not found[0].takes_references:
        return None
    return found


def _page(found: Found, token: str, form: ReferenceForm, status: int = 200) -> Response:
    centre = db.session().get_one(Centre, found.cohort.centre_id)
    return page("selection/reference.html", found=found, token=token, form=form, centre=centre, status=status)


@bp.get("/references/<token>", allow=PUBLIC)
def reference(token: str) -> Response:
    """What is asked, of whom, and who reads the answer."""
    asked = _asked(token)
    if asked is None:
        return page("selection/reference_over.html", status=410)
    return _page(asked[0], token, ReferenceForm(formdata=None))


@bp.post("/references/<token>", allow=PUBLIC)
def give_reference(token: str) -> Response:
    """Take the answer; the link is used up."""
    form, asked = ReferenceForm(), _asked(token, lock=True)
    if asked is None:
        return page("selection/reference_over.html", status=410)
    if not form.validate():
        return _page(asked[0], token, form, 422)
    words = ReferenceWords(knows=form.knows.data, words=form.words.data)
    deciding.give_reference(db.session(), *asked, words)
    return page("selection/reference_thanks.html")
