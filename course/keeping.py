"""Things that never change under their key, kept in the process once made: compiled content, rendered fragments.

A key is a content hash, or the id of an ink row, so that nothing kept can go stale. Nothing of a person is ever kept.
"""

from __future__ import annotations

from collections.abc import Callable, Hashable
from typing import Generic, TypeVar

K = TypeVar("K", bound=Hashable)
V = TypeVar("V")


class Kept(Generic[K, V]):
    """At most so many things by key, in two shelves of half as many.

    What is used stands on the upper one. When that is full, it becomes the lower one, and what nobody has taken from
    there since is gone. A thing that is found costs one look-up: a key such as `places.Look` is dear to compare.
    """

    def __init__(self, most: int) -> None:
        self._half = most // 2
        self._upper: dict[K, V] = {}
        self._lower: dict[K, V] = {}

    def __len__(self) -> int:
        return len(self._upper.keys() | self._lower.keys())

    def find(self, key: K) -> V | None:
        """What is kept under a key."""
        if (found := self._upper.get(key)) is not None:
            return found
        return self.keep(key, found) if (found := self._lower.get(key)) is not None else None

    def keep(self, key: K, thing: V) -> V:
        """Keep a thing. Threads need no lock: at worst one forgets what another kept, and it is made again."""
        if len(self._upper) >= self._half:
            self._upper, self._lower = {}, self._upper
        self._upper[key] = thing
        return thing

    def find_or_make(self, key: K, make: Callable[[], V]) -> V:
        """What is kept under a key; made now, if it is not there. Two threads may make the same thing once each."""
        found = self.find(key)
        return found if found is not None else self.keep(key, make())
