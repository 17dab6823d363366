-- Lets the root of the blind indexes be replaced while people work: tokens of two versions side by side, both unique, and a job
-- that makes the new ones and takes the former ones away.
--
-- A token's first byte is its key version. What has to be unique has two columns, one for odd and one for even versions; the next
-- version is always of the other parity. While both are live both columns are written, so that a duplicate is refused to
-- whoever knows only one of them.
SET LOCAL ROLE phi_owner;

-- ── Record numbers ───────────────────────────────────────────────────────────────────────────────────────────────
ALTER TABLE phi.patient ADD COLUMN mrn_token_even bytea UNIQUE;
GRANT SELECT (mrn_token_even) ON phi.patient TO phi_patient, phi_proxy, phi_nurse, phi_clinician;
GRANT SELECT (mrn_token_even), UPDATE (mrn_token_even) ON phi.patient TO phi_job_reindex, phi_job_shred;

-- Only whoever may change something of a row may hold it; what the job may change of a contact, stamp_version refuses.
GRANT UPDATE (version) ON phi.patient_contact TO phi_job_reindex;

-- ── What may change without a new version ────────────────────────────────────────────────────────────────────────

CREATE FUNCTION phi.without_tokens(p_row jsonb) RETURNS jsonb
LANGUAGE sql IMMUTABLE SET search_path = pg_catalog, pg_temp AS $$
  SELECT p_row - ARRAY['mrn_token', 'mrn_token_even', 'code_token']
$$;
GRANT EXECUTE ON FUNCTION phi.without_tokens(jsonb) TO phi_job_reindex, phi_job_shred, phi_job_rotate;

-- As before, and jobs that renew or remove tokens change tokens alone: no new version, no update by somebody.
CREATE OR REPLACE FUNCTION phi.stamp_version() RETURNS trigger LANGUAGE plpgsql SET search_path = pg_catalog, pg_temp AS $$
BEGIN
  IF TG_OP = 'INSERT' THEN
    NEW.version := 1;
    NEW.created_at := now();
    NEW.created_by := audit.actor();
  ELSE
    IF current_user = 'phi_job_rotate' THEN
      PERFORM phi.assert_reencrypted(to_jsonb(OLD), to_jsonb(NEW));
      RETURN NEW;
    END IF;
    IF current_user IN ('phi_job_reindex', 'phi_job_shred') THEN
      IF phi.without_tokens(to_jsonb(OLD)) <> phi.without_tokens(to_jsonb(NEW)) THEN
        RAISE EXCEPTION 'this job changes tokens alone' USING ERRCODE = '23514';
      END IF;
      RETURN NEW;
    END IF;
    IF NEW.id <> OLD.id OR (to_jsonb(NEW) -> 'patient_id') IS DISTINCT FROM (to_jsonb(OLD) -> 'patient_id') THEN
      RAISE EXCEPTION 'a row keeps its id and its patient' USING ERRCODE = '23514';
    END IF;
    NEW.version := OLD.version + 1;
    NEW.created_at := OLD.created_at;
    NEW.created_by := OLD.created_by;
  END IF;
  NEW.updated_at := now();
  NEW.updated_by := audit.actor();
  RETURN NEW;
END
$$;

-- ── History keeps no tokens ──────────────────────────────────────────────────────────────────────────────────────
-- Nothing is looked up in it, and a token there would outlast its key.

CREATE FUNCTION phi.keep_no_tokens() RETURNS trigger LANGUAGE plpgsql SET search_path = pg_catalog, pg_temp AS $$
BEGIN
  NEW."row" := phi.without_tokens(NEW."row");
  RETURN NEW;
END
$$;
CREATE TRIGGER keep_no_tokens BEFORE INSERT ON phi.row_history FOR EACH ROW EXECUTE FUNCTION phi.keep_no_tokens();

-- As before, and tokens that came into it before this version may be taken out.
CREATE OR REPLACE FUNCTION phi.guard_history() RETURNS trigger LANGUAGE plpgsql SET search_path = pg_catalog, pg_temp AS $$
BEGIN
  IF to_jsonb(NEW) - 'row' IS DISTINCT FROM to_jsonb(OLD) - 'row' THEN
    RAISE EXCEPTION 'an earlier version of a row is not changed' USING ERRCODE = '23514';
  END IF;
  IF current_user = 'phi_job_reindex' AND NEW."row" = phi.without_tokens(OLD."row") THEN
    RETURN NEW;
  END IF;
  IF current_user <> 'phi_job_rotate' THEN
    RAISE EXCEPTION 'an earlier version of a row is not changed' USING ERRCODE = '23514';
  END IF;
  PERFORM phi.assert_reencrypted(OLD."row", NEW."row");
  RETURN NEW;
END
$$;
GRANT SELECT (id, patient_id, "row"), UPDATE ("row") ON phi.row_history TO phi_job_reindex;

-- ── How far a renewal is, from the data ──────────────────────────────────────────────────────────────────────────
CREATE POLICY census_sight ON phi.search_token FOR SELECT TO phi_census USING (true);
GRANT SELECT (patient_id, column_id, key_version, row_id) ON phi.search_token TO phi_census;
GRANT SELECT (mrn_token, mrn_token_even) ON phi.patient TO phi_census;
GRANT SELECT (code_token) ON phi.observation TO phi_census;
GRANT CREATE ON SCHEMA phi TO phi_census;
SET LOCAL ROLE phi_census;

-- Patients who have values with a token, and none under a version; of names and numbers or of codes. For the job that renews
-- the index alone, because whom it names has a record here.
CREATE FUNCTION phi.patients_to_index(p_token text, p_kind text, p_version integer, p_after uuid, p_limit integer) RETURNS TABLE (patient_id uuid)
LANGUAGE plpgsql VOLATILE SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS $$
BEGIN
  PERFORM app.search_index_session(p_token);
  RETURN QUERY  SELECT p.id FROM phi.patient p
   WHERE (p_after IS NULL OR p.id > p_after)
     AND CASE p_kind
       WHEN 'names' THEN
         (coalesce(p.mrn_token, p.mrn_token_even) IS NOT NULL
           AND get_byte(p.mrn_token, 0) IS DISTINCT FROM p_version AND get_byte(p.mrn_token_even, 0) IS DISTINCT FROM p_version)
         OR EXISTS (SELECT FROM phi.search_token t WHERE t.patient_id = p.id AND t.key_version <> p_version
              AND NOT EXISTS (SELECT FROM phi.search_token n WHERE n.row_id = t.row_id AND n.column_id = t.column_id AND n.key_version = p_version))
       WHEN 'codes' THEN EXISTS (SELECT FROM phi.observation o WHERE o.patient_id = p.id AND get_byte(o.code_token, 0) <> p_version)
     END
   ORDER BY p.id LIMIT least(greatest(p_limit, 1), 1000);
END
$$;

-- Patients who have tokens of versions that are no longer live, in history also such as were kept before it kept none.
CREATE FUNCTION phi.patients_to_unindex(p_token text, p_versions integer[], p_after uuid, p_limit integer) RETURNS TABLE (patient_id uuid)
LANGUAGE plpgsql VOLATILE SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS $$
BEGIN
  PERFORM app.search_index_session(p_token);
  RETURN QUERY  SELECT p.id FROM phi.patient p
   WHERE (p_after IS NULL OR p.id > p_after)
     AND (get_byte(p.mrn_token, 0) = ANY (p_versions) OR get_byte(p.mrn_token_even, 0) = ANY (p_versions)
       OR EXISTS (SELECT FROM phi.search_token t WHERE t.patient_id = p.id AND t.key_version = ANY (p_versions))
       OR EXISTS (SELECT FROM phi.observation o WHERE o.patient_id = p.id AND get_byte(o.code_token, 0) = ANY (p_versions))
       OR EXISTS (SELECT FROM phi.row_history h WHERE h.patient_id = p.id
            AND coalesce(h."row" ->> 'mrn_token', h."row" ->> 'mrn_token_even', h."row" ->> 'code_token') IS NOT NULL))
   ORDER BY p.id LIMIT least(greatest(p_limit, 1), 1000);
END
$$;

-- missing: values that have a token, and none under the version. dead: tokens of versions that are no longer live.
CREATE FUNCTION phi.index_census(p_version integer, p_dead integer[])
RETURNS TABLE (names_missing bigint, codes_missing bigint, dead bigint)
LANGUAGE sql STABLE SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS $$
  SELECT
    (SELECT count(*) FROM phi.patient p WHERE coalesce(p.mrn_token, p.mrn_token_even) IS NOT NULL
        AND get_byte(p.mrn_token, 0) IS DISTINCT FROM p_version AND get_byte(p.mrn_token_even, 0) IS DISTINCT FROM p_version)
      + (SELECT count(*) FROM (SELECT t.row_id, t.column_id FROM phi.search_token t GROUP BY 1, 2
          HAVING count(*) FILTER (WHERE t.key_version = p_version) = 0) m),
    (SELECT count(*) FROM phi.observation o WHERE get_byte(o.code_token, 0) <> p_version),
    (SELECT count(*) FROM phi.patient p WHERE get_byte(p.mrn_token, 0) = ANY (p_dead) OR get_byte(p.mrn_token_even, 0) = ANY (p_dead))
      + (SELECT count(*) FROM phi.search_token t WHERE t.key_version = ANY (p_dead))
      + (SELECT count(*) FROM phi.observation o WHERE get_byte(o.code_token, 0) = ANY (p_dead))
      + CASE WHEN cardinality(p_dead) = 0 THEN 0 ELSE (SELECT count(*) FROM phi.row_history h
          WHERE coalesce(h."row" ->> 'mrn_token', h."row" ->> 'mrn_token_even', h."row" ->> 'code_token') IS NOT NULL) END
$$;
GRANT EXECUTE ON FUNCTION phi.patients_to_index(text, text, integer, uuid, integer), phi.patients_to_unindex(text, integer[], uuid, integer),
  phi.index_census(integer, integer[]) TO vigil_worker;
SET LOCAL ROLE phi_owner;
REVOKE CREATE ON SCHEMA phi FROM phi_census;
RESET ROLE;

-- ── Accounts ─────────────────────────────────────────────────────────────────────────────────────────────────────
SET LOCAL ROLE app_owner;
ALTER TABLE app.account ADD COLUMN email_token_even bytea UNIQUE;
ALTER TABLE app.account ALTER COLUMN email_token DROP NOT NULL;
ALTER TABLE app.account ADD CHECK (num_nonnulls(email_token, email_token_even) >= 1);

-- The key version of a token of the index; null for what only stands in a token's place, such as the name of a job.
CREATE FUNCTION app.index_version(p_token bytea) RETURNS integer
LANGUAGE sql IMMUTABLE SET search_path = pg_catalog, pg_temp AS $$
  SELECT CASE WHEN octet_length(p_token) = 17 THEN get_byte(p_token, 0) END
$$;

-- Which of the tokens of one address goes into the column for odd versions, or into the one for even versions.
CREATE FUNCTION app.token_for(p_tokens bytea[], p_even boolean) RETURNS bytea
LANGUAGE sql IMMUTABLE SET search_path = pg_catalog, pg_temp AS $$
  SELECT t FROM unnest(p_tokens) t WHERE (coalesce(app.index_version(t), 1) % 2 = 0) = p_even LIMIT 1
$$;

-- The account with an e-mail address, by the tokens of every key version that the caller knows.
CREATE FUNCTION app.account_by_email(p_email_tokens bytea[]) RETURNS uuid
LANGUAGE sql STABLE SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS $$
  SELECT a.id FROM app.account a WHERE a.email_token = ANY (p_email_tokens) OR a.email_token_even = ANY (p_email_tokens) LIMIT 1
$$;

-- As before, and a sign-in that succeeds forgets the failures counted under either token.
CREATE OR REPLACE FUNCTION app.session_open(p_account_id uuid, p_token_hash bytea, p_method text, p_client_ip inet, p_user_agent text)
RETURNS uuid
LANGUAGE plpgsql VOLATILE SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS $$
DECLARE
  v_account app.account;
  v_id uuid := gen_random_uuid();
  v_now timestamptz := app.now();
BEGIN
  SELECT * INTO v_account FROM app.account WHERE id = p_account_id FOR UPDATE;
  IF v_account.id IS NULL OR v_account.status <> 'active' OR v_account.role = 'service'
     OR v_account.totp_enrolled_at IS NULL OR p_method = 'service' THEN
    RAISE EXCEPTION 'this account cannot open a session' USING ERRCODE = '42501';
  END IF;
  INSERT INTO app.session (id, token_hash, account_id, role, method, opened_at, second_factor_at, last_active_at, expires_at, client_ip, user_agent)
  VALUES (v_id, p_token_hash, v_account.id, v_account.role, p_method, v_now, v_now, v_now,
          v_now + CASE WHEN v_account.role IN ('patient', 'proxy') THEN interval '8 hours' ELSE interval '12 hours' END,
          p_client_ip, left(p_user_agent, 200));
  UPDATE app.account SET previous_sign_in_at = last_sign_in_at, last_sign_in_at = v_now WHERE id = v_account.id;
  DELETE FROM app.sign_in_throttle WHERE key IN (v_account.email_token, v_account.email_token_even) AND kind = 'account';
  PERFORM audit.record_event('SESSION_OPENED', v_account.id, v_account.role, v_id, v_account.id, jsonb_build_object('method', p_method), 'DONE', p_client_ip);
  RETURN v_id;
END
$$;

-- As before, by the tokens of every key version that the caller knows: whoever is shut out under one of them is shut out.
DROP FUNCTION app.sign_in_begin(bytea, bytea);
CREATE FUNCTION app.sign_in_begin(p_email_tokens bytea[], p_address_tokens bytea[])
RETURNS TABLE (account_id uuid, role text, status text, password_hash text, totp_enrolled boolean, retry_after_seconds integer)
LANGUAGE plpgsql STABLE SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS $$
DECLARE
  v_now timestamptz := app.now();
BEGIN
  SELECT coalesce(ceil(extract(epoch FROM max(t.blocked_until) - v_now)), 0)::integer INTO retry_after_seconds
    FROM app.sign_in_throttle t WHERE t.key = ANY (p_email_tokens || p_address_tokens) AND t.blocked_until > v_now;
  SELECT a.id, a.role, a.status, a.password_hash, a.totp_enrolled_at IS NOT NULL
    INTO account_id, role, status, password_hash, totp_enrolled
    FROM app.account a WHERE a.id = app.account_by_email(p_email_tokens) AND a.role <> 'service';
  RETURN NEXT;
END
$$;

-- Carries what was counted under one token of an address over to its others, so that no count begins anew with a key.
CREATE FUNCTION app.throttle_carry(p_tokens bytea[]) RETURNS void
LANGUAGE sql VOLATILE SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS $$
  INSERT INTO app.sign_in_throttle AS t (key, kind, failures, last_failure_at, blocked_until)
  SELECT k, m.kind, m.failures, m.last_failure_at, m.blocked_until
    FROM unnest(p_tokens) k, (SELECT s.kind, max(s.failures) AS failures, max(s.last_failure_at) AS last_failure_at, max(s.blocked_until) AS blocked_until
                                FROM app.sign_in_throttle s WHERE s.key = ANY (p_tokens) GROUP BY s.kind) m
   ORDER BY k
  ON CONFLICT (key) DO UPDATE SET failures = greatest(t.failures, excluded.failures),
    last_failure_at = greatest(t.last_failure_at, excluded.last_failure_at), blocked_until = greatest(t.blocked_until, excluded.blocked_until)
   WHERE (t.failures, t.last_failure_at, t.blocked_until) IS DISTINCT FROM (excluded.failures, excluded.last_failure_at, excluded.blocked_until)
$$;

-- As before. A failure counts under the tokens of every key version that the caller knows, from the highest count among them.
DROP FUNCTION app.sign_in_failed(bytea, bytea, inet, text);
CREATE FUNCTION app.sign_in_failed(p_email_tokens bytea[], p_address_tokens bytea[], p_client_ip inet, p_kind text) RETURNS integer
LANGUAGE plpgsql VOLATILE SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS $$
DECLARE
  v_now timestamptz := app.now();
  v_keys bytea[];
  v_is_account boolean;
  v_failures integer;
  v_block interval;
  v_retry integer := 0;
BEGIN
  IF p_kind NOT IN ('password', 'code', 'recovery-code', 'throttled') THEN
    RAISE EXCEPTION 'unknown kind of failure' USING ERRCODE = '22023';
  END IF;
  FOREACH v_is_account IN ARRAY ARRAY[true, false] LOOP
    v_keys := CASE WHEN v_is_account THEN p_email_tokens ELSE p_address_tokens END;
    CONTINUE WHEN coalesce(cardinality(v_keys), 0) = 0;
    IF cardinality(v_keys) > 1 THEN PERFORM app.throttle_carry(v_keys); END IF;
    CONTINUE WHEN p_kind = 'throttled';
    WITH counted AS (
      INSERT INTO app.sign_in_throttle AS t (key, kind, failures, last_failure_at)
      SELECT k, CASE WHEN v_is_account THEN 'account' ELSE 'address' END, 1, v_now FROM unnest(v_keys) k ORDER BY k
      ON CONFLICT (key) DO UPDATE SET
        -- an address's count fades after an hour of quiet; an account's never does by itself
        failures = CASE WHEN t.kind = 'address' AND t.last_failure_at < v_now - interval '1 hour' THEN 1 ELSE t.failures + 1 END,
        last_failure_at = v_now
      RETURNING t.failures)
    SELECT max(c.failures) INTO v_failures FROM counted c;
    v_block := CASE
      WHEN v_is_account AND v_failures >= 100 THEN interval '10 years'
      WHEN v_is_account AND v_failures >= 5 THEN least(interval '30 seconds' * (2 ^ least(v_failures - 5, 10)), interval '15 minutes')
      WHEN NOT v_is_account AND v_failures >= 50 THEN least(interval '30 seconds' * (2 ^ least(v_failures - 50, 10)), interval '15 minutes')
    END;
    IF v_block IS NOT NULL THEN
      UPDATE app.sign_in_throttle SET blocked_until = v_now + v_block WHERE key = ANY (v_keys);
      v_retry := greatest(v_retry, ceil(extract(epoch FROM v_block))::integer);
    END IF;
  END LOOP;
  PERFORM audit.record_event(CASE WHEN p_kind = 'throttled' THEN 'SIGN_IN_THROTTLED' ELSE 'SIGN_IN_FAILED' END,
    NULL, NULL, NULL, app.account_by_email(p_email_tokens), jsonb_build_object('step', p_kind), 'REFUSED', p_client_ip);
  RETURN v_retry;
END
$$;

-- What the second step needs; all tokens that the account has, the lowest version first.
DROP FUNCTION app.sign_in_secrets(uuid);
CREATE FUNCTION app.sign_in_secrets(p_account_id uuid)
RETURNS TABLE (totp_secret_sealed text, totp_enrolled boolean, status text, role text, email_tokens bytea[])
LANGUAGE sql STABLE SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS $$
  SELECT a.totp_secret_sealed, a.totp_enrolled_at IS NOT NULL, a.status, a.role,
         ARRAY(SELECT t FROM unnest(ARRAY[a.email_token, a.email_token_even]) t WHERE t IS NOT NULL ORDER BY t)
    FROM app.account a WHERE a.id = p_account_id AND a.role <> 'service'
$$;

CREATE OR REPLACE FUNCTION app.staff_list(p_token text)
RETURNS TABLE (account_id uuid, role text, display_name text, job_title text, email_sealed text, status text, second_factor boolean, created_at timestamptz, last_sign_in_at timestamptz, open_sessions integer,
  blocked_until timestamptz, blocked_for_good boolean)
LANGUAGE plpgsql VOLATILE SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS $$
DECLARE
  v app.session_standing := app.administrator(p_token);
BEGIN
  RETURN QUERY
    SELECT a.id, a.role, a.display_name, a.job_title, a.email_sealed::text, a.status, a.totp_enrolled_at IS NOT NULL, a.created_at::timestamptz, a.last_sign_in_at::timestamptz,
           (SELECT count(*)::integer FROM app.session s WHERE s.account_id = a.id AND s.ended_at IS NULL AND v.db_now < s.expires_at AND v.db_now < s.last_active_at + interval '15 minutes'),
           t.blocked_until::timestamptz, coalesce(t.failures >= 100, false)
      FROM app.account a
      LEFT JOIN LATERAL (SELECT max(s.blocked_until) AS blocked_until, max(s.failures) AS failures FROM app.sign_in_throttle s
                          WHERE s.key IN (a.email_token, a.email_token_even) AND s.kind = 'account' AND s.blocked_until > v.db_now) t ON true
     WHERE a.role NOT IN ('patient', 'proxy', 'service') ORDER BY a.display_name, a.id LIMIT 500;
END
$$;

DROP FUNCTION app.staff_find(text, bytea);
CREATE FUNCTION app.staff_find(p_token text, p_email_tokens bytea[]) RETURNS uuid
LANGUAGE plpgsql VOLATILE SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS $$
BEGIN
  PERFORM app.administrator(p_token);
  RETURN (SELECT a.id FROM app.account a WHERE a.id = app.account_by_email(p_email_tokens) AND a.role NOT IN ('patient', 'proxy', 'service'));
END
$$;

-- As before; an address is unique under every key version that the caller knows.
DROP FUNCTION app.account_create(text, uuid, text, text, text, text, bytea, text, text, uuid);
CREATE FUNCTION app.account_create(p_token text, p_id uuid, p_role text, p_display_name text, p_job_title text, p_email_sealed text,
  p_email_tokens bytea[], p_password_hash text, p_totp_secret_sealed text, p_practitioner_id uuid) RETURNS uuid
LANGUAGE plpgsql VOLATILE SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS $$
DECLARE
  v app.session_standing := app.administrator(p_token);
BEGIN
  IF p_role = 'service' OR v.role <> 'service' THEN
    RAISE EXCEPTION 'accounts are made by invitation' USING ERRCODE = '42501';
  END IF;
  INSERT INTO app.account (id, role, display_name, job_title, email_sealed, email_token, email_token_even, password_hash, password_changed_at,
                           totp_secret_sealed, totp_last_step, totp_enrolled_at, status, practitioner_id)
  VALUES (p_id, p_role, p_display_name, p_job_title, p_email_sealed, app.token_for(p_email_tokens, false), app.token_for(p_email_tokens, true), p_password_hash, v.db_now,
          p_totp_secret_sealed, CASE WHEN p_totp_secret_sealed IS NOT NULL THEN 0 END, CASE WHEN p_totp_secret_sealed IS NOT NULL THEN v.db_now END, 'active', p_practitioner_id);
  PERFORM audit.record_event('ACCOUNT_CREATED', v.account_id, v.role, v.session_id, p_id, jsonb_build_object('role', p_role), 'DONE', NULL);
  RETURN p_id;
END
$$;

DROP FUNCTION app.account_invite(text, uuid, text, text, text, text, bytea, bytea);
CREATE FUNCTION app.account_invite(p_token text, p_id uuid, p_role text, p_display_name text, p_job_title text, p_email_sealed text,
  p_email_tokens bytea[], p_invitation_hash bytea) RETURNS uuid
LANGUAGE plpgsql VOLATILE SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS $$
DECLARE
  v app.session_standing := app.administrator(p_token);
BEGIN
  IF p_role NOT IN ('nurse', 'clinician', 'billing', 'admin', 'compliance') THEN
    RAISE EXCEPTION 'staff are invited, patients are activated' USING ERRCODE = '22023';
  END IF;
  INSERT INTO app.account (id, role, display_name, job_title, email_sealed, email_token, email_token_even, status)
  VALUES (p_id, p_role, p_display_name, p_job_title, p_email_sealed, app.token_for(p_email_tokens, false), app.token_for(p_email_tokens, true), 'invited');
  INSERT INTO app.invitation (id, account_id, token_hash, expires_at) VALUES (gen_random_uuid(), p_id, p_invitation_hash, v.db_now + interval '7 days');
  PERFORM audit.record_event('ACCOUNT_INVITED', v.account_id, v.role, v.session_id, p_id, jsonb_build_object('role', p_role), 'DONE', NULL);
  RETURN p_id;
END
$$;

CREATE OR REPLACE FUNCTION app.throttle_clear(p_by app.session_standing, p_account_id uuid) RETURNS boolean
LANGUAGE plpgsql VOLATILE SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS $$
DECLARE
  v_failures integer;
BEGIN
  WITH cleared AS (
    DELETE FROM app.sign_in_throttle t USING app.account a
     WHERE a.id = p_account_id AND a.role <> 'service' AND t.key IN (a.email_token, a.email_token_even) AND t.kind = 'account' AND t.blocked_until > p_by.db_now
     RETURNING t.failures)
  SELECT max(c.failures) INTO v_failures FROM cleared c;
  IF v_failures IS NULL THEN RETURN false; END IF;
  PERFORM audit.record_event('ACCOUNT_UNLOCKED', p_by.account_id, p_by.role, p_by.session_id, p_account_id, jsonb_build_object('failures', v_failures), 'DONE', NULL);
  RETURN true;
END
$$;

DROP FUNCTION app.account_unlock_by_email(text, bytea);
CREATE FUNCTION app.account_unlock_by_email(p_token text, p_email_tokens bytea[]) RETURNS boolean
LANGUAGE plpgsql VOLATILE SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS $$
DECLARE
  v app.session_standing := app.administrator(p_token);
BEGIN
  IF v.role <> 'service' THEN
    RAISE EXCEPTION 'only a job may find an account by its address' USING ERRCODE = '42501';
  END IF;
  RETURN app.throttle_clear(v, app.account_by_email(p_email_tokens));
END
$$;

-- ── Renewing the tokens of addresses ─────────────────────────────────────────────────────────────────────────────

-- The session of the job that renews the search index, or an error. Only the worker's login can have one.
CREATE FUNCTION app.search_index_session(p_token text) RETURNS app.session_standing
LANGUAGE plpgsql VOLATILE SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS $$
DECLARE
  v app.session_standing := app.session_touch(p_token);
BEGIN
  IF NOT app.is_job(v, 'search-index') THEN
    RAISE EXCEPTION 'this is for the job that renews the search index' USING ERRCODE = '42501';
  END IF;
  RETURN v;
END
$$;
GRANT EXECUTE ON FUNCTION app.search_index_session(text) TO phi_census;

-- Accounts whose address has no token under a version yet, with the address as it is sealed.
CREATE FUNCTION app.accounts_to_index(p_token text, p_version integer, p_after uuid, p_limit integer) RETURNS TABLE (id uuid, email_sealed text)
LANGUAGE plpgsql VOLATILE SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS $$
BEGIN
  PERFORM app.search_index_session(p_token);
  RETURN QUERY SELECT a.id, a.email_sealed::text FROM app.account a
    WHERE (p_after IS NULL OR a.id > p_after) AND coalesce(app.index_version(a.email_token), app.index_version(a.email_token_even)) IS NOT NULL
      AND app.index_version(a.email_token) IS DISTINCT FROM p_version AND app.index_version(a.email_token_even) IS DISTINCT FROM p_version
    ORDER BY a.id LIMIT least(greatest(p_limit, 1), 500);
END
$$;

-- Adds tokens of addresses, each if the address is still the one that was read; what was counted against its sign-in
-- goes along. p_rows: [{"id", "sealed", "tokens": [hex]}]
CREATE FUNCTION app.index_accounts(p_token text, p_rows jsonb) RETURNS integer
LANGUAGE plpgsql VOLATILE SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS $$
DECLARE
  v app.session_standing := app.search_index_session(p_token);
  v_row record;
  v_tokens bytea[];
  v_changed integer := 0;
BEGIN
  FOR v_row IN SELECT r.id, r.sealed, r.tokens FROM jsonb_to_recordset(p_rows) AS r (id uuid, sealed text, tokens text[]) ORDER BY r.id LOOP
    v_tokens := ARRAY(SELECT decode(t, 'hex') FROM unnest(v_row.tokens) t);
    UPDATE app.account a SET email_token = coalesce(app.token_for(v_tokens, false), a.email_token),
                             email_token_even = coalesce(app.token_for(v_tokens, true), a.email_token_even)
     WHERE a.id = v_row.id AND a.email_sealed = v_row.sealed AND a.role <> 'service';
    CONTINUE WHEN NOT FOUND;
    v_changed := v_changed + 1;
    -- a sign-in that succeeds meanwhile waits for the row above, and forgets what was carried over with the rest
    PERFORM app.throttle_carry(v_tokens);
  END LOOP;
  PERFORM audit.record_event('ACCOUNT_TOKENS_RENEWED', v.account_id, v.role, v.session_id, NULL, jsonb_build_object('accounts', v_changed), 'DONE', NULL);
  RETURN v_changed;
END
$$;

-- missing: accounts without a token under the version. dead: tokens of versions that are no longer live, and counts of failed
-- sign-ins kept by them.
CREATE FUNCTION app.account_index_census(p_token text, p_version integer, p_dead integer[]) RETURNS TABLE (missing bigint, dead bigint)
LANGUAGE plpgsql VOLATILE SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS $$
BEGIN
  PERFORM app.search_index_session(p_token);
  RETURN QUERY SELECT
    (SELECT count(*) FROM app.account a WHERE coalesce(app.index_version(a.email_token), app.index_version(a.email_token_even)) IS NOT NULL
        AND app.index_version(a.email_token) IS DISTINCT FROM p_version AND app.index_version(a.email_token_even) IS DISTINCT FROM p_version),
    (SELECT count(*) FROM app.account a WHERE app.index_version(a.email_token) = ANY (p_dead) OR app.index_version(a.email_token_even) = ANY (p_dead))
      + (SELECT count(*) FROM app.sign_in_throttle t WHERE app.index_version(t.key) = ANY (p_dead));
END
$$;

-- Takes the tokens of versions that are no longer live from accounts that have another, a number of them at a time.
CREATE FUNCTION app.unindex_accounts(p_token text, p_versions integer[], p_limit integer) RETURNS integer
LANGUAGE plpgsql VOLATILE SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS $$
DECLARE
  v app.session_standing := app.search_index_session(p_token);
  v_changed integer;
BEGIN
  UPDATE app.account a SET
      email_token = CASE WHEN coalesce(app.index_version(a.email_token) = ANY (p_versions), false) THEN NULL ELSE a.email_token END,
      email_token_even = CASE WHEN coalesce(app.index_version(a.email_token_even) = ANY (p_versions), false) THEN NULL ELSE a.email_token_even END
   WHERE a.id IN (
     SELECT b.id FROM app.account b
      WHERE (app.index_version(b.email_token) = ANY (p_versions) AND NOT coalesce(app.index_version(b.email_token_even) = ANY (p_versions), true))
         OR (app.index_version(b.email_token_even) = ANY (p_versions) AND NOT coalesce(app.index_version(b.email_token) = ANY (p_versions), true))
      ORDER BY b.id LIMIT least(greatest(p_limit, 1), 1000) FOR UPDATE SKIP LOCKED);
  GET DIAGNOSTICS v_changed = ROW_COUNT;
  DELETE FROM app.sign_in_throttle t WHERE app.index_version(t.key) = ANY (p_versions);
  PERFORM audit.record_event('ACCOUNT_TOKENS_RENEWED', v.account_id, v.role, v.session_id, NULL, jsonb_build_object('removed', v_changed), 'DONE', NULL);
  RETURN v_changed;
END
$$;

-- What the job reports of itself: numbers and versions, never a value.
CREATE FUNCTION app.note_index_rotation(p_token text, p_event text, p_detail jsonb) RETURNS void
LANGUAGE plpgsql VOLATILE SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS $$
DECLARE
  v app.session_standing := app.search_index_session(p_token);
BEGIN
  IF p_event NOT IN ('INDEX_ROTATION_STARTED', 'INDEX_ROTATION_ENDED') OR length(p_detail::text) > 2000 THEN
    RAISE EXCEPTION 'this event is not the job''s to report' USING ERRCODE = '42501';
  END IF;
  PERFORM audit.record_event(p_event, v.account_id, v.role, v.session_id, NULL, p_detail, 'DONE', NULL);
END
$$;

GRANT EXECUTE ON FUNCTION app.sign_in_begin(bytea[], bytea[]), app.sign_in_failed(bytea[], bytea[], inet, text), app.sign_in_secrets(uuid),
  app.account_invite(text, uuid, text, text, text, text, bytea[], bytea) TO vigil_app;
GRANT EXECUTE ON FUNCTION app.account_create(text, uuid, text, text, text, text, bytea[], text, text, uuid),
  app.account_invite(text, uuid, text, text, text, text, bytea[], bytea), app.staff_find(text, bytea[]), app.account_unlock_by_email(text, bytea[]),
  app.accounts_to_index(text, integer, uuid, integer), app.index_accounts(text, jsonb), app.account_index_census(text, integer, integer[]),
  app.unindex_accounts(text, integer[], integer), app.note_index_rotation(text, text, jsonb) TO vigil_worker;
RESET ROLE;
