"""Applications for a place, what is agreed on them, the checks before a placement, and who opened special evidence"""

import sqlalchemy as sa
from alembic import op

import course.db

revision = "0007"
down_revision = "0006"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Forward only."""
    op.create_table(
        "special_opening",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("owner_id", sa.Uuid(), nullable=False),
        sa.Column("opened_by", sa.Uuid(), nullable=False),
        sa.Column("role", sa.String(length=20), nullable=False),
        sa.Column("appointment_id", sa.Uuid(), nullable=True),
        sa.Column("at", course.db.UTCDateTime(timezone=True), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_special_opening")),
    )
    with op.batch_alter_table("special_opening", schema=None) as batch_op:
        batch_op.create_index("ix_special_opening_owner_id_at", ["owner_id", "at"], unique=False)

    op.create_table(
        "application",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("person_id", sa.Uuid(), nullable=False),
        sa.Column("cohort_id", sa.Uuid(), nullable=False),
        sa.Column("centre_id", sa.Uuid(), nullable=False),
        sa.Column("qualification", sa.String(length=80), nullable=False),
        sa.Column("words_id", sa.Uuid(), nullable=True),
        sa.Column("revision", sa.Integer(), nullable=False),
        sa.Column("last_save", sa.String(length=64), nullable=False),
        sa.Column("began_at", course.db.UTCDateTime(timezone=True), nullable=False),
        sa.Column("saved_at", course.db.UTCDateTime(timezone=True), nullable=True),
        sa.ForeignKeyConstraint(["centre_id"], ["centre.id"], name=op.f("fk_application_centre_id_centre")),
        sa.ForeignKeyConstraint(["cohort_id"], ["cohort.id"], name=op.f("fk_application_cohort_id_cohort")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_application")),
        sa.UniqueConstraint("person_id", "cohort_id", name="applied_once"),
    )
    with op.batch_alter_table("application", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_application_centre_id"), ["centre_id"], unique=False)
        batch_op.create_index("ix_application_cohort_id_id", ["cohort_id", "id"], unique=False)

    op.create_table(
        "application_sent",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("application_id", sa.Uuid(), nullable=False),
        sa.Column("policy_version_id", sa.Uuid(), nullable=False),
        sa.Column("notice", sa.String(length=20), nullable=False),
        sa.Column("words_id", sa.Uuid(), nullable=False),
        sa.Column("at", course.db.UTCDateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(
            ["application_id"], ["application.id"], name=op.f("fk_application_sent_application_id_application")
        ),
        sa.ForeignKeyConstraint(
            ["policy_version_id"],
            ["policy_version.id"],
            name=op.f("fk_application_sent_policy_version_id_policy_version"),
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_application_sent")),
        sa.UniqueConstraint("application_id", name="sent_once"),
    )
    op.create_table(
        "application_withdrawal",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("application_id", sa.Uuid(), nullable=False),
        sa.Column("at", course.db.UTCDateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(
            ["application_id"], ["application.id"], name=op.f("fk_application_withdrawal_application_id_application")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_application_withdrawal")),
        sa.UniqueConstraint("application_id", name="application_withdrawn_once"),
    )
    op.create_table(
        "check_seen",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("centre_id", sa.Uuid(), nullable=False),
        sa.Column("person_id", sa.Uuid(), nullable=False),
        sa.Column("criterion", sa.String(length=80), nullable=False),
        sa.Column("decision", sa.String(length=12), nullable=False),
        sa.Column("seen_on", sa.Date(), nullable=False),
        sa.Column("expires_on", sa.Date(), nullable=True),
        sa.Column("words_id", sa.Uuid(), nullable=False),
        sa.Column("seen_by", sa.Uuid(), nullable=False),
        sa.Column("appointment_id", sa.Uuid(), nullable=False),
        sa.Column("at", course.db.UTCDateTime(timezone=True), nullable=False),
        sa.CheckConstraint(
            "decision IN ('accepted', 'to-discuss', 'not-accepted')", name=op.f("ck_check_seen_check_decision_known")
        ),
        sa.ForeignKeyConstraint(
            ["appointment_id"], ["appointment.id"], name=op.f("fk_check_seen_appointment_id_appointment")
        ),
        sa.ForeignKeyConstraint(["centre_id"], ["centre.id"], name=op.f("fk_check_seen_centre_id_centre")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_check_seen")),
    )
    with op.batch_alter_table("check_seen", schema=None) as batch_op:
        batch_op.create_index("ix_check_seen_centre_id_person_id", ["centre_id", "person_id"], unique=False)

    op.create_table(
        "eligible_date",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("application_id", sa.Uuid(), nullable=False),
        sa.Column("criterion", sa.String(length=80), nullable=False),
        sa.Column("from_date", sa.Date(), nullable=False),
        sa.Column("days", sa.Integer(), nullable=False),
        sa.Column("noted_by", sa.Uuid(), nullable=False),
        sa.Column("appointment_id", sa.Uuid(), nullable=True),
        sa.Column("at", course.db.UTCDateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(
            ["application_id"], ["application.id"], name=op.f("fk_eligible_date_application_id_application")
        ),
        sa.ForeignKeyConstraint(
            ["appointment_id"], ["appointment.id"], name=op.f("fk_eligible_date_appointment_id_appointment")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_eligible_date")),
    )
    with op.batch_alter_table("eligible_date", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_eligible_date_application_id"), ["application_id"], unique=False)

    op.create_table(
        "evidence_disposal",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("application_id", sa.Uuid(), nullable=False),
        sa.Column("at", course.db.UTCDateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(
            ["application_id"], ["application.id"], name=op.f("fk_evidence_disposal_application_id_application")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_evidence_disposal")),
        sa.UniqueConstraint("application_id", name="evidence_disposed_once"),
    )
    op.create_table(
        "intake",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("cohort_id", sa.Uuid(), nullable=False),
        sa.Column("is_open", sa.Boolean(), nullable=False),
        sa.Column("changed_by", sa.Uuid(), nullable=False),
        sa.Column("appointment_id", sa.Uuid(), nullable=False),
        sa.Column("at", course.db.UTCDateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(
            ["appointment_id"], ["appointment.id"], name=op.f("fk_intake_appointment_id_appointment")
        ),
        sa.ForeignKeyConstraint(["cohort_id"], ["cohort.id"], name=op.f("fk_intake_cohort_id_cohort")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_intake")),
    )
    with op.batch_alter_table("intake", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_intake_cohort_id"), ["cohort_id"], unique=False)

    op.create_table(
        "monitoring_answer",
        sa.Column("application_id", sa.Uuid(), nullable=False),
        sa.Column("words_id", sa.Uuid(), nullable=False),
        sa.ForeignKeyConstraint(
            ["application_id"], ["application.id"], name=op.f("fk_monitoring_answer_application_id_application")
        ),
        sa.PrimaryKeyConstraint("application_id", name=op.f("pk_monitoring_answer")),
    )
    op.create_table(
        "reference_request",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("application_id", sa.Uuid(), nullable=False),
        sa.Column("criterion", sa.String(length=80), nullable=False),
        sa.Column("token_hash", sa.String(length=64), nullable=False),
        sa.Column("expires_at", course.db.UTCDateTime(timezone=True), nullable=False),
        sa.Column("asked_by", sa.Uuid(), nullable=False),
        sa.Column("appointment_id", sa.Uuid(), nullable=False),
        sa.Column("at", course.db.UTCDateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(
            ["application_id"], ["application.id"], name=op.f("fk_reference_request_application_id_application")
        ),
        sa.ForeignKeyConstraint(
            ["appointment_id"], ["appointment.id"], name=op.f("fk_reference_request_appointment_id_appointment")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_reference_request")),
        sa.UniqueConstraint("token_hash", name="reference_link_once"),
    )
    with op.batch_alter_table("reference_request", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_reference_request_application_id"), ["application_id"], unique=False)

    op.create_table(
        "scoring",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("application_id", sa.Uuid(), nullable=False),
        sa.Column("words_id", sa.Uuid(), nullable=False),
        sa.Column("scored_by", sa.Uuid(), nullable=False),
        sa.Column("appointment_id", sa.Uuid(), nullable=False),
        sa.Column("at", course.db.UTCDateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(
            ["application_id"], ["application.id"], name=op.f("fk_scoring_application_id_application")
        ),
        sa.ForeignKeyConstraint(
            ["appointment_id"], ["appointment.id"], name=op.f("fk_scoring_appointment_id_appointment")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_scoring")),
        sa.UniqueConstraint("application_id", "scored_by", name="scored_once"),
    )
    op.create_table(
        "selection_decision",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("application_id", sa.Uuid(), nullable=False),
        sa.Column("number", sa.Integer(), nullable=False),
        sa.Column("outcome", sa.String(length=10), nullable=False),
        sa.Column("until_date", sa.Date(), nullable=True),
        sa.Column("reason_id", sa.Uuid(), nullable=False),
        sa.Column("decided_by", sa.Uuid(), nullable=False),
        sa.Column("appointment_id", sa.Uuid(), nullable=False),
        sa.Column("at", course.db.UTCDateTime(timezone=True), nullable=False),
        sa.CheckConstraint(
            "(outcome = 'defer') = (until_date IS NOT NULL)", name=op.f("ck_selection_decision_deferred_until_a_day")
        ),
        sa.CheckConstraint(
            "outcome IN ('offer', 'defer', 'decline', 'waitlist')", name=op.f("ck_selection_decision_outcome_known")
        ),
        sa.ForeignKeyConstraint(
            ["application_id"], ["application.id"], name=op.f("fk_selection_decision_application_id_application")
        ),
        sa.ForeignKeyConstraint(
            ["appointment_id"], ["appointment.id"], name=op.f("fk_selection_decision_appointment_id_appointment")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_selection_decision")),
        sa.UniqueConstraint("application_id", "number", name="selection_decision_number_once"),
    )
    op.create_table(
        "selector_conflict",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("application_id", sa.Uuid(), nullable=False),
        sa.Column("kind", sa.String(length=20), nullable=False),
        sa.Column("declared_by", sa.Uuid(), nullable=False),
        sa.Column("appointment_id", sa.Uuid(), nullable=False),
        sa.Column("at", course.db.UTCDateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(
            ["application_id"], ["application.id"], name=op.f("fk_selector_conflict_application_id_application")
        ),
        sa.ForeignKeyConstraint(
            ["appointment_id"], ["appointment.id"], name=op.f("fk_selector_conflict_appointment_id_appointment")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_selector_conflict")),
        sa.UniqueConstraint("application_id", "declared_by", name="conflict_declared_once"),
    )
    op.create_table(
        "waiver",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("application_id", sa.Uuid(), nullable=False),
        sa.Column("criterion", sa.String(length=80), nullable=False),
        sa.Column("reason_id", sa.Uuid(), nullable=False),
        sa.Column("asked_by", sa.Uuid(), nullable=False),
        sa.Column("appointment_id", sa.Uuid(), nullable=False),
        sa.Column("at", course.db.UTCDateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(
            ["application_id"], ["application.id"], name=op.f("fk_waiver_application_id_application")
        ),
        sa.ForeignKeyConstraint(
            ["appointment_id"], ["appointment.id"], name=op.f("fk_waiver_appointment_id_appointment")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_waiver")),
    )
    with op.batch_alter_table("waiver", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_waiver_application_id"), ["application_id"], unique=False)

    op.create_table(
        "application_declared",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("sent_id", sa.Uuid(), nullable=False),
        sa.Column("criterion", sa.String(length=80), nullable=False),
        sa.Column("is_confirmed", sa.Boolean(), nullable=False),
        sa.ForeignKeyConstraint(
            ["sent_id"], ["application_sent.id"], name=op.f("fk_application_declared_sent_id_application_sent")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_application_declared")),
        sa.UniqueConstraint("sent_id", "criterion", name="declared_once"),
    )
    op.create_table(
        "criterion_score",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("scoring_id", sa.Uuid(), nullable=False),
        sa.Column("criterion", sa.String(length=80), nullable=False),
        sa.Column("score", sa.Integer(), nullable=True),
        sa.CheckConstraint("score BETWEEN 0 AND 3", name=op.f("ck_criterion_score_score_known")),
        sa.ForeignKeyConstraint(["scoring_id"], ["scoring.id"], name=op.f("fk_criterion_score_scoring_id_scoring")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_criterion_score")),
        sa.UniqueConstraint("scoring_id", "criterion", name="criterion_scored_once"),
    )
    op.create_table(
        "offer_reply",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("decision_id", sa.Uuid(), nullable=False),
        sa.Column("is_accepted", sa.Boolean(), nullable=False),
        sa.Column("enrolment_id", sa.Uuid(), nullable=True),
        sa.Column("at", course.db.UTCDateTime(timezone=True), nullable=False),
        sa.CheckConstraint("is_accepted = (enrolment_id IS NOT NULL)", name=op.f("ck_offer_reply_yes_enrols")),
        sa.ForeignKeyConstraint(
            ["decision_id"], ["selection_decision.id"], name=op.f("fk_offer_reply_decision_id_selection_decision")
        ),
        sa.ForeignKeyConstraint(["enrolment_id"], ["enrolment.id"], name=op.f("fk_offer_reply_enrolment_id_enrolment")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_offer_reply")),
        sa.UniqueConstraint("decision_id", name="answered_once"),
    )
    op.create_table(
        "reference",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("request_id", sa.Uuid(), nullable=False),
        sa.Column("words_id", sa.Uuid(), nullable=False),
        sa.Column("at", course.db.UTCDateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(
            ["request_id"], ["reference_request.id"], name=op.f("fk_reference_request_id_reference_request")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_reference")),
        sa.UniqueConstraint("request_id", name="reference_given_once"),
    )
    op.create_table(
        "waiver_agreement",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("waiver_id", sa.Uuid(), nullable=False),
        sa.Column("agreed_by", sa.Uuid(), nullable=False),
        sa.Column("appointment_id", sa.Uuid(), nullable=False),
        sa.Column("at", course.db.UTCDateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(
            ["appointment_id"], ["appointment.id"], name=op.f("fk_waiver_agreement_appointment_id_appointment")
        ),
        sa.ForeignKeyConstraint(["waiver_id"], ["waiver.id"], name=op.f("fk_waiver_agreement_waiver_id_waiver")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_waiver_agreement")),
        sa.UniqueConstraint("waiver_id", name="waiver_agreed_once"),
    )
