-- Makes the roles that work on keys assume, and the one that counts ciphertexts.
-- Run once by a superuser: the embedded launcher does it, a DBA gets this text from `vigil db bootstrap --print`.

DO $$
DECLARE
  name text;
BEGIN
  FOREACH name IN ARRAY ARRAY['phi_job_rotate', 'phi_job_reindex', 'phi_job_shred', 'phi_census'] LOOP
    IF NOT EXISTS (SELECT FROM pg_roles WHERE rolname = name) THEN
      EXECUTE format('CREATE ROLE %I NOLOGIN NOINHERIT NOSUPERUSER NOCREATEDB NOCREATEROLE NOREPLICATION NOBYPASSRLS', name);
    END IF;
  END LOOP;
END
$$;

-- Each job has a role of its own, and only the worker's login can take one.
GRANT phi_job_rotate, phi_job_reindex, phi_job_shred TO vigil_worker;
-- Owns functions that count ciphertexts by key version; nobody can be it.
GRANT phi_census TO vigil_owner;
GRANT USAGE ON LANGUAGE plpgsql TO phi_census;
ALTER DEFAULT PRIVILEGES FOR ROLE phi_census REVOKE EXECUTE ON FUNCTIONS FROM PUBLIC;

GRANT USAGE ON SCHEMA app, audit, phi TO phi_job_rotate, phi_job_reindex, phi_job_shred;
GRANT USAGE ON SCHEMA phi TO phi_census, vigil_worker;
GRANT USAGE ON SCHEMA app TO phi_census;

-- Locks tell who is being worked on just now. No login needs to see those of others; who watches over the server does.
REVOKE EXECUTE ON FUNCTION pg_catalog.pg_lock_status() FROM PUBLIC;
GRANT EXECUTE ON FUNCTION pg_catalog.pg_lock_status() TO pg_monitor;
