-- Comments, attachments and signed statements.

CREATE TABLE comment (
  organization_id uuid NOT NULL, id uuid NOT NULL, aggregate_id uuid NOT NULL, version integer DEFAULT 0 NOT NULL,
  sync_seq bigint DEFAULT 0 NOT NULL, row_hash bigint DEFAULT 0 NOT NULL, created_at timestamptz NOT NULL,
  created_by uuid, updated_at timestamptz NOT NULL, updated_by uuid, deleted_at timestamptz,
  work_order_id uuid NOT NULL, parent_id uuid, author_id uuid NOT NULL, text text NOT NULL,
  written_at timestamptz NOT NULL, is_late boolean DEFAULT false NOT NULL,
  CONSTRAINT pk_comment PRIMARY KEY (organization_id, id),
  CONSTRAINT fk_comment_work_order_id FOREIGN KEY (organization_id, work_order_id) REFERENCES work_order
    (organization_id, id) DEFERRABLE,
  CONSTRAINT fk_comment_parent_id FOREIGN KEY (organization_id, parent_id) REFERENCES comment (organization_id,
    id) DEFERRABLE,
  CONSTRAINT fk_comment_author_id FOREIGN KEY (organization_id, author_id) REFERENCES person (organization_id,
    id) DEFERRABLE,
  CONSTRAINT ck_comment_aggregate_id CHECK (aggregate_id = work_order_id)
);
CREATE INDEX ix_comment_aggregate_id ON comment (organization_id, aggregate_id);

CREATE TABLE attachment (
  organization_id uuid NOT NULL, id uuid NOT NULL, aggregate_id uuid NOT NULL, version integer DEFAULT 0 NOT NULL,
  sync_seq bigint DEFAULT 0 NOT NULL, row_hash bigint DEFAULT 0 NOT NULL, created_at timestamptz NOT NULL,
  created_by uuid, updated_at timestamptz NOT NULL, updated_by uuid, deleted_at timestamptz,
  work_order_id uuid NOT NULL, author_id uuid NOT NULL, sha256 text NOT NULL, media_type text NOT NULL,
  size_bytes integer NOT NULL, caption text, taken_at timestamptz NOT NULL, is_late boolean DEFAULT false NOT NULL,
  CONSTRAINT pk_attachment PRIMARY KEY (organization_id, id),
  CONSTRAINT fk_attachment_work_order_id FOREIGN KEY (organization_id, work_order_id) REFERENCES work_order
    (organization_id, id) DEFERRABLE,
  CONSTRAINT fk_attachment_author_id FOREIGN KEY (organization_id, author_id) REFERENCES person
    (organization_id, id) DEFERRABLE,
  CONSTRAINT ck_attachment_aggregate_id CHECK (aggregate_id = work_order_id),
  CONSTRAINT ck_attachment_media_type CHECK (media_type IN ('image/png', 'image/jpeg', 'image/webp',
    'application/pdf')),
  CONSTRAINT ck_attachment_size_bytes CHECK (size_bytes >= 1)
);
CREATE INDEX ix_attachment_aggregate_id ON attachment (organization_id, aggregate_id);
CREATE INDEX ix_attachment_sha256 ON attachment (organization_id, sha256);

CREATE TABLE signature (
  organization_id uuid NOT NULL, id uuid NOT NULL, aggregate_id uuid NOT NULL, version integer DEFAULT 0 NOT NULL,
  sync_seq bigint DEFAULT 0 NOT NULL, row_hash bigint DEFAULT 0 NOT NULL, created_at timestamptz NOT NULL,
  created_by uuid, updated_at timestamptz NOT NULL, updated_by uuid, deleted_at timestamptz,
  work_order_id uuid NOT NULL, meaning text NOT NULL, signer_id uuid NOT NULL, signer_role text NOT NULL,
  signer_device_id uuid NOT NULL, body text NOT NULL, body_sha256 text NOT NULL, signature text NOT NULL,
  reason text, signed_at timestamptz NOT NULL,
  CONSTRAINT pk_signature PRIMARY KEY (organization_id, id),
  CONSTRAINT fk_signature_work_order_id FOREIGN KEY (organization_id, work_order_id) REFERENCES work_order
    (organization_id, id) DEFERRABLE,
  CONSTRAINT fk_signature_signer_id FOREIGN KEY (organization_id, signer_id) REFERENCES person (organization_id,
    id) DEFERRABLE,
  CONSTRAINT ck_signature_aggregate_id CHECK (aggregate_id = work_order_id),
  CONSTRAINT ck_signature_meaning CHECK (meaning IN ('performed', 'reviewed', 'approved', 'accepted',
    'refused'))
);
CREATE INDEX ix_signature_aggregate_id ON signature (organization_id, aggregate_id);

CREATE TABLE personal_value (
  organization_id uuid NOT NULL, id uuid NOT NULL, aggregate_id uuid NOT NULL, version integer DEFAULT 0 NOT NULL,
  sync_seq bigint DEFAULT 0 NOT NULL, row_hash bigint DEFAULT 0 NOT NULL, created_at timestamptz NOT NULL,
  created_by uuid, updated_at timestamptz NOT NULL, updated_by uuid, deleted_at timestamptz,
  signature_id uuid NOT NULL, path text NOT NULL, commitment text NOT NULL, salt text, value text,
  CONSTRAINT pk_personal_value PRIMARY KEY (organization_id, id),
  CONSTRAINT fk_personal_value_signature_id FOREIGN KEY (organization_id, signature_id) REFERENCES signature
    (organization_id, id) DEFERRABLE
);
CREATE INDEX ix_personal_value_aggregate_id ON personal_value (organization_id, aggregate_id);
