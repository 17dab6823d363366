-- Takes advisory locks out of everybody's hands. Their numbers can be guessed: whoever held that of the sealer's election, of the
-- partitions, from the web process for instance, could stop the sealing of the trail, or the making of room for
-- it, for as long as its connection lived. The functions that need such locks belong to owners whom nobody can be.
-- Run once by a superuser: the embedded launcher does it, a DBA gets this text from `vigil db bootstrap --print`.
DO $$
DECLARE
  routine regprocedure;
BEGIN
  FOR routine IN
    SELECT p.oid::regprocedure FROM pg_proc p
     WHERE p.pronamespace = 'pg_catalog'::regnamespace AND p.proname ~ '^pg_(try_)?advisory_(xact_)?lock(_shared)?$'
  LOOP
    EXECUTE format('REVOKE EXECUTE ON FUNCTION %s FROM PUBLIC', routine);
    EXECUTE format('GRANT EXECUTE ON FUNCTION %s TO app_owner, audit_owner, audit_gate, audit_watch, phi_owner, phi_census, vigil_owner', routine);
  END LOOP;
END
$$;

-- By this one they are elected: one sealer, one worker.
GRANT EXECUTE ON FUNCTION pg_try_advisory_lock(integer, integer) TO vigil_sealer, vigil_worker;
