"""Answers to the same question are compared after the hand-in: a list of what waits, and the pairs that are alike"""

import sqlalchemy as sa
from alembic import op

import course.db

revision = "0004"
down_revision = "0003"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Forward only."""
    op.create_table(
        "to_compare",
        sa.Column("answer_id", sa.Uuid(), nullable=False),
        sa.Column("at", course.db.UTCDateTime(timezone=True), nullable=False),
        sa.PrimaryKeyConstraint("answer_id", name=op.f("pk_to_compare")),
    )
    op.create_table(
        "likeness",
        sa.Column("earlier_id", sa.Uuid(), nullable=False),
        sa.Column("later_id", sa.Uuid(), nullable=False),
        sa.Column("share", sa.Integer(), nullable=False),
        sa.Column("at", course.db.UTCDateTime(timezone=True), nullable=False),
        sa.CheckConstraint("share BETWEEN 1 AND 100", name=op.f("ck_likeness_share_in_per_cent")),
        sa.PrimaryKeyConstraint("earlier_id", "later_id", name=op.f("pk_likeness")),
    )
    op.create_index(op.f("ix_likeness_later_id"), "likeness", ["later_id"])
    op.create_index("ix_answer_question_centre_id_at", "answer", ["question", "centre_id", "at"])
    op.execute("INSERT INTO to_compare (answer_id, at) SELECT id, at FROM answer WHERE kind IN ('short', 'extended')")
