-- Arriving and leaving: an end of employment that works by itself, changes of rights only with a fresh second factor, and
-- never a clinic without an administrator.
SET LOCAL ROLE app_owner;

-- From this moment on the account has no power: read at every access, like everything that ends a session.
ALTER TABLE app.account ADD COLUMN ends_at timestamptz(3) CHECK (ends_at IS NULL OR role NOT IN ('patient', 'proxy', 'service'));

-- As before, and an account whose time is over has no session.
CREATE OR REPLACE FUNCTION app.session_standing_of(p_token text) RETURNS app.session_standing
LANGUAGE plpgsql STABLE SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS $$
DECLARE
  v_now timestamptz := app.now();
  v app.session_standing;
  v_ended timestamptz;
  v_account_role text;
  v_account_status text;
  v_account_ends timestamptz;
BEGIN
  SELECT s.id, s.account_id, s.role, a.display_name, s.last_active_at + interval '15 minutes', s.expires_at,
         s.second_factor_at, a.previous_sign_in_at, s.last_active_at, s.ended_at, a.role, a.status, a.ends_at
    INTO v.session_id, v.account_id, v.role, v.display_name, v.idle_expires_at, v.absolute_expires_at,
         v.second_factor_at, v.previous_sign_in_at, v.last_active_at, v_ended, v_account_role, v_account_status, v_account_ends
    FROM app.session s JOIN app.account a ON a.id = s.account_id
   WHERE s.token_hash = sha256(convert_to(coalesce(p_token, ''), 'UTF8'));
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

CREATE OR REPLACE FUNCTION app.session_open(p_account_id uuid, p_token_hash bytea, p_method text, p_client_ip inet, p_user_agent text)
RETURNS uuid
LANGUAGE plpgsql VOLATILE SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS $$
DECLARE
  v_account app.account;
  v_id uuid := gen_random_uuid();
  v_now timestamptz := app.now();
BEGIN
  SELECT * INTO v_account FROM app.account WHERE id = p_account_id FOR UPDATE;
  IF v_account.id IS NULL OR v_account.status <> 'active' OR v_account.role = 'service'
     OR v_account.totp_enrolled_at IS NULL OR p_method = 'service' OR v_account.ends_at <= v_now THEN
    RAISE EXCEPTION 'this account cannot open a session' USING ERRCODE = '42501';
  END IF;
  INSERT INTO app.session (id, token_hash, account_id, role, method, opened_at, second_factor_at, last_active_at, expires_at, client_ip, user_agent)
  VALUES (v_id, p_token_hash, v_account.id, v_account.role, p_method, v_now, v_now, v_now,
          v_now + CASE WHEN v_account.role IN ('patient', 'proxy') THEN interval '8 hours' ELSE interval '12 hours' END,
          p_client_ip, left(p_user_agent, 200));
  UPDATE app.account SET previous_sign_in_at = last_sign_in_at, last_sign_in_at = v_now WHERE id = v_account.id;
  DELETE FROM app.sign_in_throttle WHERE key IN (v_account.email_token, v_account.email_token_even) AND kind = 'account';
  PERFORM audit.record_event('SESSION_OPENED', v_account.id, v_account.role, v_id, v_account.id, jsonb_build_object('method', p_method), 'DONE', p_client_ip);
  RETURN v_id;
END
$$;

CREATE OR REPLACE FUNCTION app.sign_in_begin(p_email_tokens bytea[], p_address_tokens bytea[])
RETURNS TABLE (account_id uuid, role text, status text, password_hash text, totp_enrolled boolean, retry_after_seconds integer)
LANGUAGE plpgsql STABLE SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS $$
DECLARE
  v_now timestamptz := app.now();
BEGIN
  SELECT coalesce(ceil(extract(epoch FROM max(t.blocked_until) - v_now)), 0)::integer INTO retry_after_seconds
    FROM app.sign_in_throttle t WHERE t.key = ANY (p_email_tokens || p_address_tokens) AND t.blocked_until > v_now;
  SELECT a.id, a.role, CASE WHEN a.ends_at <= v_now THEN 'deactivated' ELSE a.status END, a.password_hash, a.totp_enrolled_at IS NOT NULL
    INTO account_id, role, status, password_hash, totp_enrolled
    FROM app.account a WHERE a.id = app.account_by_email(p_email_tokens) AND a.role <> 'service';
  RETURN NEXT;
END
$$;

CREATE OR REPLACE FUNCTION app.sign_in_secrets(p_account_id uuid)
RETURNS TABLE (totp_secret_sealed text, totp_enrolled boolean, status text, role text, email_tokens bytea[])
LANGUAGE sql STABLE SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS $$
  SELECT a.totp_secret_sealed, a.totp_enrolled_at IS NOT NULL, CASE WHEN a.ends_at <= app.now() THEN 'deactivated' ELSE a.status END, a.role,
         ARRAY(SELECT t FROM unnest(ARRAY[a.email_token, a.email_token_even]) t WHERE t IS NOT NULL ORDER BY t)
    FROM app.account a WHERE a.id = p_account_id AND a.role <> 'service'
$$;

CREATE OR REPLACE FUNCTION app.passkey_find(p_credential_id bytea, p_address_tokens bytea[])
RETURNS TABLE (passkey_id uuid, account_id uuid, public_key bytea, sign_count bigint, transports text[], retry_after_seconds integer)
LANGUAGE plpgsql STABLE SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS $$
DECLARE
  v_now timestamptz := app.now();
BEGIN
  SELECT coalesce(ceil(extract(epoch FROM max(t.blocked_until) - v_now)), 0)::integer INTO retry_after_seconds
    FROM app.sign_in_throttle t WHERE t.key = ANY (p_address_tokens) AND t.blocked_until > v_now;
  SELECT k.id, k.account_id, k.public_key, k.sign_count, k.transports INTO passkey_id, account_id, public_key, sign_count, transports
    FROM app.passkey k JOIN app.account a ON a.id = k.account_id
   WHERE k.credential_id = p_credential_id AND a.status = 'active' AND (a.ends_at IS NULL OR a.ends_at > v_now) AND a.role <> 'service' AND a.totp_enrolled_at IS NOT NULL;
  RETURN NEXT;
END
$$;

-- An administrator who has shown a second factor in the last five minutes, or the operator on the server. For whatever gives
-- rights; taking them away never waits for a code.
CREATE FUNCTION app.administrator_proven(p_token text) RETURNS app.session_standing
LANGUAGE plpgsql VOLATILE SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS $$
DECLARE
  v app.session_standing := app.administrator(p_token);
BEGIN
  IF v.role = 'admin' AND NOT app.is_fresh(v) THEN
    RAISE EXCEPTION 'this needs a second factor that is younger than five minutes' USING ERRCODE = '42501';
  END IF;
  RETURN v;
END
$$;

-- Two administrators who remove each other at the same moment would leave none: they come one after the other, and the second
-- is asked again whether they still are one. The operator on the server can make a new one, and may remove the last.
CREATE FUNCTION app.keep_an_administrator(v app.session_standing, p_account_id uuid, p_role text) RETURNS void
LANGUAGE plpgsql VOLATILE SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS $$
BEGIN
  IF p_role IS DISTINCT FROM 'admin' OR v.role = 'service' THEN RETURN; END IF;
  PERFORM pg_advisory_xact_lock(7614, 8);
  IF NOT EXISTS (SELECT FROM app.account a WHERE a.role = 'admin' AND a.status = 'active' AND a.id <> p_account_id AND a.ends_at IS NULL) THEN
    RAISE EXCEPTION 'the last administrator cannot leave' USING ERRCODE = '55000';
  END IF;
END
$$;

CREATE OR REPLACE FUNCTION app.account_invite(p_token text, p_id uuid, p_role text, p_display_name text, p_job_title text, p_email_sealed text,
  p_email_tokens bytea[], p_invitation_hash bytea) RETURNS uuid
LANGUAGE plpgsql VOLATILE SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS $$
DECLARE
  v app.session_standing := app.administrator_proven(p_token);
BEGIN
  IF p_role NOT IN ('nurse', 'clinician', 'billing', 'admin', 'compliance') THEN
    RAISE EXCEPTION 'staff are invited, patients are activated' USING ERRCODE = '22023';
  END IF;
  INSERT INTO app.account (id, role, display_name, job_title, email_sealed, email_token, email_token_even, status)
  VALUES (p_id, p_role, p_display_name, p_job_title, p_email_sealed, app.token_for(p_email_tokens, false), app.token_for(p_email_tokens, true), 'invited');
  INSERT INTO app.invitation (id, account_id, token_hash, expires_at) VALUES (gen_random_uuid(), p_id, p_invitation_hash, v.db_now + interval '7 days');
  PERFORM audit.record_event('ACCOUNT_INVITED', v.account_id, v.role, v.session_id, p_id, jsonb_build_object('role', p_role), 'DONE', NULL);
  RETURN p_id;
END
$$;

CREATE OR REPLACE FUNCTION app.invitation_renew(p_token text, p_account_id uuid, p_invitation_hash bytea) RETURNS boolean
LANGUAGE plpgsql VOLATILE SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS $$
DECLARE
  v app.session_standing := app.administrator_proven(p_token);
BEGIN
  IF NOT EXISTS (SELECT FROM app.account WHERE id = p_account_id AND status = 'invited') THEN RETURN false; END IF;
  UPDATE app.invitation SET used_at = v.db_now WHERE account_id = p_account_id AND used_at IS NULL;
  INSERT INTO app.invitation (id, account_id, token_hash, expires_at) VALUES (gen_random_uuid(), p_account_id, p_invitation_hash, v.db_now + interval '7 days');
  PERFORM audit.record_event('ACCOUNT_INVITED', v.account_id, v.role, v.session_id, p_account_id, '{"again":true}', 'DONE', NULL);
  RETURN true;
END
$$;

CREATE OR REPLACE FUNCTION app.account_unlock(p_token text, p_account_id uuid) RETURNS boolean
LANGUAGE plpgsql VOLATILE SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS $$
DECLARE
  v app.session_standing := app.administrator_proven(p_token);
BEGIN
  IF p_account_id = v.account_id OR NOT EXISTS (SELECT FROM app.account WHERE id = p_account_id AND role NOT IN ('patient', 'proxy', 'service')) THEN
    RETURN false;
  END IF;
  RETURN app.throttle_clear(v, p_account_id);
END
$$;

CREATE OR REPLACE FUNCTION app.account_reactivate(p_token text, p_account_id uuid) RETURNS boolean
LANGUAGE plpgsql VOLATILE SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS $$
DECLARE
  v app.session_standing := app.administrator_proven(p_token);
BEGIN
  UPDATE app.account SET status = CASE WHEN totp_enrolled_at IS NULL THEN 'invited' ELSE 'active' END, deactivated_at = NULL, ends_at = NULL
   WHERE id = p_account_id AND status = 'deactivated';
  IF NOT FOUND THEN RETURN false; END IF;
  PERFORM audit.record_event('ACCOUNT_REACTIVATED', v.account_id, v.role, v.session_id, p_account_id, '{}', 'DONE', NULL);
  RETURN true;
END
$$;

CREATE OR REPLACE FUNCTION app.account_set_role(p_token text, p_account_id uuid, p_role text) RETURNS boolean
LANGUAGE plpgsql VOLATILE SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS $$
DECLARE
  v app.session_standing := app.administrator_proven(p_token);
  v_old text;
BEGIN
  IF p_role NOT IN ('nurse', 'clinician', 'billing', 'admin', 'compliance') OR p_account_id = v.account_id THEN RETURN false; END IF;
  SELECT role INTO v_old FROM app.account WHERE id = p_account_id AND role NOT IN ('patient', 'proxy', 'service') FOR UPDATE;
  IF v_old IS NULL OR v_old = p_role THEN RETURN false; END IF;
  PERFORM app.keep_an_administrator(v, p_account_id, v_old);
  UPDATE app.account SET role = p_role WHERE id = p_account_id;
  PERFORM app.sessions_end_all(p_account_id, 'role-changed', NULL);
  PERFORM audit.record_event('ROLE_CHANGED', v.account_id, v.role, v.session_id, p_account_id, jsonb_build_object('from', v_old, 'to', p_role), 'DONE', NULL);
  RETURN true;
END
$$;

CREATE OR REPLACE FUNCTION app.account_deactivate(p_token text, p_account_id uuid) RETURNS boolean
LANGUAGE plpgsql VOLATILE SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS $$
DECLARE
  v app.session_standing := app.administrator(p_token);
BEGIN
  IF p_account_id = v.account_id THEN RETURN false; END IF;
  PERFORM app.keep_an_administrator(v, p_account_id, (SELECT a.role FROM app.account a WHERE a.id = p_account_id));
  UPDATE app.account SET status = 'deactivated', deactivated_at = v.db_now
   WHERE id = p_account_id AND status <> 'deactivated' AND role NOT IN ('patient', 'proxy', 'service');
  IF NOT FOUND THEN RETURN false; END IF;
  PERFORM app.sessions_end_all(p_account_id, 'account-deactivated', NULL);
  UPDATE app.invitation SET used_at = v.db_now WHERE account_id = p_account_id AND used_at IS NULL;
  PERFORM audit.record_event('ACCOUNT_DEACTIVATED', v.account_id, v.role, v.session_id, p_account_id, '{}', 'DONE', NULL);
  RETURN true;
END
$$;

-- Sets or takes back the moment from which a member of staff has no access any more.
CREATE FUNCTION app.account_set_end(p_token text, p_account_id uuid, p_ends_at timestamptz) RETURNS boolean
LANGUAGE plpgsql VOLATILE SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS $$
DECLARE
  v app.session_standing := app.administrator_proven(p_token);
  v_account app.account;
BEGIN
  IF p_account_id = v.account_id OR p_ends_at > v.db_now + interval '10 years' THEN RETURN false; END IF;
  SELECT * INTO v_account FROM app.account a WHERE a.id = p_account_id AND a.role NOT IN ('patient', 'proxy', 'service') AND a.status <> 'deactivated' FOR UPDATE;
  IF v_account.id IS NULL OR v_account.ends_at IS NOT DISTINCT FROM p_ends_at THEN RETURN false; END IF;
  IF p_ends_at IS NOT NULL THEN PERFORM app.keep_an_administrator(v, p_account_id, v_account.role); END IF;
  UPDATE app.account SET ends_at = p_ends_at WHERE id = p_account_id;
  PERFORM audit.record_event('EMPLOYMENT_END_SET', v.account_id, v.role, v.session_id, p_account_id,
    jsonb_build_object('from', v_account.ends_at, 'to', p_ends_at), 'DONE', NULL);
  RETURN true;
END
$$;

-- When a member of staff's employment ends, for the administrator's page.
CREATE FUNCTION app.account_end(p_token text, p_account_id uuid) RETURNS TABLE (ends_at timestamptz)
LANGUAGE plpgsql VOLATILE SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS $$
BEGIN
  PERFORM app.administrator(p_token);
  RETURN QUERY SELECT a.ends_at::timestamptz FROM app.account a WHERE a.id = p_account_id AND a.role NOT IN ('patient', 'proxy', 'service');
END
$$;
GRANT SELECT (ends_at) ON app.account TO audit_gate;
GRANT EXECUTE ON FUNCTION app.administrator(text) TO audit_gate;
GRANT EXECUTE ON FUNCTION app.account_set_end(text, uuid, timestamptz), app.account_end(text, uuid) TO vigil_app, vigil_worker;
RESET ROLE;

SET LOCAL ROLE audit_owner;
GRANT CREATE ON SCHEMA audit TO audit_gate;
SET LOCAL ROLE audit_gate;

-- The leaver clock: when somebody's access last ended, what their sessions from before were still allowed (it must be nothing),
-- and when the first attempt was refused. Numbers and times, no patient.
CREATE FUNCTION audit.leaver_clock(p_token text, p_account_id uuid)
RETURNS TABLE (shut_at timestamptz, event text, allowed_after integer, first_refused_at timestamptz, refused integer)
LANGUAGE plpgsql VOLATILE SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS $$
BEGIN
  PERFORM app.administrator(p_token);
  IF NOT EXISTS (SELECT FROM app.account a WHERE a.id = p_account_id AND a.role NOT IN ('patient', 'proxy', 'service')) THEN RETURN; END IF;
  SELECT e.accessed_at, e.event_type INTO shut_at, event FROM audit.security_event_log e
   WHERE e.subject_account_id = p_account_id AND e.event_type IN ('ACCOUNT_DEACTIVATED', 'ROLE_CHANGED') AND e.outcome = 'DONE' ORDER BY e.accessed_at DESC LIMIT 1;
  IF shut_at IS NULL THEN RETURN; END IF;
  SELECT count(*) FILTER (WHERE l.outcome <> 'DENIED')::integer, min(l.accessed_at) FILTER (WHERE l.outcome = 'DENIED'), count(*) FILTER (WHERE l.outcome = 'DENIED')::integer
    INTO allowed_after, first_refused_at, refused
    FROM audit.patient_phi_audit_log l
   WHERE l.actor_user_id = p_account_id AND l.accessed_at > shut_at
     AND EXISTS (SELECT FROM audit.security_event_log o WHERE o.event_type = 'SESSION_OPENED' AND o.subject_account_id = p_account_id
                   AND o.session_id = l.session_id AND o.accessed_at < shut_at);
  RETURN NEXT;
END
$$;
GRANT EXECUTE ON FUNCTION audit.leaver_clock(text, uuid) TO vigil_app;
SET LOCAL ROLE audit_owner;
REVOKE CREATE ON SCHEMA audit FROM audit_gate;
RESET ROLE;
