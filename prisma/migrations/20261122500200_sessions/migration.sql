-- Sessions: another token at every rise, so that one that was copied or planted before is worth nothing after it.
SET LOCAL ROLE app_owner;

-- What the token was before the last rise, and when it was exchanged.
ALTER TABLE app.session ADD COLUMN former_token_hash bytea UNIQUE CHECK (octet_length(former_token_hash) = 32);
ALTER TABLE app.session ADD COLUMN rotated_at timestamptz(3);
ALTER TABLE app.session ADD CHECK ((former_token_hash IS NULL) = (rotated_at IS NULL));

-- As before, and for ten seconds the token from before a rise still names its session, so that a request of another tab that
-- was on its way is not thrown out. It counts as never proved by a second factor, and after that it is unknown.
CREATE OR REPLACE FUNCTION app.session_standing_of(p_token text) RETURNS app.session_standing
LANGUAGE plpgsql STABLE SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS $$
DECLARE
  v_now timestamptz := app.now();
  v_hash bytea := sha256(convert_to(coalesce(p_token, ''), 'UTF8'));
  v app.session_standing;
  v_ended timestamptz;
  v_account_role text;
  v_account_status text;
  v_account_ends timestamptz;
BEGIN
  SELECT s.id, s.account_id, s.role, a.display_name, s.last_active_at + interval '15 minutes', s.expires_at,
         CASE WHEN s.token_hash = v_hash THEN s.second_factor_at ELSE to_timestamp(0) END,
         a.previous_sign_in_at, s.last_active_at, s.ended_at, a.role, a.status, a.ends_at
    INTO v.session_id, v.account_id, v.role, v.display_name, v.idle_expires_at, v.absolute_expires_at,
         v.second_factor_at, v.previous_sign_in_at, v.last_active_at, v_ended, v_account_role, v_account_status, v_account_ends
    FROM app.session s JOIN app.account a ON a.id = s.account_id
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
    ELSE 'active' END;
  RETURN v;
END
$$;

-- Notes a fresh second factor on an open session and exchanges its token, in one statement. A token from before a rise raises nothing.
DROP FUNCTION app.session_raise(text, text);
CREATE FUNCTION app.session_raise(p_token text, p_method text, p_new_token_hash bytea) RETURNS boolean
LANGUAGE plpgsql VOLATILE SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS $$
DECLARE
  v app.session_standing := app.session_touch(p_token);
BEGIN
  IF v.state <> 'active' OR v.role = 'service' THEN RETURN false; END IF;
  UPDATE app.session SET second_factor_at = v.db_now, former_token_hash = token_hash, token_hash = p_new_token_hash, rotated_at = v.db_now
   WHERE id = v.session_id AND ended_at IS NULL AND token_hash = sha256(convert_to(p_token, 'UTF8'));
  IF NOT FOUND THEN RETURN false; END IF;
  PERFORM audit.record_event('SESSION_RAISED', v.account_id, v.role, v.session_id, v.account_id, jsonb_build_object('method', p_method), 'DONE', NULL);
  RETURN true;
END
$$;
GRANT EXECUTE ON FUNCTION app.session_raise(text, text, bytea) TO vigil_app;

-- What the caller can show to confirm that it is them: under "passkey only" no typed code counts.
CREATE FUNCTION app.my_second_factors(p_token text) RETURNS TABLE (has_code boolean, has_passkey boolean)
LANGUAGE sql STABLE SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS $$
  SELECT a.totp_enrolled_at IS NOT NULL AND NOT coalesce(p.passkey_only, false), EXISTS (SELECT FROM app.passkey k WHERE k.account_id = a.id)
    FROM app.session_standing_of(p_token) v JOIN app.account a ON a.id = v.account_id LEFT JOIN app.role_policy p ON p.role = a.role
   WHERE v.state = 'active'
$$;
GRANT EXECUTE ON FUNCTION app.my_second_factors(text) TO vigil_app;
RESET ROLE;
