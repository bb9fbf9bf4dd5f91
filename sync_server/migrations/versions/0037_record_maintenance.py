"""Write down what was done of planned maintenance, in the commit that closes its order.

The statements lie in the folder of the same name. The folder belongs to this revision alone and never changes.

Revision: 0037
Follows: 0036. Runs beside the release before, whose commits the trigger follows just as well.
"""

from pathlib import Path

from alembic import op

revision = "0037"
down_revision = "0036"
branch_labels = None
depends_on = None

STATEMENTS = Path(__file__).with_suffix("") / "tables.sql"


def upgrade() -> None:
    op.get_bind().exec_driver_sql(STATEMENTS.read_text(encoding="utf-8").replace("%", "%%"))


def downgrade() -> None:
    op.execute("DROP TRIGGER record_maintenance ON work_order")
    op.execute("DROP FUNCTION record_maintenance()")
    op.execute("DROP TABLE maintenance_history")
