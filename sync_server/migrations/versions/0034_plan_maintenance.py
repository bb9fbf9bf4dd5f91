"""Plan maintenance: when orders come by themselves, and which were made.

The statements lie in the folder of the same name. The folder belongs to this revision alone and never changes.

Revision: 0034
Follows: 0033. Runs beside the release before, which knows none of the tables.
"""

from pathlib import Path

from alembic import op

revision = "0034"
down_revision = "0033"
branch_labels = None
depends_on = None

STATEMENTS = Path(__file__).with_suffix("") / "tables.sql"


def upgrade() -> None:
    op.get_bind().exec_driver_sql(STATEMENTS.read_text(encoding="utf-8").replace("%", "%%"))


def downgrade() -> None:
    op.execute("DROP TABLE maintenance_occurrence, maintenance_schedule")
