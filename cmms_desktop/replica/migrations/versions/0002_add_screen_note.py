"""Add the notes of the screens: where a person was and what he had half entered."""

from alembic import op

revision = "0002"
down_revision = "0001"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.execute("CREATE TABLE screen_note (name TEXT NOT NULL, value TEXT NOT NULL, PRIMARY KEY (name))")
