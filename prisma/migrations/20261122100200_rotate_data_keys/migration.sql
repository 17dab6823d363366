-- Lets re-encryption under a new data key through where otherwise nothing changes without a new version, and nothing at
-- all in history and signed notes; counts ciphertexts by the key version that they name; and does both for the
-- organisation's own secrets.
--
-- What a re-encryption is, the database can see: a ciphertext becomes another one that names a later key version, and
-- nothing else is different. That both hold the same value, only somebody with the keys can see; whoever may assume
-- phi_job_rotate could exchange values, so each change names its cells with digests in the trail, as every change does.

-- ── Locks that nobody outside can name ───────────────────────────────────────────────────────────────────────────
-- Changes of one patient's cells, and decisions about one patient's record, come one after the other. The number of such
-- a lock is made with a secret that is drawn here and stays here: whoever sees a lock cannot tell whose it is, and whoever
-- knows a patient's id cannot take the lock to hold others up.
SET LOCAL ROLE audit_owner;
CREATE TABLE audit.lock_secret (
  is_only boolean PRIMARY KEY DEFAULT true CHECK (is_only),
  secret bytea NOT NULL CHECK (octet_length(secret) = 32)
);
INSERT INTO audit.lock_secret (secret) VALUES (sha256(uuid_send(gen_random_uuid()) || uuid_send(gen_random_uuid())));
-- Another secret, or none, would let two changes go on side by side that have to wait for each other.
CREATE TRIGGER append_only BEFORE UPDATE OR DELETE ON audit.lock_secret FOR EACH ROW EXECUTE FUNCTION audit.refuse_change();
CREATE TRIGGER append_only_truncate BEFORE TRUNCATE ON audit.lock_secret FOR EACH STATEMENT EXECUTE FUNCTION audit.refuse_change();
GRANT SELECT ON audit.lock_secret TO audit_gate;
GRANT CREATE ON SCHEMA audit TO audit_gate;
SET LOCAL ROLE audit_gate;

-- For functions of the gate, and granted to nobody. p_purpose: 'cells', 'retention'
CREATE FUNCTION audit.lock_key(p_purpose text, p_patient uuid) RETURNS bigint
LANGUAGE sql STABLE SET search_path = pg_catalog, pg_temp AS $$
  SELECT ('x' || encode(substr(sha256(s.secret || convert_to(p_purpose, 'UTF8') || uuid_send(p_patient)), 1, 8), 'hex'))::bit(64)::bigint
    FROM audit.lock_secret s
$$;

-- Those of the patients admitted to this unit whose cells nobody else is changing: until the end of the transaction it is only
-- the caller who does. Waits for nobody.
CREATE FUNCTION audit.try_hold_cells(p_patients uuid[]) RETURNS uuid[]
LANGUAGE plpgsql VOLATILE SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS $$
DECLARE
  v_admitted uuid[] := audit.admitted('phi_job_rotate');
BEGIN
  RETURN (SELECT coalesce(array_agg(p.patient) FILTER (WHERE pg_try_advisory_xact_lock(audit.lock_key('cells', p.patient))), '{}')
    FROM (SELECT DISTINCT u AS patient FROM unnest(p_patients) u WHERE u = ANY (v_admitted)) p);
END
$$;
GRANT EXECUTE ON FUNCTION audit.try_hold_cells(uuid[]) TO phi_job_rotate;
SET LOCAL ROLE audit_owner;
REVOKE CREATE ON SCHEMA audit FROM audit_gate;

-- ── A cheaper look at every ciphertext ───────────────────────────────────────────────────────────────────────────
-- The same language as before. Counted repetition makes PostgreSQL's automaton large: 24 µs for a cell instead of 4.
SET LOCAL ROLE app_owner;
ALTER DOMAIN app.ciphertext DROP CONSTRAINT ciphertext_check;
ALTER DOMAIN app.ciphertext ADD CONSTRAINT ciphertext_check CHECK (length(VALUE) >= 54 AND VALUE ~ '^phi1\.[0-9a-f]{8}\.[A-Za-z0-9_-]+$');
SET LOCAL ROLE phi_owner;
ALTER DOMAIN phi.ciphertext DROP CONSTRAINT ciphertext_check;
ALTER DOMAIN phi.ciphertext ADD CONSTRAINT ciphertext_check CHECK (length(VALUE) >= 54 AND VALUE ~ '^phi1\.[0-9a-f]{8}\.[A-Za-z0-9_-]+$');

-- ── What may change without a new version ────────────────────────────────────────────────────────────────────────

-- Refuses whatever is more than ciphertexts exchanged for ciphertexts of a later key version. NULL stays NULL. The two are laid
-- side by side without a join, which is what makes it cheap: jsonb keeps its keys in one order.
CREATE FUNCTION phi.assert_reencrypted(p_old jsonb, p_new jsonb) RETURNS void
LANGUAGE plpgsql IMMUTABLE SET search_path = pg_catalog, pg_temp AS $$
BEGIN
  IF EXISTS (
    SELECT FROM ROWS FROM (jsonb_each_text(p_old), jsonb_each_text(p_new)) AS r (old_key, old_text, new_key, new_text)
     WHERE (old_text IS DISTINCT FROM new_text OR old_key IS DISTINCT FROM new_key)
       AND NOT coalesce(
         old_key = new_key AND starts_with(old_text, 'phi1.') AND substr(new_text, 6, 8) > substr(old_text, 6, 8) COLLATE "C"
         AND length(new_text) >= 54 AND new_text ~ '^phi1\.[0-9a-f]{8}\.[A-Za-z0-9_-]+$', false)
  ) THEN
    RAISE EXCEPTION 're-encryption changes ciphertexts alone, and to a later key version' USING ERRCODE = '23514';
  END IF;
END
$$;
GRANT EXECUTE ON FUNCTION phi.assert_reencrypted(jsonb, jsonb) TO phi_job_rotate;

-- As before, and re-encryption neither counts as a version nor as an update by somebody.
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

-- A change that stamp_version gave no number to is a re-encryption: it leaves no earlier version, because what it
-- replaced is exactly what should be gone.
CREATE OR REPLACE FUNCTION phi.keep_history() RETURNS trigger LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS $$
BEGIN
  IF TG_OP = 'UPDATE' AND NEW.version = OLD.version THEN RETURN NULL; END IF;
  INSERT INTO phi.row_history (patient_id, table_name, row_id, version, "row", replaced_by)
  VALUES (coalesce((to_jsonb(OLD) ->> 'patient_id')::uuid, OLD.id), TG_TABLE_NAME, OLD.id, OLD.version, to_jsonb(OLD), audit.actor());
  RETURN NULL;
END
$$;

-- A signed text is re-encrypted like any other; stamp_version, which is asked next, sees to it that it is no more.
CREATE OR REPLACE FUNCTION phi.refuse_signed_change() RETURNS trigger LANGUAGE plpgsql SET search_path = pg_catalog, pg_temp AS $$
BEGIN
  IF TG_OP = 'UPDATE' AND current_user = 'phi_job_rotate' THEN
    PERFORM phi.assert_reencrypted(to_jsonb(OLD), to_jsonb(NEW));
    RETURN NEW;
  END IF;
  RAISE EXCEPTION 'a signed version of a note cannot be changed' USING ERRCODE = '23514';
END
$$;

-- Earlier versions are changed by nobody, whatever is granted some day, and re-encrypted like everything else.
CREATE FUNCTION phi.guard_history() RETURNS trigger LANGUAGE plpgsql SET search_path = pg_catalog, pg_temp AS $$
BEGIN
  IF current_user <> 'phi_job_rotate' OR to_jsonb(NEW) - 'row' IS DISTINCT FROM to_jsonb(OLD) - 'row' THEN
    RAISE EXCEPTION 'an earlier version of a row is not changed' USING ERRCODE = '23514';
  END IF;
  PERFORM phi.assert_reencrypted(OLD."row", NEW."row");
  RETURN NEW;
END
$$;
CREATE TRIGGER guard_history BEFORE UPDATE ON phi.row_history FOR EACH ROW EXECUTE FUNCTION phi.guard_history();

-- ── Re-encrypting rows ───────────────────────────────────────────────────────────────────────────────────────────

-- The names of a table's columns of ciphertext.
CREATE FUNCTION phi.ciphertext_columns(p_table text) RETURNS name[]
LANGUAGE sql STABLE SET search_path = pg_catalog, pg_temp AS $$
  SELECT array_agg(a.attname ORDER BY a.attnum) FROM pg_attribute a JOIN pg_class c ON c.oid = a.attrelid
   WHERE c.relnamespace = 'phi'::regnamespace AND c.relname = p_table AND c.relkind = 'r'
     AND a.attnum > 0 AND NOT a.attisdropped AND a.atttypid = 'phi.ciphertext'::regtype
$$;

-- Cells of admitted patients that name an earlier key version than `p_versions` gives (eight hex digits, one for each
-- of `p_patients`), by row, in the order of ids, behind `p_after`: at most `p_limit` rows and about four megabytes.
-- Runs with the caller's rights, so that the gate decides what it finds.
CREATE FUNCTION phi.cells_to_reseal(p_table text, p_patients uuid[], p_versions text[], p_after uuid, p_limit integer)
RETURNS TABLE (id uuid, patient_id uuid, cells jsonb)
LANGUAGE plpgsql STABLE SET search_path = pg_catalog, pg_temp AS $$
DECLARE
  v_key text := CASE p_table WHEN 'patient' THEN 'id' ELSE 'patient_id' END;
  v_columns name[] := phi.ciphertext_columns(p_table);
  v_old text;
  v_cells text;
  v_size text;
BEGIN
  SELECT string_agg(format('substr(t.%1$I, 6, 8) COLLATE "C" < k.version', c), ' OR '),
         string_agg(format('%1$L, CASE WHEN substr(t.%1$I, 6, 8) COLLATE "C" < k.version THEN t.%1$I::text END', c), ', '),
         string_agg(format('coalesce(pg_column_size(t.%1$I), 0)', c), ' + ')
    INTO v_old, v_cells, v_size FROM unnest(v_columns) c;
  RETURN QUERY EXECUTE format($sql$
    WITH old AS (
      SELECT t.id, k.version, %3$s AS size, sum(%3$s) OVER (ORDER BY t.id) AS running
        FROM phi.%1$I t JOIN unnest($1, $2) AS k (patient, version) ON k.patient = t.%2$I
       WHERE t.%2$I = ANY ($1) AND ($3 IS NULL OR t.id > $3) AND (%4$s)
       ORDER BY t.id LIMIT $4)
    SELECT t.id, t.%2$I, jsonb_strip_nulls(jsonb_build_object(%5$s))
      FROM old k JOIN phi.%1$I t ON t.id = k.id WHERE k.running - k.size < 4194304 ORDER BY t.id
    $sql$, p_table, v_key, v_size, v_old, v_cells) USING p_patients, p_versions, p_after, p_limit;
END
$$;

-- Exchanges ciphertexts, if each is still what was read, and writes into the trail what it does. A patient whose cells
-- somebody is changing, and a row that somebody holds or has written, are left alone: they come back in the next pass. It
-- waits for nobody, so whoever waits for it does so for the length of this one transaction and never in a circle.
-- p_rows: [{"id", "patient", "old": {column: ciphertext}, "new": {column: ciphertext}, "digests": {column id: digest}}]
-- p_fields: {column: name of the field}
CREATE FUNCTION phi.reseal(p_table text, p_model text, p_fields jsonb, p_rows jsonb) RETURNS TABLE (changed_rows integer, changed_cells integer)
LANGUAGE plpgsql VOLATILE SET search_path = pg_catalog, pg_temp AS $$
DECLARE
  v_key text := CASE p_table WHEN 'patient' THEN 'id' ELSE 'patient_id' END;
  v_ids uuid[];
  v_patients uuid[];
  v_old jsonb[];
  v_new jsonb[];
  v_digests jsonb[];
  v_record text;
  v_same text;
  v_set text;
  v_held uuid[];
  v_unchanged uuid[];
BEGIN
  -- taken apart once: what is large is not read five times
  SELECT array_agg(r.id), array_agg(r.patient), array_agg(r.old), array_agg(r.new), array_agg(r.digests)
    INTO v_ids, v_patients, v_old, v_new, v_digests
    FROM jsonb_to_recordset(p_rows) AS r (id uuid, patient uuid, old jsonb, new jsonb, digests jsonb);
  -- the lock that audit.effect puts the entries of one patient's cells in order with
  v_held := audit.try_hold_cells(v_patients);
  SELECT string_agg(format('%I text', c), ', '), string_agg(format('(o.%1$I IS NULL OR t.%1$I = o.%1$I)', c), ' AND '),
         string_agg(format('%1$I = coalesce(n.%1$I, t.%1$I)', c), ', ')
    INTO v_record, v_same, v_set FROM unnest(phi.ciphertext_columns(p_table)) c
   WHERE c IN (SELECT k FROM unnest(v_old) o, jsonb_object_keys(o) k);
  -- Compared and locked at once: from here to the end of the transaction these rows are what was read.
  EXECUTE format($sql$
    SELECT coalesce(array_agg(u.id), '{}') FROM (
      SELECT t.id FROM unnest($1, $2, $3) AS r (id, patient, old)
        CROSS JOIN LATERAL jsonb_to_record(r.old) AS o (%3$s)
        JOIN phi.%1$I t ON t.id = r.id AND t.%2$I = r.patient
       WHERE r.patient = ANY ($4) AND %4$s ORDER BY t.id FOR NO KEY UPDATE OF t SKIP LOCKED) u
    $sql$, p_table, v_key, v_record, v_same) INTO v_unchanged USING v_ids, v_patients, v_old, v_held;
  changed_rows := cardinality(v_unchanged);
  changed_cells := 0;
  IF changed_rows = 0 THEN RETURN NEXT; RETURN; END IF;
  SELECT sum(e.cells) INTO changed_cells FROM (
    SELECT sum((SELECT count(*) FROM jsonb_object_keys(r.new))) AS cells,
           audit.effect(r.patient, 'UPDATE', p_model,
             ARRAY(SELECT DISTINCT p_fields ->> k FROM unnest(array_agg(r.new)) n, jsonb_object_keys(n) k), '{}',
             CASE WHEN count(*) = 1 THEN (array_agg(r.id))[1] END, jsonb_object_agg(r.id, r.digests) FILTER (WHERE r.digests IS NOT NULL))
      FROM unnest(v_ids, v_patients, v_new, v_digests) AS r (id, patient, new, digests)
     WHERE r.id = ANY (v_unchanged) GROUP BY r.patient) e;
  EXECUTE format($sql$
    UPDATE phi.%1$I t SET %2$s FROM unnest($1, $2) AS r (id, new) CROSS JOIN LATERAL jsonb_to_record(r.new) AS n (%3$s)
     WHERE t.id = r.id AND t.id = ANY ($3)
    $sql$, p_table, v_set, v_record) USING v_ids, v_new, v_unchanged;
  RETURN NEXT;
END
$$;

-- The same for earlier versions, whose cells lie in one column by the names that their columns had then.
CREATE FUNCTION phi.history_to_reseal(p_patients uuid[], p_versions text[], p_after bigint, p_limit integer)
RETURNS TABLE (id bigint, patient_id uuid, table_name text, row_id uuid, cells jsonb)
LANGUAGE plpgsql STABLE SET search_path = pg_catalog, pg_temp AS $$
BEGIN
  RETURN QUERY
    WITH old AS (
      SELECT h.id, k.version, pg_column_size(h."row") AS size, sum(pg_column_size(h."row")) OVER (ORDER BY h.id) AS running
        FROM phi.row_history h JOIN unnest(p_patients, p_versions) AS k (patient, version) ON k.patient = h.patient_id
       WHERE h.patient_id = ANY (p_patients) AND (p_after IS NULL OR h.id > p_after)
         AND EXISTS (SELECT FROM jsonb_each_text(h."row") e
                      WHERE e.value ~ '^phi1\.[0-9a-f]{8}\.' AND substr(e.value, 6, 8) COLLATE "C" < k.version)
       ORDER BY h.id LIMIT p_limit)
    SELECT h.id, h.patient_id, h.table_name, h.row_id,
           (SELECT jsonb_object_agg(e.key, e.value) FROM jsonb_each(h."row") e
             WHERE (e.value #>> '{}') ~ '^phi1\.[0-9a-f]{8}\.' AND substr(e.value #>> '{}', 6, 8) COLLATE "C" < k.version)
      FROM old k JOIN phi.row_history h ON h.id = k.id WHERE k.running - k.size < 4194304 ORDER BY h.id;
END
$$;

CREATE FUNCTION phi.reseal_history(p_rows jsonb) RETURNS TABLE (changed_rows integer, changed_cells integer)
LANGUAGE plpgsql VOLATILE SET search_path = pg_catalog, pg_temp AS $$
DECLARE
  v_unchanged bigint[];
BEGIN
  SELECT coalesce(array_agg(u.id), '{}') INTO v_unchanged FROM (
    SELECT h.id FROM jsonb_to_recordset(p_rows) AS r (id bigint, patient uuid, old jsonb)
      JOIN phi.row_history h ON h.id = r.id AND h.patient_id = r.patient
     WHERE h."row" @> r.old ORDER BY h.id FOR NO KEY UPDATE OF h SKIP LOCKED) u;
  changed_rows := cardinality(v_unchanged);
  changed_cells := 0;
  IF changed_rows = 0 THEN RETURN NEXT; RETURN; END IF;
  SELECT sum(e.cells) INTO changed_cells FROM (
    SELECT sum((SELECT count(*) FROM jsonb_object_keys(r.new))) AS cells,
           audit.effect(r.patient, 'UPDATE', 'RowHistory', '{}', '{row}', NULL)
      FROM jsonb_to_recordset(p_rows) AS r (id bigint, patient uuid, new jsonb)
     WHERE r.id = ANY (v_unchanged) GROUP BY r.patient) e;
  UPDATE phi.row_history h SET "row" = h."row" || r.new
    FROM jsonb_to_recordset(p_rows) AS r (id bigint, old jsonb, new jsonb)
   WHERE h.id = r.id AND h.id = ANY (v_unchanged) AND h."row" @> r.old;
  RETURN NEXT;
END
$$;

GRANT EXECUTE ON FUNCTION phi.ciphertext_columns(text), phi.cells_to_reseal(text, uuid[], text[], uuid, integer), phi.reseal(text, text, jsonb, jsonb),
  phi.history_to_reseal(uuid[], text[], bigint, integer), phi.reseal_history(jsonb) TO phi_job_rotate;

-- ── Counting by key version ──────────────────────────────────────────────────────────────────────────────────────

-- The census sees ids and ciphertexts of everybody, and tells numbers alone. The catalogue test names its sight.
DO $$
DECLARE
  t text;
  v_columns text;
BEGIN
  FOR t IN SELECT c.relname FROM pg_class c WHERE c.relnamespace = 'phi'::regnamespace AND c.relkind = 'r' LOOP
    SELECT string_agg(quote_ident(c), ', ') INTO v_columns FROM unnest(phi.ciphertext_columns(t)) c;
    CONTINUE WHEN v_columns IS NULL;
    EXECUTE format('CREATE POLICY census_sight ON phi.%I FOR SELECT TO phi_census USING (true)', t);
    EXECUTE format('GRANT SELECT (%I, %s) ON phi.%I TO phi_census', CASE t WHEN 'patient' THEN 'id' ELSE 'patient_id' END, v_columns, t);
  END LOOP;
END
$$;
CREATE POLICY census_sight ON phi.row_history FOR SELECT TO phi_census USING (true);
GRANT SELECT (patient_id, "row") ON phi.row_history TO phi_census;
GRANT EXECUTE ON FUNCTION phi.ciphertext_columns(text) TO phi_census;
GRANT CREATE ON SCHEMA phi TO phi_census;
SET LOCAL ROLE phi_census;

-- How many cells of each patient name which key version, by table; all patients, or these. Which patients have how much of
-- what is something about them: for the job that renews keys alone.
CREATE FUNCTION phi.cell_versions(p_token text, p_patients uuid[] DEFAULT NULL)
RETURNS TABLE (patient_id uuid, table_name text, key_version bigint, cells bigint)
LANGUAGE plpgsql VOLATILE SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS $$
DECLARE
  t text;
  v_versions text;
BEGIN
  PERFORM app.key_rotation_session(p_token);
  FOR t IN SELECT c.relname FROM pg_class c WHERE c.relnamespace = 'phi'::regnamespace AND c.relkind = 'r' ORDER BY 1 LOOP
    SELECT string_agg(format('substr(t.%I, 6, 8)', c), ', ') INTO v_versions FROM unnest(phi.ciphertext_columns(t)) c;
    IF t = 'row_history' THEN
      RETURN QUERY
        SELECT h.patient_id, 'row_history', ('x' || lpad(substr(e.value, 6, 8), 16, '0'))::bit(64)::bigint AS v, count(*)
          FROM phi.row_history h CROSS JOIN LATERAL jsonb_each_text(h."row") e
         WHERE (p_patients IS NULL OR h.patient_id = ANY (p_patients)) AND e.value ~ '^phi1\.[0-9a-f]{8}\.' GROUP BY 1, 3;
    ELSIF v_versions IS NOT NULL THEN
      RETURN QUERY EXECUTE format($sql$
        SELECT s.patient, %1$L, ('x' || lpad(s.version, 16, '0'))::bit(64)::bigint, s.cells FROM (
          SELECT t.%2$I AS patient, v.version, count(*) AS cells FROM phi.%1$I t CROSS JOIN LATERAL unnest(ARRAY[%3$s]) AS v (version)
           WHERE %4$s AND v.version IS NOT NULL GROUP BY 1, 2) s
        $sql$, t, CASE t WHEN 'patient' THEN 'id' ELSE 'patient_id' END, v_versions,
        CASE WHEN p_patients IS NULL THEN 'true' ELSE format('t.%I = ANY ($1)', CASE t WHEN 'patient' THEN 'id' ELSE 'patient_id' END) END)
        USING p_patients;
    END IF;
  END LOOP;
END
$$;
GRANT EXECUTE ON FUNCTION phi.cell_versions(text, uuid[]) TO vigil_worker;
SET LOCAL ROLE phi_owner;
REVOKE CREATE ON SCHEMA phi FROM phi_census;
RESET ROLE;

-- ── The organisation's own secrets ───────────────────────────────────────────────────────────────────────────────
SET LOCAL ROLE app_owner;

-- Whether a session is one of this job, and goes on.
CREATE FUNCTION app.is_job(v app.session_standing, p_job text) RETURNS boolean
LANGUAGE sql STABLE SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS $$
  SELECT v.state = 'active' AND v.role = 'service' AND EXISTS (
    SELECT FROM app.account a WHERE a.id = v.account_id AND a.email_token = sha256(convert_to('service:' || p_job, 'UTF8')))
$$;
GRANT EXECUTE ON FUNCTION app.is_job(app.session_standing, text) TO audit_gate;

-- The session of the job that renews keys, or an error. Only the worker's login can have one.
CREATE FUNCTION app.key_rotation_session(p_token text) RETURNS app.session_standing
LANGUAGE plpgsql VOLATILE SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS $$
DECLARE
  v app.session_standing := app.session_touch(p_token);
BEGIN
  IF NOT app.is_job(v, 'key-rotation') THEN
    RAISE EXCEPTION 'this is for the job that renews keys' USING ERRCODE = '42501';
  END IF;
  RETURN v;
END
$$;
GRANT EXECUTE ON FUNCTION app.key_rotation_session(text) TO phi_census;

-- Every sealed secret: of accounts (jobs have none, only something in its place) and of kept searches.
CREATE VIEW app.sealed_secret AS
  SELECT 'email' AS kind, a.id AS row_id, a.email_sealed::text AS sealed FROM app.account a WHERE a.role <> 'service'
  UNION ALL SELECT 'totp-secret', a.id, a.totp_secret_sealed::text FROM app.account a WHERE a.totp_secret_sealed IS NOT NULL
  UNION ALL SELECT 'saved-filter', f.id, f.content_sealed::text FROM app.saved_filter f;

CREATE FUNCTION app.secret_versions(p_token text) RETURNS TABLE (key_version bigint, cells bigint)
LANGUAGE plpgsql VOLATILE SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS $$
BEGIN
  PERFORM app.key_rotation_session(p_token);
  RETURN QUERY SELECT ('x' || lpad(substr(s.sealed, 6, 8), 16, '0'))::bit(64)::bigint, count(*) FROM app.sealed_secret s GROUP BY 1;
END
$$;

-- Secrets that name an earlier key version (eight hex digits), behind the one named last. Whoever reads them may be able to
-- open them, so each batch is a security event that says how many of which kind. The version is one that can come next: a
-- rotation that is begun anew before the former one came here skips one.
CREATE FUNCTION app.secrets_to_reseal(p_token text, p_version text, p_after_kind text, p_after_id uuid, p_limit integer)
RETURNS TABLE (kind text, row_id uuid, sealed text)
LANGUAGE plpgsql VOLATILE SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS $$
DECLARE
  v app.session_standing := app.key_rotation_session(p_token);
  v_read app.sealed_secret[];
  v_next bigint := (SELECT max(('x' || lpad(substr(s.sealed, 6, 8), 16, '0'))::bit(64)::bigint) + 16 FROM app.sealed_secret s);
BEGIN
  IF p_version !~ '^[0-9a-f]{8}$' OR p_version > lpad(to_hex(v_next), 8, '0') COLLATE "C" THEN
    RAISE EXCEPTION 'no key can have this version yet' USING ERRCODE = '22023';
  END IF;
  SELECT array_agg(r) INTO v_read FROM (
    SELECT s.* FROM app.sealed_secret s
     WHERE substr(s.sealed, 6, 8) COLLATE "C" < p_version AND (p_after_kind IS NULL OR (s.kind, s.row_id) > (p_after_kind, p_after_id))
     ORDER BY s.kind, s.row_id LIMIT least(greatest(p_limit, 1), 1000)) r;
  IF v_read IS NULL THEN RETURN; END IF;
  PERFORM audit.record_event('ACCOUNT_SECRETS_READ', v.account_id, v.role, v.session_id, NULL,
    (SELECT jsonb_object_agg(c.kind, c.secrets) FROM (SELECT r.kind, count(*) AS secrets FROM unnest(v_read) r GROUP BY 1) c), 'DONE', NULL);
  RETURN QUERY SELECT r.kind, r.row_id, r.sealed FROM unnest(v_read) r;
END
$$;

-- Exchanges sealed secrets, if each is still what was read, for ones that name a later key version.
-- p_rows: [{"kind", "id", "old", "new"}]
CREATE FUNCTION app.reseal_secrets(p_token text, p_rows jsonb) RETURNS integer
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
    END CASE;
    IF FOUND THEN v_changed := v_changed + 1; END IF;
  END LOOP;
  PERFORM audit.record_event('ACCOUNT_SECRETS_RESEALED', v.account_id, v.role, v.session_id, NULL, jsonb_build_object('secrets', v_changed), 'DONE', NULL);
  RETURN v_changed;
END
$$;

-- What the job reports of a rotation: numbers, and whose key, never a value.
CREATE FUNCTION app.note_key_rotation(p_token text, p_event text, p_detail jsonb) RETURNS void
LANGUAGE plpgsql VOLATILE SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS $$
DECLARE
  v app.session_standing := app.key_rotation_session(p_token);
BEGIN
  IF p_event NOT IN ('DATA_KEY_ROTATION_STARTED', 'DATA_KEY_ROTATION_ENDED', 'DATA_KEYS_RETIRED') OR length(p_detail::text) > 2000 THEN
    RAISE EXCEPTION 'this event is not the job''s to report' USING ERRCODE = '42501';
  END IF;
  PERFORM audit.record_event(p_event, v.account_id, v.role, v.session_id, NULL, p_detail, 'DONE', NULL);
END
$$;
GRANT EXECUTE ON FUNCTION app.secret_versions(text), app.secrets_to_reseal(text, text, text, uuid, integer), app.reseal_secrets(text, jsonb),
  app.note_key_rotation(text, text, jsonb) TO vigil_worker;
RESET ROLE;
