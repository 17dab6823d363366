-- Sessions that are shorter and fewer where the clinic wants it, a lock for shared workstations, and ends for all of them at once.
SET LOCAL ROLE app_owner;

-- A locked session has no power until its own person shows a second factor again; its end without use goes on running.
ALTER TABLE app.session ADD COLUMN locked_at timestamptz(3);
ALTER TABLE app.session ADD COLUMN unlock_failures integer NOT NULL DEFAULT 0;

-- How long a session of a role lives without activity. A job's: as ever.
CREATE FUNCTION app.idle_of(p_role text) RETURNS interval
LANGUAGE sql STABLE SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS $$
  SELECT coalesce((SELECT make_interval(mins => p.idle_minutes) FROM app.role_policy p WHERE p.role = p_role), interval '15 minutes')
$$;

-- Whether a session could still be used, or unlocked. For lists; the door asks app.session_standing_of.
CREATE FUNCTION app.session_is_open(s app.session, p_now timestamptz) RETURNS boolean
LANGUAGE sql STABLE SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS $$
  SELECT s.ended_at IS NULL AND p_now < s.expires_at AND p_now < s.last_active_at + app.idle_of(s.role)
$$;

-- As before, with the idle time of the role, and locked sessions.
CREATE OR REPLACE FUNCTION app.session_standing_of(p_token text) RETURNS app.session_standing
LANGUAGE plpgsql STABLE SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS $$
DECLARE
  v_now timestamptz := app.now();
  v_hash bytea := sha256(convert_to(coalesce(p_token, ''), 'UTF8'));
  v app.session_standing;
  v_ended timestamptz;
  v_locked timestamptz;
  v_account_role text;
  v_account_status text;
  v_account_ends timestamptz;
BEGIN
  SELECT s.id, s.account_id, s.role, a.display_name, s.last_active_at + make_interval(mins => coalesce(p.idle_minutes, 15)), s.expires_at,
         CASE WHEN s.token_hash = v_hash THEN s.second_factor_at ELSE to_timestamp(0) END,
         a.previous_sign_in_at, s.last_active_at, s.ended_at, s.locked_at, a.role, a.status, a.ends_at
    INTO v.session_id, v.account_id, v.role, v.display_name, v.idle_expires_at, v.absolute_expires_at,
         v.second_factor_at, v.previous_sign_in_at, v.last_active_at, v_ended, v_locked, v_account_role, v_account_status, v_account_ends
    FROM app.session s JOIN app.account a ON a.id = s.account_id LEFT JOIN app.role_policy p ON p.role = s.role
   WHERE s.id = coalesce(
     (SELECT c.id FROM app.session c WHERE c.token_hash = v_hash),
     (SELECT c.id FROM app.session c WHERE c.former_token_hash = v_hash AND c.rotated_at > v_now - interval '10 seconds'));
  v.db_now := v_now;
  v.state := CASE
    WHEN v.session_id IS NULL THEN 'unknown'
    WHEN v_ended IS NOT NULL OR v_account_status <> 'active' OR v_account_role <> v.role OR v_account_ends <= v_now THEN 'ended'
    WHEN v_now >= v.absolute_expires_at THEN 'expired'
    WHEN v_now >= v.idle_expires_at THEN 'idle'
    -- Only the worker's login can use a job's session, whoever holds its token.
    WHEN v.role = 'service' AND session_user <> 'vigil_worker' THEN 'ended'
    WHEN v_locked IS NOT NULL THEN 'locked'
    ELSE 'active' END;
  RETURN v;
END
$$;

CREATE OR REPLACE FUNCTION app.session_touch(p_token text) RETURNS app.session_standing
LANGUAGE plpgsql VOLATILE SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS $$
DECLARE
  v app.session_standing := app.session_standing_of(p_token);
BEGIN
  IF v.state = 'active' AND v.db_now > v.last_active_at + interval '30 seconds' THEN
    UPDATE app.session SET last_active_at = v.db_now
     WHERE id = v.session_id AND last_active_at < v.db_now AND ended_at IS NULL;
    v.idle_expires_at := v.db_now + app.idle_of(v.role);
  END IF;
  RETURN v;
END
$$;

-- As before, and a way of proving that opens no session of the role raises none either.
CREATE OR REPLACE FUNCTION app.session_raise(p_token text, p_method text, p_new_token_hash bytea) RETURNS boolean
LANGUAGE plpgsql VOLATILE SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS $$
DECLARE
  v app.session_standing := app.session_touch(p_token);
BEGIN
  IF v.state <> 'active' OR NOT app.opens_session(v.account_id, p_method) THEN RETURN false; END IF;
  UPDATE app.session SET second_factor_at = v.db_now, former_token_hash = token_hash, token_hash = p_new_token_hash, rotated_at = v.db_now
   WHERE id = v.session_id AND ended_at IS NULL AND token_hash = sha256(convert_to(p_token, 'UTF8'));
  IF NOT FOUND THEN RETURN false; END IF;
  PERFORM audit.record_event('SESSION_RAISED', v.account_id, v.role, v.session_id, v.account_id, jsonb_build_object('method', p_method), 'DONE', NULL);
  RETURN true;
END
$$;

-- ── How many at once ─────────────────────────────────────────────────────────────────────────────────────────────

-- Ends those open sessions of an account that are more than so many: the ones that were unused for longest. Inside the functions below.
CREATE FUNCTION app.sessions_end_beyond(p_account_id uuid, p_keep integer, p_except uuid) RETURNS integer
LANGUAGE plpgsql VOLATILE SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS $$
DECLARE
  v_now timestamptz := app.now();
  v_old record;
  v_count integer := 0;
BEGIN
  FOR v_old IN
    SELECT s.id, s.role FROM app.session s
     WHERE s.account_id = p_account_id AND s.id IS DISTINCT FROM p_except AND app.session_is_open(s, v_now)
     ORDER BY s.last_active_at DESC, s.opened_at DESC, s.id OFFSET greatest(p_keep, 0)
  LOOP
    UPDATE app.session SET ended_at = v_now, end_reason = 'limit' WHERE id = v_old.id AND ended_at IS NULL;
    IF FOUND THEN
      v_count := v_count + 1;
      PERFORM audit.record_event('SESSION_ENDED', p_account_id, v_old.role, v_old.id, p_account_id, '{"reason": "limit"}', 'DONE', NULL);
    END IF;
  END LOOP;
  RETURN v_count;
END
$$;

CREATE OR REPLACE FUNCTION app.session_open(p_account_id uuid, p_token_hash bytea, p_method text, p_client_ip inet, p_user_agent text)
RETURNS uuid
LANGUAGE plpgsql VOLATILE SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS $$
DECLARE
  v_account app.account;
  v_id uuid := gen_random_uuid();
  v_now timestamptz := app.now();
BEGIN
  SELECT * INTO v_account FROM app.account WHERE id = p_account_id FOR UPDATE;
  IF NOT app.opens_session(p_account_id, p_method) THEN
    RAISE EXCEPTION 'this account cannot open a session' USING ERRCODE = '42501';
  END IF;
  INSERT INTO app.session (id, token_hash, account_id, role, method, opened_at, second_factor_at, last_active_at, expires_at, client_ip, user_agent)
  VALUES (v_id, p_token_hash, v_account.id, v_account.role, p_method, v_now, v_now, v_now,
          v_now + CASE WHEN v_account.role IN ('patient', 'proxy') THEN interval '8 hours' ELSE interval '12 hours' END,
          p_client_ip, left(p_user_agent, 200));
  UPDATE app.account SET previous_sign_in_at = last_sign_in_at, last_sign_in_at = v_now WHERE id = v_account.id;
  DELETE FROM app.sign_in_throttle WHERE key IN (v_account.email_token, v_account.email_token_even) AND kind = 'account';
  PERFORM audit.record_event('SESSION_OPENED', v_account.id, v_account.role, v_id, v_account.id, jsonb_build_object('method', p_method), 'DONE', p_client_ip);
  PERFORM app.sessions_end_beyond(v_account.id, (SELECT p.max_sessions - 1 FROM app.role_policy p WHERE p.role = v_account.role), v_id);
  RETURN v_id;
END
$$;

-- Why a session is over, for the page that says so to whoever still holds its token.
CREATE FUNCTION app.session_end_reason(p_token text) RETURNS text
LANGUAGE sql STABLE SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS $$
  SELECT s.end_reason FROM app.session s WHERE s.token_hash = sha256(convert_to(coalesce(p_token, ''), 'UTF8')) AND s.ended_at IS NOT NULL
$$;

-- ── Ending them ──────────────────────────────────────────────────────────────────────────────────────────────────

DROP FUNCTION app.my_sessions(text);
CREATE FUNCTION app.my_sessions(p_token text)
RETURNS TABLE (session_id uuid, opened_at timestamptz, last_active_at timestamptz, ended_at timestamptz, end_reason text, client_ip inet, user_agent text,
  is_current boolean, is_active boolean, is_locked boolean, method text)
LANGUAGE plpgsql STABLE SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS $$
DECLARE
  v app.session_standing := app.session_standing_of(p_token);
BEGIN
  IF v.state <> 'active' THEN RETURN; END IF;
  RETURN QUERY
    SELECT s.id, s.opened_at::timestamptz, s.last_active_at::timestamptz, s.ended_at::timestamptz, s.end_reason, s.client_ip, s.user_agent, s.id = v.session_id,
           app.session_is_open(s, v.db_now), s.locked_at IS NOT NULL, s.method
      FROM app.session s WHERE s.account_id = v.account_id ORDER BY s.opened_at DESC LIMIT 50;
END
$$;

CREATE OR REPLACE FUNCTION app.staff_sessions(p_token text, p_account_id uuid DEFAULT NULL)
RETURNS TABLE (session_id uuid, account_id uuid, role text, display_name text, opened_at timestamptz, last_active_at timestamptz, ended_at timestamptz, end_reason text, client_ip inet, user_agent text, is_active boolean, is_current boolean)
LANGUAGE plpgsql VOLATILE SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS $$
DECLARE
  v app.session_standing := app.administrator(p_token);
BEGIN
  RETURN QUERY
    SELECT s.id, a.id, s.role, a.display_name, s.opened_at::timestamptz, s.last_active_at::timestamptz, s.ended_at::timestamptz, s.end_reason, s.client_ip, s.user_agent,
           app.session_is_open(s, v.db_now), s.id = v.session_id
      FROM app.session s JOIN app.account a ON a.id = s.account_id
     WHERE a.role NOT IN ('patient', 'proxy', 'service') AND (p_account_id IS NULL OR a.id = p_account_id)
     ORDER BY (s.ended_at IS NULL) DESC, s.last_active_at DESC LIMIT 200;
END
$$;

CREATE OR REPLACE FUNCTION app.portal_account_counts(p_token text) RETURNS TABLE (role text, accounts integer, open_sessions integer)
LANGUAGE plpgsql VOLATILE SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS $$
DECLARE
  v app.session_standing := app.administrator(p_token);
BEGIN
  RETURN QUERY
    SELECT a.role, count(DISTINCT a.id)::integer, (count(s.id) FILTER (WHERE app.session_is_open(s, v.db_now)))::integer
      FROM app.account a LEFT JOIN app.session s ON s.account_id = a.id WHERE a.role IN ('patient', 'proxy') GROUP BY a.role ORDER BY a.role;
END
$$;

-- Ends another session: one's own, after a fresh second factor (ASVS 5.0 7.5.2), or as admin anybody's but the operator's, at once.
CREATE OR REPLACE FUNCTION app.session_end_other(p_token text, p_session_id uuid) RETURNS boolean
LANGUAGE plpgsql VOLATILE SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS $$
DECLARE
  v app.session_standing := app.session_touch(p_token);
  v_target app.session;
BEGIN
  IF v.state <> 'active' THEN RETURN false; END IF;
  SELECT * INTO v_target FROM app.session WHERE id = p_session_id FOR UPDATE;
  IF v_target.id IS NULL OR v_target.role = 'service' OR (v_target.account_id <> v.account_id AND v.role <> 'admin')
     OR (v_target.account_id = v.account_id AND NOT app.is_fresh(v)) THEN
    RETURN false;
  END IF;
  UPDATE app.session SET ended_at = v.db_now, end_reason = CASE WHEN v_target.account_id = v.account_id THEN 'ended-by-owner' ELSE 'ended-by-admin' END
   WHERE id = p_session_id AND ended_at IS NULL;
  IF NOT FOUND THEN RETURN false; END IF;
  PERFORM audit.record_event('SESSION_REVOKED', v.account_id, v.role, v.session_id, v_target.account_id, jsonb_build_object('session', p_session_id), 'DONE', NULL);
  RETURN true;
END
$$;

-- Ends all other sessions of the caller, or this one as well; after a fresh second factor. How many; null when it is not fresh.
CREATE FUNCTION app.sessions_end_mine(p_token text, p_this_too boolean) RETURNS integer
LANGUAGE plpgsql VOLATILE SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS $$
DECLARE
  v app.session_standing := app.session_touch(p_token);
  v_count integer;
BEGIN
  IF NOT app.is_fresh(v) OR v.role = 'service' THEN RETURN NULL; END IF;
  PERFORM FROM app.account WHERE id = v.account_id FOR UPDATE;
  v_count := app.sessions_end_all(v.account_id, 'ended-by-owner', CASE WHEN NOT coalesce(p_this_too, false) THEN v.session_id END);
  PERFORM audit.record_event('SESSION_REVOKED', v.account_id, v.role, v.session_id, v.account_id, jsonb_build_object('all', true, 'sessions', v_count), 'DONE', NULL);
  RETURN v_count;
END
$$;

-- Ends every session of one member of staff. Taking power away never waits for a code.
CREATE FUNCTION app.sessions_end_of(p_token text, p_account_id uuid) RETURNS integer
LANGUAGE plpgsql VOLATILE SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS $$
DECLARE
  v app.session_standing := app.administrator(p_token);
  v_count integer;
BEGIN
  IF p_account_id = v.account_id OR NOT EXISTS (SELECT FROM app.account a WHERE a.id = p_account_id AND a.role NOT IN ('patient', 'proxy', 'service')) THEN RETURN 0; END IF;
  v_count := app.sessions_end_all(p_account_id, 'ended-by-admin', NULL);
  PERFORM audit.record_event('SESSION_REVOKED', v.account_id, v.role, v.session_id, p_account_id, jsonb_build_object('all', true, 'sessions', v_count), 'DONE', NULL);
  RETURN v_count;
END
$$;

-- Signs everybody out, patients included, but not the administrator who does it (ASVS 5.0 7.4.5). Everybody's work stops: so it wants a
-- fresh second factor.
CREATE FUNCTION app.sessions_end_everybodys(p_token text) RETURNS integer
LANGUAGE plpgsql VOLATILE SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS $$
DECLARE
  v app.session_standing := app.administrator_proven(p_token);
  v_count integer;
BEGIN
  UPDATE app.session s SET ended_at = v.db_now, end_reason = 'ended-by-admin'
   WHERE s.ended_at IS NULL AND s.role <> 'service' AND s.id <> v.session_id;
  GET DIAGNOSTICS v_count = ROW_COUNT;
  PERFORM audit.record_event('SESSION_REVOKED', v.account_id, v.role, v.session_id, NULL, jsonb_build_object('everybody', true, 'sessions', v_count), 'DONE', NULL);
  RETURN v_count;
END
$$;

-- ── The lock ─────────────────────────────────────────────────────────────────────────────────────────────────────

CREATE FUNCTION app.session_lock(p_token text) RETURNS boolean
LANGUAGE plpgsql VOLATILE SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS $$
DECLARE
  v app.session_standing := app.session_standing_of(p_token);
BEGIN
  IF v.state <> 'active' OR v.role = 'service' THEN RETURN false; END IF;
  UPDATE app.session SET locked_at = v.db_now, unlock_failures = 0 WHERE id = v.session_id AND ended_at IS NULL AND locked_at IS NULL;
  IF NOT FOUND THEN RETURN false; END IF;
  PERFORM audit.record_event('SESSION_LOCKED', v.account_id, v.role, v.session_id, v.account_id, '{}', 'DONE', NULL);
  RETURN true;
END
$$;

-- Whose locked session a token names, and what opens it again; no row for any other session.
CREATE FUNCTION app.session_locked(p_token text) RETURNS TABLE (account_id uuid, display_name text, has_code boolean, has_passkey boolean)
LANGUAGE sql STABLE SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS $$
  SELECT a.id, v.display_name, a.totp_enrolled_at IS NOT NULL AND NOT app.passkey_only(a.role), app.has_passkey(a.id)
    FROM app.session_standing_of(p_token) v JOIN app.account a ON a.id = v.account_id
   WHERE v.state = 'locked'
$$;

-- The passkeys that open the caller's locked session again.
CREATE FUNCTION app.session_locked_passkeys(p_token text) RETURNS TABLE (credential_id bytea, transports text[])
LANGUAGE sql STABLE SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS $$
  SELECT k.credential_id, k.transports FROM app.session_standing_of(p_token) v JOIN app.passkey k ON k.account_id = v.account_id
   WHERE v.state = 'locked' ORDER BY k.created_at, k.id
$$;

-- Opens a locked session again, after the web process has checked the second factor of its own person. The token is exchanged.
CREATE FUNCTION app.session_unlock(p_token text, p_method text, p_new_token_hash bytea) RETURNS boolean
LANGUAGE plpgsql VOLATILE SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS $$
DECLARE
  v app.session_standing := app.session_standing_of(p_token);
BEGIN
  IF v.state <> 'locked' OR NOT app.opens_session(v.account_id, p_method) THEN RETURN false; END IF;
  UPDATE app.session SET locked_at = NULL, unlock_failures = 0, second_factor_at = v.db_now, last_active_at = v.db_now,
         former_token_hash = token_hash, token_hash = p_new_token_hash, rotated_at = v.db_now
   WHERE id = v.session_id AND ended_at IS NULL AND locked_at IS NOT NULL AND token_hash = sha256(convert_to(p_token, 'UTF8'));
  IF NOT FOUND THEN RETURN false; END IF;
  PERFORM audit.record_event('SESSION_UNLOCKED', v.account_id, v.role, v.session_id, v.account_id, jsonb_build_object('method', p_method), 'DONE', NULL);
  RETURN true;
END
$$;

-- Counts a factor that did not open a locked session; the fifth ends it. How many tries are left.
CREATE FUNCTION app.session_unlock_failed(p_token text) RETURNS integer
LANGUAGE plpgsql VOLATILE SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS $$
DECLARE
  v app.session_standing := app.session_standing_of(p_token);
  v_failures integer;
BEGIN
  IF v.state <> 'locked' THEN RETURN 0; END IF;
  UPDATE app.session SET unlock_failures = unlock_failures + 1 WHERE id = v.session_id RETURNING unlock_failures INTO v_failures;
  PERFORM audit.record_event('SESSION_UNLOCKED', v.account_id, v.role, v.session_id, v.account_id, jsonb_build_object('failures', v_failures), 'REFUSED', NULL);
  IF v_failures < 5 THEN RETURN 5 - v_failures; END IF;
  UPDATE app.session SET ended_at = v.db_now, end_reason = 'unlock-failed' WHERE id = v.session_id AND ended_at IS NULL;
  IF FOUND THEN
    PERFORM audit.record_event('SESSION_ENDED', v.account_id, v.role, v.session_id, v.account_id, '{"reason": "unlock-failed"}', 'DONE', NULL);
  END IF;
  RETURN 0;
END
$$;

-- ── What holds for a role ────────────────────────────────────────────────────────────────────────────────────────

-- The limits of each role, and how many people they are about: numbers, no names.
CREATE FUNCTION app.role_policies(p_token text)
RETURNS TABLE (role text, idle_minutes integer, max_sessions integer, passkey_only boolean, changed_at timestamptz, people integer, without_passkey integer, open_sessions integer)
LANGUAGE plpgsql VOLATILE SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS $$
DECLARE
  v app.session_standing := app.administrator(p_token);
BEGIN
  RETURN QUERY
    SELECT p.role, p.idle_minutes, p.max_sessions, p.passkey_only, p.changed_at::timestamptz,
           (SELECT count(*)::integer FROM app.account a WHERE a.role = p.role AND a.status = 'active'),
           (SELECT count(*)::integer FROM app.account a WHERE a.role = p.role AND a.status = 'active' AND NOT EXISTS (SELECT FROM app.passkey k WHERE k.account_id = a.id)),
           (SELECT count(*)::integer FROM app.session s WHERE s.role = p.role AND app.session_is_open(s, v.db_now))
      FROM app.role_policy p ORDER BY p.role;
END
$$;

-- Sets the limits of a role: from the next access on, in every session. Never beyond the product's own, whoever asks. What is refused is
-- an event as well.
CREATE FUNCTION app.role_policy_set(p_token text, p_role text, p_idle_minutes integer, p_max_sessions integer, p_passkey_only boolean) RETURNS text
LANGUAGE plpgsql VOLATILE SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS $$
DECLARE
  v app.session_standing := app.administrator_proven(p_token);
  v_old app.role_policy;
  v_asked jsonb := jsonb_build_object('role', p_role, 'idle_minutes', p_idle_minutes, 'max_sessions', p_max_sessions, 'passkey_only', p_passkey_only);
  v_account record;
  v_refusal text;
BEGIN
  SELECT * INTO v_old FROM app.role_policy p WHERE p.role = p_role FOR UPDATE;
  v_refusal := CASE
    WHEN v_old.role IS NULL OR p_passkey_only IS NULL THEN 'no-role'
    WHEN p_idle_minutes IS NULL OR p_idle_minutes NOT BETWEEN 5 AND 15 OR p_max_sessions IS NULL OR p_max_sessions NOT BETWEEN 1 AND 8 THEN 'beyond-limits'
    -- Whoever would be asked for what they do not have could not take it back.
    WHEN p_passkey_only AND p_role = v.role AND NOT EXISTS (SELECT FROM app.passkey k WHERE k.account_id = v.account_id) THEN 'no-passkey' END;
  IF v_refusal IS NOT NULL THEN
    PERFORM audit.record_event('ROLE_POLICY_CHANGED', v.account_id, v.role, v.session_id, NULL, jsonb_build_object('asked', v_asked, 'reason', v_refusal), 'REFUSED', NULL);
    RETURN v_refusal;
  END IF;
  IF (v_old.idle_minutes, v_old.max_sessions, v_old.passkey_only) = (p_idle_minutes, p_max_sessions, p_passkey_only) THEN RETURN 'unchanged'; END IF;
  UPDATE app.role_policy p SET idle_minutes = p_idle_minutes, max_sessions = p_max_sessions, passkey_only = p_passkey_only, changed_at = v.db_now WHERE p.role = p_role;
  IF p_max_sessions < v_old.max_sessions THEN
    FOR v_account IN SELECT s.account_id, count(*) FROM app.session s WHERE s.role = p_role AND app.session_is_open(s, v.db_now) GROUP BY s.account_id HAVING count(*) > p_max_sessions LOOP
      PERFORM app.sessions_end_beyond(v_account.account_id, p_max_sessions - (v_account.account_id = v.account_id)::integer, CASE WHEN v_account.account_id = v.account_id THEN v.session_id END);
    END LOOP;
  END IF;
  -- Sessions that a typed code had opened would outlive the rule by hours.
  IF p_passkey_only AND NOT v_old.passkey_only THEN
    UPDATE app.session s SET ended_at = v.db_now, end_reason = 'passkey-only'
     WHERE s.role = p_role AND s.method = 'totp' AND s.ended_at IS NULL AND s.id <> v.session_id;
  END IF;
  PERFORM audit.record_event('ROLE_POLICY_CHANGED', v.account_id, v.role, v.session_id, NULL,
    jsonb_build_object('to', v_asked, 'from', jsonb_build_object('idle_minutes', v_old.idle_minutes, 'max_sessions', v_old.max_sessions, 'passkey_only', v_old.passkey_only)), 'DONE', NULL);
  RETURN 'saved';
END
$$;

-- The idle minutes of the caller's role, for the words on their own pages.
CREATE FUNCTION app.my_idle_minutes(p_token text) RETURNS integer
LANGUAGE sql STABLE SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS $$
  SELECT (extract(epoch FROM app.idle_of(v.role)) / 60)::integer FROM app.session_standing_of(p_token) v WHERE v.state = 'active'
$$;

GRANT EXECUTE ON FUNCTION app.my_sessions(text), app.session_end_reason(text), app.sessions_end_mine(text, boolean), app.sessions_end_of(text, uuid),
  app.sessions_end_everybodys(text), app.session_lock(text), app.session_locked(text), app.session_locked_passkeys(text),
  app.session_unlock(text, text, bytea), app.session_unlock_failed(text), app.role_policies(text),
  app.role_policy_set(text, text, integer, integer, boolean), app.my_idle_minutes(text) TO vigil_app;
RESET ROLE;
