"""Keep the numbers of each site that are counted at night, and what models expect of assets.

The statements lie in the folder of the same name. The folder belongs to this revision alone and never changes. Runs
beside the release before, which knows neither table.

Revision: 0049
Follows: 0048
"""

from pathlib import Path

from alembic import op

revision = "0049"
down_revision = "0048"
branch_labels = None
depends_on = None

STATEMENTS = Path(__file__).with_suffix("")


def upgrade() -> None:
    for name in ("numbers", "predictions"):
        _run((STATEMENTS / f"{name}.sql").read_text(encoding="utf-8"))


def downgrade() -> None:
    _run("DROP TABLE prediction, dashboard_metrics_cache")


def _run(statements: str) -> None:
    """Run statements as they stand: what looks like a placeholder in them is none."""
    op.get_bind().exec_driver_sql(statements.replace("%", "%%"))
