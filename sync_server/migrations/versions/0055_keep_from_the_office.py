"""Take from the office's role what no list of it reads: what people are told, stubs of assets, looks and words.

Revision: 0055
Follows: 0054. Runs beside the release before, whose office reads none of these either.
"""

from alembic import op

revision = "0055"
down_revision = "0054"
branch_labels = None
depends_on = None

TABLES = "notification, asset_stub, branding, i18n_string"


def upgrade() -> None:
    op.execute(f"REVOKE SELECT ON {TABLES} FROM cmms_app_office")


def downgrade() -> None:
    op.execute(f"GRANT SELECT ON {TABLES} TO cmms_app_office")
