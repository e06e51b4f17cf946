"""A holder may show a record beforehand, answer by telephone through the centre, and give it a new code"""

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
        "code_change",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("record_id", sa.Uuid(), nullable=False),
        sa.Column("number", sa.Integer(), nullable=False),
        sa.Column("code_hash", sa.String(length=64), nullable=False),
        sa.Column("at", course.db.UTCDateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(
            ["record_id"], ["completion_record.id"], name=op.f("fk_code_change_record_id_completion_record")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_code_change")),
        sa.UniqueConstraint("code_hash", name="changed_code_once"),
        sa.UniqueConstraint("record_id", "number", name="code_change_number_once"),
    )
    with op.batch_alter_table("record_holder") as batch:
        batch.add_column(sa.Column("shown_until", course.db.UTCDateTime(timezone=True), nullable=True))
        batch.create_unique_constraint("record_holder_code_once", ["code"])
    op.add_column("verification_request", sa.Column("answered_by", sa.Uuid(), nullable=True))
