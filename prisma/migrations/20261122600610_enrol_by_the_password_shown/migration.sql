-- The first factor is set up by who showed the password that holds now. Whoever had shown one that was exchanged since, at the desk or by
-- two administrators, could have set up a factor of their own within the quarter of an hour that their browser remembers it.
SET LOCAL ROLE app_owner;

-- What tells one password of an account from the next: a digest of its salted hash, which says nothing of the password. Null without one.
CREATE FUNCTION app.password_version(p_account uuid) RETURNS bytea
LANGUAGE sql STABLE SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS $$
  SELECT sha256(convert_to(a.password_hash, 'UTF8')) FROM app.account a WHERE a.id = p_account AND a.role <> 'service'
$$;

DROP FUNCTION app.totp_enrol(uuid, text, bigint, text[]);
DROP FUNCTION app.passkey_enrol(uuid, uuid, bytea, bytea, bigint, text[], boolean, uuid, text, bytea, text[], timestamptz);
DROP FUNCTION app.account_to_enrol(uuid, timestamptz);

-- As before; p_password: app.password_version of when the password was shown or chosen. With p_due it was a right code that was shown.
CREATE FUNCTION app.account_to_enrol(p_account_id uuid, p_due timestamptz, p_password bytea) RETURNS app.account
LANGUAGE plpgsql VOLATILE SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS $$
DECLARE
  a app.account;
BEGIN
  SELECT * INTO a FROM app.account c WHERE c.id = p_account_id AND c.role <> 'service' AND c.password_hash IS NOT NULL
     AND c.status IN ('invited', 'active') AND (c.ends_at IS NULL OR c.ends_at > app.now()) FOR UPDATE;
  IF a.id IS NULL THEN RETURN NULL; END IF;
  IF app.has_second_factor(a.id)
    THEN IF NOT coalesce(a.passkey_due_until = p_due AND p_due > app.now() AND app.passkey_only(a.role) AND NOT app.has_passkey(a.id), false) THEN RETURN NULL; END IF;
    ELSE IF p_password IS DISTINCT FROM app.password_version(a.id) THEN RETURN NULL; END IF;
  END IF;
  RETURN a;
END
$$;

CREATE FUNCTION app.totp_enrol(p_account_id uuid, p_secret_sealed text, p_step bigint, p_recovery_hashes text[], p_password bytea) RETURNS boolean
LANGUAGE plpgsql VOLATILE SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS $$
DECLARE
  a app.account := app.account_to_enrol(p_account_id, NULL, p_password);
BEGIN
  IF a.id IS NULL THEN
    PERFORM app.enrolment_refused(p_account_id, 'totp');
    RETURN false;
  END IF;
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

CREATE FUNCTION app.passkey_enrol(p_account_id uuid, p_id uuid, p_credential_id bytea, p_public_key bytea, p_sign_count bigint, p_transports text[],
  p_is_backed_up boolean, p_name_text_id uuid, p_name_sealed text, p_challenge_hash bytea, p_recovery_hashes text[], p_due timestamptz, p_password bytea) RETURNS text
LANGUAGE plpgsql VOLATILE SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS $$
DECLARE
  a app.account := app.account_to_enrol(p_account_id, p_due, p_password);
BEGIN
  IF a.id IS NULL THEN
    PERFORM app.enrolment_refused(p_account_id, 'passkey');
    RETURN 'gone';
  END IF;
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

-- Somebody had shown a password and may set up nothing with it: it was exchanged, or there is a factor already.
CREATE FUNCTION app.enrolment_refused(p_account uuid, p_method text) RETURNS void
LANGUAGE sql VOLATILE SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS $$
  SELECT audit.record_event('SECOND_FACTOR_REFUSED', NULL, NULL, NULL, a.id, jsonb_build_object('method', p_method, 'reason', 'enrolment'), 'REFUSED', NULL)
    FROM app.account a WHERE a.id = p_account
$$;

GRANT EXECUTE ON FUNCTION app.password_version(uuid), app.totp_enrol(uuid, text, bigint, text[], bytea),
  app.passkey_enrol(uuid, uuid, bytea, bytea, bigint, text[], boolean, uuid, text, bytea, text[], timestamptz, bytea) TO vigil_app;
RESET ROLE;
