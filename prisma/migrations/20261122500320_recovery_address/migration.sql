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
RESET ROLE;
