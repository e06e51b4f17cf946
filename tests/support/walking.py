"""Walking a list from its first page to its last, by the links that a person follows."""

from __future__ import annotations

import re
from html import unescape

from tests.support.house import HouseClient

MOST = 20


def pages_of(client: HouseClient, address: str) -> list[str]:
    """The text of every page of a list, the first one first."""
    found: list[str] = []
    while address:
        assert len(found) < MOST, "the list does not end"
        found.append(client.get(address).get_data(as_text=True))
        on = re.search(r'<a rel="next" href="([^"]+)"', found[-1])
        address = unescape(on[1]) if on else ""
    return found


def asked(client: HouseClient, address: str, statements: list[str]) -> int:
    """How many queries a page takes once it is warm."""
    client.get(address)
    statements.clear()
    client.get(address)
    return len(statements)
