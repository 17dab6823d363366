-- The clinic's activity counted day by day: asking the index for each day's range is cheaper than asking each of a month's entries
-- which day it belongs to.
SET LOCAL ROLE audit_owner;
GRANT CREATE ON SCHEMA audit TO audit_gate;
RESET ROLE;
SET LOCAL ROLE audit_gate;

-- As before; a day is from midnight to midnight by the clocks of the zone.
CREATE OR REPLACE FUNCTION audit.clinic_activity(p_request uuid) RETURNS TABLE (unit text, starts_at text, entries bigint, refused bigint)
LANGUAGE plpgsql STABLE SECURITY DEFINER SET search_path = pg_catalog, pg_temp SET timezone = 'UTC' SET datestyle = 'ISO, YMD' AS $$
DECLARE
  c jsonb := audit.trail_criteria(p_request, 'AUDIT_SEARCH');
  v_zone text := coalesce(c ->> 'zone', 'UTC');
  v_conditions text;
BEGIN
  IF (c ->> 'to')::timestamptz - (c ->> 'from')::timestamptz > interval '32 days' OR audit.trail_is_scan(c) OR c ?| ARRAY['patients', 'actor', 'request'] THEN
    RAISE EXCEPTION 'the clinic''s activity is told for at most 31 days, and as a whole' USING ERRCODE = '22023';
  END IF;
  v_conditions := audit.trail_conditions(c);
  RETURN QUERY EXECUTE format($query$
    SELECT 'day'::text, to_char(d.bucket, 'YYYY-MM-DD"T"HH24:MI'), e.entries, r.refused
      FROM (SELECT b AS bucket, b AT TIME ZONE %1$L AS begins, (b + interval '1 day') AT TIME ZONE %1$L AS ends
              FROM generate_series(date_trunc('day', $1 AT TIME ZONE %1$L), $2 AT TIME ZONE %1$L, interval '1 day') b) d
     CROSS JOIN LATERAL (SELECT count(*) AS entries FROM audit.patient_phi_audit_log l
            WHERE %2$s AND l.accessed_at >= d.begins AND l.accessed_at < d.ends) e
     CROSS JOIN LATERAL (SELECT count(*) AS refused FROM audit.patient_phi_audit_log l
            WHERE %2$s AND l.accessed_at >= d.begins AND l.accessed_at < d.ends AND l.outcome = 'DENIED') r
     WHERE e.entries > 0 ORDER BY d.bucket$query$,
    v_zone, v_conditions) USING (c ->> 'from')::timestamptz, (c ->> 'to')::timestamptz;
END
$$;

RESET ROLE;
SET LOCAL ROLE audit_owner;
REVOKE CREATE ON SCHEMA audit FROM audit_gate;
RESET ROLE;
