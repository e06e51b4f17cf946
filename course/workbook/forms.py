"""The shape of what learners send: the fields of each kind of question, and the hand-in form."""

from __future__ import annotations

import re
from uuid import UUID

from werkzeug.datastructures import Headers, MultiDict
from wtforms import BooleanField, Field, HiddenField, StringField, TextAreaField
from wtforms.validators import DataRequired, Length

from course.catalogue.compiled import Question
from course.forms import FormBase, trimmed
from course.witnesses.rules import ROLES
from course.workbook import content as contents
from course.workbook.content import (
    MOST_ENTRIES,
    ChoiceContent,
    Content,
    LogContent,
    MatchContent,
    OrderContent,
    Prior,
    TextContent,
    UploadContent,
    WitnessContent,
)
from course.workbook.operations import Save
from course.workbook.rules import LONGEST_TEXT

Form = MultiDict[str, str]
WITNESS_LINES = ("dates", "place", "name", "email")


class HandInForm(FormBase):
    """The declaration, and who helped; the questions stand beside it as ticks of their own."""

    declaration = HiddenField()
    own = BooleanField("Yes, this is true")
    helpers = StringField(
        "Who helped you, and how?",
        filters=[trimmed],
        validators=[Length(max=2000, message="Use 2,000 characters or fewer to say who helped you.")],
    )


def save_from(form: Form, headers: Headers) -> Save:
    """What a save builds on. A page that says nothing of it builds on nothing."""
    base = form.get("base", "0")
    return Save(
        base=int(base) if base.isdigit() and len(base) < 10 else 0,
        nonce=headers.get("X-Save", "")[:64],
        page=form.get("page", "")[:32],
        after=headers.get("X-After", "")[:400].split(),
    )


def read_content(question: Question, form: Form, before: Content) -> tuple[Content, str | None]:
    """What the form says, and a sentence when it cannot be taken (too long). Files and tries stay as they were."""
    content = _read(question, form, before)
    return content, _too_long(content)


def _read(question: Question, form: Form, before: Content) -> Content:
    match before:
        case TextContent():
            return before.model_copy(update={"text": contents.clean(form.get("text", ""))})
        case UploadContent():
            return before.model_copy(update={"note": contents.clean(form.get("note", ""))})
        case ChoiceContent():
            ticked = {int(value) for value in form.getlist("chosen") if value.isdigit() and len(value) < 4}
            chosen = tuple(option.text for at, option in enumerate(question.options) if at in ticked)
            return before.model_copy(update={"chosen": chosen if question.several_right else chosen[:1]})
        case OrderContent():
            return before.model_copy(update={"order": _order(question, form)})
        case MatchContent():
            return before.model_copy(update={"pairs": _pairs(question, form)})
        case LogContent():
            return before.model_copy(update={"entries": _entries(question, form)})
        case WitnessContent():
            return before.model_copy(update=_witnessed(form))


def _witnessed(form: Form) -> dict[str, str]:
    """What was seen, and who saw it. A role that is not on the list is none."""
    lines = {name: contents.clean(form.get(f"witness-{name}", "")).strip()[:254] for name in WITNESS_LINES}
    role = form.get("witness-role", "")
    seen = contents.clean(form.get("witness-seen", ""))
    return lines | {"seen": seen, "role": role if role in ROLES else ""}


def _order(question: Question, form: Form) -> tuple[str, ...]:
    """Each shown item has a place; two items sent to one place leave the later one out."""
    order = [""] * len(question.items)
    for shown, item in enumerate(question.shown_items):
        place = form.get(f"place-{shown}", "")
        at = int(place) - 1 if place.isdigit() and len(place) < 4 else -1
        if 0 <= at < len(order) and not order[at]:
            order[at] = question.items[item]
    return tuple(order) if any(order) else ()


def _pairs(question: Question, form: Form) -> tuple[tuple[str, str], ...]:
    rights = [question.pairs[at].right for at in question.shown_rights]
    pairs = []
    for number, pair in enumerate(question.pairs):
        value = form.get(f"right-{number}", "")
        at = int(value) if value.isdigit() and len(value) < 4 else -1
        if 0 <= at < len(rights):
            pairs.append((pair.left, rights[at]))
    return tuple(pairs)


_ENTRY = re.compile(r"entry-(\d{1,3})-")


def _entries(question: Question, form: Form) -> tuple[dict[str, str], ...]:
    numbers = sorted({int(found[1]) for name in form if (found := _ENTRY.match(name))})[:MOST_ENTRIES]
    entries = []
    for number in numbers:
        sent = {one.name: form.get(f"entry-{number}-{one.name}", "") for one in question.fields}
        values = {name: contents.clean(value).strip() for name, value in sent.items()}
        if any(values.values()):
            entries.append(values)
    return tuple(entries)


def _too_long(content: Content) -> str | None:
    match content:
        case TextContent():
            length = len(content.text)
        case UploadContent():
            length = len(content.note)
        case WitnessContent():
            length = len(content.seen)
        case LogContent():
            length = sum(len(value) for entry in content.entries for value in entry.values())
        case _:
            return None
    if length <= LONGEST_TEXT:
        return None
    return f"This is {length:,} characters long. Shorten it to {LONGEST_TEXT:,} or fewer, then save."


class _Claim(FormBase):
    """Prior learning; a box for each point is added by `claim_form`."""

    what = TextAreaField(
        "What did you do or learn?",
        [DataRequired("Say what you did or learned."), Length(max=2000, message="Use 2,000 characters or fewer.")],
        [trimmed],
    )
    where = StringField(
        "Where, and with whom?",
        [DataRequired("Say where it was."), Length(max=200, message="Use 200 characters or fewer.")],
        [trimmed],
    )
    when = StringField(
        "When was it?",
        [DataRequired("Say when it was. The year is enough."), Length(max=100, message="Use 100 characters or fewer.")],
        [trimmed],
    )
    confirms = StringField(
        "Who could confirm it?", [Length(max=200, message="Use 200 characters or fewer.")], [trimmed]
    )


def claim_form(question: Question, claimed: Prior | None = None) -> FormBase:
    """A claim of prior learning for a question, filled with the one that is there."""
    fields: dict[str, Field] = {
        _shows(number): TextAreaField(
            f"How does it show point {number}?",
            [
                DataRequired(f"Say how it shows point {number}."),
                Length(max=4000, message=f"Use 4,000 characters or fewer for point {number}."),
            ],
            [trimmed],
        )
        for number in question.criteria
    }
    given = {_shows(number): words for number, words in claimed.shows.items()} if claimed else {}
    form: FormBase = type("ClaimForm", (_Claim,), fields)(obj=claimed, data=given)
    return form


def _shows(number: str) -> str:
    return "shows-" + number.replace(".", "-").replace(":", "-")


def claim_from(question: Question, form: FormBase) -> Prior:
    """What a valid claim says."""
    said = {name: contents.clean(form[name].data or "") for name in ("what", "where", "when", "confirms")}
    return Prior(**said, shows={number: contents.clean(form[_shows(number)].data) for number in question.criteria})


def ticked_revisions(form: Form) -> dict[str, int]:
    """The questions ticked on the hand-in page, each with the revision of its words that were shown."""
    found = {}
    for key in form.getlist("questions"):
        revision = form.get(f"revision-{key}", "")
        found[key] = int(revision) if revision.isdigit() and len(revision) < 10 else 0
    return found


def uuid_or_none(text: str) -> UUID | None:
    """An id from an address; None when it is not one."""
    try:
        return UUID(text)
    except ValueError:
        return None
