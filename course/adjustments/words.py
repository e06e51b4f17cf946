"""What is sealed about an adjustment: what was agreed, and with whom. Never the reason, never a document."""

from __future__ import annotations

import json
from dataclasses import asdict, dataclass


@dataclass(frozen=True)
class AgreedWords:
    """What assessors read: what to do differently."""

    what: str
    agreed_with: str

    def dumps(self) -> str:
        """As it is sealed."""
        return json.dumps(asdict(self), ensure_ascii=False)

    @classmethod
    def loads(cls, text: str) -> AgreedWords:
        """Read it back; words that were erased say so."""
        return cls(**json.loads(text)) if text else cls("These words were erased.", "")
