-- Makes notices: what a person should know or do next, without a word about a patient.
--
-- A notice says of which kind it is and which thing it is about, by an opaque id; the words are lib/accounts/notices/words.ts.
-- So whoever reads this table, a screen over somebody's shoulder or one day an e-mail learns nothing of a record.
SET LOCAL ROLE app_owner;

CREATE TABLE app.notice (
  id uuid PRIMARY KEY DEFAULT gen_random_uuid(),
  account_id uuid NOT NULL REFERENCES app.account (id),
  kind text NOT NULL CHECK (kind ~ '^[a-z][a-z-]{2,60}$'),
  -- what it is about: a lease, a case, a concern, never a patient
  reference uuid NOT NULL,
  created_at timestamptz(3) NOT NULL,
  read_at timestamptz(3),
  -- One notice per thing: told again, it is unread again instead of standing there twice.
  UNIQUE (account_id, kind, reference)
);
CREATE INDEX notice_newest_idx ON app.notice (account_id, created_at DESC, id DESC);

-- Tells one person. For functions of schemas app and audit, in the same statement as what it tells of.
CREATE FUNCTION app.notify(p_account uuid, p_kind text, p_reference uuid) RETURNS void
LANGUAGE sql VOLATILE SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS $$
  INSERT INTO app.notice (account_id, kind, reference, created_at)
  SELECT a.id, p_kind, p_reference, app.now() FROM app.account a WHERE a.id = p_account AND a.status = 'active' AND a.role <> 'service'
  ON CONFLICT (account_id, kind, reference) DO UPDATE SET created_at = EXCLUDED.created_at, read_at = NULL
$$;

-- Tells everybody of a role, but one: nobody is told of what they did themselves. Returns how many were told.
CREATE FUNCTION app.notify_role(p_role text, p_kind text, p_reference uuid, p_except uuid DEFAULT NULL) RETURNS integer
LANGUAGE plpgsql VOLATILE SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS $$
DECLARE
  v_account uuid;
  v_told integer := 0;
BEGIN
  IF p_role IN ('patient', 'proxy', 'service') THEN
    RAISE EXCEPTION 'patients are told one by one' USING ERRCODE = '22023';
  END IF;
  FOR v_account IN SELECT a.id FROM app.account a WHERE a.role = p_role AND a.status = 'active' AND a.id IS DISTINCT FROM p_except ORDER BY a.id LOOP
    PERFORM app.notify(v_account, p_kind, p_reference);
    v_told := v_told + 1;
  END LOOP;
  RETURN v_told;
END
$$;
GRANT EXECUTE ON FUNCTION app.notify(uuid, text, uuid), app.notify_role(text, text, uuid, uuid) TO audit_gate, audit_owner;

-- One's own notices, newest first.
CREATE FUNCTION app.my_notices(p_token text, p_limit integer)
RETURNS TABLE (id uuid, kind text, reference uuid, created_at timestamptz, read_at timestamptz)
LANGUAGE plpgsql STABLE SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS $$
DECLARE
  v app.session_standing := app.session_standing_of(p_token);
BEGIN
  IF v.state <> 'active' THEN RETURN; END IF;
  RETURN QUERY SELECT n.id, n.kind, n.reference, n.created_at::timestamptz, n.read_at::timestamptz FROM app.notice n
    WHERE n.account_id = v.account_id ORDER BY n.created_at DESC, n.id DESC LIMIT least(greatest(p_limit, 1), 100);
END
$$;

-- How many of them are unread, up to 100.
CREATE FUNCTION app.my_unread_notices(p_token text) RETURNS integer
LANGUAGE plpgsql STABLE SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS $$
DECLARE
  v app.session_standing := app.session_standing_of(p_token);
BEGIN
  IF v.state <> 'active' THEN RETURN 0; END IF;
  RETURN (SELECT count(*) FROM (SELECT FROM app.notice n WHERE n.account_id = v.account_id AND n.read_at IS NULL LIMIT 100) u);
END
$$;

-- Notes that a person has read one of their notices, or all of them. Returns how many were unread.
CREATE FUNCTION app.notices_read(p_token text, p_notice uuid DEFAULT NULL) RETURNS integer
LANGUAGE plpgsql VOLATILE SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS $$
DECLARE
  v app.session_standing := app.session_touch(p_token);
  v_count integer;
BEGIN
  IF v.state <> 'active' THEN RETURN 0; END IF;
  UPDATE app.notice n SET read_at = v.db_now
   WHERE n.account_id = v.account_id AND n.read_at IS NULL AND (p_notice IS NULL OR n.id = p_notice);
  GET DIAGNOSTICS v_count = ROW_COUNT;
  RETURN v_count;
END
$$;
GRANT EXECUTE ON FUNCTION app.my_notices(text, integer), app.my_unread_notices(text), app.notices_read(text, uuid) TO vigil_app;
RESET ROLE;
