"""A file is what its content says, never what it calls itself; photos lose place and time."""

from __future__ import annotations

import io
import zipfile
from pathlib import Path

import pytest
from PIL import Image

from course.refusal import Refusal
from course.workbook import files

EVERY = ("photo", "pdf", "audio", "docx")


def photo(size: tuple[int, int] = (40, 20), orientation: int = 6, kind: str = "JPEG") -> bytes:
    image = Image.new("RGB", size, "red")
    exif = Image.Exif()
    exif[0x0112] = orientation
    exif[0x010F] = "A telephone"
    exif.get_ifd(0x8825)[1] = "N"
    out = io.BytesIO()
    image.save(out, kind, exif=exif)
    return out.getvalue()


def docx(**more: bytes) -> bytes:
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as packed:
        for name, content in ({"[Content_Types].xml": b"<x/>", "word/document.xml": b"<x/>"} | more).items():
            packed.writestr(name, content)
    return out.getvalue()


MP3_FRAME = b"\xff\xfb\x90\x00" + b"\x00" * 413
M4A = b"\x00\x00\x00\x18ftypM4A \x00\x00\x00\x00" + b"\x00\x00\x00\x21hdlr" + b"\x00" * 8 + b"soun" + b"\x00" * 20


def test_a_photo_is_upright_and_knows_no_place_or_telephone() -> None:
    checked = files.check(photo(), EVERY)
    assert checked.content_type == "image/jpeg"
    with Image.open(io.BytesIO(checked.content)) as image:
        assert image.size == (20, 40), "turned upright"
        assert not dict(image.getexif())
    assert b"A telephone" not in checked.content


def test_a_png_loses_its_remarks_too() -> None:
    assert b"A telephone" not in files.check(photo(kind="PNG"), EVERY).content


@pytest.mark.parametrize(
    ("content", "kind"),
    [
        (b"%PDF-1.7\n...\n%%EOF\n", "pdf"),
        (docx(), "docx"),
        (MP3_FRAME * 3, "audio"),
        (b"ID3\x04\x00\x00\x00\x00\x00\x05tag__" + MP3_FRAME * 2, "audio"),
        (M4A, "audio"),
    ],
)
def test_each_kind_is_known_by_its_content(content: bytes, kind: str) -> None:
    assert files.check(content, EVERY).kind == kind


@pytest.mark.parametrize(
    "content",
    [
        b"",
        b"<html><script>alert(1)</script>",
        b"MZ\x90\x00 a program",
        b"\xff\xd8\xff not really a photo",
        b"%PDF-1.7 but never ends",
        b"PK\x03\x04 not really packed",
        b"\xff\xfb\x90\x00 one frame and then words",
        b"\x00\x00\x00\x18ftypM4A \x00\x00\x00\x00 hdlr 00000000 vide",
        docx(**{"word/vbaProject.bin": b"macro"}),
        docx(**{f"word/{n}.xml": b"" for n in range(2001)}),
    ],
)
def test_a_file_that_is_not_what_it_seems_is_refused(content: bytes) -> None:
    with pytest.raises(Refusal):
        files.check(content, EVERY)


def test_a_bomb_is_not_unpacked() -> None:
    with pytest.raises(Refusal, match="unpacks"):
        files.check(docx(**{"word/media/big": b"\0" * (101 * files.MEGABYTE)}), EVERY)


def test_a_question_takes_only_the_kinds_it_names() -> None:
    with pytest.raises(Refusal):
        files.check(photo(), ("pdf",))


def test_no_file_is_larger_than_ten_megabytes() -> None:
    with pytest.raises(Refusal, match="10 MB"):
        files.check(b"%PDF-" + b"0" * files.LARGEST, EVERY)


@pytest.mark.parametrize(
    ("name", "expected"),
    [
        ("holiday.jpeg", "holiday.pdf"),
        ("../../etc/passwd", "passwd.pdf"),
        ("C:\\Users\\Sam\\my file.exe", "my file.pdf"),
        ("a\r\nSet-Cookie: x.pdf", "aSet-Cookie x.pdf"),
        ("\u202efdp.exe", "fdp.pdf"),
        ("…", "….pdf"),
        ("", "file.pdf"),
        ("x" * 500 + ".pdf", "x" * 80 + ".pdf"),
    ],
)
def test_a_name_is_made_harmless(name: str, expected: str) -> None:
    assert files.clean_label(name, "pdf") == expected


def test_the_store_keeps_a_box_whole_and_forgets_it(tmp_path: Path) -> None:
    store = files.LocalStorage(tmp_path / "files")
    store.put("abcdef", b"box")
    assert store.get("abcdef") == b"box"
    assert list(store.names()) == ["abcdef"]
    store.remove("abcdef")
    store.remove("abcdef")
    assert list(store.names()) == []
    with pytest.raises(FileNotFoundError):
        store.get("abcdef")
