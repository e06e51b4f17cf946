"""The next answer like this one is found at once, and what somebody countersigned"""

from alembic import op

revision = "0019"
down_revision = "0018"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Forward only."""
    columns = ["centre_id", "unit", "question", "at", "answer_id"]
    op.create_index(op.f("ix_countersignature_countersigned_by"), "countersignature", ["countersigned_by"])
    op.create_index("ix_waiting_centre_id_unit_question_at", "waiting", columns)
