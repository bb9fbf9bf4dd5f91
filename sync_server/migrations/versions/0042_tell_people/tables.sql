CREATE TABLE notification (
  organization_id UUID NOT NULL,
  id UUID NOT NULL,
  aggregate_id UUID NOT NULL,
  version INTEGER DEFAULT 0 NOT NULL,
  sync_seq BIGINT DEFAULT 0 NOT NULL,
  row_hash BIGINT DEFAULT 0 NOT NULL,
  created_at TIMESTAMP WITH TIME ZONE NOT NULL,
  created_by UUID,
  updated_at TIMESTAMP WITH TIME ZONE NOT NULL,
  updated_by UUID,
  deleted_at TIMESTAMP WITH TIME ZONE,
  person_id UUID NOT NULL,
  site_id UUID,
  kind TEXT NOT NULL,
  subject TEXT NOT NULL,
  subject_id UUID NOT NULL,
  title TEXT NOT NULL,
  detail TEXT,
  received_on DATE NOT NULL,
  read_at TIMESTAMP WITH TIME ZONE,
  CONSTRAINT pk_notification PRIMARY KEY (organization_id, id, received_on),
  CONSTRAINT fk_notification_person_id FOREIGN KEY(organization_id, person_id) REFERENCES person (organization_id, id) DEFERRABLE INITIALLY IMMEDIATE,
  CONSTRAINT fk_notification_site_id FOREIGN KEY(organization_id, site_id) REFERENCES site (organization_id, id) DEFERRABLE INITIALLY IMMEDIATE,
  CONSTRAINT ck_notification_aggregate_id CHECK (aggregate_id = id),
  CONSTRAINT ck_notification_kind CHECK (kind IN ('assigned', 'returned', 'held_decided', 'request_decided', 'document_expires', 'reading_critical')),
  CONSTRAINT ck_notification_subject CHECK (subject IN ('work_order', 'held_mutation', 'service_request', 'asset'))
)
 PARTITION BY RANGE (received_on);
CREATE INDEX ix_notification_aggregate_id ON notification (organization_id, aggregate_id);
CREATE INDEX ix_notification_person_id ON notification (organization_id, person_id);
