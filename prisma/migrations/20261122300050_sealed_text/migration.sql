-- Texts that staff write beside their work (reasons, notes on a review, names that people give their devices): sealed by the
-- organisation's key, never plain, and kept in one table so that a rotation of that key renews them all.
-- Other tables hold the id of a text. Nobody reads or writes here but the functions of schema app and audit.
SET LOCAL ROLE app_owner;

CREATE TABLE app.sealed_text (
  id uuid PRIMARY KEY,
  kind text NOT NULL CHECK (kind ~ '^[a-z][a-z-]{1,39}$'),
  content_sealed app.ciphertext NOT NULL CHECK (length(content_sealed) <= 40000),
  created_at timestamptz(3) NOT NULL DEFAULT app.now()
);
COMMENT ON TABLE app.sealed_text IS 'Insert only; the rotation of keys alone exchanges a text for the same under a later key';
GRANT SELECT, INSERT, REFERENCES ON app.sealed_text TO audit_owner;
GRANT SELECT, INSERT ON app.sealed_text TO audit_gate;

CREATE OR REPLACE VIEW app.sealed_secret AS
  SELECT 'email' AS kind, a.id AS row_id, a.email_sealed::text AS sealed FROM app.account a WHERE a.role <> 'service'
  UNION ALL SELECT 'totp-secret', a.id, a.totp_secret_sealed::text FROM app.account a WHERE a.totp_secret_sealed IS NOT NULL
  UNION ALL SELECT 'saved-filter', f.id, f.content_sealed::text FROM app.saved_filter f
  UNION ALL SELECT 'text', t.id, t.content_sealed::text FROM app.sealed_text t;

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
    END CASE;
    IF FOUND THEN v_changed := v_changed + 1; END IF;
  END LOOP;
  PERFORM audit.record_event('ACCOUNT_SECRETS_RESEALED', v.account_id, v.role, v.session_id, NULL, jsonb_build_object('secrets', v_changed), 'DONE', NULL);
  RETURN v_changed;
END
$$;
RESET ROLE;
