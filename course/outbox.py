"""Letters to people: written in the transaction that causes them, sent after it, and never holding personal content."""

from __future__ import annotations

import enum
import logging
import smtplib
import ssl
from collections.abc import Mapping
from datetime import datetime, timedelta
from email.message import EmailMessage
from email.utils import format_datetime, make_msgid
from urllib.parse import unquote, urlsplit
from uuid import UUID

from flask import Flask, current_app
from sqlalchemy import String, UniqueConstraint, or_, select
from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.orm import Mapped, Session, mapped_column

from course import clock, db
from course.db import Base, new_id

log = logging.getLogger("alongside.outbox")
LEASE = timedelta(minutes=2)
MOST_TRIES = 8
WAIT = 20  # seconds for an answer from the mail server
LOCAL = {"localhost", "127.0.0.1", "::1"}
SENDER = "Alongside <no-reply@{host}>"


class Letter(enum.StrEnum):
    """What a letter is about. Subjects stay neutral: nobody glancing at a phone learns why."""

    INVITATION = "invitation"
    RESET = "reset"
    SIGN_IN = "sign-in"
    EMAIL_CHANGED = "email-changed"
    SOMETHING_TO_READ = "something-to-read"
    SOMETHING_TO_MARK = "something-to-mark"
    STATEMENT = "statement"
    REFERENCE = "reference"


SUBJECTS = {
    Letter.INVITATION: "Your invitation",
    Letter.RESET: "Choose a new password",
    Letter.SIGN_IN: "Your sign-in link",
    Letter.EMAIL_CHANGED: "Your email address was changed",
    Letter.SOMETHING_TO_READ: "There is something to read",
    Letter.SOMETHING_TO_MARK: "There is something to mark",
    Letter.STATEMENT: "You are asked for a short statement",
    Letter.REFERENCE: "Somebody has given us your name",
}
UNASKED = "If you did not ask, do nothing."
BODIES = {
    Letter.INVITATION: (
        "You have been invited. Choose a password here:\n\n{link}\n\nThe link works once, for seven days."
    ),
    Letter.RESET: f"Choose a new password here:\n\n{{link}}\n\nThe link works once, for one hour. {UNASKED}",
    Letter.SIGN_IN: f"Sign in here:\n\n{{link}}\n\nThe link works once, for 15 minutes. {UNASKED}",
    Letter.EMAIL_CHANGED: "The email address of your account was changed. If that was not you, tell your centre today.",
    Letter.SOMETHING_TO_READ: "There is something to read. Sign in to see it:\n\n{link}",
    Letter.SOMETHING_TO_MARK: "There is something to mark. Sign in to see it:\n\n{link}",
    Letter.STATEMENT: (
        "Somebody has named you as a witness. They ask for a short statement about something you saw. "
        "Read what is asked, and answer here:\n\n{link}\n\nYou need no account. The link works for 14 days. "
        "If you know nothing of this, do nothing."
    ),
    Letter.REFERENCE: (
        "Somebody you know has asked us to write to you. Read what it is about here:\n\n{link}\n\n"
        "You need no account. You can answer once, within 21 days. If you do not want to, do nothing."
    ),
}


class Message(Base):
    """One letter waiting to be sent. The link (with its secret) is wiped once it is sent."""

    __tablename__ = "message"
    __table_args__ = (UniqueConstraint("key", name="message_once"),)

    id: Mapped[UUID] = mapped_column(primary_key=True, default=new_id)
    key: Mapped[str] = mapped_column(String(120))
    """Writing the same letter twice does nothing."""
    letter: Mapped[str] = mapped_column(String(20))
    to_email: Mapped[str] = mapped_column(String(254))
    link: Mapped[str] = mapped_column(String(300))
    written_at: Mapped[datetime]
    leased_until: Mapped[datetime | None]
    tries: Mapped[int] = mapped_column(default=0)
    sent_at: Mapped[datetime | None]


def queue(session: Session, to_person_id: UUID, letter: Letter, *, key: str, link: str = "/") -> None:
    """Write a letter to a person, once for each key. `link` is a path on this installation."""
    from course.people.models import Person  # people imports outbox

    person = session.get(Person, to_person_id)
    if person is not None:
        queue_to(session, person.email, letter, key=key, link=link)


def queue_to(session: Session, email: str, letter: Letter, *, key: str, link: str = "/") -> None:
    """Write a letter to somebody who may have no account, once for each key."""
    address = current_app.config["SETTINGS"].base_url + link
    written = {"id": new_id(), "key": key, "letter": letter, "to_email": email, "link": address, "tries": 0,
               "written_at": clock.now()}  # fmt: skip
    session.execute(
        db.insert_into(session, Message.__table__).values(written).on_conflict_do_nothing(index_elements=["key"])
    )


def queue_each(session: Session, letters: Mapping[str, str], letter: Letter, *, link: str) -> None:
    """Write the same letter to many: {key: email}. Two steps may do so at once, and each key is still there once."""
    there = set(session.scalars(select(Message.key).where(Message.key.in_(letters))))
    address, now = current_app.config["SETTINGS"].base_url + link, clock.now()
    rows = [
        {
            "id": new_id(),
            "key": key,
            "letter": letter,
            "to_email": email,
            "link": address,
            "written_at": now,
            "tries": 0,
        }
        for key, email in sorted(letters.items())  # always in one order, so that no two wait for each other
        if key not in there
    ]
    if rows:
        insert = postgresql.insert if session.get_bind().dialect.name == "postgresql" else sqlite.insert
        session.execute(insert(Message).on_conflict_do_nothing(index_elements=[Message.key]), rows)


def send_due(app: Flask) -> int:
    """Send what is waiting; several hosts may do this at once. Returns how many were sent."""
    sent = 0
    with app.app_context():
        while (message := _take_one()) is not None:
            if _deliver(app, message):
                sent += 1
    return sent


def _take_one() -> Message | None:
    now = clock.now()
    with db.database().transaction() as session:
        message = session.scalar(
            select(Message)
            .where(
                Message.sent_at.is_(None),
                Message.tries < MOST_TRIES,
                or_(Message.leased_until.is_(None), Message.leased_until < now),
            )
            .order_by(Message.written_at)
            .limit(1)
            .with_for_update(skip_locked=True)
        )
        if message is not None:
            message.tries += 1
            message.leased_until = now + LEASE * message.tries
    return message


def _deliver(app: Flask, message: Message) -> bool:
    url = app.config["SETTINGS"].mail_url
    try:
        if url.startswith("smtp"):
            _send_by_smtp(url, _compose(app, message))
        else:
            # The sample installation has no mail server: its letters are printed for the person at the keyboard.
            log.info("letter", extra={"letter": message.letter, "to_sample": message.to_email, "link": message.link})
    except (OSError, smtplib.SMTPException, ValueError, LookupError) as error:
        # One address that cannot be written to must not keep everybody else's letters waiting.
        extra = {"letter": message.letter, "tries": message.tries, "fault": type(error).__name__}
        log.warning("letter not sent", extra=extra)
        return False
    with db.database().transaction() as session:
        row = session.get_one(Message, message.id)
        row.sent_at, row.link = clock.now(), ""
    return True


def _compose(app: Flask, message: Message) -> EmailMessage:
    host = urlsplit(app.config["SETTINGS"].base_url).hostname or "localhost"
    letter = Letter(message.letter)
    mail = EmailMessage()
    mail["From"], mail["To"], mail["Subject"] = SENDER.format(host=host), message.to_email, SUBJECTS[letter]
    mail["Date"], mail["Auto-Submitted"] = format_datetime(clock.now()), "auto-generated"
    mail["Message-ID"] = make_msgid(idstring=message.id.hex, domain=host)
    mail.set_content(BODIES[letter].format(link=message.link))
    return mail


def _send_by_smtp(url: str, mail: EmailMessage) -> None:
    parts = urlsplit(url)
    context = ssl.create_default_context()
    secure = parts.scheme == "smtps"
    host, port = parts.hostname or "localhost", parts.port or (465 if secure else 587)
    with (
        smtplib.SMTP_SSL(host, port, timeout=WAIT, context=context)
        if secure
        else smtplib.SMTP(host, port, timeout=WAIT) as client
    ):
        if not secure and host not in LOCAL:
            # Asked for, not hoped for: a link in the clear signs its reader in. Raises if the server cannot.
            client.starttls(context=context)
        if parts.username:
            client.login(unquote(parts.username), unquote(parts.password or ""))
        client.send_message(mail)
