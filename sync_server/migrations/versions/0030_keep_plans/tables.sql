-- Plans, above all tenants, and what each organization has ordered, owes and uses.

CREATE TABLE subscription_plan (
  code text NOT NULL,
  name text NOT NULL,
  most_people integer,
  most_devices integer,
  most_sites integer,
  most_open_orders integer,
  features text DEFAULT '[]' NOT NULL,
  created_at timestamptz NOT NULL,
  updated_at timestamptz NOT NULL,
  CONSTRAINT pk_subscription_plan PRIMARY KEY (code),
  CONSTRAINT ck_subscription_plan_code CHECK (code ~ '^[a-z0-9][a-z0-9-]{0,62}$'),
  CONSTRAINT ck_subscription_plan_most_people CHECK (most_people >= 0),
  CONSTRAINT ck_subscription_plan_most_devices CHECK (most_devices >= 0),
  CONSTRAINT ck_subscription_plan_most_sites CHECK (most_sites >= 0),
  CONSTRAINT ck_subscription_plan_most_open_orders CHECK (most_open_orders >= 0)
);
COMMENT ON TABLE subscription_plan IS
  'What may be ordered: limits and features. Of no organization; whoever serves only reads it.';
COMMENT ON COLUMN subscription_plan.code IS 'Small letters, digits and hyphens.';
COMMENT ON COLUMN subscription_plan.name IS 'Name for people.';
COMMENT ON COLUMN subscription_plan.most_people IS 'How many active people it has room for. NULL: any number.';
COMMENT ON COLUMN subscription_plan.most_devices IS
  'How many devices that are neither revoked nor wiped it has room for. NULL: any number.';
COMMENT ON COLUMN subscription_plan.most_sites IS 'How many sites it has room for. NULL: any number.';
COMMENT ON COLUMN subscription_plan.most_open_orders IS
  'How many orders that are neither closed, cancelled nor rejected it has room for. NULL: any number.';
COMMENT ON COLUMN subscription_plan.features IS 'JSON list of words: what it opens.';
COMMENT ON COLUMN subscription_plan.created_at IS 'When it was made.';
COMMENT ON COLUMN subscription_plan.updated_at IS 'When it was changed last.';

CREATE TABLE subscription (
  organization_id uuid NOT NULL,
  id uuid NOT NULL,
  plan_code text NOT NULL,
  began_on date NOT NULL,
  ended_on date,
  created_at timestamptz NOT NULL,
  updated_at timestamptz NOT NULL,
  CONSTRAINT pk_subscription PRIMARY KEY (organization_id, id),
  CONSTRAINT fk_subscription_organization_id FOREIGN KEY(organization_id) REFERENCES organization (id),
  CONSTRAINT fk_subscription_plan_code FOREIGN KEY(plan_code) REFERENCES subscription_plan (code),
  CONSTRAINT ck_subscription_ended_on CHECK (ended_on >= began_on)
);
CREATE UNIQUE INDEX uq_subscription_organization_id ON subscription (organization_id) WHERE ended_on IS NULL;
COMMENT ON TABLE subscription IS
  'Which plan an organization has had, and since when. One holds at a time; without any nothing is limited.';
COMMENT ON COLUMN subscription.organization_id IS
  'Organization that the row belongs to; first in every key, and what row level security compares.';
COMMENT ON COLUMN subscription.id IS 'Made by the server.';
COMMENT ON COLUMN subscription.plan_code IS 'What it has ordered.';
COMMENT ON COLUMN subscription.began_on IS 'Its first day.';
COMMENT ON COLUMN subscription.ended_on IS 'The day from which it does not hold any more. NULL: it holds.';
COMMENT ON COLUMN subscription.created_at IS 'When it was written down.';
COMMENT ON COLUMN subscription.updated_at IS 'When it was changed last.';

CREATE TABLE invoice (
  organization_id uuid NOT NULL,
  id uuid NOT NULL,
  number text NOT NULL,
  subscription_id uuid NOT NULL,
  period_from date NOT NULL,
  period_until date NOT NULL,
  due_on date NOT NULL,
  amount numeric(14, 4) NOT NULL,
  currency text NOT NULL,
  state text DEFAULT 'issued' NOT NULL,
  paid_on date,
  created_at timestamptz NOT NULL,
  updated_at timestamptz NOT NULL,
  CONSTRAINT pk_invoice PRIMARY KEY (organization_id, id),
  CONSTRAINT fk_invoice_subscription_id FOREIGN KEY(organization_id, subscription_id)
    REFERENCES subscription (organization_id, id) DEFERRABLE INITIALLY IMMEDIATE,
  CONSTRAINT uq_invoice_number UNIQUE (organization_id, number),
  CONSTRAINT ck_invoice_period_until CHECK (period_until >= period_from),
  CONSTRAINT ck_invoice_amount CHECK (amount >= 0 AND amount <> 'NaN'),
  CONSTRAINT ck_invoice_currency CHECK (currency ~ '^[A-Z]{3}$'),
  CONSTRAINT ck_invoice_state CHECK (state IN ('issued', 'paid', 'void')),
  CONSTRAINT ck_invoice_paid_on CHECK ((state = 'paid') = (paid_on IS NOT NULL))
);
COMMENT ON TABLE invoice IS 'What an organization was asked to pay. A record: nothing here moves money.';
COMMENT ON COLUMN invoice.organization_id IS
  'Organization that the row belongs to; first in every key, and what row level security compares.';
COMMENT ON COLUMN invoice.id IS 'Made by the server.';
COMMENT ON COLUMN invoice.number IS 'As it is printed.';
COMMENT ON COLUMN invoice.subscription_id IS 'What for.';
COMMENT ON COLUMN invoice.period_from IS 'First day that it is for.';
COMMENT ON COLUMN invoice.period_until IS 'Last day that it is for.';
COMMENT ON COLUMN invoice.due_on IS 'When it is to be paid.';
COMMENT ON COLUMN invoice.amount IS 'In its currency, taxes included.';
COMMENT ON COLUMN invoice.currency IS 'Three large letters of ISO 4217.';
COMMENT ON COLUMN invoice.state IS 'What has become of it.';
COMMENT ON COLUMN invoice.paid_on IS 'When it was paid. NULL: it was not.';
COMMENT ON COLUMN invoice.created_at IS 'When it was issued.';
COMMENT ON COLUMN invoice.updated_at IS 'When it was changed last.';

CREATE TABLE usage_counter (
  organization_id uuid NOT NULL,
  kind text NOT NULL,
  counted_on date NOT NULL,
  value bigint NOT NULL,
  CONSTRAINT pk_usage_counter PRIMARY KEY (organization_id, kind, counted_on),
  CONSTRAINT fk_usage_counter_organization_id FOREIGN KEY(organization_id) REFERENCES organization (id),
  CONSTRAINT ck_usage_counter_kind CHECK (kind IN ('people', 'devices', 'sites', 'open_orders', 'file_bytes')),
  CONSTRAINT ck_usage_counter_value CHECK (value >= 0)
);
COMMENT ON TABLE usage_counter IS 'What an organization uses, counted once a night.';
COMMENT ON COLUMN usage_counter.organization_id IS
  'Organization that the row belongs to; first in every key, and what row level security compares.';
COMMENT ON COLUMN usage_counter.kind IS 'What is counted.';
COMMENT ON COLUMN usage_counter.counted_on IS 'Day of the count, UTC.';
COMMENT ON COLUMN usage_counter.value IS 'How many there were; of files, how many bytes.';

ALTER TABLE subscription ENABLE ROW LEVEL SECURITY;
ALTER TABLE subscription FORCE ROW LEVEL SECURITY;
ALTER TABLE invoice ENABLE ROW LEVEL SECURITY;
ALTER TABLE invoice FORCE ROW LEVEL SECURITY;
ALTER TABLE usage_counter ENABLE ROW LEVEL SECURITY;
ALTER TABLE usage_counter FORCE ROW LEVEL SECURITY;

CREATE POLICY organization_only ON subscription
  USING (organization_id = nullif(current_setting('app.organization_id', true), '')::uuid)
  WITH CHECK (organization_id = nullif(current_setting('app.organization_id', true), '')::uuid);
CREATE POLICY organization_only ON invoice
  USING (organization_id = nullif(current_setting('app.organization_id', true), '')::uuid)
  WITH CHECK (organization_id = nullif(current_setting('app.organization_id', true), '')::uuid);
CREATE POLICY organization_only ON usage_counter
  USING (organization_id = nullif(current_setting('app.organization_id', true), '')::uuid)
  WITH CHECK (organization_id = nullif(current_setting('app.organization_id', true), '')::uuid);

GRANT SELECT ON subscription_plan TO cmms_authn, cmms_worker, cmms_readonly, cmms_backup;
GRANT SELECT ON subscription TO cmms_authn, cmms_worker, cmms_readonly, cmms_backup;
GRANT SELECT ON invoice TO cmms_readonly, cmms_backup;
GRANT SELECT, INSERT, UPDATE ON usage_counter TO cmms_worker;
GRANT SELECT ON usage_counter TO cmms_readonly, cmms_backup;
