-- Assets and their stubs.

CREATE TABLE asset_type (
  organization_id uuid NOT NULL, id uuid NOT NULL, aggregate_id uuid NOT NULL, version integer DEFAULT 0 NOT NULL,
  sync_seq bigint DEFAULT 0 NOT NULL, row_hash bigint DEFAULT 0 NOT NULL, created_at timestamptz NOT NULL,
  created_by uuid, updated_at timestamptz NOT NULL, updated_by uuid, deleted_at timestamptz,
  code text NOT NULL, name text NOT NULL, code_conflict boolean DEFAULT false NOT NULL,
  CONSTRAINT pk_asset_type PRIMARY KEY (organization_id, id),
  CONSTRAINT fk_asset_type_organization_id FOREIGN KEY (organization_id) REFERENCES organization (id),
  CONSTRAINT ck_asset_type_aggregate_id CHECK (aggregate_id = id)
);
CREATE INDEX ix_asset_type_aggregate_id ON asset_type (organization_id, aggregate_id);
CREATE UNIQUE INDEX uq_asset_type_code ON asset_type (organization_id, code) WHERE deleted_at IS NULL AND NOT
  code_conflict;

CREATE TABLE asset (
  organization_id uuid NOT NULL, id uuid NOT NULL, aggregate_id uuid NOT NULL, version integer DEFAULT 0 NOT NULL,
  sync_seq bigint DEFAULT 0 NOT NULL, row_hash bigint DEFAULT 0 NOT NULL, created_at timestamptz NOT NULL,
  created_by uuid, updated_at timestamptz NOT NULL, updated_by uuid, deleted_at timestamptz,
  site_id uuid NOT NULL, location_id uuid, parent_id uuid, asset_type_id uuid, code text NOT NULL,
  name text NOT NULL, serial text, registration_number text, qr_code text,
  status text DEFAULT 'operational' NOT NULL, health_score integer, manufacturer text, model text,
  installed_on date, warranty_until date, latitude double precision, longitude double precision, notes text,
  code_conflict boolean DEFAULT false NOT NULL,
  CONSTRAINT pk_asset PRIMARY KEY (organization_id, id),
  CONSTRAINT fk_asset_site_id FOREIGN KEY (organization_id, site_id) REFERENCES site (organization_id, id)
    DEFERRABLE,
  CONSTRAINT fk_asset_location_id FOREIGN KEY (organization_id, location_id) REFERENCES location
    (organization_id, id) DEFERRABLE,
  CONSTRAINT fk_asset_parent_id FOREIGN KEY (organization_id, parent_id) REFERENCES asset (organization_id, id)
    DEFERRABLE,
  CONSTRAINT fk_asset_asset_type_id FOREIGN KEY (organization_id, asset_type_id) REFERENCES asset_type
    (organization_id, id) DEFERRABLE,
  CONSTRAINT ck_asset_aggregate_id CHECK (aggregate_id = id),
  CONSTRAINT ck_asset_status CHECK (status IN ('operational', 'degraded', 'down', 'retired')),
  CONSTRAINT ck_asset_health_score CHECK (health_score >= 0 AND health_score <= 100),
  CONSTRAINT ck_asset_latitude CHECK (latitude >= -90 AND latitude <= 90),
  CONSTRAINT ck_asset_longitude CHECK (longitude >= -180 AND longitude <= 180)
);
CREATE INDEX ix_asset_aggregate_id ON asset (organization_id, aggregate_id);
CREATE INDEX ix_asset_site_id ON asset (organization_id, site_id);
CREATE UNIQUE INDEX uq_asset_code ON asset (organization_id, code) WHERE deleted_at IS NULL AND NOT code_conflict;

CREATE TABLE asset_stub (
  organization_id uuid NOT NULL, id uuid NOT NULL, aggregate_id uuid NOT NULL, version integer DEFAULT 0 NOT NULL,
  sync_seq bigint DEFAULT 0 NOT NULL, row_hash bigint DEFAULT 0 NOT NULL, created_at timestamptz NOT NULL,
  created_by uuid, updated_at timestamptz NOT NULL, updated_by uuid, deleted_at timestamptz,
  asset_id uuid NOT NULL, site_id uuid NOT NULL, code text NOT NULL, name text NOT NULL, serial text, qr_code text,
  asset_type_id uuid,
  CONSTRAINT pk_asset_stub PRIMARY KEY (organization_id, id),
  CONSTRAINT fk_asset_stub_asset_id FOREIGN KEY (organization_id, asset_id) REFERENCES asset (organization_id,
    id) DEFERRABLE,
  CONSTRAINT fk_asset_stub_site_id FOREIGN KEY (organization_id, site_id) REFERENCES site (organization_id, id)
    DEFERRABLE,
  CONSTRAINT ck_asset_stub_aggregate_id CHECK (aggregate_id = id)
);
CREATE INDEX ix_asset_stub_aggregate_id ON asset_stub (organization_id, aggregate_id);
CREATE INDEX ix_asset_stub_asset_id ON asset_stub (organization_id, asset_id);
