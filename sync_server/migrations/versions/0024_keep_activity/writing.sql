-- The only two ways to write the log. Both work for the organization of the transaction and for no other: their owner
-- is bound by row security like everybody.

CREATE FUNCTION append_activity(lines json) RETURNS bigint LANGUAGE plpgsql SECURITY DEFINER
  SET search_path = pg_catalog, pg_temp AS $$
DECLARE
  whose constant uuid := nullif(current_setting('app.organization_id', true), '')::uuid;
  ended record;
  line json;
  said json;
  at timestamptz;
  digest text;
BEGIN
  IF whose IS NULL THEN
    RAISE EXCEPTION USING MESSAGE = 'activity belongs to an organization';
  END IF;
  INSERT INTO public.activity_head (organization_id, hash) VALUES (whose, repeat('0', 64)) ON CONFLICT DO NOTHING;
  SELECT seq, hash, received_at INTO STRICT ended
  FROM public.activity_head WHERE organization_id = whose FOR NO KEY UPDATE;
  FOR line IN SELECT each FROM json_array_elements(lines) AS each LOOP
    said := (line ->> 'body')::json;
    at := greatest(ended.received_at, clock_timestamp());
    digest := encode(sha256(convert_to(concat_ws(E'\n', 'cmms/activity/v1', whose, ended.seq + 1,
      to_char(at AT TIME ZONE 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS.US"Z"'), ended.hash,
      encode(sha256(convert_to(line ->> 'body', 'UTF8')), 'hex')), 'UTF8')), 'hex');
    INSERT INTO public.activity_log (organization_id, seq, received_on, received_at, act, row_id, actor_id, body,
      previous_hash, hash)
    VALUES (whose, ended.seq + 1, (at AT TIME ZONE 'UTC')::date, at, said ->> 'act', (said ->> 'row')::uuid,
      (said ->> 'actor')::uuid, line ->> 'body', ended.hash, digest);
    INSERT INTO public.activity_value (organization_id, activity_seq, path, subject_id, salt, value)
    SELECT whose, ended.seq + 1, v ->> 'path', (v ->> 'subject')::uuid, v ->> 'salt', v ->> 'value'
    FROM json_array_elements(line -> 'values') AS v;
    ended.seq := ended.seq + 1;
    ended.hash := digest;
    ended.received_at := at;
  END LOOP;
  UPDATE public.activity_head SET seq = ended.seq, hash = ended.hash, received_at = ended.received_at
  WHERE organization_id = whose;
  RETURN ended.seq;
END $$;
COMMENT ON FUNCTION append_activity(json) IS
  'Adds lines to the activity log of the organization, numbers and chains them; gives the number of the last.';

CREATE FUNCTION forget_activity(subject uuid) RETURNS integer LANGUAGE plpgsql SECURITY DEFINER
  SET search_path = pg_catalog, pg_temp AS $$
DECLARE
  whose constant uuid := nullif(current_setting('app.organization_id', true), '')::uuid;
  forgotten integer;
BEGIN
  UPDATE public.activity_value SET salt = NULL, value = NULL
  WHERE organization_id = whose AND subject_id = subject AND salt IS NOT NULL;
  GET DIAGNOSTICS forgotten = ROW_COUNT;
  RETURN forgotten;
END $$;
COMMENT ON FUNCTION forget_activity(uuid) IS
  'Forgets the personal values that the activity log has of a person, with their salts; gives how many.';

REVOKE EXECUTE ON FUNCTION append_activity(json), forget_activity(uuid) FROM PUBLIC;
GRANT EXECUTE ON FUNCTION append_activity(json) TO cmms_app_sync, cmms_worker, cmms_authn, cmms_migrator;
GRANT EXECUTE ON FUNCTION forget_activity(uuid) TO cmms_worker;
