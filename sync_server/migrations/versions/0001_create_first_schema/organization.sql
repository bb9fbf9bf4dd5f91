-- Tenants, and the clock that numbers the commits of each.

CREATE TABLE organization (
  id uuid NOT NULL, slug text NOT NULL, name text NOT NULL, settings text DEFAULT '{}' NOT NULL,
  recovery_public_key text, created_at timestamptz NOT NULL, updated_at timestamptz NOT NULL,
  CONSTRAINT pk_organization PRIMARY KEY (id)
);

CREATE TABLE organization_directory (
  slug text NOT NULL, domain text, organization_id uuid NOT NULL,
  CONSTRAINT pk_organization_directory PRIMARY KEY (slug),
  CONSTRAINT uq_organization_directory_domain UNIQUE (domain),
  CONSTRAINT fk_organization_directory_organization_id FOREIGN KEY (organization_id) REFERENCES organization
    (id),
  CONSTRAINT ck_organization_directory_slug CHECK (slug ~ '^[a-z0-9][a-z0-9-]{0,62}$'),
  CONSTRAINT ck_organization_directory_domain CHECK (domain = lower(domain))
);

CREATE TABLE org_clock (
  organization_id uuid NOT NULL, seq bigint DEFAULT 0 NOT NULL, epoch uuid NOT NULL,
  membership_seq bigint DEFAULT 0 NOT NULL,
  CONSTRAINT pk_org_clock PRIMARY KEY (organization_id),
  CONSTRAINT fk_org_clock_organization_id FOREIGN KEY (organization_id) REFERENCES organization (id),
  CONSTRAINT ck_org_clock_membership_seq CHECK (membership_seq <= seq)
);

CREATE TABLE org_commit (
  organization_id uuid NOT NULL, seq bigint NOT NULL, nonce bigint NOT NULL, at timestamptz NOT NULL, actor uuid,
  CONSTRAINT pk_org_commit PRIMARY KEY (organization_id, seq)
);

CREATE TABLE import_batch (
  organization_id uuid NOT NULL, id uuid NOT NULL, kind text NOT NULL, file_name text NOT NULL,
  file_sha256 text NOT NULL, created_at timestamptz NOT NULL, created_by uuid, new_count integer DEFAULT 0 NOT NULL,
  changed_count integer DEFAULT 0 NOT NULL, unchanged_count integer DEFAULT 0 NOT NULL,
  rejected_count integer DEFAULT 0 NOT NULL, undone_at timestamptz,
  CONSTRAINT pk_import_batch PRIMARY KEY (organization_id, id),
  CONSTRAINT fk_import_batch_organization_id FOREIGN KEY (organization_id) REFERENCES organization (id)
);
