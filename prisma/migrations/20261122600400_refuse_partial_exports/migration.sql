-- An export of a period of which a month has left the logs would lack that month's entries and say nothing of it. It is refused, until
-- the month was put back or another period is asked for.
SET LOCAL ROLE audit_owner;
GRANT CREATE ON SCHEMA audit TO audit_gate;
RESET ROLE;
SET LOCAL ROLE audit_gate;

CREATE OR REPLACE FUNCTION audit.export_ask(p_token text, p_export uuid, p_format text, p_byte_order_mark boolean, p_criteria jsonb, p_reason_id uuid,
  p_reason_sealed text, p_client_ip inet) RETURNS TABLE (refusal text, rows_counted integer, state text)
LANGUAGE plpgsql VOLATILE SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS $$
DECLARE
  v app.session_standing := app.session_touch(p_token);
  v_criteria jsonb := p_criteria - ARRAY['limit', 'sort', 'direction', 'after_key', 'after_at', 'after_seq'];
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
    IF (v_criteria ->> 'to')::timestamptz <= (v_criteria ->> 'from')::timestamptz THEN
      rows_counted := 0;
    ELSE
      EXECUTE format('SELECT count(*)::integer FROM (SELECT FROM audit.patient_phi_audit_log l WHERE %s LIMIT 100001) q', audit.trail_conditions(v_criteria))
        INTO rows_counted;
    END IF;
    SELECT coalesce(sum(x.rows_counted), 0), count(*) FILTER (WHERE x.state IN ('WAITING', 'QUEUED', 'RUNNING')) INTO v_taken, v_open
      FROM audit.trail_export x
     WHERE x.requested_by = v.account_id AND x.requested_at > v.db_now - interval '24 hours'
       AND (x.state IN ('WAITING', 'QUEUED', 'RUNNING', 'READY', 'EXPIRED') OR x.downloads > 0) AND NOT (x.needs_second AND x.decided_by IS NOT NULL);
    v_second := rows_counted + v_taken > 100000;
    refusal := CASE
      WHEN v_open >= 3 THEN 'too-many-open'
      WHEN EXISTS (SELECT FROM audit.trail_archive t
                    WHERE t.state <> 'restored' AND t.month::timestamp AT TIME ZONE 'UTC' < (v_criteria ->> 'to')::timestamptz
                      AND (t.month + interval '1 month') AT TIME ZONE 'UTC' > (v_criteria ->> 'from')::timestamptz) THEN 'archived'
      WHEN rows_counted = 0 THEN 'nothing-there'
      WHEN p_format = 'pdf' AND rows_counted > 5000 THEN 'too-long-for-pdf'
      WHEN p_format = 'evidence' AND rows_counted > 100000 THEN 'too-long-for-evidence' END;
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

RESET ROLE;
SET LOCAL ROLE audit_owner;
REVOKE CREATE ON SCHEMA audit FROM audit_gate;
RESET ROLE;
