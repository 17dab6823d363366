-- The means to encrypt a column that was plain, while people write to it (docs/encryption.md has the procedure):
--   1. a migration calls phi.begin_encrypting(table, column): beside `c` come `c_sealed` and `c_pending`;
--   2. a release writes both; the job seals what is there; whoever still writes `c` alone only makes the row pending again;
--   3. a release reads `c_sealed`; then a migration calls phi.drop_plain(table, column), which refuses while a row is pending;
--   4. the job seals earlier versions of rows; a migration calls phi.end_encrypting(table, column), which refuses while
--      one of them still has the plain value.
SET LOCAL ROLE phi_owner;

-- Whether a column of this name is being encrypted just now: only then is anything below allowed.
CREATE FUNCTION phi.is_in_transit(p_column text) RETURNS boolean
LANGUAGE sql STABLE SET search_path = pg_catalog, pg_temp AS $$
  SELECT EXISTS (SELECT FROM pg_attribute a JOIN pg_class c ON c.oid = a.attrelid
    WHERE c.relnamespace = 'phi'::regnamespace AND c.relkind = 'r' AND a.attname = p_column || '_pending' AND NOT a.attisdropped)
$$;

-- Whether the change of one key between two states of a row belongs to a plain value being sealed: in a row, its
-- ciphertext comes into being as it stops being pending; in an earlier version, the ciphertext takes the value's place.
CREATE FUNCTION phi.is_sealing(p_old jsonb, p_new jsonb, p_key text) RETURNS boolean
LANGUAGE plpgsql STABLE SET search_path = pg_catalog, pg_temp AS $$
DECLARE
  v_plain text := regexp_replace(p_key, '_(sealed|pending)$', '');
  v_sealed text := p_new ->> (v_plain || '_sealed');
BEGIN
  IF NOT phi.is_in_transit(v_plain) THEN RETURN false; END IF;
  IF v_sealed !~ '^phi1\.[0-9a-f]{8}\.[A-Za-z0-9_-]{40,}$' OR (v_sealed IS NULL) <> (p_old -> v_plain = 'null') THEN RETURN false; END IF;
  IF p_new ? v_plain THEN
    RETURN p_key <> v_plain AND p_old -> (v_plain || '_pending') = 'true' AND p_new -> (v_plain || '_pending') = 'false'
      AND p_old -> v_plain = p_new -> v_plain;
  END IF;
  RETURN p_old ? v_plain AND NOT p_new ? (v_plain || '_pending');
END
$$;
GRANT EXECUTE ON FUNCTION phi.is_in_transit(text), phi.is_sealing(jsonb, jsonb, text) TO phi_job_rotate;

-- Refuses whatever is more than ciphertexts exchanged for ciphertexts of a later key version, or a plain value that is
-- being sealed. NULL stays NULL.
CREATE OR REPLACE FUNCTION phi.assert_reencrypted(p_old jsonb, p_new jsonb) RETURNS void
LANGUAGE plpgsql STABLE SET search_path = pg_catalog, pg_temp AS $$
BEGIN
  IF EXISTS (
    SELECT FROM jsonb_each(p_old) o FULL JOIN jsonb_each(p_new) n USING (key)
     WHERE o.value IS DISTINCT FROM n.value
       AND NOT coalesce(
         jsonb_typeof(o.value) = 'string' AND jsonb_typeof(n.value) = 'string'
         AND (o.value #>> '{}') ~ '^phi1\.[0-9a-f]{8}\.'
         AND (n.value #>> '{}') ~ '^phi1\.[0-9a-f]{8}\.[A-Za-z0-9_-]{40,}$'
         AND substr(n.value #>> '{}', 6, 8) > substr(o.value #>> '{}', 6, 8) COLLATE "C", false)
       AND NOT coalesce(phi.is_sealing(p_old, p_new, key), false)
  ) THEN
    RAISE EXCEPTION 're-encryption changes ciphertexts alone, and to a later key version' USING ERRCODE = '23514';
  END IF;
END
$$;

-- Keeps `c_pending` true wherever `c_sealed` does not hold what `c` holds. Whoever writes both has sealed what they wrote;
-- whoever writes `c` alone, a process of the former release, leaves it to the job. The job says so itself: when it renews
-- the key of a ciphertext that is out of date, it is still out of date.
CREATE FUNCTION phi.mark_plain() RETURNS trigger LANGUAGE plpgsql SET search_path = pg_catalog, pg_temp AS $$
DECLARE
  v_plain text := TG_ARGV[0];
  v_sealed text := TG_ARGV[0] || '_sealed';
  v_new jsonb := to_jsonb(NEW);
  v_old jsonb := CASE WHEN TG_OP = 'UPDATE' THEN to_jsonb(OLD) END;
  v_pending boolean;
BEGIN
  IF TG_OP = 'INSERT' THEN
    v_pending := v_new -> v_plain <> 'null' AND v_new -> v_sealed = 'null';
  ELSIF current_user = 'phi_job_rotate' THEN
    RETURN NEW;
  ELSIF v_new -> v_sealed IS DISTINCT FROM v_old -> v_sealed THEN
    v_pending := false;
  ELSIF v_new -> v_plain IS DISTINCT FROM v_old -> v_plain THEN
    v_pending := true;
  ELSE
    v_pending := (v_old ->> (v_plain || '_pending'))::boolean;
  END IF;
  RETURN jsonb_populate_record(NEW, jsonb_build_object(v_plain || '_pending', v_pending));
END
$$;

-- Rows whose plain value waits to be sealed, and their version, by which the job compares before it writes.
CREATE FUNCTION phi.plain_to_seal(p_table text, p_column text, p_patients uuid[], p_limit integer)
RETURNS TABLE (id uuid, patient_id uuid, row_version integer, plain text)
LANGUAGE plpgsql STABLE SET search_path = pg_catalog, pg_temp AS $$
BEGIN
  RETURN QUERY EXECUTE format($sql$
    SELECT t.id, t.%2$I, t.version, to_jsonb(t.%3$I) #>> '{}' FROM phi.%1$I t WHERE t.%2$I = ANY ($1) AND t.%4$I ORDER BY t.id LIMIT $2
    $sql$, p_table, CASE p_table WHEN 'patient' THEN 'id' ELSE 'patient_id' END, p_column, p_column || '_pending') USING p_patients, p_limit;
END
$$;

-- Writes ciphertexts beside their plain values, if each row is still what was read; leaves it alone where somebody is
-- writing. p_rows: [{"id", "patient", "version", "sealed": ciphertext | null, "digests": {column id: digest | null}}]
CREATE FUNCTION phi.seal_plain(p_table text, p_model text, p_column text, p_field text, p_rows jsonb) RETURNS integer
LANGUAGE plpgsql VOLATILE SET search_path = pg_catalog, pg_temp AS $$
DECLARE
  v_held uuid[];
  v_same uuid[];
BEGIN
  -- the lock that audit.effect puts the entries of one patient's cells in order with
  v_held := audit.try_hold_cells(ARRAY(SELECT DISTINCT r.patient FROM jsonb_to_recordset(p_rows) AS r (patient uuid)));
  EXECUTE format($sql$
    SELECT coalesce(array_agg(u.id), '{}') FROM (
      SELECT t.id FROM jsonb_to_recordset($1) AS r (id uuid, patient uuid, version integer)
        JOIN phi.%1$I t ON t.id = r.id AND t.%2$I = r.patient AND t.version = r.version AND t.%3$I
       WHERE r.patient = ANY ($2) ORDER BY t.id FOR NO KEY UPDATE OF t SKIP LOCKED) u
    $sql$, p_table, CASE p_table WHEN 'patient' THEN 'id' ELSE 'patient_id' END, p_column || '_pending') INTO v_same USING p_rows, v_held;
  IF cardinality(v_same) = 0 THEN RETURN 0; END IF;
  PERFORM audit.effect(r.patient, 'UPDATE', p_model, '{}', ARRAY[p_field], CASE WHEN count(*) = 1 THEN (array_agg(r.id))[1] END, jsonb_object_agg(r.id, r.digests))
     FROM jsonb_to_recordset(p_rows) AS r (id uuid, patient uuid, digests jsonb) WHERE r.id = ANY (v_same) GROUP BY r.patient;
  EXECUTE format($sql$
    UPDATE phi.%1$I t SET %2$I = r.sealed, %3$I = false FROM jsonb_to_recordset($1) AS r (id uuid, version integer, sealed text)
     WHERE t.id = r.id AND t.id = ANY ($2) AND t.version = r.version AND t.%3$I
    $sql$, p_table, p_column || '_sealed', p_column || '_pending') USING p_rows, v_same;
  RETURN cardinality(v_same);
END
$$;

-- The same for earlier versions of rows, once the column is gone and no new ones can have it.
CREATE FUNCTION phi.plain_history_to_seal(p_table text, p_column text, p_patients uuid[], p_limit integer)
RETURNS TABLE (id text, patient_id uuid, row_id uuid, plain text)
LANGUAGE sql STABLE SET search_path = pg_catalog, pg_temp AS $$
  SELECT h.id::text, h.patient_id, h.row_id, h."row" ->> p_column FROM phi.row_history h
   WHERE h.patient_id = ANY (p_patients) AND h.table_name = p_table AND h."row" ? p_column ORDER BY h.id LIMIT p_limit
$$;
CREATE FUNCTION phi.seal_plain_history(p_table text, p_column text, p_rows jsonb) RETURNS integer
LANGUAGE plpgsql VOLATILE SET search_path = pg_catalog, pg_temp AS $$
DECLARE
  v_changed integer;
BEGIN
  PERFORM audit.effect(p.patient, 'UPDATE', 'RowHistory', '{}', '{row}', NULL)
     FROM (SELECT DISTINCT r.patient FROM jsonb_to_recordset(p_rows) AS r (patient uuid)) p;
  UPDATE phi.row_history h
     SET "row" = h."row" - p_column - (p_column || '_pending') || jsonb_build_object(p_column || '_sealed', r.sealed)
    FROM jsonb_to_recordset(p_rows) AS r (id bigint, patient uuid, plain text, sealed text)
   WHERE h.id = r.id AND h.patient_id = r.patient AND h.table_name = p_table AND h."row" ? p_column AND h."row" ->> p_column IS NOT DISTINCT FROM r.plain;
  GET DIAGNOSTICS v_changed = ROW_COUNT;
  RETURN v_changed;
END
$$;
GRANT EXECUTE ON FUNCTION phi.plain_to_seal(text, text, uuid[], integer), phi.seal_plain(text, text, text, text, jsonb),
  phi.plain_history_to_seal(text, text, uuid[], integer), phi.seal_plain_history(text, text, jsonb) TO phi_job_rotate;
GRANT SELECT (table_name) ON phi.row_history TO phi_census;
RESET ROLE;

-- How much is still plain, by patient: rows that wait, and earlier versions. For the job that seals them alone.
SET LOCAL ROLE phi_owner;
GRANT CREATE ON SCHEMA phi TO phi_census;
SET LOCAL ROLE phi_census;
CREATE FUNCTION phi.plain_left(p_token text, p_table text, p_column text) RETURNS TABLE (patient_id uuid, pending bigint, history bigint)
LANGUAGE plpgsql VOLATILE SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS $$
DECLARE
  v_rows text := 'SELECT NULL::uuid AS patient, 0::bigint AS pending WHERE false';
BEGIN
  PERFORM app.key_rotation_session(p_token);
  IF EXISTS (SELECT FROM pg_attribute a WHERE a.attrelid = format('phi.%I', p_table)::regclass AND a.attname = p_column || '_pending' AND NOT a.attisdropped) THEN
    v_rows := format('SELECT t.%1$I AS patient, count(*) AS pending FROM phi.%2$I t WHERE t.%3$I GROUP BY 1',
      CASE p_table WHEN 'patient' THEN 'id' ELSE 'patient_id' END, p_table, p_column || '_pending');
  END IF;
  RETURN QUERY EXECUTE format($sql$
    SELECT coalesce(r.patient, h.patient), coalesce(r.pending, 0), coalesce(h.history, 0) FROM (%s) r
      FULL JOIN (SELECT h.patient_id AS patient, count(*) AS history FROM phi.row_history h WHERE h.table_name = $1 AND h."row" ? $2 GROUP BY 1) h
        ON h.patient = r.patient
    $sql$, v_rows) USING p_table, p_column;
END
$$;
GRANT EXECUTE ON FUNCTION phi.plain_left(text, text, text) TO vigil_worker;
RESET ROLE;
SET LOCAL ROLE phi_owner;
REVOKE CREATE ON SCHEMA phi FROM phi_census;

-- ── For migrations, which run as the owner; granted to nobody ────────────────────────────────────────────────────

-- Puts `c_sealed` and `c_pending` beside `c`. Whoever may read or write the one may read or write the other.
CREATE FUNCTION phi.begin_encrypting(p_table text, p_column text) RETURNS void
LANGUAGE plpgsql VOLATILE SET search_path = pg_catalog, pg_temp AS $$
DECLARE
  v_key text := CASE p_table WHEN 'patient' THEN 'id' ELSE 'patient_id' END;
  v_sealed text := p_column || '_sealed';
  v_pending text := p_column || '_pending';
  v record;
BEGIN
  EXECUTE format('ALTER TABLE phi.%I ADD COLUMN %I phi.ciphertext, ADD COLUMN %I boolean NOT NULL DEFAULT true', p_table, v_sealed, v_pending);
  EXECUTE format('CREATE INDEX %I ON phi.%I (%I) WHERE %I', p_table || '_' || v_pending, p_table, v_key, v_pending);
  FOR v IN SELECT a.grantee::regrole AS grantee, a.privilege_type FROM pg_attribute c, aclexplode(c.attacl) a
            WHERE c.attrelid = format('phi.%I', p_table)::regclass AND c.attname = p_column LOOP
    EXECUTE format('GRANT %s (%I) ON phi.%I TO %s', v.privilege_type, v_sealed, p_table, v.grantee);
  END LOOP;
  EXECUTE format('GRANT SELECT (%1$I, version, %2$I, %3$I, %4$I), UPDATE (%3$I, %4$I) ON phi.%5$I TO phi_job_rotate', v_key, p_column, v_sealed, v_pending, p_table);
  EXECUTE format('GRANT SELECT (%I, %I, %I) ON phi.%I TO phi_census', v_key, v_sealed, v_pending, p_table);
  IF NOT EXISTS (SELECT FROM pg_policies p WHERE p.schemaname = 'phi' AND p.tablename = p_table AND p.policyname = 'census_sight') THEN
    EXECUTE format('CREATE POLICY census_sight ON phi.%I FOR SELECT TO phi_census USING (true)', p_table);
  END IF;
  EXECUTE format('CREATE TRIGGER %I BEFORE INSERT OR UPDATE ON phi.%I FOR EACH ROW EXECUTE FUNCTION phi.mark_plain(%L)', 'mark_plain_' || p_column, p_table, p_column);
END
$$;

-- Drops `c`, when no row waits for its ciphertext. Its bytes leave the disk with the next VACUUM FULL of the table. The owner
-- is bound by row security like everybody else, and lets itself through to look, under a lock that keeps everybody out.
CREATE FUNCTION phi.drop_plain(p_table text, p_column text) RETURNS void
LANGUAGE plpgsql VOLATILE SET search_path = pg_catalog, pg_temp AS $$
DECLARE
  v_left boolean;
BEGIN
  EXECUTE format('ALTER TABLE phi.%I NO FORCE ROW LEVEL SECURITY', p_table);
  EXECUTE format('SELECT EXISTS (SELECT FROM phi.%I t WHERE t.%I)', p_table, p_column || '_pending') INTO v_left;
  EXECUTE format('ALTER TABLE phi.%I FORCE ROW LEVEL SECURITY', p_table);
  IF v_left THEN
    RAISE EXCEPTION 'some rows of this column are not sealed yet' USING ERRCODE = '55000';
  END IF;
  EXECUTE format('DROP TRIGGER %I ON phi.%I', 'mark_plain_' || p_column, p_table);
  EXECUTE format('ALTER TABLE phi.%I DROP COLUMN %I, ALTER COLUMN %I SET DEFAULT false', p_table, p_column, p_column || '_pending');
END
$$;

-- Ends it, when no earlier version of a row has the plain value any more.
CREATE FUNCTION phi.end_encrypting(p_table text, p_column text) RETURNS void
LANGUAGE plpgsql VOLATILE SET search_path = pg_catalog, pg_temp AS $$
DECLARE
  v_left boolean;
BEGIN
  ALTER TABLE phi.row_history NO FORCE ROW LEVEL SECURITY;
  SELECT EXISTS (SELECT FROM phi.row_history h WHERE h.table_name = p_table AND h."row" ? p_column) INTO v_left;
  ALTER TABLE phi.row_history FORCE ROW LEVEL SECURITY;
  IF v_left OR EXISTS (SELECT FROM pg_attribute a WHERE a.attrelid = format('phi.%I', p_table)::regclass AND a.attname = p_column AND NOT a.attisdropped) THEN
    RAISE EXCEPTION 'the plain value is still there, in the table or in an earlier version of a row' USING ERRCODE = '55000';
  END IF;
  EXECUTE format('ALTER TABLE phi.%I DROP COLUMN %I', p_table, p_column || '_pending');
END
$$;
RESET ROLE;

-- ── Renaming ─────────────────────────────────────────────────────────────────────────────────────────────────────
-- Earlier versions of rows know tables and columns by the names that they had. For a migration that renames one: the
-- same names there, or re-encryption could not tell which column their cells are of. Granted to nobody: the owner is
-- bound by row security like everybody else, and lets itself through for this one statement.
SET LOCAL ROLE phi_owner;
CREATE FUNCTION phi.rename_in_history(p_table text, p_new_table text, p_column text DEFAULT NULL, p_new_column text DEFAULT NULL) RETURNS void
LANGUAGE plpgsql VOLATILE SET search_path = pg_catalog, pg_temp AS $$
BEGIN
  ALTER TABLE phi.row_history NO FORCE ROW LEVEL SECURITY;
  ALTER TABLE phi.row_history DISABLE TRIGGER guard_history;
  UPDATE phi.row_history h
     SET table_name = p_new_table,
         "row" = CASE WHEN h."row" ? p_column THEN h."row" - p_column || jsonb_build_object(p_new_column, h."row" -> p_column) ELSE h."row" END
   WHERE h.table_name = p_table;
  ALTER TABLE phi.row_history ENABLE TRIGGER guard_history;
  ALTER TABLE phi.row_history FORCE ROW LEVEL SECURITY;
END
$$;
RESET ROLE;
