"""Give organizations several mail domains, a time zone, and how long orders stay on devices after they ended.

The one domain that the directory had moves to where the others will be.

Revision: 0038
Follows: 0037. Runs beside the release before, but for its commands that make, list or show organizations.
"""

from alembic import op

revision = "0038"
down_revision = "0037"
branch_labels = None
depends_on = None

RULE = "organization_id = nullif(current_setting('app.organization_id', true), '')::uuid"
DOMAIN_MEANINGS = (
    (
        "organization_id",
        "Organization that the row belongs to; first in every key, and what row level security compares.",
    ),
    ("domain", "Mail domain, small letters."),
    ("is_primary", "Whether it is the one that is named first."),
    (
        "verified_at",
        "Since when it is known to be its own, and finds it. NULL: somebody says so; nobody is found by it.",
    ),
    ("created_at", "When it was written down."),
)
CHOICE_MEANINGS = (
    ("time_zone", "Name in the IANA list, such as Europe/Berlin: its night is when the routines run."),
    (
        "days_with_people",
        "For how many days an order that ended stays on the devices of its people; 1 to 90.",
    ),
    (
        "days_in_review",
        "For how many days it stays on those of the review; no fewer than with its people, at most 365.",
    ),
)


def upgrade() -> None:
    _add_choices()
    _make_domains()
    op.execute("RESET ROLE")  # the owner is bound by row security, and sees no organization here
    op.execute("""
        INSERT INTO organization_domain (organization_id, domain, is_primary, verified_at, created_at)
          SELECT d.organization_id, d.domain, true, o.created_at, o.created_at
          FROM organization_directory AS d JOIN organization AS o ON o.id = d.organization_id
          WHERE d.domain IS NOT NULL
    """)
    op.execute("SET ROLE cmms_owner")
    _resolve("organization_domain WHERE domain = wanted AND verified_at IS NOT NULL")
    op.execute("""
        ALTER TABLE organization_directory DROP CONSTRAINT ck_organization_directory_domain,
          DROP CONSTRAINT uq_organization_directory_domain, DROP COLUMN domain
    """)
    op.execute("""
        COMMENT ON TABLE organization_directory IS
          'Slugs of all organizations, asked before a tenant is known, by functions only.'
    """)
    op.execute("COMMENT ON COLUMN organization_directory.organization_id IS 'Whose it is.'")


def downgrade() -> None:
    op.execute("""
        ALTER TABLE organization_directory ADD COLUMN domain text,
          ADD CONSTRAINT ck_organization_directory_domain CHECK (domain = lower(domain)),
          ADD CONSTRAINT uq_organization_directory_domain UNIQUE (domain)
    """)
    op.execute("RESET ROLE")
    op.execute("""
        UPDATE organization_directory AS d SET domain = o.domain FROM organization_domain AS o
          WHERE o.organization_id = d.organization_id AND o.is_primary AND o.verified_at IS NOT NULL
    """)
    op.execute("SET ROLE cmms_owner")
    _resolve("organization_directory WHERE domain = wanted")
    op.execute("DROP TABLE organization_domain")
    op.execute("""
        COMMENT ON TABLE organization_directory IS
          'Slugs and mail domains of all organizations, asked before a tenant is known, by functions only.'
    """)
    op.execute("COMMENT ON COLUMN organization_directory.organization_id IS 'Whose they are.'")
    op.execute("""
        COMMENT ON COLUMN organization_directory.domain IS
          'Mail domain, small letters; unique everywhere. NULL: found by its slug only.'
    """)
    op.execute("""
        ALTER TABLE organization DROP COLUMN time_zone, DROP COLUMN days_in_review, DROP COLUMN days_with_people
    """)


def _add_choices() -> None:
    op.execute("""
        ALTER TABLE organization
          ADD COLUMN time_zone text DEFAULT 'UTC' NOT NULL,
          ADD COLUMN days_with_people integer DEFAULT 14 NOT NULL,
          ADD COLUMN days_in_review integer DEFAULT 90 NOT NULL,
          ADD CONSTRAINT ck_organization_time_zone CHECK (time_zone ~ '^[A-Za-z0-9_+/-]{1,64}$'),
          ADD CONSTRAINT ck_organization_days_with_people CHECK (days_with_people BETWEEN 1 AND 90),
          ADD CONSTRAINT ck_organization_days_in_review CHECK (days_in_review BETWEEN days_with_people AND 365)
    """)
    for column, meaning in CHOICE_MEANINGS:
        op.execute(f"COMMENT ON COLUMN organization.{column} IS '{meaning}'")


def _make_domains() -> None:
    op.execute("""
        CREATE TABLE organization_domain (
          organization_id uuid NOT NULL, domain text NOT NULL, is_primary boolean NOT NULL,
          verified_at timestamptz, created_at timestamptz NOT NULL,
          CONSTRAINT pk_organization_domain PRIMARY KEY (organization_id, domain),
          CONSTRAINT fk_organization_domain_organization_id FOREIGN KEY (organization_id) REFERENCES organization (id),
          CONSTRAINT ck_organization_domain_domain CHECK (domain ~ '^[a-z0-9.-]{1,253}$')
        )
    """)
    op.execute("""
        CREATE UNIQUE INDEX uq_organization_domain_domain ON organization_domain (domain)
          WHERE verified_at IS NOT NULL
    """)
    op.execute("""
        CREATE UNIQUE INDEX uq_organization_domain_is_primary ON organization_domain (organization_id)
          WHERE is_primary
    """)
    op.execute("ALTER TABLE organization_domain ENABLE ROW LEVEL SECURITY")
    op.execute("ALTER TABLE organization_domain FORCE ROW LEVEL SECURITY")
    op.execute(f"CREATE POLICY organization_only ON organization_domain USING ({RULE}) WITH CHECK ({RULE})")
    op.execute("CREATE POLICY resolver_reads ON organization_domain FOR SELECT TO cmms_resolver USING (true)")
    op.execute("GRANT SELECT ON organization_domain TO cmms_resolver, cmms_readonly, cmms_backup")
    op.execute("""
        COMMENT ON TABLE organization_domain IS
          'Mail domains of an organization. Asked before a tenant is known, too, by a function only.'
    """)
    for column, meaning in DOMAIN_MEANINGS:
        op.execute(f"COMMENT ON COLUMN organization_domain.{column} IS '{meaning}'")


def _resolve(where: str) -> None:
    """Let the function that finds an organization by a domain look there."""
    op.execute("SET LOCAL ROLE cmms_resolver")
    op.execute(f"""
        CREATE OR REPLACE FUNCTION organization_by_domain(wanted text) RETURNS uuid
          LANGUAGE sql STABLE STRICT SECURITY DEFINER SET search_path = pg_catalog, pg_temp
          AS $$ SELECT organization_id FROM public.{where} $$
    """)
    op.execute("SET LOCAL ROLE cmms_owner")
