-- What may be asked before a tenant is known; owned by cmms_resolver, who sees these two tables and nothing else.

CREATE FUNCTION organization_by_slug(wanted text) RETURNS uuid
  LANGUAGE sql STABLE STRICT SECURITY DEFINER SET search_path = pg_catalog, pg_temp
  AS $$ SELECT organization_id FROM public.organization_directory WHERE slug = wanted $$;

CREATE FUNCTION organization_by_domain(wanted text) RETURNS uuid
  LANGUAGE sql STABLE STRICT SECURITY DEFINER SET search_path = pg_catalog, pg_temp
  AS $$ SELECT organization_id FROM public.organization_directory WHERE domain = wanted $$;

CREATE FUNCTION organization_clocks() RETURNS TABLE (organization_id uuid, seq bigint, epoch uuid)
  LANGUAGE sql STABLE SECURITY DEFINER SET search_path = pg_catalog, pg_temp
  AS $$ SELECT c.organization_id, c.seq, c.epoch FROM public.org_clock AS c $$;

CREATE FUNCTION organization_ids() RETURNS SETOF uuid
  LANGUAGE sql STABLE SECURITY DEFINER SET search_path = pg_catalog, pg_temp
  AS $$ SELECT c.organization_id FROM public.org_clock AS c $$;

REVOKE EXECUTE ON FUNCTION
  organization_by_slug(text), organization_by_domain(text), organization_clocks(), organization_ids() FROM PUBLIC;
GRANT EXECUTE ON FUNCTION organization_by_slug(text) TO cmms_authn, cmms_app_sync, cmms_app_office, cmms_worker;
GRANT EXECUTE ON FUNCTION organization_by_domain(text) TO cmms_authn;
GRANT EXECUTE ON FUNCTION organization_clocks() TO cmms_app_sync, cmms_worker;
GRANT EXECUTE ON FUNCTION organization_ids() TO cmms_worker;
