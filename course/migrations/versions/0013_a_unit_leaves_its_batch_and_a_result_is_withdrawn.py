"""A unit leaves its batch before the release; a released result is withdrawn; the awarding organisation is told"""

import sqlalchemy as sa
from alembic import op

import course.db

revision = "0013"
down_revision = "0012"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Forward only."""
    with op.batch_alter_table("batch_unit", schema=None) as batch_op:
        batch_op.drop_constraint("batched_once", type_="unique")
        batch_op.create_unique_constraint("in_a_batch_once", ["batch_id", "enrolment_id", "unit"])
        batch_op.create_index(batch_op.f("ix_batch_unit_enrolment_id"), ["enrolment_id"], unique=False)

    op.create_table(
        "batch_removal",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("batch_unit_id", sa.Uuid(), nullable=False),
        sa.Column("reason", sa.String(length=500), nullable=False),
        sa.Column("removed_by", sa.Uuid(), nullable=False),
        *_act("batch_removal"),
        sa.ForeignKeyConstraint(
            ["batch_unit_id"], ["batch_unit.id"], name=op.f("fk_batch_removal_batch_unit_id_batch_unit")
        ),
        sa.UniqueConstraint("batch_unit_id", name="taken_out_once"),
    )
    op.create_table(
        "result_withdrawal",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("batch_unit_id", sa.Uuid(), nullable=False),
        sa.Column("reason", sa.String(length=500), nullable=False),
        sa.Column("is_claimed", sa.Boolean(), nullable=False),
        sa.Column("asked_by", sa.Uuid(), nullable=False),
        *_act("result_withdrawal"),
        sa.ForeignKeyConstraint(
            ["batch_unit_id"], ["batch_unit.id"], name=op.f("fk_result_withdrawal_batch_unit_id_batch_unit")
        ),
    )
    with op.batch_alter_table("result_withdrawal", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_result_withdrawal_batch_unit_id"), ["batch_unit_id"], unique=False)
    op.create_table(
        "withdrawal_answer",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("withdrawal_id", sa.Uuid(), nullable=False),
        sa.Column("is_confirmed", sa.Boolean(), nullable=False),
        sa.Column("reason", sa.String(length=500), nullable=False),
        sa.Column("notify_by", sa.Date(), nullable=True),
        sa.Column("answered_by", sa.Uuid(), nullable=False),
        *_act("withdrawal_answer"),
        sa.ForeignKeyConstraint(
            ["withdrawal_id"], ["result_withdrawal.id"],
            name=op.f("fk_withdrawal_answer_withdrawal_id_result_withdrawal"),
        ),
        sa.UniqueConstraint("withdrawal_id", name="withdrawal_answered_once"),
    )  # fmt: skip
    op.create_table(
        "withdrawal_notice",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("withdrawal_id", sa.Uuid(), nullable=False),
        sa.Column("told_on", sa.Date(), nullable=False),
        sa.Column("reference", sa.String(length=120), nullable=False),
        sa.Column("noted_by", sa.Uuid(), nullable=False),
        *_act("withdrawal_notice"),
        sa.ForeignKeyConstraint(
            ["withdrawal_id"], ["result_withdrawal.id"],
            name=op.f("fk_withdrawal_notice_withdrawal_id_result_withdrawal"),
        ),
        sa.UniqueConstraint("withdrawal_id", name="notified_once"),
    )  # fmt: skip


def _act(table: str) -> tuple[sa.schema.SchemaItem, ...]:
    """What every act has: under which appointment, and when."""
    return (
        sa.Column("appointment_id", sa.Uuid(), nullable=False),
        sa.Column("at", course.db.UTCDateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(
            ["appointment_id"], ["appointment.id"], name=op.f(f"fk_{table}_appointment_id_appointment")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f(f"pk_{table}")),
    )
