-- Which scope holds what and why; stored verdicts; blobs.

CREATE TABLE scope_aggregate (
  organization_id uuid NOT NULL, scope_id text NOT NULL, aggregate_id uuid NOT NULL, aggregate_type text NOT NULL,
  seq bigint NOT NULL, join_seq bigint NOT NULL, left_seq bigint, live boolean NOT NULL, reasons integer NOT NULL,
  digest bigint NOT NULL,
  CONSTRAINT pk_scope_aggregate PRIMARY KEY (organization_id, scope_id, aggregate_id),
  CONSTRAINT ck_scope_aggregate_live CHECK (live = (reasons > 0) AND (live OR left_seq IS NOT NULL)),
  CONSTRAINT ck_scope_aggregate_join_seq CHECK (join_seq <= seq)
);
CREATE INDEX ix_scope_aggregate_aggregate_id ON scope_aggregate (organization_id, aggregate_id);
CREATE INDEX ix_scope_aggregate_seq ON scope_aggregate (organization_id, scope_id, seq);

CREATE TABLE scope_reason (
  organization_id uuid NOT NULL, scope_id text NOT NULL, aggregate_id uuid NOT NULL, aggregate_type text NOT NULL,
  reason_type text NOT NULL, reason_id uuid NOT NULL,
  CONSTRAINT pk_scope_reason PRIMARY KEY (organization_id, scope_id, aggregate_id, reason_type, reason_id)
);
CREATE INDEX ix_scope_reason_aggregate_id ON scope_reason (organization_id, aggregate_id);
CREATE INDEX ix_scope_reason_reason_id ON scope_reason (organization_id, reason_type, reason_id);

CREATE TABLE scope_head (
  organization_id uuid NOT NULL, scope_id text NOT NULL, digest bigint DEFAULT 0 NOT NULL,
  count bigint DEFAULT 0 NOT NULL, gc_seq bigint DEFAULT 0 NOT NULL,
  CONSTRAINT pk_scope_head PRIMARY KEY (organization_id, scope_id)
);

CREATE TABLE applied_mutation (
  organization_id uuid NOT NULL, mutation_id uuid NOT NULL, device_id uuid, device_seq bigint, commit_seq bigint,
  status text NOT NULL, result text NOT NULL, body_digest text NOT NULL, received_at timestamptz NOT NULL,
  CONSTRAINT pk_applied_mutation PRIMARY KEY (organization_id, mutation_id),
  CONSTRAINT fk_applied_mutation_device_id FOREIGN KEY (organization_id, device_id) REFERENCES device
    (organization_id, id) DEFERRABLE
);
CREATE INDEX ix_applied_mutation_device_seq ON applied_mutation (organization_id, device_id, device_seq);

CREATE TABLE blob (
  organization_id uuid NOT NULL, sha256 text NOT NULL, author_id uuid NOT NULL, size_bytes bigint NOT NULL,
  received_bytes bigint DEFAULT 0 NOT NULL, complete_at timestamptz, created_at timestamptz NOT NULL,
  CONSTRAINT pk_blob PRIMARY KEY (organization_id, sha256, author_id),
  CONSTRAINT fk_blob_author_id FOREIGN KEY (organization_id, author_id) REFERENCES person (organization_id, id)
    DEFERRABLE,
  CONSTRAINT ck_blob_received_bytes CHECK (received_bytes BETWEEN 0 AND size_bytes)
);
