"""Second marking: a blind second judgement, and how two people come to one outcome"""

import sqlalchemy as sa
from alembic import op

import course.db

revision = "0010"
down_revision = "0009"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Forward only."""
    op.create_table(
        "second_marking",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("answer_id", sa.Uuid(), nullable=False),
        sa.Column("assessor_id", sa.Uuid(), nullable=False),
        sa.Column("cause", sa.String(length=8), nullable=False),
        sa.Column("why", sa.String(length=500), nullable=False),
        sa.Column("asked_by", sa.Uuid(), nullable=False),
        sa.Column("appointment_id", sa.Uuid(), nullable=False),
        sa.Column("at", course.db.UTCDateTime(timezone=True), nullable=False),
        sa.CheckConstraint("cause IN ('hand', 'share')", name=op.f("ck_second_marking_second_marking_cause_known")),
        sa.ForeignKeyConstraint(["answer_id"], ["answer.id"], name=op.f("fk_second_marking_answer_id_answer")),
        sa.ForeignKeyConstraint(
            ["appointment_id"], ["appointment.id"], name=op.f("fk_second_marking_appointment_id_appointment")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_second_marking")),
        sa.UniqueConstraint("answer_id", "assessor_id", name="second_marking_once"),
    )
    with op.batch_alter_table("second_marking", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_second_marking_assessor_id"), ["assessor_id"], unique=False)

    op.create_table(
        "second_judging",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("second_marking_id", sa.Uuid(), nullable=False),
        sa.Column("guidance", sa.String(length=64), nullable=False),
        sa.Column("words_id", sa.Uuid(), nullable=False),
        sa.Column("judged_by", sa.Uuid(), nullable=False),
        sa.Column("appointment_id", sa.Uuid(), nullable=False),
        sa.Column("at", course.db.UTCDateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(
            ["appointment_id"], ["appointment.id"], name=op.f("fk_second_judging_appointment_id_appointment")
        ),
        sa.ForeignKeyConstraint(
            ["second_marking_id"],
            ["second_marking.id"],
            name=op.f("fk_second_judging_second_marking_id_second_marking"),
        ),
        sa.ForeignKeyConstraint(["words_id"], ["sealed.id"], name=op.f("fk_second_judging_words_id_sealed")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_second_judging")),
        sa.UniqueConstraint("second_marking_id", name="judged_a_second_time_once"),
    )
    with op.batch_alter_table("second_judging", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_second_judging_judged_by"), ["judged_by"], unique=False)
        batch_op.create_index(batch_op.f("ix_second_judging_words_id"), ["words_id"], unique=False)

    op.create_table(
        "second_marking_end",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("second_marking_id", sa.Uuid(), nullable=False),
        sa.Column("why", sa.String(length=500), nullable=False),
        sa.Column("ended_by", sa.Uuid(), nullable=False),
        sa.Column("appointment_id", sa.Uuid(), nullable=False),
        sa.Column("at", course.db.UTCDateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(
            ["appointment_id"], ["appointment.id"], name=op.f("fk_second_marking_end_appointment_id_appointment")
        ),
        sa.ForeignKeyConstraint(
            ["second_marking_id"],
            ["second_marking.id"],
            name=op.f("fk_second_marking_end_second_marking_id_second_marking"),
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_second_marking_end")),
        sa.UniqueConstraint("second_marking_id", name="called_off_once"),
    )
    op.create_table(
        "second_view",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("second_marking_id", sa.Uuid(), nullable=False),
        sa.Column("criterion", sa.String(length=12), nullable=False),
        sa.Column("side", sa.String(length=8), nullable=False),
        sa.Column("outcome", sa.String(length=16), nullable=False),
        sa.Column("reason_id", sa.Uuid(), nullable=False),
        sa.Column("said_by", sa.Uuid(), nullable=False),
        sa.Column("appointment_id", sa.Uuid(), nullable=False),
        sa.Column("at", course.db.UTCDateTime(timezone=True), nullable=False),
        sa.CheckConstraint("outcome IN ('achieved', 'not_yet_achieved')", name=op.f("ck_second_view_view_known")),
        sa.CheckConstraint("side IN ('first', 'second', 'lead')", name=op.f("ck_second_view_side_known")),
        sa.ForeignKeyConstraint(
            ["appointment_id"], ["appointment.id"], name=op.f("fk_second_view_appointment_id_appointment")
        ),
        sa.ForeignKeyConstraint(["reason_id"], ["sealed.id"], name=op.f("fk_second_view_reason_id_sealed")),
        sa.ForeignKeyConstraint(
            ["second_marking_id"], ["second_marking.id"], name=op.f("fk_second_view_second_marking_id_second_marking")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_second_view")),
    )
    with op.batch_alter_table("second_view", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_second_view_reason_id"), ["reason_id"], unique=False)
        batch_op.create_index(batch_op.f("ix_second_view_second_marking_id"), ["second_marking_id"], unique=False)

    op.create_table(
        "second_outcome",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("judging_id", sa.Uuid(), nullable=False),
        sa.Column("criterion", sa.String(length=12), nullable=False),
        sa.Column("outcome", sa.String(length=16), nullable=False),
        sa.CheckConstraint(
            "outcome IN ('achieved', 'not_yet_achieved')", name=op.f("ck_second_outcome_second_outcome_known")
        ),
        sa.ForeignKeyConstraint(
            ["judging_id"], ["second_judging.id"], name=op.f("fk_second_outcome_judging_id_second_judging")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_second_outcome")),
        sa.UniqueConstraint("judging_id", "criterion", name="second_outcome_once"),
    )
