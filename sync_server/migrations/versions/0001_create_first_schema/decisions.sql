-- What a person has to settle.

CREATE TABLE conflict (
  organization_id uuid NOT NULL, id uuid NOT NULL, aggregate_id uuid NOT NULL, version integer DEFAULT 0 NOT NULL,
  sync_seq bigint DEFAULT 0 NOT NULL, row_hash bigint DEFAULT 0 NOT NULL, created_at timestamptz NOT NULL,
  created_by uuid, updated_at timestamptz NOT NULL, updated_by uuid, deleted_at timestamptz,
  target_entity text NOT NULL, target_id uuid NOT NULL, field text NOT NULL, kind text NOT NULL, base_value text,
  mine_value text, theirs_value text, author_id uuid, mutation_id uuid NOT NULL, resolution text,
  resolved_value text, resolved_by uuid, resolved_at timestamptz, reason text,
  CONSTRAINT pk_conflict PRIMARY KEY (organization_id, id),
  CONSTRAINT fk_conflict_organization_id FOREIGN KEY (organization_id) REFERENCES organization (id),
  CONSTRAINT ck_conflict_kind CHECK (kind IN ('field', 'status', 'request', 'deleted', 'reference')),
  CONSTRAINT ck_conflict_resolution CHECK (resolution IN ('mine', 'theirs', 'edited'))
);
CREATE INDEX ix_conflict_aggregate_id ON conflict (organization_id, aggregate_id);

CREATE TABLE held_mutation (
  organization_id uuid NOT NULL, id uuid NOT NULL, aggregate_id uuid NOT NULL, version integer DEFAULT 0 NOT NULL,
  sync_seq bigint DEFAULT 0 NOT NULL, row_hash bigint DEFAULT 0 NOT NULL, created_at timestamptz NOT NULL,
  created_by uuid, updated_at timestamptz NOT NULL, updated_by uuid, deleted_at timestamptz,
  author_id uuid NOT NULL, site_id uuid, target_aggregate_id uuid NOT NULL, mutation_id uuid NOT NULL,
  body text NOT NULL, why text NOT NULL, decision text, decided_by uuid, decided_at timestamptz, reason text,
  outcome_seq bigint,
  CONSTRAINT pk_held_mutation PRIMARY KEY (organization_id, id),
  CONSTRAINT fk_held_mutation_organization_id FOREIGN KEY (organization_id) REFERENCES organization (id),
  CONSTRAINT ck_held_mutation_aggregate_id CHECK (aggregate_id = id),
  CONSTRAINT ck_held_mutation_decision CHECK (decision IN ('approved', 'refused'))
);
CREATE INDEX ix_held_mutation_aggregate_id ON held_mutation (organization_id, aggregate_id);
