"""Witnesses without an account, sample answers for assessors, and live hours that a centre records"""

import sqlalchemy as sa
from alembic import op

import course.db

revision = "0005"
down_revision = "0004"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Forward only."""
    op.create_table(
        "witness_request",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("enrolment_id", sa.Uuid(), nullable=False),
        sa.Column("unit", sa.String(length=80), nullable=False),
        sa.Column("question", sa.String(length=80), nullable=False),
        sa.Column("unit_version_id", sa.Uuid(), nullable=False),
        sa.Column("token_hash", sa.String(length=64), nullable=False),
        sa.Column("account_id", sa.Uuid(), nullable=True),
        sa.Column("words_id", sa.Uuid(), nullable=False),
        sa.Column("at", course.db.UTCDateTime(timezone=True), nullable=False),
        sa.Column("expires_at", course.db.UTCDateTime(timezone=True), nullable=False),
        sa.CheckConstraint("expires_at > at", name=op.f("ck_witness_request_expires_after_it_is_asked")),
        sa.ForeignKeyConstraint(
            ["enrolment_id"], ["enrolment.id"], name=op.f("fk_witness_request_enrolment_id_enrolment")
        ),
        sa.ForeignKeyConstraint(
            ["unit_version_id"], ["unit_version.id"], name=op.f("fk_witness_request_unit_version_id_unit_version")
        ),
        sa.ForeignKeyConstraint(["words_id"], ["sealed.id"], name=op.f("fk_witness_request_words_id_sealed")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_witness_request")),
        sa.UniqueConstraint("token_hash", name="witness_link_once"),
    )
    with op.batch_alter_table("witness_request", schema=None) as batch_op:
        batch_op.create_index("ix_witness_request_enrolment_id_unit", ["enrolment_id", "unit"], unique=False)
        batch_op.create_index(batch_op.f("ix_witness_request_words_id"), ["words_id"], unique=False)

    op.create_table(
        "witness_reply",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("request_id", sa.Uuid(), nullable=False),
        sa.Column("outcome", sa.String(length=12), nullable=False),
        sa.Column("words_id", sa.Uuid(), nullable=False),
        sa.Column("at", course.db.UTCDateTime(timezone=True), nullable=False),
        sa.CheckConstraint(
            "outcome IN ('confirmed', 'corrected', 'declined')", name=op.f("ck_witness_reply_witness_outcome_known")
        ),
        sa.ForeignKeyConstraint(
            ["request_id"], ["witness_request.id"], name=op.f("fk_witness_reply_request_id_witness_request")
        ),
        sa.ForeignKeyConstraint(["words_id"], ["sealed.id"], name=op.f("fk_witness_reply_words_id_sealed")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_witness_reply")),
        sa.UniqueConstraint("request_id", name="witness_replied_once"),
    )
    with op.batch_alter_table("witness_reply", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_witness_reply_words_id"), ["words_id"], unique=False)

    op.create_table(
        "witness_withdrawal",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("request_id", sa.Uuid(), nullable=False),
        sa.Column("at", course.db.UTCDateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(
            ["request_id"], ["witness_request.id"], name=op.f("fk_witness_withdrawal_request_id_witness_request")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_witness_withdrawal")),
        sa.UniqueConstraint("request_id", name="witness_request_withdrawn_once"),
    )

    op.create_table(
        "sample_version",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("qualification", sa.String(length=80), nullable=False),
        sa.Column("unit", sa.String(length=80), nullable=False),
        sa.Column("number", sa.Integer(), nullable=False),
        sa.Column("hash", sa.String(length=64), nullable=False),
        sa.Column("compiled", sa.Text(), nullable=False),
        sa.Column("published_at", course.db.UTCDateTime(timezone=True), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_sample_version")),
        sa.UniqueConstraint("qualification", "unit", "number", name="sample_version_number_once"),
    )
    op.create_table(
        "live_session",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("cohort_id", sa.Uuid(), nullable=False),
        sa.Column("unit", sa.String(length=80), nullable=False),
        sa.Column("held_on", sa.Date(), nullable=False),
        sa.Column("minutes", sa.Integer(), nullable=False),
        sa.Column("corrects_id", sa.Uuid(), nullable=True),
        sa.Column("recorded_by", sa.Uuid(), nullable=False),
        sa.Column("appointment_id", sa.Uuid(), nullable=False),
        sa.Column("at", course.db.UTCDateTime(timezone=True), nullable=False),
        sa.CheckConstraint("minutes BETWEEN 0 AND 720", name=op.f("ck_live_session_minutes_of_one_day")),
        sa.CheckConstraint("minutes > 0 OR corrects_id IS NOT NULL", name=op.f("ck_live_session_none_only_corrects")),
        sa.ForeignKeyConstraint(
            ["appointment_id"], ["appointment.id"], name=op.f("fk_live_session_appointment_id_appointment")
        ),
        sa.ForeignKeyConstraint(["cohort_id"], ["cohort.id"], name=op.f("fk_live_session_cohort_id_cohort")),
        sa.ForeignKeyConstraint(
            ["corrects_id"], ["live_session.id"], name=op.f("fk_live_session_corrects_id_live_session")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_live_session")),
        sa.UniqueConstraint("corrects_id", name="corrected_once"),
    )
    with op.batch_alter_table("live_session", schema=None) as batch_op:
        batch_op.create_index("ix_live_session_cohort_id_unit", ["cohort_id", "unit"], unique=False)

    op.create_table(
        "live_attendance",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("session_id", sa.Uuid(), nullable=False),
        sa.Column("enrolment_id", sa.Uuid(), nullable=False),
        sa.ForeignKeyConstraint(
            ["enrolment_id"], ["enrolment.id"], name=op.f("fk_live_attendance_enrolment_id_enrolment")
        ),
        sa.ForeignKeyConstraint(
            ["session_id"], ["live_session.id"], name=op.f("fk_live_attendance_session_id_live_session")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_live_attendance")),
        sa.UniqueConstraint("session_id", "enrolment_id", name="attended_once"),
    )
    with op.batch_alter_table("live_attendance", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_live_attendance_enrolment_id"), ["enrolment_id"], unique=False)
