-- Whoever guesses waits; the owner does not (SP 800-63B-4 §3.2.2; OWASP "device cookies"; docs/sign-in-limits.md).
--
-- Wrong passwords and codes of an account were counted in one row, so that anybody who knew an address could make its owner wait. From
-- here on a browser in which the account was signed in before is counted on its own. All wrong ones together stay within the 100 of
-- the guideline: browsers that are not known are shut out after 90, the other ten are left to those that are.
SET LOCAL ROLE app_owner;

ALTER TABLE app.sign_in_throttle DROP CONSTRAINT sign_in_throttle_kind_check;
ALTER TABLE app.sign_in_throttle ADD CONSTRAINT sign_in_throttle_kind_check CHECK (kind IN ('account', 'address', 'network'));

-- What went wrong in one browser that an account is known by; gone with the next session that the account opens.
CREATE TABLE app.device_throttle (
  -- without a foreign key: its lock on the account would stand in the way of a session that opens at the same moment
  account_id uuid NOT NULL,
  device_hash bytea NOT NULL,
  failures integer NOT NULL,
  last_failure_at timestamptz(3) NOT NULL,
  blocked_until timestamptz(3),
  PRIMARY KEY (account_id, device_hash)
);

-- Whether somebody may be trusted to be the owner as far as waiting goes: the account was signed in in this browser before, or they hold
-- the link of a letter that went to its address just now. It opens nothing.
CREATE FUNCTION app.device_is_known(p_account_id uuid, p_device bytea) RETURNS boolean
LANGUAGE sql STABLE SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS $$
  SELECT p_device IS NOT NULL AND (
    EXISTS (SELECT FROM app.known_device d WHERE d.account_id = p_account_id AND d.token_hash = p_device)
    OR EXISTS (SELECT FROM app.mail_link l WHERE l.token_hash = p_device AND l.account_id = p_account_id AND l.purpose = 'recovery'
                AND l.used_at IS NULL AND l.expires_at > app.now()))
$$;

-- The same by address, so that tries in an own browser need not queue behind those of strangers.
CREATE FUNCTION app.sign_in_device_known(p_email_tokens bytea[], p_device bytea) RETURNS boolean
LANGUAGE sql STABLE SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS $$
  SELECT coalesce(app.device_is_known(app.account_by_email(p_email_tokens), p_device), false)
$$;

-- How long the wait after a failure is: from the fifth (of an address: the fiftieth, of a network: the two hundredth) 30 seconds, doubling
-- to 15 minutes; ten years when the account is shut.
CREATE FUNCTION app.wait_after(p_kind text, p_failures integer) RETURNS interval
LANGUAGE sql IMMUTABLE SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS $$
  SELECT CASE
    WHEN p_kind = 'account' AND p_failures >= 90 THEN interval '10 years'
    WHEN p_failures >= f.free THEN least(interval '30 seconds' * (2 ^ least(p_failures - f.free, 10)), interval '15 minutes')
  END FROM (SELECT CASE p_kind WHEN 'address' THEN 50 WHEN 'network' THEN 200 ELSE 5 END AS free) f
$$;

DROP FUNCTION app.sign_in_begin(bytea[], bytea[]);
-- What is looked up before anything is checked, and how long this browser has to wait for this account.
CREATE FUNCTION app.sign_in_begin(p_email_tokens bytea[], p_address_tokens bytea[], p_network_tokens bytea[] DEFAULT '{}', p_device bytea DEFAULT NULL)
RETURNS TABLE (account_id uuid, role text, status text, password_hash text, totp_enrolled boolean, retry_after_seconds integer)
LANGUAGE plpgsql STABLE SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS $$
DECLARE
  v_now timestamptz := app.now();
  v_until timestamptz;
BEGIN
  SELECT a.id, a.role, a.status, a.password_hash, a.totp_enrolled_at IS NOT NULL
    INTO account_id, role, status, password_hash, totp_enrolled
    FROM app.account a WHERE a.id = app.account_by_email(p_email_tokens) AND a.role <> 'service';
  IF app.device_is_known(account_id, p_device) THEN
    SELECT max(w.blocked_until) INTO v_until FROM (
      SELECT d.blocked_until FROM app.device_throttle d WHERE d.account_id = sign_in_begin.account_id AND d.device_hash = p_device
      UNION ALL SELECT t.blocked_until FROM app.sign_in_throttle t WHERE t.key = ANY (p_email_tokens) AND t.failures >= 100) w;
  ELSE
    SELECT max(t.blocked_until) INTO v_until FROM app.sign_in_throttle t WHERE t.key = ANY (p_email_tokens || p_address_tokens || p_network_tokens);
  END IF;
  retry_after_seconds := greatest(0, coalesce(ceil(extract(epoch FROM v_until - v_now)), 0))::integer;
  RETURN NEXT;
END
$$;

-- Counts a failure under the tokens of every key version that the caller knows, from the highest count among them. For functions of schema app alone.
CREATE FUNCTION app.throttle_count(p_kind text, p_keys bytea[], p_now timestamptz) RETURNS integer
LANGUAGE plpgsql VOLATILE SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS $$
DECLARE
  v_failures integer;
BEGIN
  WITH counted AS (
    INSERT INTO app.sign_in_throttle AS t (key, kind, failures, last_failure_at)
    SELECT k, p_kind, 1, p_now FROM unnest(p_keys) k ORDER BY k
    ON CONFLICT (key) DO UPDATE SET
      -- the count of an address or a network fades after an hour of quiet; an account's never does by itself
      failures = CASE WHEN t.kind <> 'account' AND t.last_failure_at < p_now - interval '1 hour' THEN 1 ELSE t.failures + 1 END,
      last_failure_at = p_now
    RETURNING t.failures)
  SELECT max(c.failures) INTO v_failures FROM counted c;
  UPDATE app.sign_in_throttle SET blocked_until = p_now + app.wait_after(p_kind, v_failures)
   WHERE key = ANY (p_keys) AND app.wait_after(p_kind, v_failures) IS NOT NULL;
  RETURN v_failures;
END
$$;

DROP FUNCTION app.sign_in_failed(bytea[], bytea[], inet, text);
-- Counts a failure and writes it down. In a browser that the account is known by it counts for that browser and for the account's
-- hundred, and for nobody else who shares the address. An address that belongs to nobody is counted like one that does.
CREATE FUNCTION app.sign_in_failed(p_email_tokens bytea[], p_address_tokens bytea[], p_client_ip inet, p_kind text,
  p_network_tokens bytea[] DEFAULT '{}', p_device bytea DEFAULT NULL) RETURNS integer
LANGUAGE plpgsql VOLATILE SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS $$
DECLARE
  v_now timestamptz := app.now();
  v_account uuid := app.account_by_email(p_email_tokens);
  v_known boolean := app.device_is_known(v_account, p_device);
  v_group record;
  v_failures integer;
  v_on_device integer;
  v_block interval;
  v_wait interval;
BEGIN
  IF p_kind NOT IN ('password', 'code', 'recovery-code', 'throttled') THEN
    RAISE EXCEPTION 'unknown kind of failure' USING ERRCODE = '22023';
  END IF;
  -- First, because it locks the account's row, as a session that opens does before it touches the counts.
  IF p_kind IN ('code', 'recovery-code') AND v_account IS NOT NULL THEN PERFORM app.second_step_failed(v_account); END IF;
  FOR v_group IN SELECT * FROM (VALUES ('account', p_email_tokens), ('address', p_address_tokens), ('network', p_network_tokens)) g (kind, keys)
                  WHERE coalesce(cardinality(g.keys), 0) > 0 LOOP
    IF cardinality(v_group.keys) > 1 THEN PERFORM app.throttle_carry(v_group.keys); END IF;
    CONTINUE WHEN p_kind = 'throttled' OR (v_known AND v_group.kind <> 'account');
    v_failures := app.throttle_count(v_group.kind, v_group.keys, v_now);
    v_block := app.wait_after(v_group.kind, v_failures);
    IF NOT v_known OR v_failures >= 100 THEN v_wait := greatest(v_wait, v_block); END IF;
    IF v_group.kind = 'account' AND v_failures = 90 AND v_account IS NOT NULL THEN
      PERFORM audit.record_event('SIGN_IN_LOCKED', NULL, NULL, NULL, v_account, jsonb_build_object('failures', v_failures), 'DONE', p_client_ip);
      -- Not while a session is being opened: waiting for its lock here would be a deadlock.
      PERFORM FROM app.account a WHERE a.id = v_account FOR KEY SHARE SKIP LOCKED;
      IF FOUND THEN PERFORM app.mail_queue(v_account, 'sign-in-locked'); END IF;
    END IF;
  END LOOP;
  IF v_known AND p_kind <> 'throttled' THEN
    INSERT INTO app.device_throttle AS d (account_id, device_hash, failures, last_failure_at) VALUES (v_account, p_device, 1, v_now)
      ON CONFLICT (account_id, device_hash) DO UPDATE SET failures = d.failures + 1, last_failure_at = v_now RETURNING d.failures INTO v_on_device;
    v_block := app.wait_after('device', v_on_device);
    v_wait := greatest(v_wait, v_block);
    UPDATE app.device_throttle SET blocked_until = v_now + v_block WHERE account_id = v_account AND device_hash = p_device;
    -- Ten wrong ones in a row are not its owner's any more: from here on it is a browser like any other.
    IF v_on_device >= 10 THEN
      DELETE FROM app.known_device WHERE account_id = v_account AND token_hash = p_device;
      DELETE FROM app.device_throttle WHERE account_id = v_account AND device_hash = p_device;
    END IF;
  END IF;
  PERFORM audit.record_event(CASE WHEN p_kind = 'throttled' THEN 'SIGN_IN_THROTTLED' ELSE 'SIGN_IN_FAILED' END, NULL, NULL, NULL, v_account,
    jsonb_build_object('step', p_kind) || CASE WHEN v_known THEN '{"known_device": true}'::jsonb ELSE '{}' END, 'REFUSED', p_client_ip);
  RETURN coalesce(ceil(extract(epoch FROM v_wait)), 0)::integer;
END
$$;

-- Writes a wrong signature down. It is counted at the door, by lib/auth/limit, and against no account: whoever knows the id of a passkey
-- cannot shut its owner out.
CREATE OR REPLACE FUNCTION app.passkey_failed(p_account_id uuid, p_address_tokens bytea[], p_client_ip inet) RETURNS integer
LANGUAGE plpgsql VOLATILE SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS $$
BEGIN
  PERFORM audit.record_event('PASSKEY_REFUSED', NULL, NULL, NULL, p_account_id, '{"reason": "signature"}', 'REFUSED', p_client_ip);
  RETURN 0;
END
$$;

-- Forgets what was counted against an account, wherever it was tried. For functions of schema app alone: after a password that was
-- set anew, or a session that opened.
CREATE FUNCTION app.throttle_forget(p_account_id uuid) RETURNS integer
LANGUAGE plpgsql VOLATILE SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS $$
DECLARE
  v_failures integer;
BEGIN
  WITH cleared AS (
    DELETE FROM app.sign_in_throttle t USING app.account a
     WHERE a.id = p_account_id AND t.key IN (a.email_token, a.email_token_even) AND t.kind = 'account' RETURNING t.failures)
  SELECT max(c.failures) INTO v_failures FROM cleared c;
  DELETE FROM app.device_throttle WHERE account_id = p_account_id;
  RETURN v_failures;
END
$$;

-- A session that opened ends the count of its account: the guideline counts failures in a row.
CREATE FUNCTION app.session_opened_forgets() RETURNS trigger
LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS $$
BEGIN
  IF NEW.role <> 'service' THEN PERFORM app.throttle_forget(NEW.account_id); END IF;
  RETURN NULL;
END
$$;
CREATE TRIGGER session_opened_forgets AFTER INSERT ON app.session FOR EACH ROW EXECUTE FUNCTION app.session_opened_forgets();

CREATE OR REPLACE FUNCTION app.throttle_clear(p_by app.session_standing, p_account_id uuid) RETURNS boolean
LANGUAGE plpgsql VOLATILE SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS $$
DECLARE
  v_failures integer;
BEGIN
  IF NOT EXISTS (SELECT FROM app.account a JOIN app.sign_in_throttle t ON t.key IN (a.email_token, a.email_token_even)
                  WHERE a.id = p_account_id AND a.role <> 'service' AND t.kind = 'account' AND t.blocked_until > p_by.db_now)
     AND NOT EXISTS (SELECT FROM app.device_throttle d WHERE d.account_id = p_account_id AND d.blocked_until > p_by.db_now) THEN
    RETURN false;
  END IF;
  v_failures := app.throttle_forget(p_account_id);
  PERFORM audit.record_event('ACCOUNT_UNLOCKED', p_by.account_id, p_by.role, p_by.session_id, p_account_id, jsonb_build_object('failures', v_failures), 'DONE', NULL);
  RETURN true;
END
$$;

GRANT EXECUTE ON FUNCTION app.sign_in_device_known(bytea[], bytea), app.sign_in_begin(bytea[], bytea[], bytea[], bytea), app.sign_in_failed(bytea[], bytea[], inet, text, bytea[], bytea) TO vigil_app;
RESET ROLE;
