"""Witnesses without an account: what a learner asks, what they say, and what is taken back"""

import sqlalchemy as sa
from alembic import op

import course.db

revision = "0003"
down_revision = "0002"
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
