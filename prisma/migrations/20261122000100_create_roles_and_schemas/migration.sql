-- Makes the logins, the roles that a unit of work assumes, and the schemas.
-- Run once by a superuser: the embedded launcher does it, a DBA gets this text from `vigil db bootstrap --print`.
-- Passwords are set apart from it (ALTER ROLE … PASSWORD …), so that no secret ever stands in a migration.

-- Logins. None is a superuser, may bypass row security, create anything, or inherits a role's rights: a right is
-- used by assuming its role for one transaction, never by merely being connected.
DO $$
DECLARE
  login text;
BEGIN
  FOREACH login IN ARRAY ARRAY['vigil_app', 'vigil_worker', 'vigil_sealer', 'vigil_audit', 'vigil_owner'] LOOP
    IF NOT EXISTS (SELECT FROM pg_roles WHERE rolname = login) THEN
      EXECUTE format('CREATE ROLE %I LOGIN NOINHERIT NOSUPERUSER NOCREATEDB NOCREATEROLE NOREPLICATION NOBYPASSRLS', login);
    END IF;
  END LOOP;
  -- Owners of objects, gate functions and assumed roles: nobody can log in as one of them.
  FOREACH login IN ARRAY ARRAY['app_owner', 'audit_owner', 'audit_gate', 'phi_owner', 'audit_reader', 'phi_patient',
    'phi_proxy', 'phi_nurse', 'phi_clinician', 'phi_billing', 'phi_billing_identity', 'phi_job_import'] LOOP
    IF NOT EXISTS (SELECT FROM pg_roles WHERE rolname = login) THEN
      EXECUTE format('CREATE ROLE %I NOLOGIN NOINHERIT NOSUPERUSER NOCREATEDB NOCREATEROLE NOREPLICATION NOBYPASSRLS', login);
    END IF;
  END LOOP;
END
$$;

-- Which login may assume which role. The web login can assume the roles of people, the worker only a job's.
GRANT phi_patient, phi_proxy, phi_nurse, phi_clinician, phi_billing, phi_billing_identity TO vigil_app;
GRANT phi_job_import TO vigil_worker;
GRANT audit_reader TO vigil_audit;
ALTER ROLE vigil_audit INHERIT;
-- Migrations assume the owners one after the other; vigil_owner itself owns nothing but the ledger of migrations.
GRANT app_owner, audit_owner, audit_gate, phi_owner TO vigil_owner;

-- PostgreSQL 16 and later record per grant whether its rights are inherited: say it for the one login that reads.
DO $$
BEGIN
  IF current_setting('server_version_num')::int >= 160000 THEN
    EXECUTE 'GRANT audit_reader TO vigil_audit WITH INHERIT TRUE';
  END IF;
END
$$;

-- Nothing may wait for ever; a login can change these for itself, so they protect against accident, not malice.
ALTER ROLE vigil_app SET statement_timeout = '15s';
ALTER ROLE vigil_app SET lock_timeout = '5s';
ALTER ROLE vigil_app SET idle_in_transaction_session_timeout = '10s';
ALTER ROLE vigil_worker SET statement_timeout = '120s';
ALTER ROLE vigil_worker SET lock_timeout = '10s';
ALTER ROLE vigil_worker SET idle_in_transaction_session_timeout = '30s';
ALTER ROLE vigil_sealer SET idle_in_transaction_session_timeout = '10s';
ALTER ROLE vigil_audit SET statement_timeout = '60s';
ALTER ROLE vigil_audit SET idle_in_transaction_session_timeout = '10s';
ALTER ROLE vigil_owner SET lock_timeout = '30s';

-- The database itself: no temporary tables (one would outlive a unit of work on a pooled connection), no creating.
DO $$
BEGIN
  EXECUTE format('REVOKE ALL ON DATABASE %I FROM PUBLIC', current_database());
  EXECUTE format('GRANT CONNECT ON DATABASE %I TO vigil_app, vigil_worker, vigil_sealer, vigil_audit, vigil_owner', current_database());
END
$$;
REVOKE ALL ON SCHEMA public FROM PUBLIC;

-- Large objects live outside every gate: no login may touch them.
DO $$
DECLARE
  routine regprocedure;
BEGIN
  FOR routine IN
    SELECT p.oid::regprocedure FROM pg_proc p
    WHERE p.pronamespace = 'pg_catalog'::regnamespace AND (p.proname ~ '^lo_' OR p.proname IN ('loread', 'lowrite'))
  LOOP
    EXECUTE format('REVOKE EXECUTE ON FUNCTION %s FROM PUBLIC', routine);
  END LOOP;
END
$$;

-- A DO block could hide what a statement is, and row counts tell of rows that row security holds back: PostgreSQL's
-- counters of a login's own transaction count those as well. Neither is needed by any login.
REVOKE USAGE ON LANGUAGE plpgsql FROM PUBLIC;
GRANT USAGE ON LANGUAGE plpgsql TO app_owner, audit_owner, audit_gate, phi_owner, vigil_owner;
DO $$
DECLARE
  routine regprocedure;
BEGIN
  FOR routine IN
    SELECT p.oid::regprocedure FROM pg_proc p
    WHERE p.pronamespace = 'pg_catalog'::regnamespace
      AND (p.proname ~ '^pg_stat_(get|reset)_' AND p.proname <> 'pg_stat_get_activity' OR p.proname = 'pg_stat_force_next_flush')
  LOOP
    EXECUTE format('REVOKE EXECUTE ON FUNCTION %s FROM PUBLIC', routine);
  END LOOP;
END
$$;

CREATE SCHEMA IF NOT EXISTS app AUTHORIZATION app_owner;
CREATE SCHEMA IF NOT EXISTS audit AUTHORIZATION audit_owner;
CREATE SCHEMA IF NOT EXISTS phi AUTHORIZATION phi_owner;

-- Functions are callable by those who are named, never by everybody: applies to whatever an owner makes later.
ALTER DEFAULT PRIVILEGES FOR ROLE app_owner REVOKE EXECUTE ON FUNCTIONS FROM PUBLIC;
ALTER DEFAULT PRIVILEGES FOR ROLE audit_owner REVOKE EXECUTE ON FUNCTIONS FROM PUBLIC;
ALTER DEFAULT PRIVILEGES FOR ROLE audit_gate REVOKE EXECUTE ON FUNCTIONS FROM PUBLIC;
ALTER DEFAULT PRIVILEGES FOR ROLE phi_owner REVOKE EXECUTE ON FUNCTIONS FROM PUBLIC;
ALTER DEFAULT PRIVILEGES FOR ROLE app_owner REVOKE USAGE ON TYPES FROM PUBLIC;
ALTER DEFAULT PRIVILEGES FOR ROLE phi_owner REVOKE USAGE ON TYPES FROM PUBLIC;

GRANT USAGE ON SCHEMA app TO vigil_app, vigil_worker, vigil_owner, audit_gate, audit_owner, phi_owner,
  phi_patient, phi_proxy, phi_nurse, phi_clinician, phi_billing, phi_billing_identity, phi_job_import, audit_reader;
GRANT USAGE ON SCHEMA audit TO vigil_app, vigil_worker, vigil_owner, vigil_sealer, app_owner, audit_gate, phi_owner,
  phi_patient, phi_proxy, phi_nurse, phi_clinician, phi_billing, phi_billing_identity, phi_job_import, audit_reader;
GRANT USAGE ON SCHEMA phi TO audit_gate,
  phi_patient, phi_proxy, phi_nurse, phi_clinician, phi_billing, phi_billing_identity, phi_job_import;

-- The ledger of migrations, written by the runner.
CREATE TABLE IF NOT EXISTS app.schema_migration (
  name text PRIMARY KEY,
  checksum text NOT NULL,
  applied_at timestamptz(3) NOT NULL DEFAULT now()
);
ALTER TABLE app.schema_migration OWNER TO vigil_owner;
GRANT SELECT ON app.schema_migration TO vigil_app, vigil_worker, vigil_audit;
