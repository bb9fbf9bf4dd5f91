CREATE TABLE service_request (
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
  site_id UUID NOT NULL,
  location_id UUID,
  asset_id UUID,
  title TEXT NOT NULL,
  description TEXT,
  urgency TEXT DEFAULT 'medium' NOT NULL,
  is_for_other BOOLEAN DEFAULT false NOT NULL,
  status TEXT DEFAULT 'new' NOT NULL,
  reason TEXT,
  work_order_id UUID,
  decided_by UUID,
  decided_at TIMESTAMP WITH TIME ZONE,
  CONSTRAINT pk_service_request PRIMARY KEY (organization_id, id),
  CONSTRAINT fk_service_request_site_id FOREIGN KEY(organization_id, site_id) REFERENCES site (organization_id, id) DEFERRABLE INITIALLY IMMEDIATE,
  CONSTRAINT fk_service_request_location_id FOREIGN KEY(organization_id, location_id) REFERENCES location (organization_id, id) DEFERRABLE INITIALLY IMMEDIATE,
  CONSTRAINT fk_service_request_asset_id FOREIGN KEY(organization_id, asset_id) REFERENCES asset (organization_id, id) DEFERRABLE INITIALLY IMMEDIATE,
  CONSTRAINT fk_service_request_work_order_id FOREIGN KEY(organization_id, work_order_id) REFERENCES work_order (organization_id, id) DEFERRABLE INITIALLY IMMEDIATE,
  CONSTRAINT ck_service_request_aggregate_id CHECK (aggregate_id = id),
  CONSTRAINT ck_service_request_urgency CHECK (urgency IN ('low', 'medium', 'high', 'critical')),
  CONSTRAINT ck_service_request_status CHECK (status IN ('new', 'accepted', 'declined', 'withdrawn')),
  CONSTRAINT ck_service_request_outcome CHECK ((status = 'accepted') = (work_order_id IS NOT NULL))
);
CREATE INDEX ix_service_request_aggregate_id ON service_request (organization_id, aggregate_id);
CREATE INDEX ix_service_request_site_id ON service_request (organization_id, site_id, status) WHERE deleted_at IS NULL;

CREATE TABLE service_requester (
  organization_id UUID NOT NULL,
  service_request_id UUID NOT NULL,
  name TEXT,
  contact TEXT,
  noted_at TIMESTAMP WITH TIME ZONE NOT NULL,
  forgotten_at TIMESTAMP WITH TIME ZONE,
  CONSTRAINT pk_service_requester PRIMARY KEY (organization_id, service_request_id),
  CONSTRAINT fk_service_requester_service_request_id FOREIGN KEY(organization_id, service_request_id) REFERENCES service_request (organization_id, id) DEFERRABLE INITIALLY IMMEDIATE
);
