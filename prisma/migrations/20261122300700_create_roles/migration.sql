-- Makes the role that owns the functions by which the job that watches over accesses learns who touched whose record and what
-- care stands behind it.
-- Run once by a superuser: the embedded launcher does it, a DBA gets this text from `vigil db bootstrap --print`.

DO $$
BEGIN
  IF NOT EXISTS (SELECT FROM pg_roles WHERE rolname = 'audit_watch') THEN
    CREATE ROLE audit_watch NOLOGIN NOINHERIT NOSUPERUSER NOCREATEDB NOCREATEROLE NOREPLICATION NOBYPASSRLS;
  END IF;
END
$$;

-- Nobody can be it: it only owns functions.
GRANT audit_watch TO vigil_owner;
GRANT USAGE ON LANGUAGE plpgsql TO audit_watch;
ALTER DEFAULT PRIVILEGES FOR ROLE audit_watch REVOKE EXECUTE ON FUNCTIONS FROM PUBLIC;
GRANT USAGE ON SCHEMA app, audit, phi TO audit_watch;
