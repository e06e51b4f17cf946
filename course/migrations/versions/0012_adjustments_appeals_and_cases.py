"""Adjustments, appeals and cases: what was agreed, what is asked again, what is looked into."""

import sqlalchemy as sa
from alembic import op

import course.db

revision = "0012"
down_revision = "0011"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Forward only."""
    op.create_table(
        "adjustment",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("enrolment_id", sa.Uuid(), nullable=False),
        sa.Column("kind", sa.String(length=16), nullable=False),
        sa.Column("seen", sa.String(length=12), nullable=False),
        sa.Column("from_on", sa.Date(), nullable=False),
        sa.Column("until_on", sa.Date(), nullable=True),
        sa.Column("review_on", sa.Date(), nullable=True),
        sa.Column("words_id", sa.Uuid(), nullable=False),
        sa.Column("agreed_by", sa.Uuid(), nullable=False),
        sa.Column("appointment_id", sa.Uuid(), nullable=False),
        sa.Column("at", course.db.UTCDateTime(timezone=True), nullable=False),
        sa.CheckConstraint(
            "kind = 'consideration' OR review_on IS NOT NULL", name=op.f("ck_adjustment_adjustment_is_reviewed")
        ),
        sa.CheckConstraint("kind IN ('adjustment', 'consideration')", name=op.f("ck_adjustment_kind_known")),
        sa.CheckConstraint("seen IN ('nothing', 'document', 'assessment')", name=op.f("ck_adjustment_seen_known")),
        sa.CheckConstraint("until_on IS NULL OR until_on >= from_on", name=op.f("ck_adjustment_ends_after_it_begins")),
        sa.ForeignKeyConstraint(
            ["appointment_id"], ["appointment.id"], name=op.f("fk_adjustment_appointment_id_appointment")
        ),
        sa.ForeignKeyConstraint(["enrolment_id"], ["enrolment.id"], name=op.f("fk_adjustment_enrolment_id_enrolment")),
        sa.ForeignKeyConstraint(["words_id"], ["sealed.id"], name=op.f("fk_adjustment_words_id_sealed")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_adjustment")),
    )
    with op.batch_alter_table("adjustment", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_adjustment_enrolment_id"), ["enrolment_id"], unique=False)
        batch_op.create_index(batch_op.f("ix_adjustment_words_id"), ["words_id"], unique=False)

    op.create_table(
        "adjustment_request",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("enrolment_id", sa.Uuid(), nullable=False),
        sa.Column("words_id", sa.Uuid(), nullable=False),
        sa.Column("at", course.db.UTCDateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(
            ["enrolment_id"], ["enrolment.id"], name=op.f("fk_adjustment_request_enrolment_id_enrolment")
        ),
        sa.ForeignKeyConstraint(["words_id"], ["sealed.id"], name=op.f("fk_adjustment_request_words_id_sealed")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_adjustment_request")),
    )
    with op.batch_alter_table("adjustment_request", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_adjustment_request_enrolment_id"), ["enrolment_id"], unique=False)
        batch_op.create_index(batch_op.f("ix_adjustment_request_words_id"), ["words_id"], unique=False)

    op.create_table(
        "adjusted_unit",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("adjustment_id", sa.Uuid(), nullable=False),
        sa.Column("unit", sa.String(length=80), nullable=False),
        sa.ForeignKeyConstraint(
            ["adjustment_id"], ["adjustment.id"], name=op.f("fk_adjusted_unit_adjustment_id_adjustment")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_adjusted_unit")),
        sa.UniqueConstraint("adjustment_id", "unit", name="adjusted_once"),
    )
    op.create_table(
        "adjustment_end",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("adjustment_id", sa.Uuid(), nullable=False),
        sa.Column("last_on", sa.Date(), nullable=False),
        sa.Column("reason_id", sa.Uuid(), nullable=False),
        sa.Column("ended_by", sa.Uuid(), nullable=False),
        sa.Column("appointment_id", sa.Uuid(), nullable=False),
        sa.Column("at", course.db.UTCDateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(
            ["adjustment_id"], ["adjustment.id"], name=op.f("fk_adjustment_end_adjustment_id_adjustment")
        ),
        sa.ForeignKeyConstraint(
            ["appointment_id"], ["appointment.id"], name=op.f("fk_adjustment_end_appointment_id_appointment")
        ),
        sa.ForeignKeyConstraint(["reason_id"], ["sealed.id"], name=op.f("fk_adjustment_end_reason_id_sealed")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_adjustment_end")),
        sa.UniqueConstraint("adjustment_id", name="ended_once"),
    )
    with op.batch_alter_table("adjustment_end", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_adjustment_end_reason_id"), ["reason_id"], unique=False)

    op.create_table(
        "adjustment_reply",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("request_id", sa.Uuid(), nullable=False),
        sa.Column("words_id", sa.Uuid(), nullable=False),
        sa.Column("replied_by", sa.Uuid(), nullable=False),
        sa.Column("appointment_id", sa.Uuid(), nullable=False),
        sa.Column("at", course.db.UTCDateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(
            ["appointment_id"], ["appointment.id"], name=op.f("fk_adjustment_reply_appointment_id_appointment")
        ),
        sa.ForeignKeyConstraint(
            ["request_id"], ["adjustment_request.id"], name=op.f("fk_adjustment_reply_request_id_adjustment_request")
        ),
        sa.ForeignKeyConstraint(["words_id"], ["sealed.id"], name=op.f("fk_adjustment_reply_words_id_sealed")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_adjustment_reply")),
        sa.UniqueConstraint("request_id", name="replied_once"),
    )
    with op.batch_alter_table("adjustment_reply", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_adjustment_reply_words_id"), ["words_id"], unique=False)

    op.create_table(
        "appeal",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("answer_id", sa.Uuid(), nullable=False),
        sa.Column("enrolment_id", sa.Uuid(), nullable=False),
        sa.Column("cohort_id", sa.Uuid(), nullable=False),
        sa.Column("unit", sa.String(length=80), nullable=False),
        sa.Column("question", sa.String(length=80), nullable=False),
        sa.Column("words_id", sa.Uuid(), nullable=False),
        sa.Column("at", course.db.UTCDateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(["answer_id"], ["answer.id"], name=op.f("fk_appeal_answer_id_answer")),
        sa.ForeignKeyConstraint(["cohort_id"], ["cohort.id"], name=op.f("fk_appeal_cohort_id_cohort")),
        sa.ForeignKeyConstraint(["enrolment_id"], ["enrolment.id"], name=op.f("fk_appeal_enrolment_id_enrolment")),
        sa.ForeignKeyConstraint(["words_id"], ["sealed.id"], name=op.f("fk_appeal_words_id_sealed")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_appeal")),
    )
    with op.batch_alter_table("appeal", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_appeal_answer_id"), ["answer_id"], unique=False)
        batch_op.create_index(batch_op.f("ix_appeal_cohort_id"), ["cohort_id"], unique=False)
        batch_op.create_index("ix_appeal_enrolment_id_unit", ["enrolment_id", "unit"], unique=False)
        batch_op.create_index(batch_op.f("ix_appeal_words_id"), ["words_id"], unique=False)

    op.create_table(
        "conduct_case",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("kind", sa.String(length=20), nullable=False),
        sa.Column("enrolment_id", sa.Uuid(), nullable=False),
        sa.Column("cohort_id", sa.Uuid(), nullable=False),
        sa.Column("answer_id", sa.Uuid(), nullable=True),
        sa.Column("unit", sa.String(length=80), nullable=True),
        sa.Column("question", sa.String(length=80), nullable=True),
        sa.Column("words_id", sa.Uuid(), nullable=False),
        sa.Column("told_id", sa.Uuid(), nullable=False),
        sa.Column("due_on", sa.Date(), nullable=False),
        sa.Column("opened_by", sa.Uuid(), nullable=False),
        sa.Column("appointment_id", sa.Uuid(), nullable=False),
        sa.Column("at", course.db.UTCDateTime(timezone=True), nullable=False),
        sa.CheckConstraint(
            "kind IN ('malpractice', 'maladministration')", name=op.f("ck_conduct_case_case_kind_known")
        ),
        sa.CheckConstraint(
            "(answer_id IS NULL) = (question IS NULL)", name=op.f("ck_conduct_case_case_names_the_question")
        ),
        sa.CheckConstraint(
            "(answer_id IS NULL) = (unit IS NULL)", name=op.f("ck_conduct_case_case_of_an_answer_or_of_all")
        ),
        sa.ForeignKeyConstraint(["answer_id"], ["answer.id"], name=op.f("fk_conduct_case_answer_id_answer")),
        sa.ForeignKeyConstraint(
            ["appointment_id"], ["appointment.id"], name=op.f("fk_conduct_case_appointment_id_appointment")
        ),
        sa.ForeignKeyConstraint(["cohort_id"], ["cohort.id"], name=op.f("fk_conduct_case_cohort_id_cohort")),
        sa.ForeignKeyConstraint(
            ["enrolment_id"], ["enrolment.id"], name=op.f("fk_conduct_case_enrolment_id_enrolment")
        ),
        sa.ForeignKeyConstraint(["told_id"], ["sealed.id"], name=op.f("fk_conduct_case_told_id_sealed")),
        sa.ForeignKeyConstraint(["words_id"], ["sealed.id"], name=op.f("fk_conduct_case_words_id_sealed")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_conduct_case")),
    )
    with op.batch_alter_table("conduct_case", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_conduct_case_answer_id"), ["answer_id"], unique=False)
        batch_op.create_index(batch_op.f("ix_conduct_case_cohort_id"), ["cohort_id"], unique=False)
        batch_op.create_index("ix_conduct_case_enrolment_id_unit", ["enrolment_id", "unit"], unique=False)
        batch_op.create_index(batch_op.f("ix_conduct_case_told_id"), ["told_id"], unique=False)
        batch_op.create_index(batch_op.f("ix_conduct_case_words_id"), ["words_id"], unique=False)

    op.create_table(
        "appeal_outcome",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("appeal_id", sa.Uuid(), nullable=False),
        sa.Column("number", sa.Integer(), nullable=False),
        sa.Column("stage", sa.String(length=24), nullable=False),
        sa.Column("outcome", sa.String(length=12), nullable=False),
        sa.Column("reason_id", sa.Uuid(), nullable=False),
        sa.Column("decided_by", sa.Uuid(), nullable=False),
        sa.Column("appointment_id", sa.Uuid(), nullable=False),
        sa.Column("at", course.db.UTCDateTime(timezone=True), nullable=False),
        sa.CheckConstraint("outcome IN ('upheld', 'not-upheld')", name=op.f("ck_appeal_outcome_appeal_outcome_known")),
        sa.CheckConstraint(
            "stage IN ('assessor', 'iqa', 'independent', 'awarding-organisation')",
            name=op.f("ck_appeal_outcome_appeal_stage_known"),
        ),
        sa.ForeignKeyConstraint(["appeal_id"], ["appeal.id"], name=op.f("fk_appeal_outcome_appeal_id_appeal")),
        sa.ForeignKeyConstraint(
            ["appointment_id"], ["appointment.id"], name=op.f("fk_appeal_outcome_appointment_id_appointment")
        ),
        sa.ForeignKeyConstraint(["reason_id"], ["sealed.id"], name=op.f("fk_appeal_outcome_reason_id_sealed")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_appeal_outcome")),
        sa.UniqueConstraint("appeal_id", "number", name="appeal_decided_once"),
    )
    with op.batch_alter_table("appeal_outcome", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_appeal_outcome_reason_id"), ["reason_id"], unique=False)

    op.create_table(
        "appeal_reply",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("appeal_id", sa.Uuid(), nullable=False),
        sa.Column("words_id", sa.Uuid(), nullable=False),
        sa.Column("at", course.db.UTCDateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(["appeal_id"], ["appeal.id"], name=op.f("fk_appeal_reply_appeal_id_appeal")),
        sa.ForeignKeyConstraint(["words_id"], ["sealed.id"], name=op.f("fk_appeal_reply_words_id_sealed")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_appeal_reply")),
    )
    with op.batch_alter_table("appeal_reply", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_appeal_reply_appeal_id"), ["appeal_id"], unique=False)
        batch_op.create_index(batch_op.f("ix_appeal_reply_words_id"), ["words_id"], unique=False)

    op.create_table(
        "appeal_sending",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("appeal_id", sa.Uuid(), nullable=False),
        sa.Column("sent_on", sa.Date(), nullable=False),
        sa.Column("reference", sa.String(length=80), nullable=False),
        sa.Column("sent_by", sa.Uuid(), nullable=False),
        sa.Column("appointment_id", sa.Uuid(), nullable=False),
        sa.Column("at", course.db.UTCDateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(["appeal_id"], ["appeal.id"], name=op.f("fk_appeal_sending_appeal_id_appeal")),
        sa.ForeignKeyConstraint(
            ["appointment_id"], ["appointment.id"], name=op.f("fk_appeal_sending_appointment_id_appointment")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_appeal_sending")),
        sa.UniqueConstraint("appeal_id", name="appeal_sent_once"),
    )
    op.create_table(
        "appeal_step",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("appeal_id", sa.Uuid(), nullable=False),
        sa.Column("number", sa.Integer(), nullable=False),
        sa.Column("words_id", sa.Uuid(), nullable=False),
        sa.Column("at", course.db.UTCDateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(["appeal_id"], ["appeal.id"], name=op.f("fk_appeal_step_appeal_id_appeal")),
        sa.ForeignKeyConstraint(["words_id"], ["sealed.id"], name=op.f("fk_appeal_step_words_id_sealed")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_appeal_step")),
        sa.UniqueConstraint("appeal_id", "number", name="appeal_step_once"),
    )
    with op.batch_alter_table("appeal_step", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_appeal_step_words_id"), ["words_id"], unique=False)

    op.create_table(
        "appeal_withdrawal",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("appeal_id", sa.Uuid(), nullable=False),
        sa.Column("at", course.db.UTCDateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(["appeal_id"], ["appeal.id"], name=op.f("fk_appeal_withdrawal_appeal_id_appeal")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_appeal_withdrawal")),
        sa.UniqueConstraint("appeal_id", name="appeal_withdrawn_once"),
    )
    op.create_table(
        "case_outcome",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("case_id", sa.Uuid(), nullable=False),
        sa.Column("finding", sa.String(length=16), nullable=False),
        sa.Column("reason_id", sa.Uuid(), nullable=False),
        sa.Column("told_id", sa.Uuid(), nullable=False),
        sa.Column("decided_by", sa.Uuid(), nullable=False),
        sa.Column("appointment_id", sa.Uuid(), nullable=False),
        sa.Column("at", course.db.UTCDateTime(timezone=True), nullable=False),
        sa.CheckConstraint(
            "finding IN ('nothing-found', 'put-right', 'found')", name=op.f("ck_case_outcome_case_finding_known")
        ),
        sa.ForeignKeyConstraint(
            ["appointment_id"], ["appointment.id"], name=op.f("fk_case_outcome_appointment_id_appointment")
        ),
        sa.ForeignKeyConstraint(["case_id"], ["conduct_case.id"], name=op.f("fk_case_outcome_case_id_conduct_case")),
        sa.ForeignKeyConstraint(["reason_id"], ["sealed.id"], name=op.f("fk_case_outcome_reason_id_sealed")),
        sa.ForeignKeyConstraint(["told_id"], ["sealed.id"], name=op.f("fk_case_outcome_told_id_sealed")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_case_outcome")),
        sa.UniqueConstraint("case_id", name="case_closed_once"),
    )
    with op.batch_alter_table("case_outcome", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_case_outcome_reason_id"), ["reason_id"], unique=False)
        batch_op.create_index(batch_op.f("ix_case_outcome_told_id"), ["told_id"], unique=False)

    op.create_table(
        "case_reply",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("case_id", sa.Uuid(), nullable=False),
        sa.Column("words_id", sa.Uuid(), nullable=False),
        sa.Column("at", course.db.UTCDateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(["case_id"], ["conduct_case.id"], name=op.f("fk_case_reply_case_id_conduct_case")),
        sa.ForeignKeyConstraint(["words_id"], ["sealed.id"], name=op.f("fk_case_reply_words_id_sealed")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_case_reply")),
    )
    with op.batch_alter_table("case_reply", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_case_reply_case_id"), ["case_id"], unique=False)
        batch_op.create_index(batch_op.f("ix_case_reply_words_id"), ["words_id"], unique=False)
