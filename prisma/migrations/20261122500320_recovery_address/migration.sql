-- What a recovery needs to know of its account: whose passkey is asked for, and the address that a password may not contain.
SET LOCAL ROLE app_owner;

-- Whose account a live link is for, before its second factor was shown.
CREATE FUNCTION app.recovery_account(p_hash bytea) RETURNS uuid
LANGUAGE sql STABLE SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS $$
  SELECT l.account_id FROM app.mail_link l WHERE l.token_hash = p_hash AND app.recovery_stage(p_hash) = 'prove'
$$;

-- The sealed address, when a password may be set.
CREATE FUNCTION app.recovery_open(p_hash bytea) RETURNS TABLE (account_id uuid, email_sealed text)
LANGUAGE sql STABLE SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS $$
  SELECT a.id, a.email_sealed::text FROM app.mail_link l JOIN app.account a ON a.id = l.account_id WHERE l.token_hash = p_hash AND app.recovery_stage(p_hash) = 'password'
$$;
GRANT EXECUTE ON FUNCTION app.recovery_account(bytea), app.recovery_open(bytea) TO vigil_app;

-- As before; times are kept in whole milliseconds, so that a letter of this instant may lie half a one ahead.
CREATE OR REPLACE FUNCTION app.mail_waits() RETURNS boolean
LANGUAGE sql STABLE SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS $$
  SELECT EXISTS (SELECT FROM app.mail_outbox m WHERE m.sent_at IS NULL AND m.given_up_at IS NULL AND m.next_try_at <= app.now() + interval '1 millisecond')
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
  SELECT m.* INTO v_mail FROM app.mail_outbox m WHERE m.sent_at IS NULL AND m.given_up_at IS NULL AND m.next_try_at <= app.now() + interval '1 millisecond'
   ORDER BY m.next_try_at, m.id LIMIT 1 FOR UPDATE SKIP LOCKED;
  IF v_mail.id IS NULL THEN RETURN; END IF;
  UPDATE app.mail_outbox SET next_try_at = v.db_now + interval '5 minutes', tries = tries + 1 WHERE id = v_mail.id;
  RETURN QUERY SELECT v_mail.id, a.id, a.role, v_mail.kind, a.email_sealed::text, t.id, t.content_sealed::text, v_mail.created_at::timestamptz, s.user_agent, s.client_ip
    FROM app.account a LEFT JOIN app.sealed_text t ON t.id = v_mail.recipient_text_id LEFT JOIN app.session s ON s.id = v_mail.session_id
   WHERE a.id = v_mail.account_id;
END
$$;
-- As before, and no link for a day after ten second factors that were wrong: whoever reads the mailbox cannot go on guessing.
CREATE OR REPLACE FUNCTION app.recovery_letters() RETURNS void
LANGUAGE plpgsql VOLATILE SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS $$
DECLARE
  v_now timestamptz := app.now();
  v_account uuid;
  v_is_paused boolean;
BEGIN
  FOR v_account IN
    WITH taken AS (DELETE FROM app.recovery_request RETURNING account_id) SELECT DISTINCT t.account_id FROM taken t WHERE t.account_id IS NOT NULL
  LOOP
    CONTINUE WHEN (SELECT count(*) FROM app.mail_outbox m WHERE m.account_id = v_account AND m.created_at > v_now - interval '1 hour'
                     AND m.kind IN ('recovery-link', 'recovery-staff', 'recovery-locked', 'recovery-paused')) >= 3;
    v_is_paused := (SELECT coalesce(sum(l.tries), 0) FROM app.mail_link l WHERE l.account_id = v_account AND l.purpose = 'recovery' AND l.proven_at IS NULL AND l.made_at > v_now - interval '1 day') >= 10;
    PERFORM app.mail_queue(a.id, CASE WHEN a.status = 'locked' THEN 'recovery-locked' WHEN a.role NOT IN ('patient', 'proxy') THEN 'recovery-staff' WHEN v_is_paused THEN 'recovery-paused' ELSE 'recovery-link' END)
      FROM app.account a
     WHERE a.id = v_account AND (a.status = 'locked' OR (a.status = 'active' AND (a.ends_at IS NULL OR a.ends_at > v_now) AND app.has_second_factor(a.id)));
  END LOOP;
END
$$;

CREATE OR REPLACE FUNCTION app.email_change_confirm(p_hash bytea, p_email_sealed text, p_email_tokens bytea[], p_client_ip inet) RETURNS boolean
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
  PERFORM app.throttle_forget(v_account.id);
  UPDATE app.account SET email_sealed = p_email_sealed, email_token = app.token_for(p_email_tokens, false), email_token_even = app.token_for(p_email_tokens, true)
   WHERE id = v_account.id;
  -- a letter that went to the address that was left opens nothing any more
  UPDATE app.mail_link SET used_at = app.now() WHERE account_id = v_account.id AND purpose = 'recovery' AND used_at IS NULL;
  PERFORM audit.record_event('EMAIL_CHANGED', v_account.id, v_account.role, NULL, v_account.id, '{}', 'DONE', p_client_ip);
  PERFORM app.mail_queue_about(v_account.id, 'address-changed', NULL, v_change.former_text_id, v_change.id);
  PERFORM app.notify(v_account.id, 'email-changed', v_change.id);
  RETURN true;
END
$$;

-- As before; what was counted against the sign-ins of the account is forgotten in one place.
CREATE OR REPLACE FUNCTION app.recovery_finish(p_hash bytea, p_password_hash text, p_client_ip inet) RETURNS boolean
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
  PERFORM app.throttle_forget(v_account.id);
  DELETE FROM app.second_step_failure WHERE account_id = v_account.id;
  PERFORM audit.record_event('PASSWORD_RESET', v_account.id, v_account.role, NULL, v_account.id, '{}', 'DONE', p_client_ip);
  PERFORM app.notify(v_account.id, 'password-changed', v_account.id);
  RETURN true;
END
$$;

CREATE OR REPLACE FUNCTION app.account_begin_anew(p_account uuid, p_invitation_hash bytea, p_hours integer) RETURNS void
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
  PERFORM app.throttle_forget(p_account);
  INSERT INTO app.invitation (id, account_id, token_hash, expires_at) VALUES (gen_random_uuid(), p_account, p_invitation_hash, v_now + make_interval(hours => p_hours));
  PERFORM app.mail_queue(p_account, 'sign-in-anew');
END
$$;
RESET ROLE;
