-- Ways back in that were wider than they were meant to be.
SET LOCAL ROLE app_owner;

-- ── Invitations are for people who have never signed in ──────────────────────────────────────────────────────────
-- Whoever two administrators let begin anew is "invited" again, and one of the two could have had a whole code made by inviting
-- them once more. As before, but only for who never signed in; all others take two administrators again.
CREATE OR REPLACE FUNCTION app.invitation_renew(p_token text, p_account_id uuid, p_invitation_hash bytea) RETURNS boolean
LANGUAGE plpgsql VOLATILE SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS $$
DECLARE
  v app.session_standing := app.administrator_proven(p_token);
  v_account app.account;
BEGIN
  SELECT * INTO v_account FROM app.account a
   WHERE a.id = p_account_id AND a.status = 'invited' AND a.role NOT IN ('patient', 'proxy', 'service') FOR UPDATE;
  IF v_account.id IS NULL THEN RETURN false; END IF;
  IF v_account.last_sign_in_at IS NOT NULL THEN
    PERFORM audit.record_event('ACCOUNT_INVITED', v.account_id, v.role, v.session_id, p_account_id, '{"again": true, "reason": "signed-in-before"}', 'REFUSED', NULL);
    RETURN false;
  END IF;
  UPDATE app.invitation SET used_at = v.db_now WHERE account_id = p_account_id AND used_at IS NULL;
  INSERT INTO app.invitation (id, account_id, token_hash, expires_at) VALUES (gen_random_uuid(), p_account_id, p_invitation_hash, v.db_now + interval '7 days');
  PERFORM audit.record_event('ACCOUNT_INVITED', v.account_id, v.role, v.session_id, p_account_id, '{"again":true}', 'DONE', NULL);
  PERFORM app.mail_queue(p_account_id, 'invited');
  RETURN true;
END
$$;

-- Staff whose sign-in can be set up anew by two: who is in or locked, and who was begun anew before and lost the code.
CREATE FUNCTION app.may_begin_anew(a app.account) RETURNS boolean
LANGUAGE sql IMMUTABLE SET search_path = pg_catalog, pg_temp AS $$
  SELECT a.role NOT IN ('patient', 'proxy', 'service') AND (a.status IN ('active', 'locked') OR (a.status = 'invited' AND a.last_sign_in_at IS NOT NULL))
$$;

CREATE OR REPLACE FUNCTION app.staff_recovery_ask(p_token text, p_id uuid, p_account uuid, p_reason text, p_half_text uuid, p_half_sealed text) RETURNS text
LANGUAGE plpgsql VOLATILE SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS $$
DECLARE
  v app.session_standing := app.administrator_proven(p_token);
BEGIN
  IF v.role <> 'admin' OR p_account = v.account_id
     OR NOT EXISTS (SELECT FROM app.account a WHERE a.id = p_account AND app.may_begin_anew(a) FOR UPDATE) THEN
    PERFORM audit.record_event('STAFF_RECOVERY_REFUSED', v.account_id, v.role, v.session_id, p_account, '{"step": "ask"}', 'REFUSED', NULL);
    RETURN 'nothing';
  END IF;
  UPDATE app.staff_recovery SET closed_at = v.db_now WHERE account_id = p_account AND agreed_at IS NULL AND closed_at IS NULL AND expires_at <= v.db_now;
  IF EXISTS (SELECT FROM app.staff_recovery r WHERE r.account_id = p_account AND r.agreed_at IS NULL AND r.closed_at IS NULL) THEN RETURN 'open'; END IF;
  INSERT INTO app.sealed_text (id, kind, content_sealed) VALUES (p_half_text, 'half-code', p_half_sealed);
  INSERT INTO app.staff_recovery (id, account_id, reason, asked_by, asked_at, expires_at, half_text_id)
  VALUES (p_id, p_account, p_reason, v.account_id, v.db_now, v.db_now + interval '24 hours', p_half_text);
  PERFORM audit.record_event('STAFF_RECOVERY_ASKED', v.account_id, v.role, v.session_id, p_account, jsonb_build_object('request', p_id, 'reason', p_reason), 'DONE', NULL);
  PERFORM app.notify(a.id, 'staff-recovery-asked', p_id) FROM app.account a WHERE a.role = 'admin' AND a.status = 'active' AND a.id NOT IN (v.account_id, p_account);
  PERFORM app.mail_queue(p_account, 'sign-in-anew-asked');
  RETURN 'asked';
END
$$;

CREATE OR REPLACE FUNCTION app.staff_recovery_agree(p_token text, p_id uuid, p_invitation_hash bytea) RETURNS boolean
LANGUAGE plpgsql VOLATILE SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS $$
DECLARE
  v app.session_standing := app.administrator_proven(p_token);
  v_account uuid;
BEGIN
  UPDATE app.staff_recovery r SET agreed_by = v.account_id, agreed_at = v.db_now
   WHERE r.id = p_id AND v.role = 'admin' AND r.asked_by <> v.account_id AND r.account_id <> v.account_id AND r.agreed_at IS NULL AND r.closed_at IS NULL AND r.expires_at > v.db_now
     AND EXISTS (SELECT FROM app.account a WHERE a.id = r.account_id AND app.may_begin_anew(a))
     -- who asked must be an administrator still
     AND EXISTS (SELECT FROM app.account b WHERE b.id = r.asked_by AND b.status = 'active' AND b.role = 'admin' AND (b.ends_at IS NULL OR b.ends_at > v.db_now))
   RETURNING r.account_id INTO v_account;
  IF v_account IS NULL THEN
    PERFORM audit.record_event('STAFF_RECOVERY_REFUSED', v.account_id, v.role, v.session_id, (SELECT r.account_id FROM app.staff_recovery r WHERE r.id = p_id),
      jsonb_build_object('step', 'agree', 'request', p_id), 'REFUSED', NULL);
    RETURN false;
  END IF;
  PERFORM app.account_begin_anew(v_account, p_invitation_hash, 24);
  PERFORM audit.record_event('STAFF_RECOVERY_AGREED', v.account_id, v.role, v.session_id, v_account, jsonb_build_object('request', p_id), 'DONE', NULL);
  RETURN true;
END
$$;

CREATE OR REPLACE FUNCTION app.staff_recovery_by_operator(p_token text, p_account uuid, p_invitation_hash bytea) RETURNS boolean
LANGUAGE plpgsql VOLATILE SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS $$
DECLARE
  v app.session_standing := app.administrator(p_token);
  v_now timestamptz := app.now();
BEGIN
  IF v.role <> 'service'
     OR NOT EXISTS (SELECT FROM app.account a WHERE a.id = p_account AND app.may_begin_anew(a) FOR UPDATE)
     OR (SELECT count(*) FROM app.account a WHERE a.role = 'admin' AND a.status = 'active' AND a.id <> p_account AND (a.ends_at IS NULL OR a.ends_at > v_now)) >= 2 THEN
    PERFORM audit.record_event('STAFF_RECOVERY_REFUSED', v.account_id, v.role, v.session_id, p_account, '{"step": "operator"}', 'REFUSED', NULL);
    RETURN false;
  END IF;
  UPDATE app.staff_recovery SET closed_at = v_now WHERE account_id = p_account AND agreed_at IS NULL AND closed_at IS NULL;
  PERFORM app.account_begin_anew(p_account, p_invitation_hash, 24);
  PERFORM audit.record_event('STAFF_RECOVERY_AGREED', v.account_id, v.role, v.session_id, p_account, '{"operator": true}', 'DONE', NULL);
  PERFORM app.notify(a.id, 'staff-recovered-by-operator', p_account) FROM app.account a WHERE a.role = 'admin' AND a.status = 'active' AND a.id <> p_account;
  RETURN true;
END
$$;

-- ── "This wasn't me" always locks ────────────────────────────────────────────────────────────────────────────────
-- As before, but a lock by the owner, and beginning anew after it, go through: an administrator whose factors somebody else has is
-- worse than none, and keeps the mark, so that the way back leads to the same.
CREATE OR REPLACE FUNCTION app.keep_emergency_administrator() RETURNS trigger
LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS $$
BEGIN
  IF (NEW.role = 'admin' AND NEW.status IN ('active', 'invited', 'locked') AND NEW.ends_at IS NOT DISTINCT FROM OLD.ends_at)
     OR NOT app.is_emergency_administrator(OLD.id) THEN RETURN NEW; END IF;
  IF EXISTS (SELECT FROM app.role_federation f WHERE f.role = 'admin' AND f.provider_only)
     AND NOT EXISTS (SELECT FROM app.emergency_administrator e JOIN app.account a ON a.id = e.account_id
                      WHERE a.id <> OLD.id AND a.status = 'active' AND a.role = 'admin' AND a.ends_at IS NULL) THEN
    RAISE EXCEPTION 'the last emergency administrator cannot leave' USING ERRCODE = '55000';
  END IF;
  IF NEW.role <> 'admin' THEN DELETE FROM app.emergency_administrator WHERE account_id = OLD.id; END IF;
  RETURN NEW;
END
$$;

-- The address that a live link's letter was sent to because the account had left it; for the process that seals it for the account.
CREATE FUNCTION app.mail_link_former_address(p_hash bytea) RETURNS TABLE (account_id uuid, former_text_id uuid, former_sealed text)
LANGUAGE sql STABLE SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS $$
  SELECT c.account_id, t.id, t.content_sealed::text
    FROM app.mail_link l JOIN app.mail_outbox m ON m.id = l.mail_id AND m.kind = 'address-changed'
    JOIN app.email_change c ON c.id = m.reference AND c.account_id = l.account_id AND c.done_at IS NOT NULL JOIN app.sealed_text t ON t.id = c.former_text_id
   WHERE l.token_hash = p_hash AND l.purpose = 'not-me' AND l.used_at IS NULL AND l.expires_at > app.now()
$$;

-- As before. From the letter that told of another address the account gets the one back that it had: else whoever took it over would go
-- on getting its letters, and could lock it from each of them. Such a link is ended by whoever had the account before them alone.
DROP FUNCTION app.account_lock_by_link(bytea, inet);
CREATE FUNCTION app.account_lock_by_link(p_hash bytea, p_client_ip inet, p_email_sealed text DEFAULT NULL, p_email_tokens bytea[] DEFAULT NULL) RETURNS boolean
LANGUAGE plpgsql VOLATILE SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS $$
DECLARE
  -- when the address was left that this letter went to; null for any other letter
  v_left_at timestamptz := (SELECT c.done_at FROM app.mail_link l JOIN app.mail_outbox m ON m.id = l.mail_id AND m.kind = 'address-changed'
                              JOIN app.email_change c ON c.id = m.reference AND c.account_id = l.account_id WHERE l.token_hash = p_hash);
  v_link app.mail_link := app.mail_link_take(p_hash, 'not-me', p_client_ip);
  v_now timestamptz := app.now();
  v_role text;
  v_kind text;
  v_recipient uuid;
  v_sessions integer;
BEGIN
  IF v_link.token_hash IS NULL THEN RETURN false; END IF;
  SELECT m.kind, m.recipient_text_id INTO v_kind, v_recipient FROM app.mail_outbox m WHERE m.id = v_link.mail_id;
  UPDATE app.account SET locked_at = coalesce(locked_at, v_now), status = CASE status WHEN 'deactivated' THEN status ELSE 'locked' END
   WHERE id = v_link.account_id RETURNING role INTO v_role;
  v_sessions := app.sessions_end_all(v_link.account_id, 'locked', NULL);
  UPDATE app.invitation SET used_at = v_now WHERE account_id = v_link.account_id AND used_at IS NULL;
  UPDATE app.mail_link l SET used_at = v_now WHERE l.account_id = v_link.account_id AND l.used_at IS NULL
    AND NOT EXISTS (SELECT FROM app.mail_outbox m JOIN app.email_change c ON c.id = m.reference
                     WHERE m.id = l.mail_id AND m.kind = 'address-changed' AND (v_left_at IS NULL OR c.done_at < v_left_at));
  DELETE FROM app.known_device WHERE account_id = v_link.account_id;
  PERFORM audit.record_event('ACCOUNT_LOCKED', NULL, NULL, NULL, v_link.account_id, jsonb_build_object('letter', v_kind, 'sessions', v_sessions), 'DONE', p_client_ip);
  IF v_left_at IS NOT NULL AND p_email_sealed IS NOT NULL AND coalesce(app.account_by_email(p_email_tokens), v_link.account_id) = v_link.account_id THEN
    UPDATE app.account SET email_sealed = p_email_sealed, email_token = app.token_for(p_email_tokens, false), email_token_even = app.token_for(p_email_tokens, true)
     WHERE id = v_link.account_id;
    PERFORM audit.record_event('EMAIL_CHANGED', NULL, NULL, NULL, v_link.account_id, '{"restored": true}', 'DONE', p_client_ip);
  END IF;
  -- Administrators see no patients: of one they learn that it happened, and not whose it is.
  IF v_role IN ('patient', 'proxy') THEN PERFORM app.notify_role('admin', 'patient-account-locked', gen_random_uuid(), NULL);
  ELSE PERFORM app.notify_role('admin', 'account-locked', v_link.account_id, v_link.account_id);
  END IF;
  PERFORM app.mail_queue_about(v_link.account_id, 'account-locked', NULL, v_recipient, NULL);
  RETURN true;
END
$$;

-- ── Another address, another password: everything shown again, in the database too ───────────────────────────────
-- As before, but a one-time code of the last minutes alone is not enough (ASVS 5.0 7.5.1).
CREATE OR REPLACE FUNCTION app.email_change_ask(p_token text, p_id uuid, p_new_text uuid, p_new_sealed text, p_former_text uuid, p_former_sealed text, p_new_tokens bytea[]) RETURNS text
LANGUAGE plpgsql VOLATILE SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS $$
DECLARE
  v app.session_standing := app.session_touch(p_token);
BEGIN
  IF v.state <> 'active' OR v.role = 'service' THEN RETURN 'no-session'; END IF;
  IF NOT app.is_fully_proved(v) THEN RETURN 'not-fresh'; END IF;
  PERFORM FROM app.account WHERE id = v.account_id FOR UPDATE;
  IF (SELECT count(*) FROM app.email_change c WHERE c.account_id = v.account_id AND c.asked_at > v.db_now - interval '1 hour') >= 3 THEN RETURN 'too-many'; END IF;
  INSERT INTO app.sealed_text (id, kind, content_sealed) VALUES (p_new_text, 'mail-address', p_new_sealed), (p_former_text, 'mail-address', p_former_sealed);
  UPDATE app.email_change SET void_at = v.db_now WHERE account_id = v.account_id AND done_at IS NULL AND void_at IS NULL;
  INSERT INTO app.email_change (id, account_id, new_text_id, former_text_id, asked_at) VALUES (p_id, v.account_id, p_new_text, p_former_text, v.db_now);
  PERFORM audit.record_event('EMAIL_CHANGE_ASKED', v.account_id, v.role, v.session_id, v.account_id, '{}', 'DONE', NULL);
  PERFORM app.mail_queue_about(v.account_id, 'address-asked', NULL, p_former_text, p_id);
  IF app.account_by_email(p_new_tokens) IS NULL THEN
    PERFORM app.mail_queue_about(v.account_id, 'confirm-address', NULL, p_new_text, p_id);
  END IF;
  RETURN 'asked';
END
$$;

CREATE OR REPLACE FUNCTION app.password_change(p_token text, p_password_hash text) RETURNS boolean
LANGUAGE plpgsql VOLATILE SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS $$
DECLARE
  v app.session_standing := app.session_touch(p_token);
BEGIN
  IF NOT app.is_fully_proved(v) OR v.role = 'service' THEN RETURN false; END IF;
  UPDATE app.account SET password_hash = p_password_hash, password_changed_at = v.db_now WHERE id = v.account_id;
  PERFORM app.sessions_end_all(v.account_id, 'password-changed', v.session_id);
  PERFORM audit.record_event('PASSWORD_CHANGED', v.account_id, v.role, v.session_id, v.account_id, '{}', 'DONE', NULL);
  PERFORM app.notify(v.account_id, 'password-changed', v.account_id);
  RETURN true;
END
$$;

GRANT EXECUTE ON FUNCTION app.mail_link_former_address(bytea), app.account_lock_by_link(bytea, inet, text, bytea[]) TO vigil_app;
RESET ROLE;
