-- Says how old each kind of key may become, remembers when passwords and secrets were last changed, and lets both be
-- reported. Nothing here is secret: ages and names, never a key.

SET LOCAL ROLE app_owner;

-- ── How old a key may become ─────────────────────────────────────────────────────────────────────────────────────
-- days_limit is the loosest that Vigil allows (NIST SP 800-57 part 1 §5.3.6 gives one to two years for keys of these
-- kinds); an administrator may ask for less, never for more.
CREATE TABLE app.key_policy (
  kind text PRIMARY KEY CHECK (kind IN ('root-key', 'key-encryption-key', 'data-key', 'index-key', 'database-credentials', 'session-secret')),
  days_limit integer NOT NULL CHECK (days_limit BETWEEN 1 AND 1100),
  days_max integer NOT NULL,
  -- so many days before the last day people are reminded
  reminder_days integer NOT NULL CHECK (reminder_days BETWEEN 1 AND 90),
  changed_at timestamptz(3),
  CHECK (days_max BETWEEN 1 AND days_limit)
);
INSERT INTO app.key_policy (kind, days_limit, days_max, reminder_days) VALUES
  ('root-key', 1095, 1095, 60),
  ('key-encryption-key', 365, 365, 30),
  ('data-key', 730, 730, 30),
  ('index-key', 730, 730, 30),
  ('database-credentials', 90, 90, 14),
  ('session-secret', 90, 90, 14);

-- ── When passwords and secrets were changed ──────────────────────────────────────────────────────────────────────
-- Their age counts from the day of this migration until the first change: for a new installation the day they were made.
CREATE TABLE app.credential (
  name text PRIMARY KEY CHECK (name IN ('superuser', 'owner', 'app', 'worker', 'sealer', 'audit_reader', 'keystore_superuser',
    'keystore_owner', 'keystore_operator', 'keystore', 'session')),
  changed_at timestamptz(3) NOT NULL
);
INSERT INTO app.credential (name, changed_at)
  SELECT name, now() FROM unnest(ARRAY['superuser', 'owner', 'app', 'worker', 'sealer', 'audit_reader', 'keystore_superuser',
    'keystore_owner', 'keystore_operator', 'keystore', 'session']) AS name;

-- What was reported on which day, so that a reminder comes once a day at most, however many processes look.
CREATE TABLE app.key_reminder (
  kind text NOT NULL REFERENCES app.key_policy (kind),
  reported_on date NOT NULL,
  state text NOT NULL CHECK (state IN ('due', 'overdue')),
  PRIMARY KEY (kind, reported_on, state)
);

GRANT SELECT ON app.key_policy, app.credential TO vigil_app, vigil_worker;

-- ── Changes ──────────────────────────────────────────────────────────────────────────────────────────────────────
-- Sets how old a kind of key may become. An administrator with a fresh second factor, within the limit.
CREATE FUNCTION app.key_policy_set(p_token text, p_kind text, p_days integer, p_reminder integer, p_client_ip inet) RETURNS boolean
LANGUAGE plpgsql VOLATILE SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS $$
DECLARE
  v app.session_standing := app.session_touch(p_token);
  v_before app.key_policy;
BEGIN
  IF v.state <> 'active' OR v.role <> 'admin' OR NOT app.is_fresh(v) THEN
    RAISE EXCEPTION 'only an administrator with a fresh second factor may do this' USING ERRCODE = '42501';
  END IF;
  SELECT * INTO v_before FROM app.key_policy WHERE kind = p_kind FOR UPDATE;
  IF v_before.kind IS NULL OR p_days IS NULL OR p_reminder IS NULL OR p_days NOT BETWEEN 1 AND v_before.days_limit
     OR p_reminder NOT BETWEEN 1 AND least(p_days, 90) THEN
    RETURN false;
  END IF;
  IF v_before.days_max = p_days AND v_before.reminder_days = p_reminder THEN RETURN true; END IF;
  UPDATE app.key_policy SET days_max = p_days, reminder_days = p_reminder, changed_at = v.db_now
   WHERE kind = p_kind;
  PERFORM audit.record_event('KEY_POLICY_CHANGED', v.account_id, v.role, v.session_id, NULL,
    jsonb_build_object('kind', p_kind, 'daysBefore', v_before.days_max, 'days', p_days,
      'reminderDaysBefore', v_before.reminder_days, 'reminderDays', p_reminder), 'DONE', p_client_ip);
  RETURN true;
END
$$;

-- Whoever works on the server itself: the worker's login, in a service session of the command line.
CREATE FUNCTION app.operator(p_token text) RETURNS app.session_standing
LANGUAGE plpgsql VOLATILE SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS $$
DECLARE
  v app.session_standing := app.session_touch(p_token);
BEGIN
  IF v.state <> 'active' OR v.role <> 'service' OR session_user <> 'vigil_worker' THEN
    RAISE EXCEPTION 'only the operator on the server may do this' USING ERRCODE = '42501';
  END IF;
  RETURN v;
END
$$;

-- Notes that a password or the session secret is another one now.
CREATE FUNCTION app.credential_changed(p_token text, p_name text, p_by_hand boolean) RETURNS boolean
LANGUAGE plpgsql VOLATILE SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS $$
DECLARE
  v app.session_standing := app.operator(p_token);
BEGIN
  UPDATE app.credential SET changed_at = greatest(changed_at, v.db_now) WHERE name = p_name;
  IF NOT FOUND THEN RETURN false; END IF;
  PERFORM audit.record_event('CREDENTIAL_ROTATED', v.account_id, v.role, v.session_id, NULL,
    jsonb_build_object('credential', p_name, 'byHand', p_by_hand), 'DONE', NULL);
  RETURN true;
END
$$;

-- Ends sessions of jobs that were opened before an instant: those that nobody has used for a minute, or all of them.
-- Returns how many were ended, and how many go on. The caller's own session is not one of them.
CREATE FUNCTION app.service_sessions_end(p_token text, p_before timestamptz, p_all boolean) RETURNS TABLE (ended integer, remaining integer)
LANGUAGE plpgsql VOLATILE SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS $$
DECLARE
  v app.session_standing := app.operator(p_token);
  v_ended integer;
BEGIN
  UPDATE app.session s SET ended_at = v.db_now, end_reason = 'credentials-rotated'
   WHERE s.role = 'service' AND s.ended_at IS NULL AND s.opened_at < p_before AND s.id <> v.session_id
     AND (p_all OR s.last_active_at < v.db_now - interval '1 minute');
  GET DIAGNOSTICS v_ended = ROW_COUNT;
  IF v_ended > 0 THEN
    PERFORM audit.record_event('SERVICE_SESSIONS_ENDED', v.account_id, v.role, v.session_id, NULL,
      jsonb_build_object('sessions', v_ended), 'DONE', NULL);
  END IF;
  RETURN QUERY SELECT v_ended, (SELECT count(*)::integer FROM app.session s
    WHERE s.role = 'service' AND s.ended_at IS NULL AND s.opened_at < p_before AND s.id <> v.session_id
      AND v.db_now < s.expires_at AND v.db_now < s.last_active_at + interval '15 minutes');
END
$$;

-- Writes down that a kind of key is due or overdue: once a day. True when it was written now.
CREATE FUNCTION app.key_rotation_report(p_token text, p_kind text, p_state text, p_age_days integer) RETURNS boolean
LANGUAGE plpgsql VOLATILE SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS $$
DECLARE
  v app.session_standing := app.operator(p_token);
BEGIN
  INSERT INTO app.key_reminder (kind, reported_on, state) VALUES (p_kind, (v.db_now AT TIME ZONE 'UTC')::date, p_state)
  ON CONFLICT DO NOTHING;
  IF NOT FOUND THEN RETURN false; END IF;
  PERFORM audit.record_event(CASE p_state WHEN 'overdue' THEN 'KEY_ROTATION_OVERDUE' ELSE 'KEY_ROTATION_DUE' END,
    v.account_id, v.role, v.session_id, NULL, jsonb_build_object('kind', p_kind, 'ageDays', p_age_days), 'DONE', NULL);
  RETURN true;
END
$$;

GRANT EXECUTE ON FUNCTION app.key_policy_set(text, text, integer, integer, inet) TO vigil_app;
GRANT EXECUTE ON FUNCTION app.credential_changed(text, text, boolean), app.service_sessions_end(text, timestamptz, boolean),
  app.key_rotation_report(text, text, text, integer) TO vigil_worker;
RESET ROLE;

-- ── What the trail knows of the root key ─────────────────────────────────────────────────────────────────────────
SET LOCAL ROLE audit_owner;
GRANT CREATE ON SCHEMA audit TO audit_gate;
RESET ROLE;
SET LOCAL ROLE audit_gate;
-- When the root key was last renewed, or the keys moved to another holder: a time and nothing else.
CREATE FUNCTION audit.root_key_changed_at() RETURNS timestamptz
LANGUAGE sql STABLE SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS $$
  SELECT max(accessed_at) FROM audit.security_event_log WHERE event_type = ANY (ARRAY['ROOT_KEY_RENEWED', 'ROOT_KEY_MOVED'])
$$;
GRANT EXECUTE ON FUNCTION audit.root_key_changed_at() TO vigil_app, vigil_worker;
RESET ROLE;
SET LOCAL ROLE audit_owner;
REVOKE CREATE ON SCHEMA audit FROM audit_gate;
RESET ROLE;
