-- Vendors, and how to reach somebody there, which only the sign-in's role reads.

CREATE TABLE vendor (
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
  code text NOT NULL,
  name text NOT NULL,
  currency text,
  code_conflict boolean DEFAULT false NOT NULL,
  CONSTRAINT pk_vendor PRIMARY KEY (organization_id, id),
  CONSTRAINT fk_vendor_organization_id FOREIGN KEY (organization_id) REFERENCES organization (id),
  CONSTRAINT ck_vendor_aggregate_id CHECK (aggregate_id = id),
  CONSTRAINT ck_vendor_currency CHECK (currency IN ('AED', 'AFN', 'ALL', 'AMD', 'AOA', 'ARS', 'AUD', 'AWG', 'AZN', 'BAM', 'BBD', 'BDT', 'BGN', 'BHD', 'BIF', 'BMD', 'BND', 'BOB', 'BRL', 'BSD', 'BTN', 'BWP', 'BYN', 'BZD', 'CAD', 'CDF', 'CHF', 'CLP', 'CNY', 'COP', 'CRC', 'CUP', 'CVE', 'CZK', 'DJF', 'DKK', 'DOP', 'DZD', 'EGP', 'ERN', 'ETB', 'EUR', 'FJD', 'FKP', 'GBP', 'GEL', 'GHS', 'GIP', 'GMD', 'GNF', 'GTQ', 'GYD', 'HKD', 'HNL', 'HTG', 'HUF', 'IDR', 'ILS', 'INR', 'IQD', 'IRR', 'ISK', 'JMD', 'JOD', 'JPY', 'KES', 'KGS', 'KHR', 'KMF', 'KPW', 'KRW', 'KWD', 'KYD', 'KZT', 'LAK', 'LBP', 'LKR', 'LRD', 'LSL', 'LYD', 'MAD', 'MDL', 'MGA', 'MKD', 'MMK', 'MNT', 'MOP', 'MRU', 'MUR', 'MVR', 'MWK', 'MXN', 'MYR', 'MZN', 'NAD', 'NGN', 'NIO', 'NOK', 'NPR', 'NZD', 'OMR', 'PAB', 'PEN', 'PGK', 'PHP', 'PKR', 'PLN', 'PYG', 'QAR', 'RON', 'RSD', 'RUB', 'RWF', 'SAR', 'SBD', 'SCR', 'SDG', 'SEK', 'SGD', 'SHP', 'SLE', 'SOS', 'SRD', 'SSP', 'STN', 'SVC', 'SYP', 'SZL', 'THB', 'TJS', 'TMT', 'TND', 'TOP', 'TRY', 'TTD', 'TWD', 'TZS', 'UAH', 'UGX', 'USD', 'UYU', 'UZS', 'VED', 'VES', 'VND', 'VUV', 'WST', 'XAF', 'XCD', 'XOF', 'XPF', 'YER', 'ZAR', 'ZMW'))
);
CREATE INDEX ix_vendor_aggregate_id ON vendor (organization_id, aggregate_id);
CREATE UNIQUE INDEX uq_vendor_code ON vendor (organization_id, code) WHERE deleted_at IS NULL AND NOT code_conflict;
CREATE INDEX ix_vendor_code_conflict ON vendor (organization_id, code) WHERE code_conflict;

CREATE TABLE vendor_contact (
  organization_id uuid NOT NULL,
  id uuid NOT NULL,
  vendor_id uuid NOT NULL,
  name text NOT NULL,
  phone text,
  email text,
  created_at timestamptz NOT NULL,
  updated_at timestamptz NOT NULL,
  CONSTRAINT pk_vendor_contact PRIMARY KEY (organization_id, id),
  CONSTRAINT fk_vendor_contact_vendor_id FOREIGN KEY (organization_id, vendor_id)
    REFERENCES vendor (organization_id, id) DEFERRABLE,
  CONSTRAINT uq_vendor_contact_name UNIQUE (organization_id, vendor_id, name)
);
