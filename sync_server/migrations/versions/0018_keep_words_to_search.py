"""Keep the words of orders, assets, their papers and remarks in a table of their own, for the office to search.

Triggers write it in the commit that writes the row, whoever does; revision 0019 adds what was there before.

The statements lie in the folder of the same name. The folder belongs to this revision alone and never changes.

Revision: 0018
Follows: 0017. Runs beside the release before, whose writes the triggers follow just as well.
"""

from pathlib import Path

from alembic import op

revision = "0018"
down_revision = "0017"
branch_labels = None
depends_on = None

STATEMENTS = Path(__file__).with_suffix("")


def upgrade() -> None:
    """`btree_gin` comes with PostgreSQL; who may make things in the database may make it."""
    _run("RESET ROLE")
    _run("CREATE EXTENSION IF NOT EXISTS btree_gin WITH SCHEMA public")
    _run("SET ROLE cmms_owner")
    for name in ("table", "keeping"):
        _run((STATEMENTS / f"{name}.sql").read_text(encoding="utf-8"))


def downgrade() -> None:
    """The extension stays: it does nothing by itself, and others may use it meanwhile."""
    for table in ("work_order", "asset", "asset_document", "comment"):
        _run(f"DROP TRIGGER keep_new_words ON {table}")
    for table in ("work_order", "asset", "asset_document"):
        _run(f"DROP TRIGGER keep_changed_words ON {table}")
    _run("DROP FUNCTION keep_new_words(), keep_changed_words()")
    _run("DROP TABLE search_entry")
    _run("DROP FUNCTION search_words(text)")


def _run(statements: str) -> None:
    """Run statements as they stand: what looks like a placeholder in them is none."""
    op.get_bind().exec_driver_sql(statements.replace("%", "%%"))
