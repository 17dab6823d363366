-- What somebody has shown counts in the session in which they showed it, and in no other. A passkey that was used on a telephone at
-- home does not stand in for its owner at the workstation that they left open.
SET LOCAL ROLE app_owner;

-- When a passkey was last shown during this session.
ALTER TABLE app.session ADD COLUMN passkey_shown_at timestamptz(3);

-- When the person was at the provider in person, as far as it says: it may have opened this session without asking them anything.
ALTER TABLE app.federated_session ADD COLUMN authenticated_at timestamptz(3);

-- Whether somebody has shown all that a sign-in asks for in the last five minutes, in this session, and not a code alone, which can
-- be read over a shoulder: by the sign-in itself, by a passkey, whose device has verified its owner, or by the password once more
-- (ASVS 5.0 7.5.1). A sign-in through the provider counts from when the person was there.
CREATE OR REPLACE FUNCTION app.is_fully_proved(p app.session_standing) RETURNS boolean
LANGUAGE sql STABLE SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS $$
  SELECT app.is_fresh(p) AND EXISTS (
    SELECT FROM app.session s LEFT JOIN app.federated_session f ON f.session_id = s.id
     WHERE s.id = p.session_id AND p.db_now - interval '5 minutes' < greatest(s.password_shown_at, s.passkey_shown_at,
           CASE WHEN f.session_id IS NULL OR s.method = 'passkey' THEN s.opened_at ELSE f.authenticated_at END))
$$;

-- The last use of one of somebody's passkeys, by which a session that it raises is dated: the word "passkey" alone dates nothing.
CREATE FUNCTION app.passkey_last_used(p_account uuid) RETURNS timestamptz
LANGUAGE sql STABLE SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS $$
  SELECT max(k.last_used_at)::timestamptz FROM app.passkey k WHERE k.account_id = p_account
$$;

CREATE OR REPLACE FUNCTION app.session_raise(p_token text, p_method text, p_new_token_hash bytea) RETURNS boolean
LANGUAGE plpgsql VOLATILE SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS $$
DECLARE
  v app.session_standing := app.session_touch(p_token);
BEGIN
  IF v.state <> 'active' OR NOT app.opens_session(v.account_id, p_method) THEN RETURN false; END IF;
  UPDATE app.session SET second_factor_at = v.db_now, former_token_hash = token_hash, token_hash = p_new_token_hash, rotated_at = v.db_now,
         passkey_shown_at = CASE WHEN p_method = 'passkey' THEN app.passkey_last_used(v.account_id) ELSE passkey_shown_at END
   WHERE id = v.session_id AND ended_at IS NULL AND token_hash = sha256(convert_to(p_token, 'UTF8'));
  IF NOT FOUND THEN RETURN false; END IF;
  PERFORM audit.record_event('SESSION_RAISED', v.account_id, v.role, v.session_id, v.account_id, jsonb_build_object('method', p_method), 'DONE', NULL);
  RETURN true;
END
$$;

CREATE OR REPLACE FUNCTION app.session_unlock(p_token text, p_method text, p_new_token_hash bytea) RETURNS boolean
LANGUAGE plpgsql VOLATILE SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS $$
DECLARE
  v app.session_standing := app.session_standing_of(p_token);
BEGIN
  IF v.state <> 'locked' OR NOT app.opens_session(v.account_id, p_method) THEN RETURN false; END IF;
  UPDATE app.session SET locked_at = NULL, unlock_failures = 0, second_factor_at = v.db_now, last_active_at = v.db_now,
         former_token_hash = token_hash, token_hash = p_new_token_hash, rotated_at = v.db_now,
         passkey_shown_at = CASE WHEN p_method = 'passkey' THEN app.passkey_last_used(v.account_id) ELSE passkey_shown_at END
   WHERE id = v.session_id AND ended_at IS NULL AND locked_at IS NOT NULL AND token_hash = sha256(convert_to(p_token, 'UTF8'));
  IF NOT FOUND THEN RETURN false; END IF;
  PERFORM audit.record_event('SESSION_UNLOCKED', v.account_id, v.role, v.session_id, v.account_id, jsonb_build_object('method', p_method), 'DONE', NULL);
  RETURN true;
END
$$;

CREATE OR REPLACE FUNCTION app.federated_session_open(p_ticket_hash bytea, p_token_hash bytea, p_method text, p_client_ip inet, p_user_agent text) RETURNS uuid
LANGUAGE plpgsql VOLATILE SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS $$
DECLARE
  v_ticket app.federated_ticket;
  v_session uuid;
BEGIN
  SELECT * INTO v_ticket FROM app.federated_ticket t WHERE t.ticket_hash = p_ticket_hash FOR UPDATE;
  IF v_ticket.ticket_hash IS NULL OR v_ticket.used_at IS NOT NULL OR v_ticket.made_at <= app.now() - interval '5 minutes' THEN
    RAISE EXCEPTION 'no word of the provider opens this session' USING ERRCODE = '42501';
  END IF;
  PERFORM set_config('vigil.federated_ticket', encode(p_ticket_hash, 'hex'), true);
  v_session := app.session_open(v_ticket.account_id, p_token_hash, p_method, p_client_ip, p_user_agent);
  PERFORM set_config('vigil.federated_ticket', '', true);
  INSERT INTO app.federated_session (session_id, identity_id, sid_hash, authenticated_at) VALUES (v_session, v_ticket.identity_id, v_ticket.sid_hash, v_ticket.authenticated_at);
  RETURN v_session;
END
$$;

-- As before, but a provider that does not say when the person was there (`greatest` passes over a null) has not said that it was now:
-- such a sign-in is never fresh.
CREATE OR REPLACE FUNCTION app.federation_sign_in(p_issuer text, p_subject_hash bytea, p_email_tokens bytea[], p_claims text[], p_is_multi_factor boolean,
  p_age_seconds integer, p_sid_hash bytea, p_ticket_hash bytea, p_client_ip inet) RETURNS TABLE (outcome text, account_id uuid)
LANGUAGE plpgsql VOLATILE SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS $$
DECLARE
  v_now timestamptz := app.now();
  v_identity app.federated_identity;
  v_account app.account;
  v_role text;
BEGIN
  DELETE FROM app.federated_ticket t WHERE t.made_at < v_now - interval '1 day';
  SELECT * INTO v_identity FROM app.federated_identity i WHERE i.issuer = p_issuer AND i.subject_hash = p_subject_hash FOR UPDATE;
  SELECT * INTO v_account FROM app.account a
   WHERE a.id = coalesce(v_identity.account_id, app.account_by_email(p_email_tokens)) AND app.is_staff(a.role) FOR UPDATE;
  outcome := CASE
    WHEN v_account.id IS NULL THEN 'unknown'
    WHEN app.is_emergency_administrator(v_account.id) THEN 'local-only'
    -- the address was given to somebody else meanwhile: they are not who had it
    WHEN v_identity.id IS NULL AND EXISTS (SELECT FROM app.federated_identity i WHERE i.account_id = v_account.id) THEN 'linked-to-another'
    WHEN v_account.status NOT IN ('active', 'invited') OR v_account.ends_at <= v_now THEN 'closed' END;
  IF outcome IS NULL THEN
    SELECT c.role INTO v_role FROM app.role_claim c
     WHERE CASE WHEN p_claims IS NULL THEN c.role = v_account.role ELSE c.claim_value = ANY (p_claims) END ORDER BY c.position LIMIT 1;
    IF v_role IS NULL THEN
      outcome := 'no-role';
      PERFORM app.sessions_end_all(v_account.id, 'role-withdrawn', NULL);
    ELSIF app.is_own_doing(v_account.id, v_role, 'sign-in') THEN outcome := 'own-word';
    ELSIF NOT app.federation_set_role(v_account.id, v_role, 'sign-in', p_client_ip) THEN outcome := 'last-administrator';
    ELSIF NOT p_is_multi_factor AND (v_account.status = 'invited' OR NOT app.has_second_factor(v_account.id)) THEN outcome := 'no-factor';
    END IF;
  END IF;
  IF outcome IS NOT NULL THEN
    PERFORM app.federation_refused(v_account.id, outcome, p_client_ip);
    RETURN NEXT; RETURN;
  END IF;
  IF v_identity.id IS NULL THEN
    INSERT INTO app.federated_identity (account_id, issuer, subject_hash, linked_at, last_used_at)
    VALUES (v_account.id, p_issuer, p_subject_hash, v_now, v_now) RETURNING * INTO v_identity;
    PERFORM audit.record_event('FEDERATION_LINKED', v_account.id, v_role, NULL, v_account.id, jsonb_build_object('identity', v_identity.id), 'DONE', p_client_ip);
    -- A new way in is told of, on the page and by e-mail, like a new passkey (ASVS 5.0 6.3.7).
    PERFORM app.notify(v_account.id, 'provider-linked', v_identity.id);
    IF v_account.last_sign_in_at IS NOT NULL THEN PERFORM app.mail_queue(v_account.id, 'provider-linked'); END IF;
  ELSE
    UPDATE app.federated_identity i SET last_used_at = v_now WHERE i.id = v_identity.id;
  END IF;
  IF v_account.status = 'invited' THEN
    UPDATE app.account a SET status = 'active' WHERE a.id = v_account.id;
    UPDATE app.invitation n SET used_at = v_now WHERE n.account_id = v_account.id AND n.used_at IS NULL;
  END IF;
  INSERT INTO app.federated_ticket (ticket_hash, identity_id, account_id, sid_hash, is_multi_factor, authenticated_at, made_at)
  VALUES (p_ticket_hash, v_identity.id, v_account.id, p_sid_hash, p_is_multi_factor, v_now - CASE WHEN p_age_seconds IS NOT NULL THEN greatest(p_age_seconds, 0) * interval '1 second' END, v_now);
  outcome := CASE WHEN p_is_multi_factor THEN 'session' ELSE 'second-factor' END;
  account_id := v_account.id;
  RETURN NEXT;
END
$$;
RESET ROLE;
