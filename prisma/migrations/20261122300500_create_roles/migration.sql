-- Makes the role by which compliance officers read and answer what patients report, and keep the ledger of disclosures.
-- Run once by a superuser: the embedded launcher does it, a DBA gets this text from `vigil db bootstrap --print`.

DO $$
BEGIN
  IF NOT EXISTS (SELECT FROM pg_roles WHERE rolname = 'phi_compliance') THEN
    CREATE ROLE phi_compliance NOLOGIN NOINHERIT NOSUPERUSER NOCREATEDB NOCREATEROLE NOREPLICATION NOBYPASSRLS;
  END IF;
END
$$;

GRANT phi_compliance TO vigil_app;
GRANT USAGE ON SCHEMA app, audit, phi TO phi_compliance;
