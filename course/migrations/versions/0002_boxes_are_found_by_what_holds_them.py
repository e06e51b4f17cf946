"""Boxes are found by what holds them: without these, putting one draft away read every answer and decision"""

from alembic import op

revision = "0002"
down_revision = "0001"
branch_labels = None
depends_on = None

HOLDERS = (
    ("action_response", "words_id"),
    ("answer", "words_id"),
    ("decision", "feedback_id"),
    ("departure", "reason_id"),
    ("draft", "words_id"),
    ("earlier_draft", "words_id"),
    ("hand_in", "helpers_id"),
    ("judgement_draft", "words_id"),
    ("kept_comment", "words_id"),
    ("review", "comment_id"),
    ("stored_file", "label_id"),
)


def upgrade() -> None:
    """Forward only."""
    for table, column in HOLDERS:
        op.create_index(op.f(f"ix_{table}_{column}"), table, [column], unique=False)
