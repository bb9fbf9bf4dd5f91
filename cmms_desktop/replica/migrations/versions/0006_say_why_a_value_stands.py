"""Keep why the server's value stands in a conflict, who saved it and when."""

from alembic import op

revision = "0006"
down_revision = "0005"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.execute("ALTER TABLE conflict ADD COLUMN cause TEXT")
    op.execute("ALTER TABLE conflict ADD COLUMN theirs_by VARCHAR(36)")
    op.execute("ALTER TABLE conflict ADD COLUMN theirs_at VARCHAR(27)")
