-- Second factors: an app for one-time codes, passkeys, or both. Either kind alone is enough beside the password (SP 800-63B-4
-- §2.2), each can be added, replaced and taken away by its owner, and the last one stays.
SET LOCAL ROLE app_owner;

-- Until when somebody of a role that signs in by passkey alone, and has none yet, may add one: set by a code that was right.
ALTER TABLE app.account ADD COLUMN passkey_due_until timestamptz(3);

-- Whether one-time codes open nothing for a role, because they can be passed on to a false page (SP 800-63B-4 §3.2.5).
CREATE FUNCTION app.passkey_only(p_role text) RETURNS boolean
LANGUAGE sql STABLE SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS $$
  SELECT coalesce((SELECT r.passkey_only FROM app.role_policy r WHERE r.role = p_role), false)
$$;

COMMENT ON TABLE app.sealed_text IS 'Never changed: the rotation of keys alone exchanges a text for the same under a later key. The name of a passkey goes with it';

CREATE FUNCTION app.has_passkey(p_account uuid) RETURNS boolean
LANGUAGE sql STABLE SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS $$
  SELECT EXISTS (SELECT FROM app.passkey k WHERE k.account_id = p_account)
$$;

-- Whether an account may open a session in this way. A recovery code does, so that a lost device is no disaster; under
-- passkey_only it does for people who have a passkey to replace, and leads the others to their first one.
CREATE FUNCTION app.opens_session(p_account uuid, p_method text) RETURNS boolean
LANGUAGE sql STABLE SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS $$
  SELECT EXISTS (
    SELECT FROM app.account a
     WHERE a.id = p_account AND a.status = 'active' AND a.role <> 'service' AND p_method <> 'service'
       AND (a.ends_at IS NULL OR a.ends_at > app.now())
       -- an identity provider that has asked for two factors stands in for ours
       AND (p_method = 'oidc' OR (app.has_second_factor(a.id) AND (NOT app.passkey_only(a.role) OR (p_method <> 'totp' AND app.has_passkey(a.id))))))
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
  RETURN v_id;
END
$$;

-- What somebody who has shown a password can be asked for next. must_add_passkey: a code that is right opens no session, but
-- lets them add their first passkey; passkey_due_until: until when, after such a code.
CREATE FUNCTION app.sign_in_factors(p_account_id uuid)
RETURNS TABLE (totp boolean, passkey boolean, recovery_code boolean, passkey_only boolean, must_add_passkey boolean, passkey_due_until timestamptz)
LANGUAGE sql STABLE SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS $$
  SELECT a.totp_enrolled_at IS NOT NULL AND NOT (o.passkey_only AND k.has_one), k.has_one,
         EXISTS (SELECT FROM app.recovery_code c WHERE c.account_id = a.id AND c.used_at IS NULL),
         o.passkey_only, o.passkey_only AND NOT k.has_one,
         CASE WHEN o.passkey_only AND NOT k.has_one AND a.passkey_due_until > app.now() THEN a.passkey_due_until END::timestamptz
    FROM app.account a, app.passkey_only(a.role) o (passkey_only), app.has_passkey(a.id) k (has_one)
   WHERE a.id = p_account_id AND a.role <> 'service' AND a.status IN ('active', 'invited')
$$;

-- A code that was right, for somebody of a passkey-only role who has none: ten minutes to add one, in place of a session.
CREATE FUNCTION app.passkey_due(p_role text, p_account uuid) RETURNS timestamptz
LANGUAGE sql STABLE SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS $$
  SELECT CASE WHEN app.passkey_only(p_role) AND NOT app.has_passkey(p_account) THEN app.now() + interval '10 minutes' END
$$;

CREATE OR REPLACE FUNCTION app.totp_accept(p_account_id uuid, p_step bigint) RETURNS boolean
LANGUAGE plpgsql VOLATILE SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS $$
DECLARE
  a app.account;
BEGIN
  SELECT * INTO a FROM app.account WHERE id = p_account_id AND status = 'active' FOR UPDATE;
  IF a.id IS NULL THEN RETURN false; END IF;
  IF app.passkey_only(a.role) AND app.has_passkey(a.id) THEN
    PERFORM audit.record_event('SECOND_FACTOR_REFUSED', NULL, NULL, NULL, a.id, '{"method":"totp","reason":"passkey-only"}', 'REFUSED', NULL);
    RETURN false;
  END IF;
  UPDATE app.account SET totp_last_step = p_step, passkey_due_until = app.passkey_due(a.role, a.id) WHERE id = a.id AND totp_last_step < p_step;
  RETURN FOUND;
END
$$;

CREATE OR REPLACE FUNCTION app.recovery_code_use(p_account_id uuid, p_code_id uuid) RETURNS boolean
LANGUAGE plpgsql VOLATILE SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS $$
DECLARE
  v_left integer;
BEGIN
  UPDATE app.recovery_code SET used_at = app.now() WHERE id = p_code_id AND account_id = p_account_id AND used_at IS NULL;
  IF NOT FOUND THEN RETURN false; END IF;
  UPDATE app.account SET passkey_due_until = app.passkey_due(role, id) WHERE id = p_account_id;
  SELECT count(*) INTO v_left FROM app.recovery_code WHERE account_id = p_account_id AND used_at IS NULL;
  PERFORM audit.record_event('RECOVERY_CODE_USED', p_account_id, NULL, NULL, p_account_id, jsonb_build_object('left', v_left), 'DONE', NULL);
  RETURN true;
END
$$;

-- ── The first factor ─────────────────────────────────────────────────────────────────────────────────────────────

CREATE FUNCTION app.recovery_codes_put(p_account uuid, p_hashes text[]) RETURNS void
LANGUAGE sql VOLATILE SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS $$
  DELETE FROM app.recovery_code WHERE account_id = p_account;
  INSERT INTO app.recovery_code (id, account_id, code_hash) SELECT gen_random_uuid(), p_account, h FROM unnest(p_hashes) h
$$;

-- The account of somebody who has a password and no second factor yet, for as long as the transaction lasts nobody else's to
-- change; or one whose role asks for a passkey and who has just shown what they had. p_due tells that it was them, and not
-- somebody with the password alone who was on the way before: it names the very code.
CREATE FUNCTION app.account_to_enrol(p_account_id uuid, p_due timestamptz) RETURNS app.account
LANGUAGE plpgsql VOLATILE SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS $$
DECLARE
  a app.account;
BEGIN
  SELECT * INTO a FROM app.account c WHERE c.id = p_account_id AND c.role <> 'service' AND c.password_hash IS NOT NULL
     AND c.status IN ('invited', 'active') AND (c.ends_at IS NULL OR c.ends_at > app.now()) FOR UPDATE;
  IF a.id IS NULL OR (app.has_second_factor(a.id) AND NOT coalesce(a.passkey_due_until = p_due AND p_due > app.now() AND app.passkey_only(a.role) AND NOT app.has_passkey(a.id), false)) THEN
    RETURN NULL;
  END IF;
  RETURN a;
END
$$;

CREATE OR REPLACE FUNCTION app.totp_enrol(p_account_id uuid, p_secret_sealed text, p_step bigint, p_recovery_hashes text[]) RETURNS boolean
LANGUAGE plpgsql VOLATILE SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS $$
DECLARE
  a app.account := app.account_to_enrol(p_account_id, NULL);
BEGIN
  IF a.id IS NULL THEN RETURN false; END IF;
  IF app.passkey_only(a.role) THEN
    PERFORM audit.record_event('SECOND_FACTOR_REFUSED', NULL, NULL, NULL, a.id, '{"method":"totp","reason":"passkey-only"}', 'REFUSED', NULL);
    RETURN false;
  END IF;
  UPDATE app.account SET totp_secret_sealed = p_secret_sealed, totp_last_step = p_step, totp_enrolled_at = app.now(), status = 'active' WHERE id = a.id;
  PERFORM app.recovery_codes_put(a.id, p_recovery_hashes);
  PERFORM audit.record_event('SECOND_FACTOR_ENROLLED', a.id, a.role, NULL, a.id, '{"method":"totp"}', 'DONE', NULL);
  RETURN true;
END
$$;

-- The same by a passkey, with the recovery codes that go with it.
CREATE FUNCTION app.passkey_enrol(p_account_id uuid, p_id uuid, p_credential_id bytea, p_public_key bytea, p_sign_count bigint, p_transports text[],
  p_is_backed_up boolean, p_name_text_id uuid, p_name_sealed text, p_challenge_hash bytea, p_recovery_hashes text[], p_due timestamptz) RETURNS text
LANGUAGE plpgsql VOLATILE SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS $$
DECLARE
  a app.account := app.account_to_enrol(p_account_id, p_due);
BEGIN
  IF a.id IS NULL THEN RETURN 'gone'; END IF;
  IF EXISTS (SELECT FROM app.passkey k WHERE k.credential_id = p_credential_id) THEN RETURN 'taken'; END IF;
  IF NOT app.passkey_challenge_take(p_challenge_hash) THEN RETURN 'answered'; END IF;
  INSERT INTO app.sealed_text (id, kind, content_sealed) VALUES (p_name_text_id, 'passkey-name', p_name_sealed);
  INSERT INTO app.passkey (id, account_id, credential_id, public_key, sign_count, transports, is_backed_up, name_text_id, created_at)
  VALUES (p_id, a.id, p_credential_id, p_public_key, p_sign_count, p_transports, p_is_backed_up, p_name_text_id, app.now());
  UPDATE app.account SET status = 'active', passkey_due_until = NULL WHERE id = a.id;
  PERFORM app.recovery_codes_put(a.id, p_recovery_hashes);
  PERFORM audit.record_event('SECOND_FACTOR_ENROLLED', a.id, a.role, NULL, a.id, jsonb_build_object('method', 'passkey', 'passkey', p_id), 'DONE', NULL);
  RETURN 'added';
END
$$;

-- ── Changes by the owner, who has shown everything in the last five minutes ──────────────────────────────────────

-- When the password was shown again during a session.
ALTER TABLE app.session ADD COLUMN password_shown_at timestamptz(3);

-- Whether somebody has shown all that a sign-in asks for in the last five minutes, and not a code alone, which can be read over a
-- shoulder: by the sign-in itself, by a passkey, whose device has verified its owner, or by the password once more (ASVS 5.0 7.5.1).
CREATE FUNCTION app.is_fully_proved(p app.session_standing) RETURNS boolean
LANGUAGE sql STABLE SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS $$
  SELECT app.is_fresh(p) AND (
    EXISTS (SELECT FROM app.session s WHERE s.id = p.session_id AND greatest(s.opened_at, s.password_shown_at) > p.db_now - interval '5 minutes')
    OR EXISTS (SELECT FROM app.passkey k WHERE k.account_id = p.account_id AND k.last_used_at > p.db_now - interval '5 minutes'))
$$;

CREATE FUNCTION app.fully_proved(p_token text) RETURNS boolean
LANGUAGE sql STABLE SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS $$
  SELECT app.is_fully_proved(app.session_standing_of(p_token))
$$;

-- Notes that the web process has found the password of this session's owner right once more.
CREATE FUNCTION app.password_shown(p_token text) RETURNS boolean
LANGUAGE plpgsql VOLATILE SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS $$
DECLARE
  v app.session_standing := app.session_touch(p_token);
BEGIN
  IF v.state <> 'active' OR v.role = 'service' THEN RETURN false; END IF;
  UPDATE app.session SET password_shown_at = v.db_now WHERE id = v.session_id AND ended_at IS NULL;
  PERFORM audit.record_event('PASSWORD_SHOWN', v.account_id, v.role, v.session_id, v.account_id, '{}', 'DONE', NULL);
  RETURN true;
END
$$;

-- Adds a passkey to the caller's account; at most ten.
CREATE OR REPLACE FUNCTION app.passkey_add(p_token text, p_id uuid, p_credential_id bytea, p_public_key bytea, p_sign_count bigint, p_transports text[],
  p_is_backed_up boolean, p_name_text_id uuid, p_name_sealed text, p_challenge_hash bytea) RETURNS text
LANGUAGE plpgsql VOLATILE SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS $$
DECLARE
  v app.session_standing := app.session_touch(p_token);
BEGIN
  IF v.state <> 'active' OR v.role = 'service' THEN RETURN 'no-session'; END IF;
  IF NOT app.is_fully_proved(v) THEN RETURN 'not-fresh'; END IF;
  PERFORM FROM app.account WHERE id = v.account_id FOR UPDATE;
  IF (SELECT count(*) FROM app.passkey k WHERE k.account_id = v.account_id) >= 10 THEN RETURN 'too-many'; END IF;
  IF EXISTS (SELECT FROM app.passkey k WHERE k.credential_id = p_credential_id) THEN RETURN 'taken'; END IF;
  IF NOT app.passkey_challenge_take(p_challenge_hash) THEN RETURN 'answered'; END IF;
  INSERT INTO app.sealed_text (id, kind, content_sealed) VALUES (p_name_text_id, 'passkey-name', p_name_sealed);
  INSERT INTO app.passkey (id, account_id, credential_id, public_key, sign_count, transports, is_backed_up, name_text_id, created_at)
  VALUES (p_id, v.account_id, p_credential_id, p_public_key, p_sign_count, p_transports, p_is_backed_up, p_name_text_id, v.db_now);
  PERFORM audit.record_event('PASSKEY_ADDED', v.account_id, v.role, v.session_id, v.account_id, jsonb_build_object('passkey', p_id), 'DONE', NULL);
  PERFORM app.notify(v.account_id, 'passkey-added', p_id);
  RETURN 'added';
END
$$;

-- Sets up an authenticator app beside a passkey, or another one in place of the last, whose codes stop working at once.
CREATE FUNCTION app.totp_set(p_token text, p_secret_sealed text, p_step bigint) RETURNS text
LANGUAGE plpgsql VOLATILE SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS $$
DECLARE
  v app.session_standing := app.session_touch(p_token);
  v_had boolean;
BEGIN
  IF v.state <> 'active' OR v.role = 'service' THEN RETURN 'no-session'; END IF;
  IF NOT app.is_fully_proved(v) THEN RETURN 'not-fresh'; END IF;
  IF app.passkey_only(v.role) THEN
    PERFORM audit.record_event('SECOND_FACTOR_REFUSED', v.account_id, v.role, v.session_id, v.account_id, '{"method":"totp","reason":"passkey-only"}', 'REFUSED', NULL);
    RETURN 'passkey-only';
  END IF;
  SELECT a.totp_enrolled_at IS NOT NULL INTO v_had FROM app.account a WHERE a.id = v.account_id FOR UPDATE;
  UPDATE app.account SET totp_secret_sealed = p_secret_sealed, totp_last_step = p_step, totp_enrolled_at = v.db_now WHERE id = v.account_id;
  PERFORM audit.record_event(CASE WHEN v_had THEN 'TOTP_REPLACED' ELSE 'TOTP_ADDED' END, v.account_id, v.role, v.session_id, v.account_id, '{}', 'DONE', NULL);
  PERFORM app.notify(v.account_id, CASE WHEN v_had THEN 'totp-replaced' ELSE 'totp-added' END, v.account_id);
  RETURN 'set';
END
$$;

-- Takes the authenticator app out of use; not when it is all that is left beside the password.
CREATE FUNCTION app.totp_remove(p_token text) RETURNS text
LANGUAGE plpgsql VOLATILE SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS $$
DECLARE
  v app.session_standing := app.session_touch(p_token);
BEGIN
  IF v.state <> 'active' OR v.role = 'service' THEN RETURN 'no-session'; END IF;
  IF NOT app.is_fully_proved(v) THEN RETURN 'not-fresh'; END IF;
  PERFORM FROM app.account a WHERE a.id = v.account_id AND a.totp_enrolled_at IS NOT NULL FOR UPDATE;
  IF NOT FOUND THEN RETURN 'gone'; END IF;
  IF NOT app.has_passkey(v.account_id) THEN
    PERFORM audit.record_event('TOTP_REMOVED', v.account_id, v.role, v.session_id, v.account_id, '{"reason":"last"}', 'REFUSED', NULL);
    RETURN 'last';
  END IF;
  UPDATE app.account SET totp_secret_sealed = NULL, totp_last_step = NULL, totp_enrolled_at = NULL WHERE id = v.account_id;
  PERFORM audit.record_event('TOTP_REMOVED', v.account_id, v.role, v.session_id, v.account_id, '{}', 'DONE', NULL);
  PERFORM app.notify(v.account_id, 'totp-removed', v.account_id);
  RETURN 'removed';
END
$$;

-- Takes a passkey of the caller's out of use, with its name: it opens nothing from the next attempt on. The last factor stays,
-- and so does the last passkey of somebody whose role signs in by passkeys alone.
CREATE OR REPLACE FUNCTION app.passkey_remove(p_token text, p_id uuid) RETURNS text
LANGUAGE plpgsql VOLATILE SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS $$
DECLARE
  v app.session_standing := app.session_touch(p_token);
  a app.account;
  v_name uuid;
BEGIN
  IF v.state <> 'active' OR v.role = 'service' THEN RETURN 'no-session'; END IF;
  IF NOT app.is_fully_proved(v) THEN RETURN 'not-fresh'; END IF;
  SELECT * INTO a FROM app.account WHERE id = v.account_id FOR UPDATE;
  SELECT k.name_text_id INTO v_name FROM app.passkey k WHERE k.id = p_id AND k.account_id = a.id;
  IF NOT FOUND THEN RETURN 'gone'; END IF;
  IF (a.totp_enrolled_at IS NULL OR app.passkey_only(a.role)) AND NOT EXISTS (SELECT FROM app.passkey k WHERE k.account_id = a.id AND k.id <> p_id) THEN
    PERFORM audit.record_event('PASSKEY_REMOVED', v.account_id, v.role, v.session_id, v.account_id, jsonb_build_object('passkey', p_id, 'reason', 'last'), 'REFUSED', NULL);
    RETURN 'last';
  END IF;
  DELETE FROM app.passkey WHERE id = p_id;
  DELETE FROM app.sealed_text WHERE id = v_name;
  PERFORM audit.record_event('PASSKEY_REMOVED', v.account_id, v.role, v.session_id, v.account_id, jsonb_build_object('passkey', p_id), 'DONE', NULL);
  PERFORM app.notify(v.account_id, 'passkey-removed', p_id);
  RETURN 'removed';
END
$$;

CREATE OR REPLACE FUNCTION app.recovery_codes_replace(p_token text, p_hashes text[]) RETURNS boolean
LANGUAGE plpgsql VOLATILE SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS $$
DECLARE
  v app.session_standing := app.session_touch(p_token);
BEGIN
  IF NOT app.is_fully_proved(v) OR v.role = 'service' THEN RETURN false; END IF;
  PERFORM app.recovery_codes_put(v.account_id, p_hashes);
  PERFORM audit.record_event('RECOVERY_CODES_REPLACED', v.account_id, v.role, v.session_id, v.account_id, '{}', 'DONE', NULL);
  PERFORM app.notify(v.account_id, 'recovery-codes-replaced', v.account_id);
  RETURN true;
END
$$;

CREATE OR REPLACE FUNCTION app.password_change(p_token text, p_password_hash text) RETURNS boolean
LANGUAGE plpgsql VOLATILE SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS $$
DECLARE
  v app.session_standing := app.session_touch(p_token);
BEGIN
  IF NOT app.is_fresh(v) OR v.role = 'service' THEN RETURN false; END IF;
  UPDATE app.account SET password_hash = p_password_hash, password_changed_at = v.db_now WHERE id = v.account_id;
  PERFORM app.sessions_end_all(v.account_id, 'password-changed', v.session_id);
  PERFORM audit.record_event('PASSWORD_CHANGED', v.account_id, v.role, v.session_id, v.account_id, '{}', 'DONE', NULL);
  PERFORM app.notify(v.account_id, 'password-changed', v.account_id);
  RETURN true;
END
$$;

-- Takes every factor and every recovery code of an account away and ends its sessions, for whoever was found to be its owner
-- in another way (app functions of recovery and activation alone): what a thief may have set up is gone as well.
CREATE FUNCTION app.factors_clear(p_account uuid) RETURNS void
LANGUAGE plpgsql VOLATILE SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS $$
DECLARE
  v_names uuid[];
BEGIN
  PERFORM FROM app.account WHERE id = p_account FOR UPDATE;
  WITH gone AS (DELETE FROM app.passkey WHERE account_id = p_account RETURNING name_text_id) SELECT array_agg(name_text_id) INTO v_names FROM gone;
  DELETE FROM app.sealed_text WHERE id = ANY (v_names);
  DELETE FROM app.recovery_code WHERE account_id = p_account;
  UPDATE app.account SET totp_secret_sealed = NULL, totp_last_step = NULL, totp_enrolled_at = NULL, passkey_due_until = NULL WHERE id = p_account;
  PERFORM app.sessions_end_all(p_account, 'recovery', NULL);
  PERFORM audit.record_event('FACTORS_CLEARED', NULL, NULL, NULL, p_account, jsonb_build_object('passkeys', coalesce(cardinality(v_names), 0)), 'DONE', NULL);
END
$$;

-- The caller's own factors, for the page that shows them.
CREATE FUNCTION app.my_factors(p_token text) RETURNS TABLE (totp_enrolled_at timestamptz, passkey_only boolean, recovery_codes_left integer)
LANGUAGE sql STABLE SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS $$
  SELECT a.totp_enrolled_at::timestamptz, app.passkey_only(a.role),
         (SELECT count(*)::integer FROM app.recovery_code c WHERE c.account_id = a.id AND c.used_at IS NULL)
    FROM app.session_standing_of(p_token) v JOIN app.account a ON a.id = v.account_id WHERE v.state = 'active'
$$;
DROP FUNCTION app.recovery_codes_left(text);

-- ── Where "has a second factor" meant an authenticator app ───────────────────────────────────────────────────────

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
   WHERE k.credential_id = p_credential_id AND a.status = 'active' AND (a.ends_at IS NULL OR a.ends_at > v_now) AND a.role <> 'service';
  RETURN NEXT;
END
$$;

CREATE OR REPLACE FUNCTION app.account_reactivate(p_token text, p_account_id uuid) RETURNS boolean
LANGUAGE plpgsql VOLATILE SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS $$
DECLARE
  v app.session_standing := app.administrator_proven(p_token);
BEGIN
  UPDATE app.account SET status = CASE WHEN app.has_second_factor(id) THEN 'active' ELSE 'invited' END, deactivated_at = NULL, ends_at = NULL
   WHERE id = p_account_id AND status = 'deactivated';
  IF NOT FOUND THEN RETURN false; END IF;
  PERFORM audit.record_event('ACCOUNT_REACTIVATED', v.account_id, v.role, v.session_id, p_account_id, '{}', 'DONE', NULL);
  RETURN true;
END
$$;

CREATE OR REPLACE FUNCTION app.staff_list(p_token text)
RETURNS TABLE (account_id uuid, role text, display_name text, job_title text, email_sealed text, status text, second_factor boolean, created_at timestamptz, last_sign_in_at timestamptz, open_sessions integer,
  blocked_until timestamptz, blocked_for_good boolean)
LANGUAGE plpgsql VOLATILE SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS $$
DECLARE
  v app.session_standing := app.administrator(p_token);
BEGIN
  RETURN QUERY
    SELECT a.id, a.role, a.display_name, a.job_title, a.email_sealed::text, a.status, app.has_second_factor(a.id), a.created_at::timestamptz, a.last_sign_in_at::timestamptz,
           (SELECT count(*)::integer FROM app.session s WHERE s.account_id = a.id AND s.ended_at IS NULL AND v.db_now < s.expires_at AND v.db_now < s.last_active_at + interval '15 minutes'),
           t.blocked_until::timestamptz, coalesce(t.failures >= 100, false)
      FROM app.account a
      LEFT JOIN LATERAL (SELECT max(s.blocked_until) AS blocked_until, max(s.failures) AS failures FROM app.sign_in_throttle s
                          WHERE s.key IN (a.email_token, a.email_token_even) AND s.kind = 'account' AND s.blocked_until > v.db_now) t ON true
     WHERE a.role NOT IN ('patient', 'proxy', 'service') ORDER BY a.display_name, a.id LIMIT 500;
END
$$;

CREATE OR REPLACE FUNCTION app.review_members(p_roles text[])
RETURNS TABLE (account_id uuid, role text, status text, created_at timestamptz, last_active_at timestamptz, second_factor boolean, teams text[])
LANGUAGE sql STABLE SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS $$
  SELECT a.id, a.role, a.status, a.created_at::timestamptz,
         greatest(a.last_sign_in_at, (SELECT max(s.last_active_at) FROM app.session s WHERE s.account_id = a.id))::timestamptz, app.has_second_factor(a.id),
         ARRAY(SELECT t.name FROM app.care_team_member m JOIN app.care_team t ON t.id = m.care_team_id
                WHERE m.account_id = a.id AND m.starts_at <= app.now() AND (m.ends_at IS NULL OR m.ends_at > app.now()) ORDER BY t.name)
    FROM app.account a WHERE a.role = ANY (p_roles) AND a.status <> 'deactivated'
$$;

GRANT EXECUTE ON FUNCTION app.sign_in_factors(uuid), app.my_factors(text), app.totp_set(text, text, bigint), app.totp_remove(text),
  app.fully_proved(text), app.password_shown(text),
  app.passkey_enrol(uuid, uuid, bytea, bytea, bigint, text[], boolean, uuid, text, bytea, text[], timestamptz) TO vigil_app;
RESET ROLE;
