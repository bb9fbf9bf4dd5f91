"""Name companies whose people work on orders, and until when they are insured.

The statements lie in the folder of the same name. The folder belongs to this revision alone and never changes. Runs
beside the release before, which knows neither table.

Revision: 0052
Follows: 0051
"""

from pathlib import Path

from alembic import op

revision = "0052"
down_revision = "0051"
branch_labels = None
depends_on = None

STATEMENTS = Path(__file__).with_suffix("") / "tables.sql"


def upgrade() -> None:
    op.get_bind().exec_driver_sql(STATEMENTS.read_text(encoding="utf-8").replace("%", "%%"))


def downgrade() -> None:
    op.execute("DROP TABLE contractor_member, contractor")
