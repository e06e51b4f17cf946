"""A record as a tagged PDF (PDF/UA-1 and PDF/A-2a), made by typst from the frozen facts: equal facts, equal bytes."""

from __future__ import annotations

import json
import logging
from pathlib import Path
from typing import Any

from course.pages import minutes_in_words
from course.records.queries import RecordInFull

log = logging.getLogger("alongside.records")
TEMPLATE = Path(__file__).with_name("record.typ")
STANDARDS: Any = ["ua-1", "a-2a"]  # typst types them as a closed list of literals


def render(found: RecordInFull, check_address: str) -> bytes:
    """The record as PDF. Facts travel as data: nothing in a name or a title is ever read as markup."""
    data = _data(found, check_address)
    import typst  # 80 MB that only this page needs

    inputs = {"data": json.dumps(data, ensure_ascii=False)}
    # The standards refuse a glyph that no font has. The embedded fonts know Latin, Greek, Cyrillic and Arabic; for
    # other scripts ask the machine's fonts; a record without its standard is better than none.
    for fonts_of_machine, standards in ((False, STANDARDS), (True, STANDARDS), (True, [])):
        try:
            return bytes(
                typst.compile(
                    str(TEMPLATE), format="pdf", sys_inputs=inputs, pdf_standards=standards,
                    ignore_system_fonts=not fonts_of_machine,
                )
            )  # fmt: skip
        except typst.TypstError as error:
            fault = error
            log.warning("record needs other fonts", extra={"record": str(found.row.id), "standards": standards})
    raise fault


def _data(found: RecordInFull, check_address: str) -> dict[str, Any]:
    return found.facts | {
        "number": found.row.number,
        "name": found.holder.name if found.holder else "",
        "check_code": found.holder.code if found.holder else "",
        "check_address": check_address,
        "revoked": found.is_revoked,
        "guided": minutes_in_words(found.facts["guided_minutes"]) if "guided_minutes" in found.facts else "",
    }
