"""Uploaded files: looked into before they are believed, cleaned, sealed, and kept under random names."""

from __future__ import annotations

import contextlib
import io
import os
import unicodedata
import warnings
import zipfile
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Protocol
from uuid import UUID, uuid4

from flask import current_app
from sqlalchemy import event
from sqlalchemy.orm import Session, SessionTransaction
from werkzeug.wrappers import Response

from course import clock, sealing
from course.catalogue.compiled import Accepted
from course.refusal import Refusal, require
from course.sealing import Key, Opening, Purpose
from course.workbook import queries
from course.workbook.models import StoredFile

MEGABYTE = 1024 * 1024
LARGEST = 10 * MEGABYTE
LARGEST_TOGETHER = 50 * MEGABYTE
MOST_PIXELS = 50_000_000
LONGEST_SIDE = 2400
DOCX_MEMBERS = 2000
DOCX_UNPACKED = 100 * MEGABYTE
LONGEST_LABEL = 80
HIDDEN = {"Cc", "Cf", "Cs", "Co", "Zl", "Zp"}
"""Kinds of character that cannot be seen: controls, marks of direction, separators of lines."""


# -- looking into a file -----------------------------------------------------------------------------------------------


@dataclass(frozen=True)
class Checked:
    """A file that is what it seems, cleaned: its kind, type, ending and content."""

    kind: Accepted
    content_type: str
    ending: str
    content: bytes


def check(content: bytes, accepted: tuple[Accepted, ...]) -> Checked:
    """Look into a file, whatever it calls itself. Raises Refusal when it is not one that the question takes."""
    require(content, "That file is empty.", "Choose another file.")
    require(len(content) <= LARGEST, "That file is larger than 10 MB.", "Choose a smaller file, or send it in parts.")
    found = _sniff(content)
    if found is None or found.kind not in accepted:
        raise Refusal("That file is not of a kind that this question takes.", "Choose one of the kinds listed there.")
    return found


def _sniff(content: bytes) -> Checked | None:
    if content.startswith((b"\xff\xd8\xff", b"\x89PNG\r\n\x1a\n")):
        return _photo(content)
    if content.startswith(b"%PDF-"):
        require(b"%%EOF" in content[-2048:], "That PDF is not whole.", "Save it again, then add it.")
        return Checked("pdf", "application/pdf", "pdf", content)
    if content.startswith(b"PK\x03\x04"):
        return _docx(content)
    if content[4:8] == b"ftyp" and content[8:12] in {b"M4A ", b"mp42", b"isom", b"mp41", b"M4B ", b"iso2"}:
        return Checked("audio", "audio/mp4", "m4a", content) if _is_mp4_sound(content) else None
    if _is_mp3(content):
        return Checked("audio", "audio/mpeg", "mp3", content)
    return None


def _photo(content: bytes) -> Checked:
    """Draw the photo anew: upright, no larger than a screen needs, without place, time or device."""
    from PIL import Image, ImageOps  # some processes never see a photo

    problem = Refusal("That photo cannot be read.", "Take it again, or choose another.")
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            with Image.open(io.BytesIO(content), formats=("JPEG", "PNG")) as image:
                width, height = image.size
                require(width * height <= MOST_PIXELS, "That photo has more than 50 million pixels.",
                        "Take it again at a lower quality.")  # fmt: skip
                is_png = image.format == "PNG"
                upright = ImageOps.exif_transpose(image)
                upright.thumbnail((LONGEST_SIDE, LONGEST_SIDE))
                clean = upright.convert("RGBA" if is_png and upright.mode in {"RGBA", "LA", "P"} else "RGB")
    except Refusal:
        raise
    except Exception as error:
        raise problem from error
    out = io.BytesIO()
    clean.info.clear()
    clean.save(out, format="PNG" if is_png else "JPEG", **({"optimize": True} if is_png else {"quality": 85}))
    return Checked("photo", "image/png" if is_png else "image/jpeg", "png" if is_png else "jpg", out.getvalue())


def _docx(content: bytes) -> Checked | None:
    """A Word document without macros, and not a bomb. Nothing is unpacked, only the list of contents is read."""
    try:
        with zipfile.ZipFile(io.BytesIO(content)) as packed:
            members = packed.infolist()
    except (zipfile.BadZipFile, ValueError, NotImplementedError):
        return None
    names = {member.filename for member in members}
    if not {"[Content_Types].xml", "word/document.xml"} <= names:
        return None
    too_much = len(members) > DOCX_MEMBERS or sum(member.file_size for member in members) > DOCX_UNPACKED
    require(not too_much, "That document unpacks to too much.", "Save it again without pictures, then add it.")
    macros = any(name.lower().endswith(("vbaproject.bin", ".exe", ".dll")) for name in names)
    require(not macros, "That document has macros in it.", "Save it as a plain Word document, then add it.")
    kind = "application/vnd.openxmlformats-officedocument.wordprocessingml.document"
    return Checked("docx", kind, "docx", content)


def _is_mp4_sound(content: bytes) -> bool:
    """Whether the file's own list of tracks has sound and no moving picture."""
    handlers = {content[at + 12 : at + 16] for at in _places(content, b"hdlr")}
    return b"soun" in handlers and b"vide" not in handlers


def _places(content: bytes, word: bytes) -> Iterator[int]:
    at = content.find(word)
    while at >= 0:
        yield at
        at = content.find(word, at + 1)


def _is_mp3(content: bytes) -> bool:
    """Whether a frame of sound stands where the file says: two frames in a row, after the tag if there is one."""
    at = 0
    if content.startswith(b"ID3") and len(content) > 10:
        at = 10 + sum((byte & 0x7F) << shift for byte, shift in zip(content[6:10], (21, 14, 7, 0), strict=True))
    first = _mp3_frame(content, at)
    return first > 0 and _mp3_frame(content, at + first) > 0


_KBPS = (0, 32, 40, 48, 56, 64, 80, 96, 112, 128, 160, 192, 224, 256, 320)
_KBPS_LOW = (0, 8, 16, 24, 32, 40, 48, 56, 64, 80, 96, 112, 128, 144, 160)
_HERTZ = {3: (44100, 48000, 32000), 2: (22050, 24000, 16000), 0: (11025, 12000, 8000)}


def _mp3_frame(content: bytes, at: int) -> int:
    """The length in bytes of the layer III frame that begins here; 0 when none does."""
    head = content[at : at + 4]
    if len(head) < 4 or head[0] != 0xFF or head[1] & 0xE0 != 0xE0 or head[1] & 0x06 != 0x02:
        return 0
    version, rate, hertz = head[1] >> 3 & 3, head[2] >> 4, head[2] >> 2 & 3
    if version == 1 or rate in {0, 15} or hertz == 3:
        return 0
    kbps, factor = (_KBPS[rate], 144) if version == 3 else (_KBPS_LOW[rate], 72)
    return factor * kbps * 1000 // _HERTZ[version][hertz] + (head[2] >> 1 & 1)


def clean_label(name: str, ending: str) -> str:
    """A harmless name: no path, no control or direction marks, a sane length, the ending that is true."""
    base = unicodedata.normalize("NFC", name.replace("\\", "/").rsplit("/", 1)[-1])
    kept = "".join(one for one in base if unicodedata.category(one) not in HIDDEN and one not in '"<>|:*?;')
    stem = kept.rsplit(".", 1)[0].strip(" .")[:LONGEST_LABEL] or "file"
    return f"{stem}.{ending}"


# -- the store ---------------------------------------------------------------------------------------------------------


class Storage(Protocol):
    """Where sealed files lie. Another place (an object store) needs these four methods and nothing else."""

    def put(self, name: str, box: bytes) -> None:
        """Keep a box under a name, whole or not at all."""

    def get(self, name: str) -> bytes:
        """Hand the box back. Raises FileNotFoundError."""

    def remove(self, name: str) -> None:
        """Forget a box; nothing happens when there is none."""

    def names(self) -> Iterator[str]:
        """Name every box, for backup and for finding what nobody owns."""


class LocalStorage:
    """Files in a folder, spread over 256 folders inside it."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder

    def _path(self, name: str) -> Path:
        return self.folder / name[:2] / name

    def put(self, name: str, box: bytes) -> None:
        """Write beside, flush to the disk, then rename: a reader never meets half a file."""
        path = self._path(name)
        path.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
        draft = path.with_name(f"{name}.part")
        descriptor = os.open(draft, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600)
        try:
            with os.fdopen(descriptor, "wb") as file:
                file.write(box)
                file.flush()
                os.fsync(file.fileno())
            draft.replace(path)
        except BaseException:
            draft.unlink(missing_ok=True)
            raise

    def get(self, name: str) -> bytes:
        """Read it whole."""
        return self._path(name).read_bytes()

    def remove(self, name: str) -> None:
        """Delete it."""
        self._path(name).unlink(missing_ok=True)

    def names(self) -> Iterator[str]:
        """Every name in the folder."""
        return (path.name for path in self.folder.glob("??/*") if path.suffix != ".part")


def storage() -> Storage:
    """The running application's store."""
    return LocalStorage(current_app.config["SETTINGS"].data_dir / "files")


# A file is written before the transaction commits and removed after it: a failure leaves at most a box nobody owns.
@event.listens_for(Session, "after_transaction_end")
def _forget_new(session: Session, transaction: SessionTransaction) -> None:
    if transaction.parent is not None:
        return
    session.info.pop("files_to_remove", None)
    for name in session.info.pop("files_put", []):
        with contextlib.suppress(OSError):
            storage().remove(name)


@event.listens_for(Session, "after_commit")
def _remove_old(session: Session) -> None:
    session.info.pop("files_put", None)
    for name in session.info.pop("files_to_remove", []):
        with contextlib.suppress(OSError):
            storage().remove(name)


def keep(session: Session, key: Key, enrolment_id: UUID, question: str, name: str, checked: Checked) -> StoredFile:
    """Seal a checked file and its name. Raises Refusal when the learner has no room left."""
    used = queries.stored_bytes(session, enrolment_id)
    require(used + len(checked.content) <= LARGEST_TOGETHER, "You have used the 50 MB that there is for your files.",
            "Remove a file that you no longer need, then add this one.")  # fmt: skip
    file_id = uuid4()
    label = sealing.seal(session, key, "file.label", clean_label(name, checked.ending), about=file_id, ink=False)
    session.flush()
    session.info.setdefault("files_put", []).append(file_id.hex)
    storage().put(file_id.hex, sealing.seal_bytes(key, "file.content", file_id, checked.content))
    stored = StoredFile(
        id=file_id, enrolment_id=enrolment_id, question=question, label_id=label.id, label=label,
        content_type=checked.content_type, size=len(checked.content), uploaded_at=clock.now(),
    )  # fmt: skip
    session.add(stored)
    session.flush()
    return stored


def discard(session: Session, stored: StoredFile) -> None:
    """Forget a file that was never handed in: its row, its name and, once that is committed, its content."""
    label = stored.label
    session.info.setdefault("files_to_remove", []).append(stored.id.hex)
    session.delete(stored)
    session.flush()
    session.delete(label)


def content_of(session: Session, stored: StoredFile, *, about: UUID | None = None) -> bytes:
    """Open a file and note whose it is. `about`: the answer in which it is being read. Raises CannotOpen."""
    key = sealing.key_of(session, stored.enrolment_id, Purpose.WORK)
    if key is None:
        raise sealing.CannotOpen("The key to this file has been destroyed.")
    sealing.note_opening(session, Opening(key.owner_id, key.purpose, "file.content", about or stored.id))
    return sealing.open_bytes(key, "file.content", stored.id, storage().get(stored.id.hex))


def download(label: str, content_type: str, content: bytes) -> Response:
    """Send a file so that no browser runs it: as a download, sandboxed, with its own type and no guessing."""
    response = Response(content, content_type=content_type)
    response.headers.set("Content-Disposition", "attachment", filename=label)
    response.headers["Content-Security-Policy"] = "default-src 'none'; sandbox"
    response.headers["X-Content-Type-Options"] = "nosniff"
    response.headers["Cache-Control"] = "no-store"
    return response
