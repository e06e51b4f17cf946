"""Prior learning is claimed"""

import sqlalchemy as sa
from alembic import op

revision = "0014"
down_revision = "0013"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Forward only."""
    op.create_table(
        "prior_learning",
        sa.Column("answer_id", sa.Uuid(), nullable=False),
        sa.ForeignKeyConstraint(["answer_id"], ["answer.id"], name=op.f("fk_prior_learning_answer_id_answer")),
        sa.PrimaryKeyConstraint("answer_id", name=op.f("pk_prior_learning")),
    )
