"""A centre's own policy versions; returned answers that are decided again; attempts, countersignatures, conflicts"""

import sqlalchemy as sa
from alembic import op

import course.db

revision = "0008"
down_revision = "0007"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Forward only."""
    op.create_table(
        "centre_policy",
        sa.Column("policy_version_id", sa.Uuid(), nullable=False),
        sa.Column("centre_id", sa.Uuid(), nullable=False),
        sa.ForeignKeyConstraint(["centre_id"], ["centre.id"], name=op.f("fk_centre_policy_centre_id_centre")),
        sa.ForeignKeyConstraint(
            ["policy_version_id"], ["policy_version.id"], name=op.f("fk_centre_policy_policy_version_id_policy_version")
        ),
        sa.PrimaryKeyConstraint("policy_version_id", name=op.f("pk_centre_policy")),
    )
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
    with op.batch_alter_table("centre", schema=None) as batch_op:
        batch_op.add_column(
            sa.Column("nation", sa.String(length=20), nullable=False, server_default="england-and-wales")
        )
        batch_op.create_check_constraint(
            op.f("ck_centre_nation_known"), "nation IN ('england-and-wales', 'scotland', 'northern-ireland')"
        )
    # No operation has made a further attempt before this release, so no entry of the trail covers fewer columns.
    with op.batch_alter_table("further_attempt", schema=None) as batch_op:
        batch_op.add_column(sa.Column("confirmed", sa.String(length=80), nullable=False, server_default=""))
        batch_op.add_column(sa.Column("reason_id", sa.Uuid(), nullable=True))
        batch_op.create_foreign_key(op.f("fk_further_attempt_reason_id_sealed"), "sealed", ["reason_id"], ["id"])
        batch_op.create_index(batch_op.f("ix_further_attempt_reason_id"), ["reason_id"], unique=False)
    _attempts()
    _conflicts()
    op.create_table(
        "countersignature",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("answer_id", sa.Uuid(), nullable=False),
        sa.Column("decisions", sa.Integer(), nullable=False),
        sa.Column("finding", sa.String(length=9), nullable=False),
        sa.Column("comment_id", sa.Uuid(), nullable=True),
        sa.Column("countersigned_by", sa.Uuid(), nullable=False),
        sa.Column("appointment_id", sa.Uuid(), nullable=False),
        sa.Column("at", course.db.UTCDateTime(timezone=True), nullable=False),
        sa.CheckConstraint("finding IN ('agree', 'send-back')", name=op.f("ck_countersignature_countersigning_known")),
        sa.ForeignKeyConstraint(["answer_id"], ["answer.id"], name=op.f("fk_countersignature_answer_id_answer")),
        sa.ForeignKeyConstraint(
            ["appointment_id"], ["appointment.id"], name=op.f("fk_countersignature_appointment_id_appointment")
        ),
        sa.ForeignKeyConstraint(["comment_id"], ["sealed.id"], name=op.f("fk_countersignature_comment_id_sealed")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_countersignature")),
        sa.UniqueConstraint("answer_id", "decisions", name="countersigned_once"),
    )
    with op.batch_alter_table("countersignature", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_countersignature_answer_id"), ["answer_id"], unique=False)
        batch_op.create_index(batch_op.f("ix_countersignature_comment_id"), ["comment_id"], unique=False)


def _conflicts() -> None:
    op.create_table(
        "conflict_of_interest",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("centre_id", sa.Uuid(), nullable=False),
        sa.Column("person_id", sa.Uuid(), nullable=False),
        sa.Column("other_id", sa.Uuid(), nullable=False),
        sa.Column("kind", sa.String(length=12), nullable=False),
        sa.Column("detail_id", sa.Uuid(), nullable=True),
        sa.Column("declared_by", sa.Uuid(), nullable=False),
        sa.Column("appointment_id", sa.Uuid(), nullable=False),
        sa.Column("at", course.db.UTCDateTime(timezone=True), nullable=False),
        sa.CheckConstraint("person_id <> other_id", name=op.f("ck_conflict_of_interest_conflict_is_between_two")),
        sa.CheckConstraint(
            "kind IN ('mentor', 'fellowship', 'housing', 'supervisor', 'family', 'other')",
            name=op.f("ck_conflict_of_interest_conflict_kind_known"),
        ),
        sa.ForeignKeyConstraint(
            ["appointment_id"], ["appointment.id"], name=op.f("fk_conflict_of_interest_appointment_id_appointment")
        ),
        sa.ForeignKeyConstraint(["centre_id"], ["centre.id"], name=op.f("fk_conflict_of_interest_centre_id_centre")),
        sa.ForeignKeyConstraint(["detail_id"], ["sealed.id"], name=op.f("fk_conflict_of_interest_detail_id_sealed")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_conflict_of_interest")),
    )
    with op.batch_alter_table("conflict_of_interest", schema=None) as batch_op:
        batch_op.create_index("ix_conflict_of_interest_person_id_other_id", ["person_id", "other_id"], unique=False)
        for column in ("centre_id", "other_id", "detail_id"):
            batch_op.create_index(batch_op.f(f"ix_conflict_of_interest_{column}"), [column], unique=False)
    op.create_table(
        "conflict_end",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("conflict_id", sa.Uuid(), nullable=False),
        sa.Column("ended_by", sa.Uuid(), nullable=False),
        sa.Column("appointment_id", sa.Uuid(), nullable=False),
        sa.Column("at", course.db.UTCDateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(
            ["appointment_id"], ["appointment.id"], name=op.f("fk_conflict_end_appointment_id_appointment")
        ),
        sa.ForeignKeyConstraint(
            ["conflict_id"], ["conflict_of_interest.id"], name=op.f("fk_conflict_end_conflict_id_conflict_of_interest")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_conflict_end")),
        sa.UniqueConstraint("conflict_id", name="conflict_ends_once"),
    )


def _ink(table: str, *columns: sa.Column, by: tuple[str, ...], parents: dict[str, str], more: tuple = ()) -> None:
    """An ink table of a decision by a person: its own columns, a sealed reason, who, under which appointment, when."""
    people = [sa.Column(name, sa.Uuid(), nullable=False) for name in by]
    parents = parents | {"reason_id": "sealed", "appointment_id": "appointment"}
    op.create_table(
        table,
        sa.Column("id", sa.Uuid(), nullable=False),
        *columns,
        sa.Column("reason_id", sa.Uuid(), nullable=False),
        *people,
        sa.Column("appointment_id", sa.Uuid(), nullable=False),
        sa.Column("at", course.db.UTCDateTime(timezone=True), nullable=False),
        *(
            sa.ForeignKeyConstraint([column], [f"{parent}.id"], name=op.f(f"fk_{table}_{column}_{parent}"))
            for column, parent in parents.items()
        ),
        sa.PrimaryKeyConstraint("id", name=op.f(f"pk_{table}")),
        *more,
    )
    with op.batch_alter_table(table, schema=None) as batch_op:
        for column in ("reason_id", *(["enrolment_id"] if "enrolment_id" in parents else [])):
            batch_op.create_index(batch_op.f(f"ix_{table}_{column}"), [column], unique=False)


def _attempts() -> None:
    def enrolment() -> sa.Column:
        return sa.Column("enrolment_id", sa.Uuid(), nullable=False)

    def question() -> sa.Column:
        return sa.Column("question", sa.String(length=80), nullable=False)

    _ink("extension", enrolment(), question(), sa.Column("until", sa.Date(), nullable=False),
         by=("extended_by",), parents={"enrolment_id": "enrolment"})  # fmt: skip
    op.create_table(
        "late_hand_in",
        sa.Column("answer_id", sa.Uuid(), nullable=False),
        sa.Column("due_on", sa.Date(), nullable=False),
        sa.ForeignKeyConstraint(["answer_id"], ["answer.id"], name=op.f("fk_late_hand_in_answer_id_answer")),
        sa.PrimaryKeyConstraint("answer_id", name=op.f("pk_late_hand_in")),
    )
    _ink("late_acceptance", sa.Column("answer_id", sa.Uuid(), nullable=False), by=("accepted_by",),
         parents={"answer_id": "answer"}, more=(sa.UniqueConstraint("answer_id", name="accepted_once"),))  # fmt: skip
    _ink("referral", enrolment(), sa.Column("unit", sa.String(length=80), nullable=False), question(),
         by=("referred_by",), parents={"enrolment_id": "enrolment"})  # fmt: skip
    _ink(
        "panel_outcome", sa.Column("referral_id", sa.Uuid(), nullable=False),
        sa.Column("outcome", sa.String(length=8), nullable=False), by=("decided_by", "decided_with"),
        parents={"referral_id": "referral"},
        more=(
            sa.UniqueConstraint("referral_id", name="panel_decides_once"),
            sa.CheckConstraint("outcome IN ('one-more', 'no-more')", name=op.f("ck_panel_outcome_panel_outcome_known")),
            sa.CheckConstraint("decided_by <> decided_with", name=op.f("ck_panel_outcome_panel_is_two_people")),
        ),
    )  # fmt: skip
