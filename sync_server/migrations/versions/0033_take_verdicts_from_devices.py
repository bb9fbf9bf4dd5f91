"""Ask for no device with each verdict: the statement that writes verdicts takes it from the device that it moves.

Revision: 0033
Follows: 0032. Runs beside the release before, which writes devices that are there.
"""

from alembic import op

revision = "0033"
down_revision = "0032"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.execute("ALTER TABLE applied_mutation DROP CONSTRAINT fk_applied_mutation_device_id")


def downgrade() -> None:
    op.execute(
        "ALTER TABLE applied_mutation ADD CONSTRAINT fk_applied_mutation_device_id"
        " FOREIGN KEY (organization_id, device_id) REFERENCES device DEFERRABLE"
    )
