-- How often an address, a network or somebody who is named may knock at a door that stands open to everybody.
--
-- The counting itself is rate-limiter-flexible's (lib/auth/limit): its three columns, in its order. A key is a keyed digest, so
-- a copy of the table tells no address; what is counted is worth nothing after a day. The count of an account's wrong passwords
-- and codes is not here: it is decided in SQL, beside its event (docs/decisions/0026-count-accounts-in-sql.md).
SET LOCAL ROLE app_owner;

CREATE TABLE app.rate_limit (
  key text PRIMARY KEY,
  points integer NOT NULL DEFAULT 0,
  -- milliseconds since 1970, by the clock of the process that counted
  expire bigint
);
CREATE INDEX ON app.rate_limit (expire);
GRANT SELECT, INSERT, UPDATE ON app.rate_limit TO vigil_app;

-- Writes down that a door began to let somebody wait: once for each wait, however often they knock meanwhile.
CREATE FUNCTION app.door_limited(p_door text, p_by text, p_seconds integer, p_client_ip inet) RETURNS void
LANGUAGE plpgsql VOLATILE SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS $$
BEGIN
  IF p_door !~ '^[a-z][a-z-]{1,30}$' OR p_by NOT IN ('address', 'network', 'subject') OR p_seconds NOT BETWEEN 1 AND 86400 THEN
    RAISE EXCEPTION 'no such limit' USING ERRCODE = '22023';
  END IF;
  PERFORM audit.record_event('DOOR_LIMITED', NULL, NULL, NULL, NULL, jsonb_build_object('door', p_door, 'by', p_by, 'seconds', p_seconds), 'REFUSED', p_client_ip);
END
$$;
GRANT EXECUTE ON FUNCTION app.door_limited(text, text, integer, inet) TO vigil_app;

-- Takes away what no longer counts. Answers with a number.
CREATE FUNCTION app.rate_limit_sweep() RETURNS integer
LANGUAGE plpgsql VOLATILE SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS $$
DECLARE
  v_gone integer;
BEGIN
  DELETE FROM app.rate_limit WHERE expire < extract(epoch FROM clock_timestamp() - interval '1 hour') * 1000;
  GET DIAGNOSTICS v_gone = ROW_COUNT;
  RETURN v_gone;
END
$$;
GRANT EXECUTE ON FUNCTION app.rate_limit_sweep() TO vigil_worker;
RESET ROLE;
