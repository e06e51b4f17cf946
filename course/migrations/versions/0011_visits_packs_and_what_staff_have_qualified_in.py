"""Visits of external quality assurers, evidence packs, and what staff have qualified in"""

import sqlalchemy as sa
from alembic import op

import course.db

revision = "0011"
down_revision = "0010"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Forward only."""
    op.create_table(
        "development_entry",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("person_id", sa.Uuid(), nullable=False),
        sa.Column("done_on", sa.Date(), nullable=False),
        sa.Column("minutes", sa.Integer(), nullable=False),
        sa.Column("activity", sa.String(length=300), nullable=False),
        sa.Column("noted_by", sa.Uuid(), nullable=False),
        sa.Column("appointment_id", sa.Uuid(), nullable=False),
        sa.Column("at", course.db.UTCDateTime(timezone=True), nullable=False),
        sa.CheckConstraint("minutes BETWEEN 1 AND 6000", name=op.f("ck_development_entry_minutes_of_development")),
        sa.ForeignKeyConstraint(
            ["appointment_id"], ["appointment.id"], name=op.f("fk_development_entry_appointment_id_appointment")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_development_entry")),
    )
    with op.batch_alter_table("development_entry", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_development_entry_person_id"), ["person_id"], unique=False)

    op.create_table(
        "staff_qualification",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("person_id", sa.Uuid(), nullable=False),
        sa.Column("title", sa.String(length=200), nullable=False),
        sa.Column("awarded_by", sa.String(length=120), nullable=False),
        sa.Column("awarded_on", sa.Date(), nullable=True),
        sa.Column("noted_by", sa.Uuid(), nullable=False),
        sa.Column("appointment_id", sa.Uuid(), nullable=False),
        sa.Column("at", course.db.UTCDateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(
            ["appointment_id"], ["appointment.id"], name=op.f("fk_staff_qualification_appointment_id_appointment")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_staff_qualification")),
    )
    with op.batch_alter_table("staff_qualification", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_staff_qualification_person_id"), ["person_id"], unique=False)

    op.create_table(
        "visit",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("centre_id", sa.Uuid(), nullable=False),
        sa.Column("qualification", sa.String(length=80), nullable=False),
        sa.Column("cohort_id", sa.Uuid(), nullable=True),
        sa.Column("eqa_id", sa.Uuid(), nullable=False),
        sa.Column("eqa_appointment_id", sa.Uuid(), nullable=False),
        sa.Column("purpose", sa.String(length=500), nullable=False),
        sa.Column("set_up_by", sa.Uuid(), nullable=False),
        sa.Column("appointment_id", sa.Uuid(), nullable=False),
        sa.Column("at", course.db.UTCDateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(
            ["appointment_id"], ["appointment.id"], name=op.f("fk_visit_appointment_id_appointment")
        ),
        sa.ForeignKeyConstraint(["centre_id"], ["centre.id"], name=op.f("fk_visit_centre_id_centre")),
        sa.ForeignKeyConstraint(["cohort_id"], ["cohort.id"], name=op.f("fk_visit_cohort_id_cohort")),
        sa.ForeignKeyConstraint(
            ["eqa_appointment_id"], ["appointment.id"], name=op.f("fk_visit_eqa_appointment_id_appointment")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_visit")),
        sa.UniqueConstraint("eqa_appointment_id", name="one_visit_an_appointment"),
    )
    with op.batch_alter_table("visit", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_visit_centre_id"), ["centre_id"], unique=False)

    op.create_table(
        "development_withdrawal",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("qualification_id", sa.Uuid(), nullable=True),
        sa.Column("entry_id", sa.Uuid(), nullable=True),
        sa.Column("withdrawn_by", sa.Uuid(), nullable=False),
        sa.Column("appointment_id", sa.Uuid(), nullable=False),
        sa.Column("at", course.db.UTCDateTime(timezone=True), nullable=False),
        sa.CheckConstraint(
            "(qualification_id IS NULL) <> (entry_id IS NULL)",
            name=op.f("ck_development_withdrawal_withdraws_one_thing"),
        ),
        sa.ForeignKeyConstraint(
            ["appointment_id"], ["appointment.id"], name=op.f("fk_development_withdrawal_appointment_id_appointment")
        ),
        sa.ForeignKeyConstraint(
            ["entry_id"], ["development_entry.id"], name=op.f("fk_development_withdrawal_entry_id_development_entry")
        ),
        sa.ForeignKeyConstraint(
            ["qualification_id"],
            ["staff_qualification.id"],
            name=op.f("fk_development_withdrawal_qualification_id_staff_qualification"),
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_development_withdrawal")),
        sa.UniqueConstraint("entry_id", name="development_withdrawn_once"),
        sa.UniqueConstraint("qualification_id", name="qualification_withdrawn_once"),
    )
    op.create_table(
        "evidence_pack",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("visit_id", sa.Uuid(), nullable=False),
        sa.Column("manifest", sa.String(length=64), nullable=False),
        sa.Column("files", sa.Integer(), nullable=False),
        sa.Column("answers", sa.Integer(), nullable=False),
        sa.Column("made_by", sa.Uuid(), nullable=False),
        sa.Column("appointment_id", sa.Uuid(), nullable=False),
        sa.Column("at", course.db.UTCDateTime(timezone=True), nullable=False),
        sa.CheckConstraint("files > 0", name=op.f("ck_evidence_pack_pack_holds_files")),
        sa.ForeignKeyConstraint(
            ["appointment_id"], ["appointment.id"], name=op.f("fk_evidence_pack_appointment_id_appointment")
        ),
        sa.ForeignKeyConstraint(["visit_id"], ["visit.id"], name=op.f("fk_evidence_pack_visit_id_visit")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_evidence_pack")),
    )
    with op.batch_alter_table("evidence_pack", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_evidence_pack_visit_id"), ["visit_id"], unique=False)

    op.create_table(
        "visit_action",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("visit_id", sa.Uuid(), nullable=False),
        sa.Column("task", sa.String(length=500), nullable=False),
        sa.Column("due_on", sa.Date(), nullable=False),
        sa.Column("noted_by", sa.Uuid(), nullable=False),
        sa.Column("appointment_id", sa.Uuid(), nullable=False),
        sa.Column("at", course.db.UTCDateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(
            ["appointment_id"], ["appointment.id"], name=op.f("fk_visit_action_appointment_id_appointment")
        ),
        sa.ForeignKeyConstraint(["visit_id"], ["visit.id"], name=op.f("fk_visit_action_visit_id_visit")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_visit_action")),
    )
    with op.batch_alter_table("visit_action", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_visit_action_visit_id"), ["visit_id"], unique=False)

    op.create_table(
        "visit_request",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("visit_id", sa.Uuid(), nullable=False),
        sa.Column("reason", sa.String(length=500), nullable=False),
        sa.Column("asked_by", sa.Uuid(), nullable=False),
        sa.Column("appointment_id", sa.Uuid(), nullable=False),
        sa.Column("at", course.db.UTCDateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(
            ["appointment_id"], ["appointment.id"], name=op.f("fk_visit_request_appointment_id_appointment")
        ),
        sa.ForeignKeyConstraint(["visit_id"], ["visit.id"], name=op.f("fk_visit_request_visit_id_visit")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_visit_request")),
    )
    with op.batch_alter_table("visit_request", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_visit_request_visit_id"), ["visit_id"], unique=False)

    op.create_table(
        "visit_action_done",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("action_id", sa.Uuid(), nullable=False),
        sa.Column("outcome", sa.String(length=500), nullable=False),
        sa.Column("done_on", sa.Date(), nullable=False),
        sa.Column("noted_by", sa.Uuid(), nullable=False),
        sa.Column("appointment_id", sa.Uuid(), nullable=False),
        sa.Column("at", course.db.UTCDateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(
            ["action_id"], ["visit_action.id"], name=op.f("fk_visit_action_done_action_id_visit_action")
        ),
        sa.ForeignKeyConstraint(
            ["appointment_id"], ["appointment.id"], name=op.f("fk_visit_action_done_appointment_id_appointment")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_visit_action_done")),
        sa.UniqueConstraint("action_id", name="visit_action_done_once"),
    )
    op.create_table(
        "visit_request_refusal",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("request_id", sa.Uuid(), nullable=False),
        sa.Column("reason", sa.String(length=500), nullable=False),
        sa.Column("refused_by", sa.Uuid(), nullable=False),
        sa.Column("appointment_id", sa.Uuid(), nullable=False),
        sa.Column("at", course.db.UTCDateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(
            ["appointment_id"], ["appointment.id"], name=op.f("fk_visit_request_refusal_appointment_id_appointment")
        ),
        sa.ForeignKeyConstraint(
            ["request_id"], ["visit_request.id"], name=op.f("fk_visit_request_refusal_request_id_visit_request")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_visit_request_refusal")),
        sa.UniqueConstraint("request_id", name="request_refused_once"),
    )
    op.create_table(
        "visit_request_unit",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("request_id", sa.Uuid(), nullable=False),
        sa.Column("enrolment_id", sa.Uuid(), nullable=False),
        sa.Column("unit", sa.String(length=80), nullable=False),
        sa.ForeignKeyConstraint(
            ["enrolment_id"], ["enrolment.id"], name=op.f("fk_visit_request_unit_enrolment_id_enrolment")
        ),
        sa.ForeignKeyConstraint(
            ["request_id"], ["visit_request.id"], name=op.f("fk_visit_request_unit_request_id_visit_request")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_visit_request_unit")),
        sa.UniqueConstraint("request_id", "enrolment_id", "unit", name="asked_once"),
    )
    op.create_table(
        "visit_showing",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("visit_id", sa.Uuid(), nullable=False),
        sa.Column("request_id", sa.Uuid(), nullable=True),
        sa.Column("rationale", sa.String(length=500), nullable=False),
        sa.Column("shown_by", sa.Uuid(), nullable=False),
        sa.Column("appointment_id", sa.Uuid(), nullable=False),
        sa.Column("at", course.db.UTCDateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(
            ["appointment_id"], ["appointment.id"], name=op.f("fk_visit_showing_appointment_id_appointment")
        ),
        sa.ForeignKeyConstraint(
            ["request_id"], ["visit_request.id"], name=op.f("fk_visit_showing_request_id_visit_request")
        ),
        sa.ForeignKeyConstraint(["visit_id"], ["visit.id"], name=op.f("fk_visit_showing_visit_id_visit")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_visit_showing")),
        sa.UniqueConstraint("request_id", name="request_granted_once"),
    )
    with op.batch_alter_table("visit_showing", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_visit_showing_visit_id"), ["visit_id"], unique=False)

    op.create_table(
        "visit_shown_unit",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("showing_id", sa.Uuid(), nullable=False),
        sa.Column("enrolment_id", sa.Uuid(), nullable=False),
        sa.Column("unit", sa.String(length=80), nullable=False),
        sa.ForeignKeyConstraint(
            ["enrolment_id"], ["enrolment.id"], name=op.f("fk_visit_shown_unit_enrolment_id_enrolment")
        ),
        sa.ForeignKeyConstraint(
            ["showing_id"], ["visit_showing.id"], name=op.f("fk_visit_shown_unit_showing_id_visit_showing")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_visit_shown_unit")),
        sa.UniqueConstraint("showing_id", "enrolment_id", "unit", name="shown_once"),
    )
    with op.batch_alter_table("visit_shown_unit", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_visit_shown_unit_enrolment_id"), ["enrolment_id"], unique=False)
