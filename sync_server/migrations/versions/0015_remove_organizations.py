"""Let an organization be suspended, and be removed with everything that it has.

Rows of an organization whose removal has begun may be removed, by the owner of the tables alone, whom row security
binds to one organization: `guard_removal` lets nobody else pass, a superuser neither. Runs beside the previous release,
which writes none of the new columns and goes on letting a suspended organization in.

Revision: 0015
Follows: 0014
"""

from alembic import op

revision = "0015"
down_revision = "0014"
branch_labels = None
depends_on = None

MEANINGS = (
    ("suspended_at", "Since when nobody signs in anew; what is signed in goes on sending. NULL: it works."),
    ("suspended_because", "Why, in the words of an administrator. NULL: it works."),
    ("removal_began_at", "Since when it is being removed; there is no way back. NULL: it stays."),
    ("removed_because", "Why although devices had work to send. NULL: it stays, or nothing known was lost."),
)

REFUSAL = "RAISE EXCEPTION USING MESSAGE = 'rows of ' || TG_TABLE_NAME || ' are never removed: they get deleted_at';"


def upgrade() -> None:
    op.execute("""
        ALTER TABLE organization
          ADD COLUMN suspended_at timestamptz, ADD COLUMN suspended_because text,
          ADD COLUMN removal_began_at timestamptz, ADD COLUMN removed_because text
    """)
    for column, meaning in MEANINGS:
        op.execute(f"COMMENT ON COLUMN organization.{column} IS '{meaning}'")
    op.execute(f"""
        CREATE OR REPLACE FUNCTION guard_removal() RETURNS trigger
          LANGUAGE plpgsql SET search_path = pg_catalog, pg_temp AS $$
        BEGIN
          IF TG_OP = 'DELETE' AND current_user = 'cmms_owner' AND EXISTS (
            SELECT FROM public.organization WHERE id = nullif(current_setting('app.organization_id', true), '')::uuid
              AND removal_began_at IS NOT NULL
          ) THEN
            RETURN NULL;
          END IF;
          {REFUSAL}
        END $$
    """)
    op.execute("""
        COMMENT ON FUNCTION guard_removal() IS
          'Refuses that a synced row is removed: it gets deleted_at, and stays, as long as its organization does.'
    """)


def downgrade() -> None:
    op.execute(f"""
        CREATE OR REPLACE FUNCTION guard_removal() RETURNS trigger
          LANGUAGE plpgsql SET search_path = pg_catalog, pg_temp AS $$
        BEGIN
          {REFUSAL}
        END $$
    """)
    op.execute("""
        COMMENT ON FUNCTION guard_removal() IS
          'Refuses that a synced row is removed: it gets deleted_at, and stays.'
    """)
    op.execute("""
        ALTER TABLE organization DROP COLUMN suspended_at, DROP COLUMN suspended_because,
          DROP COLUMN removal_began_at, DROP COLUMN removed_because
    """)
