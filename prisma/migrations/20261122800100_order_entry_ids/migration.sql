-- Ids of entries of both logs in the order of time (RFC 9562 §5.7), where they were random: the index by which a leaf is found by its entry grows
-- at its end now. Random ones went to a page of their own each, and after every checkpoint each of these pages is written to the WAL
-- whole: that cost the sealer more than everything else that it does. An id tells when its entry was written, which the entry says
-- itself; 62 bits of it stay random, which with the row's MAC keep anybody from guessing an entry by its leaf's hash.
SET LOCAL ROLE audit_owner;
DO $$
DECLARE
  v_table text;
BEGIN
  FOREACH v_table IN ARRAY ARRAY['audit.patient_phi_audit_log', 'audit.security_event_log'] LOOP
    EXECUTE format('ALTER TABLE %s ALTER COLUMN log_id SET DEFAULT %s', v_table,
      -- PostgreSQL 18 makes them itself. Before: the milliseconds over the first 48 bits of a random one, and version 7 in the place of 4.
      CASE WHEN to_regprocedure('pg_catalog.uuidv7()') IS NOT NULL THEN 'uuidv7()' ELSE
        $d$encode(set_bit(set_bit(overlay(uuid_send(gen_random_uuid()) PLACING substring(int8send(floor(extract(epoch FROM clock_timestamp()) * 1000)::bigint) FROM 3) FROM 1 FOR 6), 52, 1), 53, 1), 'hex')::uuid$d$ END);
  END LOOP;
END
$$;
RESET ROLE;
