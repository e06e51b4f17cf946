"""What was done about an action of an external quality assurer is found to be enough"""

import sqlalchemy as sa
from alembic import op

import course.db

revision = "0015"
down_revision = "0014"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Forward only."""
    op.create_table(
        "visit_action_closure",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("action_id", sa.Uuid(), nullable=False),
        sa.Column("closed_by", sa.Uuid(), nullable=False),
        sa.Column("appointment_id", sa.Uuid(), nullable=False),
        sa.Column("at", course.db.UTCDateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(
            ["action_id"], ["visit_action.id"], name=op.f("fk_visit_action_closure_action_id_visit_action")
        ),
        sa.ForeignKeyConstraint(
            ["appointment_id"], ["appointment.id"], name=op.f("fk_visit_action_closure_appointment_id_appointment")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_visit_action_closure")),
        sa.UniqueConstraint("action_id", name="visit_action_closed_once"),
    )
