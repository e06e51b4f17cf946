"""What is due, run every minute on every host: letters to send, and a signed checkpoint of the audit trail."""

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
    return done
