"""A centre's own policy versions; returned answers that are decided again"""

import sqlalchemy as sa
from alembic import op

import course.db

revision = "0006"
down_revision = "0005"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Forward only."""
    with op.batch_alter_table("policy_version", schema=None) as batch_op:
        batch_op.add_column(sa.Column("centre_id", sa.Uuid(), nullable=True))
        batch_op.create_foreign_key(op.f("fk_policy_version_centre_id_centre"), "centre", ["centre_id"], ["id"])
    op.create_table(
        "reopening",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("answer_id", sa.Uuid(), nullable=False),
        sa.Column("decisions_before", sa.Integer(), nullable=False),
        sa.Column("cause", sa.String(length=8), nullable=False),
        sa.Column("reason_id", sa.Uuid(), nullable=False),
        sa.Column("reopened_by", sa.Uuid(), nullable=False),
        sa.Column("appointment_id", sa.Uuid(), nullable=False),
        sa.Column("at", course.db.UTCDateTime(timezone=True), nullable=False),
        sa.CheckConstraint("cause IN ('decision', 'guidance')", name=op.f("ck_reopening_cause_known")),
        sa.ForeignKeyConstraint(["answer_id"], ["answer.id"], name=op.f("fk_reopening_answer_id_answer")),
        sa.ForeignKeyConstraint(
            ["appointment_id"], ["appointment.id"], name=op.f("fk_reopening_appointment_id_appointment")
        ),
        sa.ForeignKeyConstraint(["reason_id"], ["sealed.id"], name=op.f("fk_reopening_reason_id_sealed")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_reopening")),
        sa.UniqueConstraint("answer_id", "decisions_before", name="reopened_once"),
    )
    with op.batch_alter_table("reopening", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_reopening_answer_id"), ["answer_id"], unique=False)
        batch_op.create_index(batch_op.f("ix_reopening_reason_id"), ["reason_id"], unique=False)
