"""Sampling plans, their lines and changes; upheld errors and who else they affect; indexes for the reports"""

import sqlalchemy as sa
from alembic import op

import course.db

revision = "0006"
down_revision = "0005"
branch_labels = None
depends_on = None

INDEXES = (
    ("ix_enrolment_cohort_id_id", "enrolment", ["cohort_id", "id"]),
    ("ix_sampled_answer_sample_id_id", "sampled_answer", ["sample_id", "id"]),
    ("ix_review_sample_id", "review", ["sample_id"]),
    ("ix_answer_return_returned_by_at", "answer_return", ["returned_by", "at"]),
    ("ix_plan_line_plan_id", "plan_line", ["plan_id"]),
    ("ix_plan_change_plan_id", "plan_change", ["plan_id"]),
    ("ix_upheld_error_centre_id", "upheld_error", ["centre_id"]),
    ("ix_affected_look_decision_id", "affected_look", ["decision_id"]),
    ("ix_affected_look_sample_id", "affected_look", ["sample_id"]),
)


def upgrade() -> None:
    """Forward only."""
    _plans()
    _errors()
    for name, table, columns in INDEXES:
        op.create_index(name, table, columns, unique=False)


def _by(table: str, column: str) -> list[sa.Column | sa.schema.SchemaItem]:
    """Who did it, under which appointment, and when."""
    return [
        sa.Column(column, sa.Uuid(), nullable=False),
        sa.Column("appointment_id", sa.Uuid(), nullable=False),
        sa.Column("at", course.db.UTCDateTime(timezone=True), nullable=False),
        _to(table, "appointment_id", "appointment"),
        sa.PrimaryKeyConstraint("id", name=op.f(f"pk_{table}")),
    ]


def _to(table: str, column: str, parent: str) -> sa.ForeignKeyConstraint:
    return sa.ForeignKeyConstraint([column], [f"{parent}.id"], name=op.f(f"fk_{table}_{column}_{parent}"))


def _plans() -> None:
    op.create_table(
        "sampling_plan",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("centre_id", sa.Uuid(), nullable=False),
        sa.Column("cohort_id", sa.Uuid(), nullable=False),
        sa.Column("number", sa.Integer(), nullable=False),
        sa.Column("stage", sa.String(length=8), nullable=False),
        sa.Column("sample_id", sa.Uuid(), nullable=False),
        sa.Column("policy_version_id", sa.Uuid(), nullable=False),
        sa.Column("seed", sa.BigInteger(), nullable=False),
        sa.Column("facts", sa.Text(), nullable=False),
        *_by("sampling_plan", "drawn_by"),
        sa.CheckConstraint("stage IN ('interim', 'final')", name=op.f("ck_sampling_plan_stage_known")),
        sa.CheckConstraint("number > 0", name=op.f("ck_sampling_plan_number_counts_from_one")),
        _to("sampling_plan", "centre_id", "centre"),
        _to("sampling_plan", "cohort_id", "cohort"),
        _to("sampling_plan", "sample_id", "sample"),
        _to("sampling_plan", "policy_version_id", "policy_version"),
        sa.UniqueConstraint("cohort_id", "number", name="plan_number_once"),
        sa.UniqueConstraint("sample_id", name="one_plan_a_sample"),
    )
    op.create_table(
        "plan_line",
        sa.Column("sampled_answer_id", sa.Uuid(), nullable=False),
        sa.Column("plan_id", sa.Uuid(), nullable=False),
        sa.Column("reasons", sa.Text(), nullable=False),
        _to("plan_line", "sampled_answer_id", "sampled_answer"),
        _to("plan_line", "plan_id", "sampling_plan"),
        sa.PrimaryKeyConstraint("sampled_answer_id", name=op.f("pk_plan_line")),
    )
    op.create_table(
        "plan_change",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("plan_id", sa.Uuid(), nullable=False),
        sa.Column("added_id", sa.Uuid(), nullable=True),
        sa.Column("dropped_id", sa.Uuid(), nullable=True),
        sa.Column("facts", sa.Text(), nullable=False),
        sa.Column("reason", sa.String(length=500), nullable=False),
        *_by("plan_change", "changed_by"),
        sa.CheckConstraint(
            "added_id IS NOT NULL OR dropped_id IS NOT NULL", name=op.f("ck_plan_change_changes_something")
        ),
        sa.CheckConstraint("added_id IS NULL OR added_id <> dropped_id", name=op.f("ck_plan_change_swaps_two_answers")),
        _to("plan_change", "plan_id", "sampling_plan"),
        _to("plan_change", "added_id", "answer"),
        _to("plan_change", "dropped_id", "answer"),
    )


def _errors() -> None:
    op.create_table(
        "upheld_error",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("centre_id", sa.Uuid(), nullable=False),
        sa.Column("action_id", sa.Uuid(), nullable=False),
        sa.Column("decision_id", sa.Uuid(), nullable=False),
        sa.Column("look_for", sa.String(length=500), nullable=False),
        *_by("upheld_error", "upheld_by"),
        _to("upheld_error", "centre_id", "centre"),
        _to("upheld_error", "action_id", "action"),
        _to("upheld_error", "decision_id", "decision"),
        sa.UniqueConstraint("action_id", name="upheld_once"),
    )
    op.create_table(
        "affected_look",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("error_id", sa.Uuid(), nullable=False),
        sa.Column("decision_id", sa.Uuid(), nullable=False),
        sa.Column("verdict", sa.String(length=10), nullable=False),
        sa.Column("sample_id", sa.Uuid(), nullable=True),
        *_by("affected_look", "looked_by"),
        sa.CheckConstraint("verdict IN ('unaffected', 'act')", name=op.f("ck_affected_look_verdict_known")),
        sa.CheckConstraint(
            "(verdict = 'act') = (sample_id IS NOT NULL)", name=op.f("ck_affected_look_act_has_a_sample")
        ),
        _to("affected_look", "error_id", "upheld_error"),
        _to("affected_look", "decision_id", "decision"),
        _to("affected_look", "sample_id", "sample"),
        sa.UniqueConstraint("error_id", "decision_id", name="looked_at_once"),
    )
