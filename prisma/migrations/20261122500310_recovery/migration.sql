-- Getting back in without a hole: a new password by e-mail and second factor, another e-mail address, and, for staff, two
-- administrators. No way here signs anybody in, none resets a factor by e-mail, and none tells whether somebody has an account.
SET LOCAL ROLE app_owner;

-- ── Browsers ─────────────────────────────────────────────────────────────────────────────────────────────────────
DROP FUNCTION app.device_note(text, bytea);

-- Notes the browser of a session that has just begun: 'known' by its cookie (p_former), or 'new' and known by p_device from now
-- on, for everybody whom the cookie stood for. A new one is told of by e-mail, unless it is the very first sign-in.
CREATE FUNCTION app.device_note(p_token text, p_device bytea, p_former bytea) RETURNS text
LANGUAGE plpgsql VOLATILE SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS $$
DECLARE
  v app.session_standing := app.session_standing_of(p_token);
BEGIN
  IF v.state <> 'active' OR v.role = 'service' THEN RETURN 'no-session'; END IF;
  DELETE FROM app.second_step_failure WHERE account_id = v.account_id;
  UPDATE app.known_device SET last_at = v.db_now WHERE token_hash = p_former AND account_id = v.account_id;
  IF FOUND THEN RETURN 'known'; END IF;
  INSERT INTO app.known_device (token_hash, account_id, first_at, last_at)
  SELECT p_device, d.account_id, d.first_at, d.last_at FROM app.known_device d WHERE d.token_hash = p_former;
  INSERT INTO app.known_device (token_hash, account_id, first_at, last_at) VALUES (p_device, v.account_id, v.db_now, v.db_now);
  -- The newest twenty of a person are enough.
  DELETE FROM app.known_device d WHERE d.account_id = v.account_id AND d.token_hash NOT IN
    (SELECT n.token_hash FROM app.known_device n WHERE n.account_id = v.account_id ORDER BY n.last_at DESC, n.token_hash LIMIT 20);
  IF v.previous_sign_in_at IS NOT NULL THEN
    PERFORM app.mail_queue_about(v.account_id, 'new-browser', v.session_id, NULL, NULL);
    PERFORM audit.record_event('SIGN_IN_FROM_NEW_BROWSER', v.account_id, v.role, v.session_id, v.account_id, '{}', 'DONE', NULL);
  END IF;
  RETURN 'new';
END
$$;

-- ── A new password ───────────────────────────────────────────────────────────────────────────────────────────────

-- Who asked for a new password. The same row is written for an address that is nobody's: what becomes of it is decided later, by the
-- job that writes the letters, so that the answer takes the same time and the same writes for everybody (ASVS 5.0 6.3.8, 6.4.3).
CREATE TABLE app.recovery_request (
  id uuid PRIMARY KEY DEFAULT gen_random_uuid(),
  account_id uuid REFERENCES app.account (id),
  asked_at timestamptz(3) NOT NULL
);

CREATE FUNCTION app.recovery_ask(p_email_tokens bytea[], p_client_ip inet) RETURNS void
LANGUAGE plpgsql VOLATILE SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS $$
DECLARE
  v_account uuid := app.account_by_email(p_email_tokens);
BEGIN
  INSERT INTO app.recovery_request (account_id, asked_at) VALUES (v_account, app.now());
  PERFORM audit.record_event('RECOVERY_ASKED', NULL, NULL, NULL, v_account, '{}', 'DONE', p_client_ip);
END
$$;

-- Makes letters of the requests: at most three an hour to one person. Only a patient or proxy whose account is open gets a link;
-- staff are told whom to ask, and the locked where to come. For app.mail_take.
CREATE FUNCTION app.recovery_letters() RETURNS void
LANGUAGE plpgsql VOLATILE SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS $$
DECLARE
  v_now timestamptz := app.now();
  v_account uuid;
BEGIN
  FOR v_account IN
    WITH taken AS (DELETE FROM app.recovery_request RETURNING account_id) SELECT DISTINCT t.account_id FROM taken t WHERE t.account_id IS NOT NULL
  LOOP
    CONTINUE WHEN (SELECT count(*) FROM app.mail_outbox m WHERE m.account_id = v_account AND m.created_at > v_now - interval '1 hour'
                     AND m.kind IN ('recovery-link', 'recovery-staff', 'recovery-locked')) >= 3;
    PERFORM app.mail_queue(a.id, CASE WHEN a.status = 'locked' THEN 'recovery-locked' WHEN a.role IN ('patient', 'proxy') THEN 'recovery-link' ELSE 'recovery-staff' END)
      FROM app.account a
     WHERE a.id = v_account AND (a.status = 'locked' OR (a.status = 'active' AND (a.ends_at IS NULL OR a.ends_at > v_now) AND app.has_second_factor(a.id)));
  END LOOP;
END
$$;

CREATE OR REPLACE FUNCTION app.mail_waits() RETURNS boolean
LANGUAGE sql STABLE SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS $$
  SELECT EXISTS (SELECT FROM app.mail_outbox m WHERE m.sent_at IS NULL AND m.given_up_at IS NULL AND m.next_try_at <= app.now())
      OR EXISTS (SELECT FROM app.recovery_request)
$$;

CREATE OR REPLACE FUNCTION app.mail_take(p_token text)
RETURNS TABLE (mail_id uuid, account_id uuid, role text, kind text, email_sealed text, recipient_text_id uuid, recipient_sealed text, created_at timestamptz, user_agent text, client_ip inet)
LANGUAGE plpgsql VOLATILE SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS $$
DECLARE
  v app.session_standing := app.mail_session(p_token);
  v_mail app.mail_outbox;
BEGIN
  PERFORM app.recovery_letters();
  SELECT m.* INTO v_mail FROM app.mail_outbox m WHERE m.sent_at IS NULL AND m.given_up_at IS NULL AND m.next_try_at <= app.now()
   ORDER BY m.next_try_at, m.id LIMIT 1 FOR UPDATE SKIP LOCKED;
  IF v_mail.id IS NULL THEN RETURN; END IF;
  UPDATE app.mail_outbox SET next_try_at = v.db_now + interval '5 minutes', tries = tries + 1 WHERE id = v_mail.id;
  RETURN QUERY SELECT v_mail.id, a.id, a.role, v_mail.kind, a.email_sealed::text, t.id, t.content_sealed::text, v_mail.created_at::timestamptz, s.user_agent, s.client_ip
    FROM app.account a LEFT JOIN app.sealed_text t ON t.id = v_mail.recipient_text_id LEFT JOIN app.session s ON s.id = v_mail.session_id
   WHERE a.id = v_mail.account_id;
END
$$;

-- How far a recovery has come: 'gone', 'prove' (a second factor is still to be shown) or 'password'.
CREATE FUNCTION app.recovery_stage(p_hash bytea) RETURNS text
LANGUAGE sql STABLE SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS $$
  SELECT coalesce((
    SELECT CASE WHEN l.proven_at > app.now() - interval '10 minutes' THEN 'password' WHEN l.proven_at IS NULL AND l.tries < 5 THEN 'prove' ELSE 'gone' END
      FROM app.mail_link l JOIN app.account a ON a.id = l.account_id
     WHERE l.token_hash = p_hash AND l.purpose = 'recovery' AND l.used_at IS NULL AND l.expires_at > app.now() AND a.status = 'active'), 'gone')
$$;

-- Whose second factor is tried with a link: five tries a link, counted before anything is checked, so that tries beside each other
-- count as well. NULL: none is left, or the link is dead.
CREATE FUNCTION app.recovery_try(p_hash bytea, p_client_ip inet) RETURNS uuid
LANGUAGE plpgsql VOLATILE SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS $$
DECLARE
  v_account uuid;
BEGIN
  UPDATE app.mail_link l SET tries = l.tries + 1 FROM app.account a
   WHERE l.token_hash = p_hash AND l.purpose = 'recovery' AND l.used_at IS NULL AND l.expires_at > app.now() AND l.tries < 5 AND l.proven_at IS NULL
     AND a.id = l.account_id AND a.status = 'active'
   RETURNING l.account_id INTO v_account;
  IF v_account IS NULL THEN
    PERFORM audit.record_event('MAIL_LINK_REFUSED', NULL, NULL, NULL, (SELECT l.account_id FROM app.mail_link l WHERE l.token_hash = p_hash),
      '{"purpose": "recovery"}', 'REFUSED', p_client_ip);
  END IF;
  RETURN v_account;
END
$$;

-- Notes that the second factor was right. A password may be set with this link for ten minutes.
CREATE FUNCTION app.recovery_proven(p_hash bytea, p_method text, p_client_ip inet) RETURNS boolean
LANGUAGE plpgsql VOLATILE SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS $$
DECLARE
  v_account uuid;
BEGIN
  IF p_method NOT IN ('totp', 'recovery-code', 'passkey') THEN
    RAISE EXCEPTION 'unknown way to prove who somebody is' USING ERRCODE = '22023';
  END IF;
  UPDATE app.mail_link l SET proven_at = app.now()
   WHERE l.token_hash = p_hash AND l.purpose = 'recovery' AND l.used_at IS NULL AND l.expires_at > app.now() AND l.tries BETWEEN 1 AND 5 AND l.proven_at IS NULL
   RETURNING l.account_id INTO v_account;
  IF v_account IS NULL THEN RETURN false; END IF;
  PERFORM audit.record_event('RECOVERY_PROVEN', v_account, NULL, NULL, v_account, jsonb_build_object('method', p_method), 'DONE', p_client_ip);
  RETURN true;
END
$$;

-- Sets the new password, once. Every session ends, nobody is signed in, and no factor is touched.
CREATE FUNCTION app.recovery_finish(p_hash bytea, p_password_hash text, p_client_ip inet) RETURNS boolean
LANGUAGE plpgsql VOLATILE SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS $$
DECLARE
  v_link app.mail_link;
  v_account app.account;
BEGIN
  IF app.recovery_stage(p_hash) <> 'password' THEN
    PERFORM audit.record_event('MAIL_LINK_REFUSED', NULL, NULL, NULL, (SELECT l.account_id FROM app.mail_link l WHERE l.token_hash = p_hash),
      '{"purpose": "recovery"}', 'REFUSED', p_client_ip);
    RETURN false;
  END IF;
  v_link := app.mail_link_take(p_hash, 'recovery', p_client_ip);
  IF v_link.token_hash IS NULL THEN RETURN false; END IF;
  UPDATE app.account SET password_hash = p_password_hash, password_changed_at = app.now() WHERE id = v_link.account_id AND status = 'active' RETURNING * INTO v_account;
  IF v_account.id IS NULL THEN RETURN false; END IF;
  PERFORM app.sessions_end_all(v_account.id, 'password-changed', NULL);
  -- Whoever has shown the mailbox and the second factor is not the one who guessed.
  DELETE FROM app.sign_in_throttle WHERE key IN (v_account.email_token, v_account.email_token_even) AND kind = 'account';
  DELETE FROM app.second_step_failure WHERE account_id = v_account.id;
  PERFORM audit.record_event('PASSWORD_RESET', v_account.id, v_account.role, NULL, v_account.id, '{}', 'DONE', p_client_ip);
  PERFORM app.notify(v_account.id, 'password-changed', v_account.id);
  RETURN true;
END
$$;

-- ── Another e-mail address ───────────────────────────────────────────────────────────────────────────────────────

-- Addresses that somebody asked for, sealed, with the one that they leave.
CREATE TABLE app.email_change (
  id uuid PRIMARY KEY,
  account_id uuid NOT NULL REFERENCES app.account (id),
  new_text_id uuid NOT NULL REFERENCES app.sealed_text (id),
  former_text_id uuid NOT NULL REFERENCES app.sealed_text (id),
  asked_at timestamptz(3) NOT NULL,
  done_at timestamptz(3),
  void_at timestamptz(3)
);
CREATE INDEX ON app.email_change (account_id, asked_at DESC);

-- Asks for another address: a link goes to the new one, a warning to the present one. One that is somebody's already is answered in the
-- same way, and gets no letter. 'asked', 'no-session', 'not-fresh' or 'too-many'.
CREATE FUNCTION app.email_change_ask(p_token text, p_id uuid, p_new_text uuid, p_new_sealed text, p_former_text uuid, p_former_sealed text, p_new_tokens bytea[]) RETURNS text
LANGUAGE plpgsql VOLATILE SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS $$
DECLARE
  v app.session_standing := app.session_touch(p_token);
BEGIN
  IF v.state <> 'active' OR v.role = 'service' THEN RETURN 'no-session'; END IF;
  IF NOT app.is_fresh(v) THEN RETURN 'not-fresh'; END IF;
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

-- The address that a link confirms, for the process that seals it for its account.
CREATE FUNCTION app.email_change_open(p_hash bytea) RETURNS TABLE (account_id uuid, new_text_id uuid, new_sealed text)
LANGUAGE sql STABLE SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS $$
  SELECT c.account_id, t.id, t.content_sealed::text
    FROM app.mail_link l JOIN app.mail_outbox m ON m.id = l.mail_id JOIN app.email_change c ON c.id = m.reference JOIN app.sealed_text t ON t.id = c.new_text_id
    JOIN app.account a ON a.id = c.account_id
   WHERE l.token_hash = p_hash AND l.purpose = 'new-address' AND l.used_at IS NULL AND l.expires_at > app.now() AND c.done_at IS NULL AND c.void_at IS NULL AND a.status = 'active'
$$;

-- Makes it the account's, once; the address that was left is told.
CREATE FUNCTION app.email_change_confirm(p_hash bytea, p_email_sealed text, p_email_tokens bytea[], p_client_ip inet) RETURNS boolean
LANGUAGE plpgsql VOLATILE SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS $$
DECLARE
  v_link app.mail_link := app.mail_link_take(p_hash, 'new-address', p_client_ip);
  v_change app.email_change;
  v_account app.account;
BEGIN
  IF v_link.token_hash IS NULL THEN RETURN false; END IF;
  UPDATE app.email_change c SET done_at = app.now() FROM app.mail_outbox m
   WHERE m.id = v_link.mail_id AND c.id = m.reference AND c.done_at IS NULL AND c.void_at IS NULL RETURNING c.* INTO v_change;
  SELECT * INTO v_account FROM app.account a WHERE a.id = v_change.account_id AND a.status = 'active' FOR UPDATE;
  IF v_account.id IS NULL OR coalesce(app.account_by_email(p_email_tokens), v_account.id) <> v_account.id THEN RETURN false; END IF;
  DELETE FROM app.sign_in_throttle WHERE key IN (v_account.email_token, v_account.email_token_even) AND kind = 'account';
  UPDATE app.account SET email_sealed = p_email_sealed, email_token = app.token_for(p_email_tokens, false), email_token_even = app.token_for(p_email_tokens, true)
   WHERE id = v_account.id;
  PERFORM audit.record_event('EMAIL_CHANGED', v_account.id, v_account.role, NULL, v_account.id, '{}', 'DONE', p_client_ip);
  PERFORM app.mail_queue_about(v_account.id, 'address-changed', NULL, v_change.former_text_id, v_change.id);
  PERFORM app.notify(v_account.id, 'email-changed', v_change.id);
  RETURN true;
END
$$;

-- ── Staff: two administrators ────────────────────────────────────────────────────────────────────────────────────

-- Requests to set up somebody's sign-in anew. Each of the two administrators gets one half of the code, so that neither can use it.
CREATE TABLE app.staff_recovery (
  id uuid PRIMARY KEY,
  account_id uuid NOT NULL REFERENCES app.account (id),
  reason text NOT NULL CHECK (reason IN ('lost-factors', 'forgot-password', 'locked')),
  asked_by uuid NOT NULL REFERENCES app.account (id),
  asked_at timestamptz(3) NOT NULL,
  expires_at timestamptz(3) NOT NULL,
  half_text_id uuid NOT NULL REFERENCES app.sealed_text (id),
  agreed_by uuid REFERENCES app.account (id),
  agreed_at timestamptz(3),
  -- refused or taken back by an administrator, or voided because the account was locked
  closed_at timestamptz(3),
  CHECK (agreed_by IS DISTINCT FROM asked_by AND (agreed_by IS NULL) = (agreed_at IS NULL)),
  CHECK (asked_by <> account_id AND agreed_by IS DISTINCT FROM account_id)
);
CREATE UNIQUE INDEX staff_recovery_open_idx ON app.staff_recovery (account_id) WHERE agreed_at IS NULL AND closed_at IS NULL;

-- First administrator: 'asked', 'nothing' (oneself, a patient, nobody to help) or 'open' (somebody has asked already).
CREATE FUNCTION app.staff_recovery_ask(p_token text, p_id uuid, p_account uuid, p_reason text, p_half_text uuid, p_half_sealed text) RETURNS text
LANGUAGE plpgsql VOLATILE SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS $$
DECLARE
  v app.session_standing := app.administrator_proven(p_token);
BEGIN
  IF v.role <> 'admin' OR p_account = v.account_id
     OR NOT EXISTS (SELECT FROM app.account a WHERE a.id = p_account AND a.role NOT IN ('patient', 'proxy', 'service') AND a.status IN ('active', 'locked') FOR UPDATE) THEN
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

-- What waits for a second administrator.
CREATE FUNCTION app.staff_recovery_list(p_token text)
RETURNS TABLE (request_id uuid, account_id uuid, display_name text, role text, reason text, asked_by_name text, asked_at timestamptz, expires_at timestamptz, is_mine boolean, is_about_me boolean)
LANGUAGE plpgsql VOLATILE SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS $$
DECLARE
  v app.session_standing := app.administrator(p_token);
BEGIN
  RETURN QUERY SELECT r.id, a.id, a.display_name, a.role, r.reason, b.display_name, r.asked_at::timestamptz, r.expires_at::timestamptz, r.asked_by = v.account_id, a.id = v.account_id
    FROM app.staff_recovery r JOIN app.account a ON a.id = r.account_id JOIN app.account b ON b.id = r.asked_by
   WHERE r.agreed_at IS NULL AND r.closed_at IS NULL AND r.expires_at > v.db_now ORDER BY r.asked_at, r.id LIMIT 100;
END
$$;

-- A request that this administrator may agree to: it is open, somebody else's, and not about them. With the first half, sealed.
CREATE FUNCTION app.staff_recovery_open(p_token text, p_id uuid) RETURNS TABLE (half_text_id uuid, half_sealed text)
LANGUAGE plpgsql VOLATILE SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS $$
DECLARE
  v app.session_standing := app.administrator_proven(p_token);
BEGIN
  RETURN QUERY SELECT t.id, t.content_sealed::text FROM app.staff_recovery r JOIN app.sealed_text t ON t.id = r.half_text_id
   WHERE r.id = p_id AND v.role = 'admin' AND r.asked_by <> v.account_id AND r.account_id <> v.account_id AND r.agreed_at IS NULL AND r.closed_at IS NULL AND r.expires_at > v.db_now;
  IF NOT FOUND THEN
    PERFORM audit.record_event('STAFF_RECOVERY_REFUSED', v.account_id, v.role, v.session_id, (SELECT r.account_id FROM app.staff_recovery r WHERE r.id = p_id),
      jsonb_build_object('step', 'agree', 'request', p_id), 'REFUSED', NULL);
  END IF;
END
$$;

-- Takes everything away that the account was signed in with, and lets it begin anew with an invitation. For the two functions below.
CREATE FUNCTION app.account_begin_anew(p_account uuid, p_invitation_hash bytea, p_hours integer) RETURNS void
LANGUAGE plpgsql VOLATILE SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS $$
DECLARE
  v_now timestamptz := app.now();
BEGIN
  PERFORM app.factors_clear(p_account);
  UPDATE app.account SET password_hash = NULL, locked_at = NULL, status = 'invited' WHERE id = p_account;
  PERFORM app.sessions_end_all(p_account, 'recovery', NULL);
  UPDATE app.invitation SET used_at = v_now WHERE account_id = p_account AND used_at IS NULL;
  UPDATE app.mail_link SET used_at = v_now WHERE account_id = p_account AND used_at IS NULL;
  UPDATE app.email_change SET void_at = v_now WHERE account_id = p_account AND done_at IS NULL AND void_at IS NULL;
  DELETE FROM app.known_device WHERE account_id = p_account;
  DELETE FROM app.second_step_failure WHERE account_id = p_account;
  DELETE FROM app.sign_in_throttle t USING app.account a WHERE a.id = p_account AND t.key IN (a.email_token, a.email_token_even) AND t.kind = 'account';
  INSERT INTO app.invitation (id, account_id, token_hash, expires_at) VALUES (gen_random_uuid(), p_account, p_invitation_hash, v_now + make_interval(hours => p_hours));
  PERFORM app.mail_queue(p_account, 'sign-in-anew');
END
$$;

-- Second administrator: from here on the old password and factors open nothing. The code lives 24 hours.
CREATE FUNCTION app.staff_recovery_agree(p_token text, p_id uuid, p_invitation_hash bytea) RETURNS boolean
LANGUAGE plpgsql VOLATILE SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS $$
DECLARE
  v app.session_standing := app.administrator_proven(p_token);
  v_account uuid;
BEGIN
  UPDATE app.staff_recovery r SET agreed_by = v.account_id, agreed_at = v.db_now
   WHERE r.id = p_id AND v.role = 'admin' AND r.asked_by <> v.account_id AND r.account_id <> v.account_id AND r.agreed_at IS NULL AND r.closed_at IS NULL AND r.expires_at > v.db_now
     AND EXISTS (SELECT FROM app.account a WHERE a.id = r.account_id AND a.status IN ('active', 'locked') AND a.role NOT IN ('patient', 'proxy', 'service'))
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

-- Takes a request back, or refuses it: any administrator but the one it is about. Taking away needs no fresh factor.
CREATE FUNCTION app.staff_recovery_close(p_token text, p_id uuid) RETURNS boolean
LANGUAGE plpgsql VOLATILE SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS $$
DECLARE
  v app.session_standing := app.administrator(p_token);
  v_account uuid;
BEGIN
  UPDATE app.staff_recovery r SET closed_at = v.db_now WHERE r.id = p_id AND r.account_id <> v.account_id AND r.agreed_at IS NULL AND r.closed_at IS NULL RETURNING r.account_id INTO v_account;
  IF v_account IS NULL THEN RETURN false; END IF;
  PERFORM audit.record_event('STAFF_RECOVERY_CLOSED', v.account_id, v.role, v.session_id, v_account, jsonb_build_object('request', p_id), 'DONE', NULL);
  RETURN true;
END
$$;

-- The same by the operator on the server, only where the clinic has not two other administrators who could do it.
CREATE FUNCTION app.staff_recovery_by_operator(p_token text, p_account uuid, p_invitation_hash bytea) RETURNS boolean
LANGUAGE plpgsql VOLATILE SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS $$
DECLARE
  v app.session_standing := app.administrator(p_token);
  v_now timestamptz := app.now();
BEGIN
  IF v.role <> 'service'
     OR NOT EXISTS (SELECT FROM app.account a WHERE a.id = p_account AND a.role NOT IN ('patient', 'proxy', 'service') AND a.status IN ('active', 'locked') FOR UPDATE)
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

-- A lock voids what was under way as well.
CREATE FUNCTION app.void_when_locked() RETURNS trigger
LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS $$
BEGIN
  UPDATE app.email_change SET void_at = app.now() WHERE account_id = NEW.id AND done_at IS NULL AND void_at IS NULL;
  UPDATE app.staff_recovery SET closed_at = app.now() WHERE account_id = NEW.id AND agreed_at IS NULL AND closed_at IS NULL;
  RETURN NULL;
END
$$;
CREATE TRIGGER account_void_when_locked AFTER UPDATE OF status ON app.account FOR EACH ROW
  WHEN (NEW.status = 'locked' AND OLD.status IS DISTINCT FROM 'locked') EXECUTE FUNCTION app.void_when_locked();

GRANT EXECUTE ON FUNCTION app.device_note(text, bytea, bytea), app.recovery_ask(bytea[], inet), app.recovery_stage(bytea), app.recovery_try(bytea, inet),
  app.recovery_proven(bytea, text, inet), app.recovery_finish(bytea, text, inet),
  app.email_change_ask(text, uuid, uuid, text, uuid, text, bytea[]), app.email_change_open(bytea), app.email_change_confirm(bytea, text, bytea[], inet),
  app.staff_recovery_ask(text, uuid, uuid, text, uuid, text), app.staff_recovery_list(text), app.staff_recovery_open(text, uuid),
  app.staff_recovery_agree(text, uuid, bytea), app.staff_recovery_close(text, uuid) TO vigil_app;
GRANT EXECUTE ON FUNCTION app.staff_recovery_by_operator(text, uuid, bytea) TO vigil_worker;
RESET ROLE;
