CREATE TABLE calendar_event (
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
  person_id UUID,
  team_id UUID,
  site_id UUID NOT NULL,
  kind TEXT NOT NULL,
  title TEXT NOT NULL,
  begins_at TIMESTAMP WITH TIME ZONE NOT NULL,
  ends_at TIMESTAMP WITH TIME ZONE NOT NULL,
  CONSTRAINT pk_calendar_event PRIMARY KEY (organization_id, id),
  CONSTRAINT fk_calendar_event_person_id FOREIGN KEY(organization_id, person_id) REFERENCES person (organization_id, id) DEFERRABLE INITIALLY IMMEDIATE,
  CONSTRAINT fk_calendar_event_team_id FOREIGN KEY(organization_id, team_id) REFERENCES team (organization_id, id) DEFERRABLE INITIALLY IMMEDIATE,
  CONSTRAINT fk_calendar_event_site_id FOREIGN KEY(organization_id, site_id) REFERENCES site (organization_id, id) DEFERRABLE INITIALLY IMMEDIATE,
  CONSTRAINT ck_calendar_event_aggregate_id CHECK (aggregate_id = id),
  CONSTRAINT ck_calendar_event_kind CHECK (kind IN ('training', 'leave', 'on_call', 'meeting', 'other')),
  CONSTRAINT ck_calendar_event_whose CHECK (num_nonnulls(person_id, team_id) = 1),
  CONSTRAINT ck_calendar_event_ends_at CHECK (ends_at > begins_at)
);
CREATE INDEX ix_calendar_event_aggregate_id ON calendar_event (organization_id, aggregate_id);
CREATE INDEX ix_calendar_event_person_id ON calendar_event (organization_id, person_id);
CREATE INDEX ix_calendar_event_team_id ON calendar_event (organization_id, team_id);
CREATE INDEX ix_calendar_event_site_id ON calendar_event (organization_id, site_id, ends_at) WHERE deleted_at IS NULL;
