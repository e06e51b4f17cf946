"""Things that never change under their key, kept in the process once made: compiled content, rendered fragments.

A key is a content hash, or the id of an ink row, so that nothing kept can go stale. Nothing of a person is ever kept.
"""

from __future__ import annotations

import threading
from collections import OrderedDict
from collections.abc import Callable, Hashable
from typing import Generic, TypeVar

K = TypeVar("K", bound=Hashable)
V = TypeVar("V")


class Kept(Generic[K, V]):
    """At most so many things by key; the one not used for longest makes room for the next."""

    def __init__(self, most: int) -> None:
        self._most = most
        self._things: OrderedDict[K, V] = OrderedDict()
        self._lock = threading.Lock()

    def __len__(self) -> int:
        return len(self._things)

    def find(self, key: K) -> V | None:
        """What is kept under a key."""
        with self._lock:
            if key not in self._things:
                return None
            self._things.move_to_end(key)
            return self._things[key]

    def keep(self, key: K, thing: V) -> V:
        """Keep a thing."""
        with self._lock:
            self._things[key] = thing
            self._things.move_to_end(key)
            if len(self._things) > self._most:
                self._things.popitem(last=False)
        return thing

    def find_or_make(self, key: K, make: Callable[[], V]) -> V:
        """What is kept under a key; made now, if it is not there. Two threads may make the same thing once each."""
        found = self.find(key)
        return found if found is not None else self.keep(key, make())
