"""Let an order be given to a company, by the name that it had then.

The statements lie in the folder of the same name. The folder belongs to this revision alone and never changes. The rows
that are there are looked at by 0058, while people go on writing.

Revision: 0057
Follows: 0056. Runs beside the release before, which gives orders to people and teams.
"""

from pathlib import Path

from alembic import op

revision = "0057"
down_revision = "0056"
branch_labels = None
depends_on = None

STATEMENTS = Path(__file__).with_suffix("")
ADD = (
    "ALTER TABLE work_order_assignment ADD COLUMN contractor_id uuid, ADD COLUMN contractor_name text",
    "ALTER TABLE work_order_assignment ADD CONSTRAINT fk_work_order_assignment_contractor_id"
    " FOREIGN KEY (organization_id, contractor_id) REFERENCES contractor (organization_id, id) DEFERRABLE NOT VALID",
    "ALTER TABLE work_order_assignment DROP CONSTRAINT ck_work_order_assignment_assignee",
    "ALTER TABLE work_order_assignment ADD CONSTRAINT ck_work_order_assignment_assignee"
    " CHECK (num_nonnulls(person_id, team_id, contractor_id) = 1) NOT VALID",
    "GRANT SELECT (organization_id, id, name) ON contractor TO cmms_app_sync",
)
TAKE = (
    "REVOKE SELECT (organization_id, id, name) ON contractor FROM cmms_app_sync",
    "ALTER TABLE work_order_assignment DROP CONSTRAINT ck_work_order_assignment_assignee",
    "ALTER TABLE work_order_assignment DROP COLUMN contractor_id, DROP COLUMN contractor_name",
    "ALTER TABLE work_order_assignment ADD CONSTRAINT ck_work_order_assignment_assignee"
    " CHECK (num_nonnulls(person_id, team_id) = 1)",
)


def upgrade() -> None:
    for statement in ADD:
        op.execute(statement)
    _say("meanings")


def downgrade() -> None:
    """Raises what PostgreSQL says when a company has an order: nobody else would have it then."""
    for statement in TAKE:
        op.execute(statement)
    _say("meanings_before")


def _say(name: str) -> None:
    op.get_bind().exec_driver_sql((STATEMENTS / f"{name}.sql").read_text(encoding="utf-8").replace("%", "%%"))
