"""Scale data for measuring: `demo build` fills a centre of its own with answers in legal states, a million in minutes.

The same seed on the same day gives the same people, words, decisions and ids (keys and nonces are always random).
Rows go in by bulk inserts, the queue's triggers do their work, words are sealed under real keys, and every ink row
gets its audit entry.
"""

from course.demo.cli import group

__all__ = ["group"]
