-- Parts, stock locations and levels.

CREATE TABLE part (
  organization_id uuid NOT NULL, id uuid NOT NULL, aggregate_id uuid NOT NULL, version integer DEFAULT 0 NOT NULL,
  sync_seq bigint DEFAULT 0 NOT NULL, row_hash bigint DEFAULT 0 NOT NULL, created_at timestamptz NOT NULL,
  created_by uuid, updated_at timestamptz NOT NULL, updated_by uuid, deleted_at timestamptz,
  code text NOT NULL, name text NOT NULL, unit text DEFAULT 'each' NOT NULL, unit_cost numeric(14, 4), barcode text,
  code_conflict boolean DEFAULT false NOT NULL,
  CONSTRAINT pk_part PRIMARY KEY (organization_id, id),
  CONSTRAINT fk_part_organization_id FOREIGN KEY (organization_id) REFERENCES organization (id),
  CONSTRAINT ck_part_aggregate_id CHECK (aggregate_id = id),
  CONSTRAINT ck_part_unit_cost CHECK (unit_cost <> 'NaN')
);
CREATE INDEX ix_part_aggregate_id ON part (organization_id, aggregate_id);
CREATE UNIQUE INDEX uq_part_code ON part (organization_id, code) WHERE deleted_at IS NULL AND NOT code_conflict;

CREATE TABLE stock_location (
  organization_id uuid NOT NULL, id uuid NOT NULL, aggregate_id uuid NOT NULL, version integer DEFAULT 0 NOT NULL,
  sync_seq bigint DEFAULT 0 NOT NULL, row_hash bigint DEFAULT 0 NOT NULL, created_at timestamptz NOT NULL,
  created_by uuid, updated_at timestamptz NOT NULL, updated_by uuid, deleted_at timestamptz,
  site_id uuid NOT NULL, owner_id uuid, kind text NOT NULL, code text NOT NULL, name text NOT NULL,
  CONSTRAINT pk_stock_location PRIMARY KEY (organization_id, id),
  CONSTRAINT fk_stock_location_site_id FOREIGN KEY (organization_id, site_id) REFERENCES site (organization_id,
    id) DEFERRABLE,
  CONSTRAINT fk_stock_location_owner_id FOREIGN KEY (organization_id, owner_id) REFERENCES person
    (organization_id, id) DEFERRABLE,
  CONSTRAINT ck_stock_location_aggregate_id CHECK (aggregate_id = id),
  CONSTRAINT ck_stock_location_kind CHECK (kind IN ('store', 'bin', 'van'))
);
CREATE INDEX ix_stock_location_aggregate_id ON stock_location (organization_id, aggregate_id);

CREATE TABLE stock_level (
  organization_id uuid NOT NULL, id uuid NOT NULL, aggregate_id uuid NOT NULL, version integer DEFAULT 0 NOT NULL,
  sync_seq bigint DEFAULT 0 NOT NULL, row_hash bigint DEFAULT 0 NOT NULL, created_at timestamptz NOT NULL,
  created_by uuid, updated_at timestamptz NOT NULL, updated_by uuid, deleted_at timestamptz,
  stock_location_id uuid NOT NULL, part_id uuid NOT NULL, quantity numeric(14, 4) DEFAULT '0' NOT NULL,
  CONSTRAINT pk_stock_level PRIMARY KEY (organization_id, id),
  CONSTRAINT fk_stock_level_stock_location_id FOREIGN KEY (organization_id, stock_location_id) REFERENCES
    stock_location (organization_id, id) DEFERRABLE,
  CONSTRAINT fk_stock_level_part_id FOREIGN KEY (organization_id, part_id) REFERENCES part (organization_id, id)
    DEFERRABLE,
  CONSTRAINT ck_stock_level_aggregate_id CHECK (aggregate_id = id),
  CONSTRAINT ck_stock_level_quantity CHECK (quantity <> 'NaN')
);
CREATE INDEX ix_stock_level_aggregate_id ON stock_level (organization_id, aggregate_id);
CREATE UNIQUE INDEX uq_stock_level_part_id ON stock_level (organization_id, stock_location_id, part_id);
