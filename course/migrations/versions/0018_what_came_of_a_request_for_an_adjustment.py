"""What came of a request for an adjustment: what was agreed, or why nothing is"""

import sqlalchemy as sa
from alembic import op

import course.db

revision = "0018"
down_revision = "0017"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Forward only."""
    op.create_table(
        "adjustment_outcome",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("request_id", sa.Uuid(), nullable=False),
        sa.Column("adjustment_id", sa.Uuid(), nullable=True),
        sa.Column("words_id", sa.Uuid(), nullable=True),
        sa.Column("decided_by", sa.Uuid(), nullable=False),
        sa.Column("appointment_id", sa.Uuid(), nullable=False),
        sa.Column("at", course.db.UTCDateTime(timezone=True), nullable=False),
        sa.CheckConstraint(
            "(adjustment_id IS NULL) <> (words_id IS NULL)", name=op.f("ck_adjustment_outcome_agreed_or_reason")
        ),
        sa.ForeignKeyConstraint(
            ["adjustment_id"], ["adjustment.id"], name=op.f("fk_adjustment_outcome_adjustment_id_adjustment")
        ),
        sa.ForeignKeyConstraint(
            ["appointment_id"], ["appointment.id"], name=op.f("fk_adjustment_outcome_appointment_id_appointment")
        ),
        sa.ForeignKeyConstraint(
            ["request_id"], ["adjustment_request.id"], name=op.f("fk_adjustment_outcome_request_id_adjustment_request")
        ),
        sa.ForeignKeyConstraint(["words_id"], ["sealed.id"], name=op.f("fk_adjustment_outcome_words_id_sealed")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_adjustment_outcome")),
        sa.UniqueConstraint("request_id", name="settled_once"),
    )
    with op.batch_alter_table("adjustment_outcome", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_adjustment_outcome_words_id"), ["words_id"], unique=False)
