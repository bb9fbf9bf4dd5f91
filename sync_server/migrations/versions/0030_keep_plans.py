"""Keep plans, and what organizations have ordered, were asked to pay, and use.

The statements lie in the folder of the same name. The folder belongs to this revision alone and never changes. Runs
beside the previous release, which knows none of the tables: nothing is limited for it.

Revision: 0030
Follows: 0029
"""

from pathlib import Path

from alembic import op

revision = "0030"
down_revision = "0029"
branch_labels = None
depends_on = None

STATEMENTS = Path(__file__).with_suffix("") / "tables.sql"


def upgrade() -> None:
    op.get_bind().exec_driver_sql(STATEMENTS.read_text(encoding="utf-8").replace("%", "%%"))


def downgrade() -> None:
    op.execute("DROP TABLE usage_counter, invoice, subscription, subscription_plan")
