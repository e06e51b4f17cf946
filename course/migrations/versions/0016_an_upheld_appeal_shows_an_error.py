"""An upheld appeal shows an error, and a decision that is kept has a reason"""

import sqlalchemy as sa
from alembic import op

revision = "0016"
down_revision = "0015"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Forward only."""
    with op.batch_alter_table("upheld_error", schema=None) as batch_op:
        batch_op.alter_column("action_id", existing_type=sa.Uuid(), nullable=True)
    op.create_table(
        "error_of_appeal",
        sa.Column("error_id", sa.Uuid(), nullable=False),
        sa.Column("outcome_id", sa.Uuid(), nullable=False),
        sa.ForeignKeyConstraint(
            ["error_id"], ["upheld_error.id"], name=op.f("fk_error_of_appeal_error_id_upheld_error")
        ),
        sa.ForeignKeyConstraint(
            ["outcome_id"], ["appeal_outcome.id"], name=op.f("fk_error_of_appeal_outcome_id_appeal_outcome")
        ),
        sa.PrimaryKeyConstraint("error_id", name=op.f("pk_error_of_appeal")),
        sa.UniqueConstraint("outcome_id", name="appeal_looked_into_once"),
    )
    op.create_table(
        "affected_reason",
        sa.Column("look_id", sa.Uuid(), nullable=False),
        sa.Column("reason", sa.String(length=500), nullable=False),
        sa.ForeignKeyConstraint(
            ["look_id"], ["affected_look.id"], name=op.f("fk_affected_reason_look_id_affected_look")
        ),
        sa.PrimaryKeyConstraint("look_id", name=op.f("pk_affected_reason")),
    )
