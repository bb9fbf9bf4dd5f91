-- Work orders, hash-partitioned by organization; and what files have told about the imported ones.

CREATE TABLE work_order (
  organization_id uuid NOT NULL, id uuid NOT NULL, aggregate_id uuid NOT NULL, version integer DEFAULT 0 NOT NULL,
  sync_seq bigint DEFAULT 0 NOT NULL, row_hash bigint DEFAULT 0 NOT NULL, created_at timestamptz NOT NULL,
  created_by uuid, updated_at timestamptz NOT NULL, updated_by uuid, deleted_at timestamptz,
  number text NOT NULL, external_id text, import_id uuid, title text NOT NULL, description text,
  status text DEFAULT 'new' NOT NULL, status_reason text, priority text DEFAULT 'medium' NOT NULL,
  type text DEFAULT 'repair' NOT NULL, source_type text, site_id uuid NOT NULL, location_id uuid, asset_id uuid,
  asset_text text, parent_id uuid, hazards text, due_at timestamptz, scheduled_at timestamptz,
  route_position integer, estimated_minutes integer, actual_minutes integer, cost numeric(14, 4),
  completion_note text, requires_signature boolean DEFAULT true NOT NULL, completed_at timestamptz,
  closed_at timestamptz, performed_signature_id uuid, approved_signature_id uuid,
  is_signature_stale boolean DEFAULT false NOT NULL, code_conflict boolean DEFAULT false NOT NULL,
  CONSTRAINT pk_work_order PRIMARY KEY (organization_id, id),
  CONSTRAINT fk_work_order_site_id FOREIGN KEY (organization_id, site_id) REFERENCES site (organization_id, id)
    DEFERRABLE,
  CONSTRAINT fk_work_order_location_id FOREIGN KEY (organization_id, location_id) REFERENCES location
    (organization_id, id) DEFERRABLE,
  CONSTRAINT fk_work_order_asset_id FOREIGN KEY (organization_id, asset_id) REFERENCES asset (organization_id,
    id) DEFERRABLE,
  CONSTRAINT fk_work_order_parent_id FOREIGN KEY (organization_id, parent_id) REFERENCES work_order
    (organization_id, id) DEFERRABLE,
  CONSTRAINT ck_work_order_aggregate_id CHECK (aggregate_id = id),
  CONSTRAINT ck_work_order_status CHECK (status IN ('new', 'assigned', 'in_progress', 'on_hold', 'completed',
    'closed', 'cancelled', 'rejected')),
  CONSTRAINT ck_work_order_priority CHECK (priority IN ('low', 'medium', 'high', 'critical')),
  CONSTRAINT ck_work_order_type CHECK (type IN ('maintenance', 'repair', 'inspection', 'installation',
    'emergency')),
  CONSTRAINT ck_work_order_estimated_minutes CHECK (estimated_minutes >= 0),
  CONSTRAINT ck_work_order_actual_minutes CHECK (actual_minutes >= 0),
  CONSTRAINT ck_work_order_cost CHECK (cost <> 'NaN')
) PARTITION BY HASH (organization_id);
CREATE TABLE work_order_p0 PARTITION OF work_order FOR VALUES WITH (MODULUS 4, REMAINDER 0);
CREATE TABLE work_order_p1 PARTITION OF work_order FOR VALUES WITH (MODULUS 4, REMAINDER 1);
CREATE TABLE work_order_p2 PARTITION OF work_order FOR VALUES WITH (MODULUS 4, REMAINDER 2);
CREATE TABLE work_order_p3 PARTITION OF work_order FOR VALUES WITH (MODULUS 4, REMAINDER 3);
CREATE INDEX ix_work_order_aggregate_id ON work_order (organization_id, aggregate_id);
CREATE INDEX ix_work_order_asset_id ON work_order (organization_id, asset_id);
CREATE INDEX ix_work_order_import_id ON work_order (organization_id, import_id) WHERE import_id IS NOT NULL;
CREATE INDEX ix_work_order_site_id ON work_order (organization_id, site_id);
CREATE INDEX ix_work_order_status ON work_order (organization_id, status, due_at);
CREATE UNIQUE INDEX uq_work_order_external_id ON work_order (organization_id, external_id) WHERE external_id IS NOT
  NULL AND deleted_at IS NULL AND NOT code_conflict;
CREATE UNIQUE INDEX uq_work_order_number ON work_order (organization_id, number) WHERE deleted_at IS NULL AND NOT
  code_conflict;

CREATE TABLE work_order_assignment (
  organization_id uuid NOT NULL, id uuid NOT NULL, aggregate_id uuid NOT NULL, version integer DEFAULT 0 NOT NULL,
  sync_seq bigint DEFAULT 0 NOT NULL, row_hash bigint DEFAULT 0 NOT NULL, created_at timestamptz NOT NULL,
  created_by uuid, updated_at timestamptz NOT NULL, updated_by uuid, deleted_at timestamptz,
  work_order_id uuid NOT NULL, person_id uuid, team_id uuid,
  CONSTRAINT pk_work_order_assignment PRIMARY KEY (organization_id, id),
  CONSTRAINT fk_work_order_assignment_work_order_id FOREIGN KEY (organization_id, work_order_id) REFERENCES
    work_order (organization_id, id) DEFERRABLE,
  CONSTRAINT fk_work_order_assignment_person_id FOREIGN KEY (organization_id, person_id) REFERENCES person
    (organization_id, id) DEFERRABLE,
  CONSTRAINT fk_work_order_assignment_team_id FOREIGN KEY (organization_id, team_id) REFERENCES team
    (organization_id, id) DEFERRABLE,
  CONSTRAINT ck_work_order_assignment_aggregate_id CHECK (aggregate_id = work_order_id),
  CONSTRAINT ck_work_order_assignment_assignee CHECK (num_nonnulls(person_id, team_id) = 1)
);
CREATE INDEX ix_work_order_assignment_aggregate_id ON work_order_assignment (organization_id, aggregate_id);
CREATE INDEX ix_work_order_assignment_person_id ON work_order_assignment (organization_id, person_id);
CREATE INDEX ix_work_order_assignment_team_id ON work_order_assignment (organization_id, team_id);
CREATE INDEX ix_work_order_assignment_work_order_id ON work_order_assignment (organization_id, work_order_id);

CREATE TABLE work_order_part (
  organization_id uuid NOT NULL, id uuid NOT NULL, aggregate_id uuid NOT NULL, version integer DEFAULT 0 NOT NULL,
  sync_seq bigint DEFAULT 0 NOT NULL, row_hash bigint DEFAULT 0 NOT NULL, created_at timestamptz NOT NULL,
  created_by uuid, updated_at timestamptz NOT NULL, updated_by uuid, deleted_at timestamptz,
  work_order_id uuid NOT NULL, part_id uuid NOT NULL, quantity numeric(14, 4) DEFAULT '1' NOT NULL,
  CONSTRAINT pk_work_order_part PRIMARY KEY (organization_id, id),
  CONSTRAINT fk_work_order_part_work_order_id FOREIGN KEY (organization_id, work_order_id) REFERENCES work_order
    (organization_id, id) DEFERRABLE,
  CONSTRAINT fk_work_order_part_part_id FOREIGN KEY (organization_id, part_id) REFERENCES part (organization_id,
    id) DEFERRABLE,
  CONSTRAINT ck_work_order_part_aggregate_id CHECK (aggregate_id = work_order_id),
  CONSTRAINT ck_work_order_part_quantity CHECK (quantity <> 'NaN')
);
CREATE INDEX ix_work_order_part_aggregate_id ON work_order_part (organization_id, aggregate_id);

CREATE TABLE import_row (
  organization_id uuid NOT NULL, external_id text NOT NULL, work_order_id uuid NOT NULL, import_id uuid NOT NULL,
  digest text NOT NULL, version integer NOT NULL,
  CONSTRAINT pk_import_row PRIMARY KEY (organization_id, external_id),
  CONSTRAINT fk_import_row_work_order_id FOREIGN KEY (organization_id, work_order_id) REFERENCES work_order
    (organization_id, id) DEFERRABLE,
  CONSTRAINT fk_import_row_import_id FOREIGN KEY (organization_id, import_id) REFERENCES import_batch
    (organization_id, id) DEFERRABLE
);
CREATE INDEX ix_import_row_import_id ON import_row (organization_id, import_id);
