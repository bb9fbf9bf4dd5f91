"""${message}

This revision must run beside the previous release: old code works on the new schema, and this code on data that the
old code wrote. Expand here, back-fill in batches, contract a release later.

- Literal names and literal SQL only; never import application code: this file must mean the same in ten years.
- Locks: 4 s (lock_timeout), statements: 15 min (statement_timeout); set in env.py. Add a constraint NOT VALID and
  validate it in a second statement; make an index of a filled table CONCURRENTLY, outside of the transaction.
- Statements run as cmms_owner, whom row level security binds: a back-fill starts with `RESET ROLE`, ends with
  `SET ROLE cmms_owner`, and a test on filled data counts its rows.
- A new table needs: organization_id first in every key, ENABLE and FORCE ROW LEVEL SECURITY, the policy
  organization_only, grants, and for a synced table the triggers of 0001. tests/migrations say what is missing.
- A changed row of a synced table needs a commit of its own: the devices must hear of it.
- Up, down and up again on filled data is tested.

Revision: ${up_revision}
Follows: ${down_revision | comma,n}
"""

import sqlalchemy as sa
from alembic import op
${imports if imports else ""}
revision = ${repr(up_revision)}
down_revision = ${repr(down_revision)}
branch_labels = ${repr(branch_labels)}
depends_on = ${repr(depends_on)}


def upgrade() -> None:
    ${upgrades if upgrades else "pass"}


def downgrade() -> None:
    ${downgrades if downgrades else "pass"}
