-- Passkeys (W3C WebAuthn Level 3): a second way to sign in, in one step that cannot be phished (SP 800-63B-4 §3.2.5).
--
-- The private key never leaves the person's device; here lie the public key and how often it was used. A signature is
-- checked by the web process (lib/auth/passkey); what it may lead to is decided here, in the same statement as its event.
SET LOCAL ROLE app_owner;

CREATE TABLE app.passkey (
  id uuid PRIMARY KEY,
  account_id uuid NOT NULL REFERENCES app.account (id),
  -- chosen by the authenticator at random: 16 to 1023 bytes (WebAuthn §5.8.3)
  credential_id bytea NOT NULL UNIQUE CHECK (octet_length(credential_id) BETWEEN 16 AND 1023),
  -- a COSE key (RFC 9052)
  public_key bytea NOT NULL CHECK (octet_length(public_key) BETWEEN 32 AND 2000),
  -- 0 for ever on authenticators that do not count
  sign_count bigint NOT NULL CHECK (sign_count >= 0),
  transports text[] NOT NULL,
  -- whether the owner's other devices have it too; it may change with time
  is_backed_up boolean NOT NULL,
  name_text_id uuid NOT NULL REFERENCES app.sealed_text (id),
  created_at timestamptz(3) NOT NULL,
  last_used_at timestamptz(3)
);
CREATE INDEX ON app.passkey (account_id);

-- Challenges that were answered: each is good once, also when somebody copied the answer and the cookie (WebAuthn §13.4.3).
CREATE TABLE app.passkey_answer (
  challenge_hash bytea PRIMARY KEY CHECK (octet_length(challenge_hash) = 32),
  answered_at timestamptz(3) NOT NULL
);
CREATE INDEX ON app.passkey_answer (answered_at);

ALTER TABLE app.session DROP CONSTRAINT session_method_check;
ALTER TABLE app.session ADD CONSTRAINT session_method_check CHECK (method IN ('totp', 'recovery-code', 'enrolment', 'passkey', 'service'));

-- Takes a challenge, once. Those that are too old to be answered are swept away.
CREATE FUNCTION app.passkey_challenge_take(p_challenge_hash bytea) RETURNS boolean
LANGUAGE plpgsql VOLATILE SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS $$
BEGIN
  DELETE FROM app.passkey_answer WHERE answered_at < app.now() - interval '1 hour';
  INSERT INTO app.passkey_answer (challenge_hash, answered_at) VALUES (p_challenge_hash, app.now()) ON CONFLICT DO NOTHING;
  RETURN FOUND;
END
$$;

-- Adds a passkey to the caller's account. Needs a fresh second factor; at most ten.
CREATE FUNCTION app.passkey_add(p_token text, p_id uuid, p_credential_id bytea, p_public_key bytea, p_sign_count bigint, p_transports text[],
  p_is_backed_up boolean, p_name_text_id uuid, p_name_sealed text, p_challenge_hash bytea) RETURNS text
LANGUAGE plpgsql VOLATILE SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS $$
DECLARE
  v app.session_standing := app.session_touch(p_token);
BEGIN
  IF v.state <> 'active' OR v.role = 'service' THEN RETURN 'no-session'; END IF;
  IF NOT app.is_fresh(v) THEN RETURN 'not-fresh'; END IF;
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

-- Takes a passkey of the caller's out of use: it opens nothing from the next attempt on.
CREATE FUNCTION app.passkey_remove(p_token text, p_id uuid) RETURNS text
LANGUAGE plpgsql VOLATILE SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS $$
DECLARE
  v app.session_standing := app.session_touch(p_token);
BEGIN
  IF v.state <> 'active' OR v.role = 'service' THEN RETURN 'no-session'; END IF;
  IF NOT app.is_fresh(v) THEN RETURN 'not-fresh'; END IF;
  DELETE FROM app.passkey WHERE id = p_id AND account_id = v.account_id;
  IF NOT FOUND THEN RETURN 'gone'; END IF;
  PERFORM audit.record_event('PASSKEY_REMOVED', v.account_id, v.role, v.session_id, v.account_id, jsonb_build_object('passkey', p_id), 'DONE', NULL);
  PERFORM app.notify(v.account_id, 'passkey-removed', p_id);
  RETURN 'removed';
END
$$;

-- The caller's own passkeys, the oldest first.
CREATE FUNCTION app.my_passkeys(p_token text)
RETURNS TABLE (id uuid, credential_id bytea, transports text[], is_backed_up boolean, name_text_id uuid, name_sealed text, created_at timestamptz, last_used_at timestamptz)
LANGUAGE plpgsql STABLE SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS $$
DECLARE
  v app.session_standing := app.session_standing_of(p_token);
BEGIN
  IF v.state <> 'active' THEN RETURN; END IF;
  RETURN QUERY SELECT k.id, k.credential_id, k.transports, k.is_backed_up, k.name_text_id, t.content_sealed::text, k.created_at::timestamptz, k.last_used_at::timestamptz
    FROM app.passkey k JOIN app.sealed_text t ON t.id = k.name_text_id WHERE k.account_id = v.account_id ORDER BY k.created_at, k.id;
END
$$;

-- The caller's own address, sealed: a device lists its passkeys by it.
CREATE FUNCTION app.my_email_sealed(p_token text) RETURNS text
LANGUAGE sql STABLE SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS $$
  SELECT a.email_sealed::text FROM app.account a, app.session_standing_of(p_token) v WHERE v.state = 'active' AND a.id = v.account_id
$$;

-- What a signature is checked with: a passkey of an account that may sign in, and how long its address has to wait.
-- Failed passwords of the account do not shut out its owner's passkey: nobody can guess a signature.
CREATE FUNCTION app.passkey_find(p_credential_id bytea, p_address_tokens bytea[])
RETURNS TABLE (passkey_id uuid, account_id uuid, public_key bytea, sign_count bigint, transports text[], retry_after_seconds integer)
LANGUAGE plpgsql STABLE SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS $$
DECLARE
  v_now timestamptz := app.now();
BEGIN
  SELECT coalesce(ceil(extract(epoch FROM max(t.blocked_until) - v_now)), 0)::integer INTO retry_after_seconds
    FROM app.sign_in_throttle t WHERE t.key = ANY (p_address_tokens) AND t.blocked_until > v_now;
  SELECT k.id, k.account_id, k.public_key, k.sign_count, k.transports INTO passkey_id, account_id, public_key, sign_count, transports
    FROM app.passkey k JOIN app.account a ON a.id = k.account_id
   WHERE k.credential_id = p_credential_id AND a.status = 'active' AND a.role <> 'service' AND a.totp_enrolled_at IS NOT NULL;
  RETURN NEXT;
END
$$;

-- Takes a signature that was found right. One whose count does not go on comes from a copy of the key: it is refused, and
-- stands in the log (WebAuthn §6.1.1). A challenge that was answered before is refused as well.
CREATE FUNCTION app.passkey_accept(p_passkey_id uuid, p_sign_count bigint, p_is_backed_up boolean, p_challenge_hash bytea, p_client_ip inet) RETURNS boolean
LANGUAGE plpgsql VOLATILE SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS $$
DECLARE
  v_key app.passkey;
  v_role text;
  v_why text;
BEGIN
  SELECT * INTO v_key FROM app.passkey WHERE id = p_passkey_id FOR UPDATE;
  SELECT a.role INTO v_role FROM app.account a WHERE a.id = v_key.account_id AND a.status = 'active';
  IF v_role IS NULL THEN RETURN false; END IF;
  IF (v_key.sign_count > 0 OR p_sign_count > 0) AND p_sign_count <= v_key.sign_count THEN v_why := 'count';
  ELSIF NOT app.passkey_challenge_take(p_challenge_hash) THEN v_why := 'answered-before';
  END IF;
  IF v_why IS NOT NULL THEN
    PERFORM audit.record_event('PASSKEY_REFUSED', NULL, NULL, NULL, v_key.account_id, jsonb_build_object('passkey', v_key.id, 'reason', v_why), 'REFUSED', p_client_ip);
    RETURN false;
  END IF;
  UPDATE app.passkey SET sign_count = p_sign_count, is_backed_up = p_is_backed_up, last_used_at = app.now() WHERE id = v_key.id;
  RETURN true;
END
$$;

-- Counts a signature that was wrong, against the address alone: whoever knows the id of a passkey cannot shut its owner out.
CREATE FUNCTION app.passkey_failed(p_account_id uuid, p_address_tokens bytea[], p_client_ip inet) RETURNS integer
LANGUAGE plpgsql VOLATILE SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS $$
DECLARE
  v_retry integer := app.sign_in_failed(ARRAY[]::bytea[], p_address_tokens, p_client_ip, 'code');
BEGIN
  PERFORM audit.record_event('PASSKEY_REFUSED', NULL, NULL, NULL, p_account_id, '{"reason": "signature"}', 'REFUSED', p_client_ip);
  RETURN v_retry;
END
$$;

GRANT EXECUTE ON FUNCTION app.passkey_add(text, uuid, bytea, bytea, bigint, text[], boolean, uuid, text, bytea), app.passkey_remove(text, uuid), app.my_passkeys(text), app.my_email_sealed(text),
  app.passkey_find(bytea, bytea[]), app.passkey_accept(uuid, bigint, boolean, bytea, inet), app.passkey_failed(uuid, bytea[], inet) TO vigil_app;
RESET ROLE;
