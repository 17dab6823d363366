-- Lets an export have the entries of months that left the logs, from their archives, as the search does that it answers. While the worker
-- makes it, what fits of an archive stands beside the logs; the database takes an entry only if it hashes to its leaf.
SET LOCAL ROLE audit_owner;

-- For as long as an attempt is under way. Unlogged: it is in no backup, and a server that crashed has none of it; then the attempt is over as well.
CREATE UNLOGGED TABLE audit.export_archived_entry (
  export_id uuid NOT NULL,
  attempt integer NOT NULL,
  accessed_at timestamptz NOT NULL,
  seq bigint NOT NULL,
  -- as it was hashed
  entry jsonb NOT NULL,
  PRIMARY KEY (export_id, attempt, accessed_at, seq)
);
GRANT SELECT, INSERT, DELETE ON audit.export_archived_entry TO audit_gate;
GRANT CREATE ON SCHEMA audit TO audit_gate;
RESET ROLE;
SET LOCAL ROLE audit_gate;

-- Archives of the months of a period that are not in the logs, oldest first.
CREATE FUNCTION audit.archives_of(p_from timestamptz, p_to timestamptz) RETURNS SETOF audit.trail_archive
LANGUAGE sql STABLE SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS $$
  SELECT t.* FROM audit.trail_archive t
   WHERE t.state <> 'restored' AND t.month::timestamp AT TIME ZONE 'UTC' < p_to AND (t.month + interval '1 month') AT TIME ZONE 'UTC' > p_from
   ORDER BY t.month
$$;

-- As before, and counts archived months: at most so many, since what is in their files is seen when the export is made. Their names
-- stand in the criteria (`archived`), for whoever agrees and for the log.
CREATE OR REPLACE FUNCTION audit.export_ask(p_token text, p_export uuid, p_format text, p_byte_order_mark boolean, p_criteria jsonb, p_reason_id uuid,
  p_reason_sealed text, p_client_ip inet) RETURNS TABLE (refusal text, rows_counted integer, state text)
LANGUAGE plpgsql VOLATILE SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS $$
DECLARE
  v app.session_standing := app.session_touch(p_token);
  v_criteria jsonb := p_criteria - ARRAY['limit', 'sort', 'direction', 'after_key', 'after_at', 'after_seq', 'archived'];
  v_live integer := 0;
  v_archived integer := 0;
  v_months text[];
  v_taken bigint;
  v_open integer;
  v_second boolean;
BEGIN
  PERFORM audit.require_durable_commit();
  IF p_export IS NULL OR p_criteria IS NULL OR length(p_criteria::text) > 20000 OR coalesce(p_format, '') NOT IN ('ndjson', 'csv', 'pdf', 'fhir', 'evidence') THEN
    RAISE EXCEPTION 'this is no export' USING ERRCODE = '22023';
  END IF;
  refusal := audit.export_refusal(v, true);
  IF refusal IS NULL THEN
    -- One after the other for each person, so that two small ones at once are not each below the limit.
    PERFORM pg_advisory_xact_lock(uuid_hash_extended(v.account_id, 7614));
    -- What comes after the asking was not counted, so it is not in it.
    v_criteria := v_criteria || jsonb_build_object('to', least((p_criteria ->> 'to')::timestamptz, clock_timestamp()));
    IF (v_criteria ->> 'to')::timestamptz > (v_criteria ->> 'from')::timestamptz THEN
      EXECUTE format('SELECT count(*)::integer FROM (SELECT FROM audit.patient_phi_audit_log l WHERE %s LIMIT 100001) q', audit.trail_conditions(v_criteria))
        INTO v_live;
      -- What is in the file of an archived month is not known here: no more than was sealed of that time.
      SELECT array_agg(to_char(t.month, 'YYYY-MM') ORDER BY t.month) INTO v_months
        FROM audit.archives_of((v_criteria ->> 'from')::timestamptz, (v_criteria ->> 'to')::timestamptz) t;
      IF v_months IS NOT NULL THEN
        v_criteria := v_criteria || jsonb_build_object('archived', v_months);
        SELECT count(*) INTO v_archived FROM (
          SELECT FROM audit.archives_of((v_criteria ->> 'from')::timestamptz, (v_criteria ->> 'to')::timestamptz) t
            JOIN audit.seal_leaf f ON f.incarnation = t.incarnation AND f.leaf_index >= t.first_leaf AND f.leaf_index < t.end_leaf AND f.log = 'P'
             AND f.accessed_at >= greatest(t.month::timestamp AT TIME ZONE 'UTC', (v_criteria ->> 'from')::timestamptz)
             AND f.accessed_at < least((t.month + interval '1 month') AT TIME ZONE 'UTC', (v_criteria ->> 'to')::timestamptz)
           LIMIT 100001) q;
      END IF;
    END IF;
    rows_counted := least(v_live + v_archived, 100001);
    -- What was made had so many; of what is still to be made so many were counted.
    SELECT coalesce(sum(CASE WHEN x.state IN ('READY', 'EXPIRED') THEN x.rows_done ELSE x.rows_counted END), 0), count(*) FILTER (WHERE x.state IN ('WAITING', 'QUEUED', 'RUNNING')) INTO v_taken, v_open
      FROM audit.trail_export x
     WHERE x.requested_by = v.account_id AND x.requested_at > v.db_now - interval '24 hours'
       AND (x.state IN ('WAITING', 'QUEUED', 'RUNNING', 'READY', 'EXPIRED') OR x.downloads > 0) AND NOT (x.needs_second AND x.decided_by IS NOT NULL);
    v_second := rows_counted + v_taken > 100000;
    refusal := CASE
      WHEN v_open >= 3 THEN 'too-many-open'
      -- Its places are in a tree that is over; the evidence of an export is about one tree.
      WHEN p_format = 'evidence' AND v_months IS NOT NULL AND EXISTS (
        SELECT FROM audit.archives_of((v_criteria ->> 'from')::timestamptz, (v_criteria ->> 'to')::timestamptz) t
         WHERE t.incarnation <> (SELECT max(i.incarnation) FROM audit.seal_incarnation i)) THEN 'archived'
      WHEN rows_counted = 0 THEN 'nothing-there'
      WHEN p_format = 'pdf' AND v_live > 5000 THEN 'too-long-for-pdf'
      WHEN p_format = 'evidence' AND v_live > 100000 THEN 'too-long-for-evidence' END;
  END IF;
  IF refusal IS NOT NULL THEN
    PERFORM audit.record_event('TRAIL_EXPORT_REQUESTED', v.account_id, v.role, v.session_id, NULL,
      jsonb_build_object('export', p_export, 'format', p_format, 'criteria', v_criteria, 'reason', refusal), 'REFUSED', p_client_ip);
    RETURN NEXT;
    RETURN;
  END IF;
  state := CASE WHEN v_second THEN 'WAITING' ELSE 'QUEUED' END;
  INSERT INTO app.sealed_text (id, kind, content_sealed) VALUES (p_reason_id, 'export-reason', p_reason_sealed);
  INSERT INTO audit.trail_export (export_id, requested_by, requested_at, format, byte_order_mark, criteria, reason_text_id, rows_counted, needs_second, state)
  VALUES (p_export, v.account_id, v.db_now, p_format, coalesce(p_byte_order_mark, false), v_criteria, p_reason_id, rows_counted, v_second, state);
  PERFORM audit.record_event('TRAIL_EXPORT_REQUESTED', v.account_id, v.role, v.session_id, NULL,
    jsonb_build_object('export', p_export, 'format', p_format, 'criteria', v_criteria, 'rows', rows_counted, 'second', v_second), 'DONE', p_client_ip);
  IF v_second THEN PERFORM app.notify_role('compliance', 'export-waiting', p_export, v.account_id); END IF;
  RETURN NEXT;
END
$$;


-- The archives that an export has to read, as they are now.
CREATE FUNCTION audit.export_archives(p_export uuid, p_attempt integer)
RETURNS TABLE (archive_id uuid, month text, incarnation integer, first_leaf bigint, end_leaf bigint, file_name text, content_digest text)
LANGUAGE plpgsql VOLATILE SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS $$
DECLARE
  x audit.trail_export := audit.export_at_work(p_export, p_attempt);
BEGIN
  IF x.export_id IS NULL THEN
    RAISE EXCEPTION 'this export is not wanted any more' USING ERRCODE = '42501';
  END IF;
  RETURN QUERY SELECT t.archive_id, to_char(t.month, 'YYYY-MM'), t.incarnation, t.first_leaf, t.end_leaf, t.file_name, encode(t.content_digest, 'hex')
    FROM audit.archives_of((x.criteria ->> 'from')::timestamptz, (x.criteria ->> 'to')::timestamptz) t;
END
$$;

-- Puts entries of an archive beside the logs for an attempt, those that fit what was asked for. Each is taken from the very text that its leaf
-- is the hash of. How many fitted; NULL: stop, it is not wanted any more.
-- p_rows: [{"index", "data"}]
CREATE FUNCTION audit.export_put_archived(p_export uuid, p_attempt integer, p_archive uuid, p_rows jsonb) RETURNS integer
LANGUAGE plpgsql VOLATILE SECURITY DEFINER SET search_path = pg_catalog, pg_temp SET timezone = 'UTC' AS $$
DECLARE
  x audit.trail_export := audit.export_at_work(p_export, p_attempt);
  a audit.trail_archive;
  v_added integer;
BEGIN
  IF x.export_id IS NULL THEN RETURN NULL; END IF;
  SELECT t.* INTO a FROM audit.archives_of((x.criteria ->> 'from')::timestamptz, (x.criteria ->> 'to')::timestamptz) t WHERE t.archive_id = p_archive;
  IF a.archive_id IS NULL OR EXISTS (
    SELECT FROM jsonb_to_recordset(p_rows) AS r (index bigint, data text)
      LEFT JOIN audit.seal_leaf f ON f.incarnation = a.incarnation AND f.leaf_index = r.index AND f.log = 'P'
     WHERE f.leaf_hash IS DISTINCT FROM sha256('\x00'::bytea || convert_to(r.data, 'UTF8'))
       OR f.accessed_at < a.month::timestamp AT TIME ZONE 'UTC' OR f.accessed_at >= (a.month + interval '1 month') AT TIME ZONE 'UTC') THEN
    RAISE EXCEPTION 'an entry is not what was sealed' USING ERRCODE = '23514';
  END IF;
  EXECUTE format('INSERT INTO audit.export_archived_entry (export_id, attempt, accessed_at, seq, entry)
    SELECT $1, $2, l.accessed_at, l.seq, r.data::jsonb FROM jsonb_to_recordset($3) AS r (index bigint, data text),
      LATERAL jsonb_populate_record(NULL::audit.patient_phi_audit_log, r.data::jsonb) l WHERE %s', audit.trail_conditions(x.criteria))
    USING p_export, p_attempt, p_rows;
  GET DIAGNOSTICS v_added = ROW_COUNT;
  UPDATE audit.trail_export t SET lease_until = app.now() + interval '1 minute' WHERE t.export_id = p_export;
  RETURN v_added;
END
$$;

-- Takes away what stands beside the logs for attempts that are over.
CREATE FUNCTION audit.export_forget_archived() RETURNS void
LANGUAGE plpgsql VOLATILE SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS $$
BEGIN
  PERFORM audit.require_worker();
  DELETE FROM audit.export_archived_entry e
   WHERE NOT EXISTS (SELECT FROM audit.trail_export t WHERE t.export_id = e.export_id AND t.attempt = e.attempt AND t.state = 'RUNNING');
END
$$;

-- As before, with what stands beside the logs in its place.
CREATE OR REPLACE FUNCTION audit.export_rows(p_export uuid, p_attempt integer, p_after_at timestamptz, p_after_seq bigint, p_limit integer)
RETURNS SETOF audit.patient_phi_audit_log
LANGUAGE plpgsql STABLE SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS $$
DECLARE
  v_criteria jsonb;
  v_live text;
BEGIN
  PERFORM audit.require_worker();
  SELECT t.criteria INTO v_criteria FROM audit.trail_export t WHERE t.export_id = p_export AND t.attempt = p_attempt AND t.state = 'RUNNING';
  IF v_criteria IS NULL THEN
    RAISE EXCEPTION 'this export is not wanted any more' USING ERRCODE = '42501';
  END IF;
  v_live := format('SELECT l.* FROM audit.patient_phi_audit_log l WHERE %s AND (l.accessed_at, l.seq) > ($1, $2) ORDER BY l.accessed_at, l.seq LIMIT $3',
    audit.trail_conditions(v_criteria));
  IF EXISTS (SELECT FROM audit.export_archived_entry e WHERE e.export_id = p_export AND e.attempt = p_attempt) THEN
    v_live := format('SELECT q.* FROM ((%s) UNION ALL
      (SELECT p.* FROM (SELECT e.accessed_at, e.seq, e.entry FROM audit.export_archived_entry e
          WHERE e.export_id = $4 AND e.attempt = $5 AND (e.accessed_at, e.seq) > ($1, $2) ORDER BY e.accessed_at, e.seq LIMIT $3) a,
        LATERAL jsonb_populate_record(NULL::audit.patient_phi_audit_log, a.entry) p)) q ORDER BY q.accessed_at, q.seq LIMIT $3', v_live);
  END IF;
  RETURN QUERY EXECUTE v_live USING coalesce(p_after_at, '-infinity'), coalesce(p_after_seq, 0), least(greatest(p_limit, 1), 10000), p_export, p_attempt;
END
$$;

GRANT EXECUTE ON FUNCTION audit.export_archives(uuid, integer), audit.export_put_archived(uuid, integer, uuid, jsonb), audit.export_forget_archived() TO vigil_worker;
RESET ROLE;
SET LOCAL ROLE audit_owner;
REVOKE CREATE ON SCHEMA audit FROM audit_gate;
RESET ROLE;
