"""Keep digests of one-time codes by which new devices come in, and whether an organization asks for them.

The statements lie in the folder of the same name. The folder belongs to this revision alone and never changes.

Revision: 0059
Follows: 0058. Runs beside the release before, which asks for no code: whoever wants one has every server updated.
"""

from pathlib import Path

from alembic import op

revision = "0059"
down_revision = "0058"
branch_labels = None
depends_on = None

STATEMENTS = Path(__file__).with_suffix("") / "tables.sql"


def upgrade() -> None:
    op.get_bind().exec_driver_sql(STATEMENTS.read_text(encoding="utf-8").replace("%", "%%"))


def downgrade() -> None:
    op.execute("DROP TABLE enrolment_code")
    op.execute("ALTER TABLE organization DROP COLUMN enrols_by_code")
