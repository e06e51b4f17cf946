"""What is due, run every few seconds on every host: letters, checkpoints of the trail, and what extensions add."""

from __future__ import annotations

from flask import Flask

from course import outbox
from course.checkpoints import checkpoint_if_due


def run_due(app: Flask) -> list[str]:
    """Run what is due and say what was done. Safe to run on several hosts at once."""
    sent = outbox.send_due(app)
    done = [f"Letters sent: {sent}."] if sent else []
    with app.app_context():
        if checkpoint_if_due():
            done.append("The audit trail was checkpointed.")
    for due in app.extensions["jobs"]:
        done += due(app)
    return done
