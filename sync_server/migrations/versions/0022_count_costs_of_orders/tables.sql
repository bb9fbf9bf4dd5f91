CREATE TABLE work_order_cost (
  organization_id uuid NOT NULL,
  id uuid NOT NULL,
  aggregate_id uuid NOT NULL,
  version integer DEFAULT 0 NOT NULL,
  sync_seq bigint DEFAULT 0 NOT NULL,
  row_hash bigint DEFAULT 0 NOT NULL,
  created_at timestamptz NOT NULL,
  created_by uuid,
  updated_at timestamptz NOT NULL,
  updated_by uuid,
  deleted_at timestamptz,
  work_order_id uuid NOT NULL,
  site_id uuid NOT NULL,
  kind text NOT NULL,
  amount_minor bigint NOT NULL,
  currency text NOT NULL,
  note text,
  CONSTRAINT pk_work_order_cost PRIMARY KEY (organization_id, id),
  CONSTRAINT fk_work_order_cost_work_order_id FOREIGN KEY(organization_id, work_order_id)
    REFERENCES work_order (organization_id, id) DEFERRABLE INITIALLY IMMEDIATE,
  CONSTRAINT fk_work_order_cost_site_id FOREIGN KEY(organization_id, site_id)
    REFERENCES site (organization_id, id) DEFERRABLE INITIALLY IMMEDIATE,
  CONSTRAINT ck_work_order_cost_aggregate_id CHECK (aggregate_id = id),
  CONSTRAINT ck_work_order_cost_kind CHECK (kind IN ('labour', 'part', 'travel', 'other')),
  CONSTRAINT ck_work_order_cost_amount_minor CHECK (amount_minor >= 1 AND amount_minor <= 1e+12),
  CONSTRAINT ck_work_order_cost_currency CHECK (currency IN ('AED', 'AFN', 'ALL', 'AMD', 'AOA', 'ARS', 'AUD', 'AWG', 'AZN', 'BAM', 'BBD', 'BDT', 'BGN', 'BHD', 'BIF', 'BMD', 'BND', 'BOB', 'BRL', 'BSD', 'BTN', 'BWP', 'BYN', 'BZD', 'CAD', 'CDF', 'CHF', 'CLP', 'CNY', 'COP', 'CRC', 'CUP', 'CVE', 'CZK', 'DJF', 'DKK', 'DOP', 'DZD', 'EGP', 'ERN', 'ETB', 'EUR', 'FJD', 'FKP', 'GBP', 'GEL', 'GHS', 'GIP', 'GMD', 'GNF', 'GTQ', 'GYD', 'HKD', 'HNL', 'HTG', 'HUF', 'IDR', 'ILS', 'INR', 'IQD', 'IRR', 'ISK', 'JMD', 'JOD', 'JPY', 'KES', 'KGS', 'KHR', 'KMF', 'KPW', 'KRW', 'KWD', 'KYD', 'KZT', 'LAK', 'LBP', 'LKR', 'LRD', 'LSL', 'LYD', 'MAD', 'MDL', 'MGA', 'MKD', 'MMK', 'MNT', 'MOP', 'MRU', 'MUR', 'MVR', 'MWK', 'MXN', 'MYR', 'MZN', 'NAD', 'NGN', 'NIO', 'NOK', 'NPR', 'NZD', 'OMR', 'PAB', 'PEN', 'PGK', 'PHP', 'PKR', 'PLN', 'PYG', 'QAR', 'RON', 'RSD', 'RUB', 'RWF', 'SAR', 'SBD', 'SCR', 'SDG', 'SEK', 'SGD', 'SHP', 'SLE', 'SOS', 'SRD', 'SSP', 'STN', 'SVC', 'SYP', 'SZL', 'THB', 'TJS', 'TMT', 'TND', 'TOP', 'TRY', 'TTD', 'TWD', 'TZS', 'UAH', 'UGX', 'USD', 'UYU', 'UZS', 'VED', 'VES', 'VND', 'VUV', 'WST', 'XAF', 'XCD', 'XOF', 'XPF', 'YER', 'ZAR', 'ZMW'))
);
CREATE INDEX ix_work_order_cost_aggregate_id ON work_order_cost (organization_id, aggregate_id);
CREATE INDEX ix_work_order_cost_site_id ON work_order_cost (organization_id, site_id, currency) WHERE deleted_at IS NULL;
CREATE INDEX ix_work_order_cost_work_order_id ON work_order_cost (organization_id, work_order_id) WHERE deleted_at IS NULL;
