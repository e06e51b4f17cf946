"""Somebody who stopped, or was told no or not yet, may apply again for the same cohort: applications are numbered"""

import sqlalchemy as sa
from alembic import op

revision = "0017"
down_revision = "0016"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Forward only. Every application so far is somebody's first for its cohort."""
    with op.batch_alter_table("application", schema=None) as batch_op:
        batch_op.add_column(sa.Column("number", sa.Integer(), nullable=False, server_default="1"))
        batch_op.drop_constraint("applied_once", type_="unique")
        batch_op.create_unique_constraint("applied_once", ["person_id", "cohort_id", "number"])
    with op.batch_alter_table("application", schema=None) as batch_op:
        batch_op.alter_column("number", server_default=None)
