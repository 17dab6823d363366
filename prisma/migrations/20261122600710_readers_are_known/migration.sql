-- Whoever reads what is kept from the person concerned is known, or reads nothing. Who reads was looked up a moment after the record of
-- the reading was, each within fifteen seconds of it; at the end of those seconds there could be a record and nobody who reads, and
-- "not about the reader" held for every row.
SET LOCAL ROLE audit_owner;
GRANT CREATE ON SCHEMA audit TO audit_gate;
RESET ROLE;
SET LOCAL ROLE audit_gate;

-- Who wrote that they would read leases or incidents: what concerns themselves is left out. As before, and: never nobody, never two.
CREATE OR REPLACE FUNCTION audit.oversight_reader(p_request uuid, p_event text) RETURNS uuid
LANGUAGE plpgsql STABLE SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS $$
DECLARE
  v_readers uuid[];
BEGIN
  SELECT array_agg(DISTINCT e.actor_user_id) INTO v_readers FROM audit.security_event_log e
   WHERE e.request_id = p_request AND e.event_type = p_event AND e.outcome = 'DONE' AND e.actor_role = 'compliance'
     AND e.accessed_at > clock_timestamp() - interval '15 seconds';
  IF coalesce(cardinality(v_readers), 0) <> 1 THEN
    RAISE EXCEPTION 'no committed record of this search' USING ERRCODE = '42501';
  END IF;
  RETURN v_readers[1];
END
$$;

-- The same for what was noticed about accesses.
CREATE OR REPLACE FUNCTION audit.watch_reader(p_request uuid, p_event text) RETURNS uuid
LANGUAGE sql STABLE SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS $$
  SELECT audit.oversight_reader(p_request, p_event)
$$;

RESET ROLE;
SET LOCAL ROLE audit_owner;
REVOKE CREATE ON SCHEMA audit FROM audit_gate;
RESET ROLE;
