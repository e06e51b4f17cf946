"""Standardisation: sample answers judged beforehand, meetings, minutes and agreed wording"""

import sqlalchemy as sa
from alembic import op

import course.db

revision = "0009"
down_revision = "0008"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Forward only."""
    op.create_table(
        "standardisation",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("centre_id", sa.Uuid(), nullable=False),
        sa.Column("qualification", sa.String(length=80), nullable=False),
        sa.Column("unit", sa.String(length=80), nullable=False),
        sa.Column("question", sa.String(length=80), nullable=True),
        sa.Column("sample_version_id", sa.Uuid(), nullable=False),
        sa.Column("guidance", sa.String(length=64), nullable=False),
        sa.Column("judge_by", sa.Date(), nullable=False),
        sa.Column("opened_by", sa.Uuid(), nullable=False),
        sa.Column("appointment_id", sa.Uuid(), nullable=False),
        sa.Column("at", course.db.UTCDateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(
            ["appointment_id"], ["appointment.id"], name=op.f("fk_standardisation_appointment_id_appointment")
        ),
        sa.ForeignKeyConstraint(["centre_id"], ["centre.id"], name=op.f("fk_standardisation_centre_id_centre")),
        sa.ForeignKeyConstraint(
            ["sample_version_id"],
            ["sample_version.id"],
            name=op.f("fk_standardisation_sample_version_id_sample_version"),
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_standardisation")),
    )
    with op.batch_alter_table("standardisation", schema=None) as batch_op:
        batch_op.create_index("ix_standardisation_centre_id_at", ["centre_id", "at"], unique=False)

    op.create_table(
        "guidance_proposal",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("standardisation_id", sa.Uuid(), nullable=False),
        sa.Column("question", sa.String(length=80), nullable=False),
        sa.Column("criterion", sa.String(length=12), nullable=True),
        sa.Column("level", sa.String(length=16), nullable=False),
        sa.Column("item", sa.String(length=40), nullable=True),
        sa.Column("wording", sa.String(length=1000), nullable=False),
        sa.Column("why", sa.String(length=500), nullable=False),
        sa.Column("proposed_by", sa.Uuid(), nullable=False),
        sa.Column("appointment_id", sa.Uuid(), nullable=False),
        sa.Column("at", course.db.UTCDateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(
            ["appointment_id"], ["appointment.id"], name=op.f("fk_guidance_proposal_appointment_id_appointment")
        ),
        sa.ForeignKeyConstraint(
            ["standardisation_id"],
            ["standardisation.id"],
            name=op.f("fk_guidance_proposal_standardisation_id_standardisation"),
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_guidance_proposal")),
    )
    with op.batch_alter_table("guidance_proposal", schema=None) as batch_op:
        batch_op.create_index(
            batch_op.f("ix_guidance_proposal_standardisation_id"), ["standardisation_id"], unique=False
        )

    op.create_table(
        "meeting_minutes",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("standardisation_id", sa.Uuid(), nullable=False),
        sa.Column("number", sa.Integer(), nullable=False),
        sa.Column("held_on", sa.Date(), nullable=False),
        sa.Column("lasted", sa.Integer(), nullable=False),
        sa.Column("minutes_id", sa.Uuid(), nullable=False),
        sa.Column("written_by", sa.Uuid(), nullable=False),
        sa.Column("appointment_id", sa.Uuid(), nullable=False),
        sa.Column("at", course.db.UTCDateTime(timezone=True), nullable=False),
        sa.CheckConstraint("lasted > 0", name=op.f("ck_meeting_minutes_meeting_lasted")),
        sa.CheckConstraint("number > 0", name=op.f("ck_meeting_minutes_minutes_count_from_one")),
        sa.ForeignKeyConstraint(
            ["appointment_id"], ["appointment.id"], name=op.f("fk_meeting_minutes_appointment_id_appointment")
        ),
        sa.ForeignKeyConstraint(["minutes_id"], ["sealed.id"], name=op.f("fk_meeting_minutes_minutes_id_sealed")),
        sa.ForeignKeyConstraint(
            ["standardisation_id"],
            ["standardisation.id"],
            name=op.f("fk_meeting_minutes_standardisation_id_standardisation"),
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_meeting_minutes")),
        sa.UniqueConstraint("standardisation_id", "number", name="minutes_number_once"),
    )
    with op.batch_alter_table("meeting_minutes", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_meeting_minutes_minutes_id"), ["minutes_id"], unique=False)

    op.create_table(
        "sample_judging",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("standardisation_id", sa.Uuid(), nullable=False),
        sa.Column("question", sa.String(length=80), nullable=False),
        sa.Column("sample", sa.String(length=40), nullable=False),
        sa.Column("why_id", sa.Uuid(), nullable=False),
        sa.Column("judged_by", sa.Uuid(), nullable=False),
        sa.Column("appointment_id", sa.Uuid(), nullable=False),
        sa.Column("at", course.db.UTCDateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(
            ["appointment_id"], ["appointment.id"], name=op.f("fk_sample_judging_appointment_id_appointment")
        ),
        sa.ForeignKeyConstraint(
            ["standardisation_id"],
            ["standardisation.id"],
            name=op.f("fk_sample_judging_standardisation_id_standardisation"),
        ),
        sa.ForeignKeyConstraint(["why_id"], ["sealed.id"], name=op.f("fk_sample_judging_why_id_sealed")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_sample_judging")),
        sa.UniqueConstraint("standardisation_id", "judged_by", "question", "sample", name="sample_judged_once"),
    )
    with op.batch_alter_table("sample_judging", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_sample_judging_judged_by"), ["judged_by"], unique=False)
        batch_op.create_index(batch_op.f("ix_sample_judging_why_id"), ["why_id"], unique=False)

    op.create_table(
        "standardisation_meeting",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("standardisation_id", sa.Uuid(), nullable=False),
        sa.Column("begun_by", sa.Uuid(), nullable=False),
        sa.Column("appointment_id", sa.Uuid(), nullable=False),
        sa.Column("at", course.db.UTCDateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(
            ["appointment_id"], ["appointment.id"], name=op.f("fk_standardisation_meeting_appointment_id_appointment")
        ),
        sa.ForeignKeyConstraint(
            ["standardisation_id"],
            ["standardisation.id"],
            name=op.f("fk_standardisation_meeting_standardisation_id_standardisation"),
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_standardisation_meeting")),
        sa.UniqueConstraint("standardisation_id", name="met_once"),
    )
    op.create_table(
        "meeting_attendance",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("minutes_id", sa.Uuid(), nullable=False),
        sa.Column("person_id", sa.Uuid(), nullable=False),
        sa.ForeignKeyConstraint(
            ["minutes_id"], ["meeting_minutes.id"], name=op.f("fk_meeting_attendance_minutes_id_meeting_minutes")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_meeting_attendance")),
        sa.UniqueConstraint("minutes_id", "person_id", name="meeting_attended_once"),
    )
    with op.batch_alter_table("meeting_attendance", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_meeting_attendance_person_id"), ["person_id"], unique=False)

    op.create_table(
        "sample_outcome",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("judging_id", sa.Uuid(), nullable=False),
        sa.Column("criterion", sa.String(length=12), nullable=False),
        sa.Column("outcome", sa.String(length=16), nullable=False),
        sa.CheckConstraint(
            "outcome IN ('achieved', 'not_yet_achieved')", name=op.f("ck_sample_outcome_sample_outcome_known")
        ),
        sa.ForeignKeyConstraint(
            ["judging_id"], ["sample_judging.id"], name=op.f("fk_sample_outcome_judging_id_sample_judging")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_sample_outcome")),
        sa.UniqueConstraint("judging_id", "criterion", name="sample_outcome_once"),
    )
