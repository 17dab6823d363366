-- What holds for everybody of a role at the sign-in, what counts as a second factor, and the way that e-mails take.
SET LOCAL ROLE app_owner;

-- One row for each role of a person. Limits can be made stricter than the product's, never laxer (164.312(a)(2)(iii)).
CREATE TABLE app.role_policy (
  role text PRIMARY KEY CHECK (role IN ('patient', 'proxy', 'nurse', 'clinician', 'billing', 'admin', 'compliance')),
  -- without activity for so long, a session has no power
  idle_minutes integer NOT NULL DEFAULT 15 CHECK (idle_minutes BETWEEN 5 AND 15),
  -- open at once; one more ends the one that was unused for longest
  max_sessions integer NOT NULL CHECK (max_sessions BETWEEN 1 AND 8),
  -- a second factor that cannot be phished: one-time codes do not open a session
  passkey_only boolean NOT NULL DEFAULT false,
  changed_at timestamptz(3)
);
INSERT INTO app.role_policy (role, max_sessions)
  SELECT r, CASE WHEN r IN ('patient', 'proxy') THEN 8 ELSE 6 END
    FROM unnest(ARRAY['patient', 'proxy', 'nurse', 'clinician', 'billing', 'admin', 'compliance']) r;

-- What an account can show besides a password: an app for one-time codes, or at least one passkey.
CREATE FUNCTION app.has_second_factor(p_account uuid) RETURNS boolean
LANGUAGE sql STABLE SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS $$
  SELECT EXISTS (SELECT FROM app.account a WHERE a.id = p_account AND a.totp_enrolled_at IS NOT NULL)
      OR EXISTS (SELECT FROM app.passkey k WHERE k.account_id = p_account)
$$;

-- E-mails that are to be sent: to whom, of which kind, and what only that letter may say (a link that works once), sealed by
-- the organisation's key. The words of each kind are in lib/mail; none of them is about a record.
CREATE TABLE app.mail_outbox (
  id uuid PRIMARY KEY DEFAULT gen_random_uuid(),
  account_id uuid NOT NULL REFERENCES app.account (id),
  kind text NOT NULL CHECK (kind ~ '^[a-z][a-z-]{2,60}$'),
  detail_sealed app.ciphertext,
  created_at timestamptz(3) NOT NULL,
  next_try_at timestamptz(3) NOT NULL,
  tries integer NOT NULL DEFAULT 0,
  sent_at timestamptz(3),
  given_up_at timestamptz(3)
);
CREATE INDEX mail_outbox_waiting_idx ON app.mail_outbox (next_try_at) WHERE sent_at IS NULL AND given_up_at IS NULL;

-- Puts a letter into the outbox, in the same statement as what it tells of. For functions of schema app alone.
CREATE FUNCTION app.mail_queue(p_account uuid, p_kind text, p_detail_sealed text DEFAULT NULL) RETURNS uuid
LANGUAGE sql VOLATILE SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS $$
  INSERT INTO app.mail_outbox (account_id, kind, detail_sealed, created_at, next_try_at)
  SELECT a.id, p_kind, p_detail_sealed, app.now(), app.now() FROM app.account a WHERE a.id = p_account AND a.role <> 'service'
  RETURNING id
$$;
-- A rotation of the organisation's key renews what waits to be sent as well.
CREATE OR REPLACE VIEW app.sealed_secret AS
  SELECT 'email' AS kind, a.id AS row_id, a.email_sealed::text AS sealed FROM app.account a WHERE a.role <> 'service'
  UNION ALL SELECT 'totp-secret', a.id, a.totp_secret_sealed::text FROM app.account a WHERE a.totp_secret_sealed IS NOT NULL
  UNION ALL SELECT 'saved-filter', f.id, f.content_sealed::text FROM app.saved_filter f
  UNION ALL SELECT 'text', t.id, t.content_sealed::text FROM app.sealed_text t
  UNION ALL SELECT 'mail', m.id, m.detail_sealed::text FROM app.mail_outbox m WHERE m.detail_sealed IS NOT NULL;

CREATE OR REPLACE FUNCTION app.reseal_secrets(p_token text, p_rows jsonb) RETURNS integer
LANGUAGE plpgsql VOLATILE SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS $$
DECLARE
  v app.session_standing := app.key_rotation_session(p_token);
  v_row record;
  v_changed integer := 0;
BEGIN
  FOR v_row IN SELECT r.kind, r.id, r.old, r.new FROM jsonb_to_recordset(p_rows) AS r (kind text, id uuid, old text, new text) ORDER BY r.kind, r.id LOOP
    IF coalesce(substr(v_row.new, 6, 8) <= substr(v_row.old, 6, 8) COLLATE "C", true) THEN
      RAISE EXCEPTION 're-encryption goes to a later key version' USING ERRCODE = '23514';
    END IF;
    CASE v_row.kind
      WHEN 'email' THEN UPDATE app.account a SET email_sealed = v_row.new WHERE a.id = v_row.id AND a.email_sealed = v_row.old;
      WHEN 'totp-secret' THEN UPDATE app.account a SET totp_secret_sealed = v_row.new WHERE a.id = v_row.id AND a.totp_secret_sealed = v_row.old;
      WHEN 'saved-filter' THEN UPDATE app.saved_filter f SET content_sealed = v_row.new WHERE f.id = v_row.id AND f.content_sealed = v_row.old;
      WHEN 'text' THEN UPDATE app.sealed_text t SET content_sealed = v_row.new WHERE t.id = v_row.id AND t.content_sealed = v_row.old;
      WHEN 'mail' THEN UPDATE app.mail_outbox m SET detail_sealed = v_row.new WHERE m.id = v_row.id AND m.detail_sealed = v_row.old;
    END CASE;
    IF FOUND THEN v_changed := v_changed + 1; END IF;
  END LOOP;
  PERFORM audit.record_event('ACCOUNT_SECRETS_RESEALED', v.account_id, v.role, v.session_id, NULL, jsonb_build_object('secrets', v_changed), 'DONE', NULL);
  RETURN v_changed;
END
$$;
RESET ROLE;
