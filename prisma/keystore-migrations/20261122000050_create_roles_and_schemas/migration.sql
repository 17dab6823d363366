-- Makes the two logins of the key store and its schema.
-- Run once by a superuser: the embedded launcher does it, a DBA gets this text from `vigil db bootstrap --print`.
-- Passwords are set apart from it (ALTER ROLE … PASSWORD …), so that no secret ever stands in a migration.

DO $$
DECLARE
  login text;
BEGIN
  FOREACH login IN ARRAY ARRAY['vigil_keys', 'vigil_keys_owner'] LOOP
    IF NOT EXISTS (SELECT FROM pg_roles WHERE rolname = login) THEN
      EXECUTE format('CREATE ROLE %I LOGIN NOINHERIT NOSUPERUSER NOCREATEDB NOCREATEROLE NOREPLICATION NOBYPASSRLS', login);
    END IF;
  END LOOP;
  EXECUTE format('REVOKE ALL ON DATABASE %I FROM PUBLIC', current_database());
  EXECUTE format('GRANT CONNECT ON DATABASE %I TO vigil_keys, vigil_keys_owner', current_database());
END
$$;
REVOKE ALL ON SCHEMA public FROM PUBLIC;

-- Nothing may wait for ever: a key is read by its primary key, or something is wrong.
ALTER ROLE vigil_keys SET statement_timeout = '10s';
ALTER ROLE vigil_keys SET lock_timeout = '5s';
ALTER ROLE vigil_keys SET idle_in_transaction_session_timeout = '10s';
ALTER ROLE vigil_keys_owner SET lock_timeout = '30s';

CREATE SCHEMA IF NOT EXISTS keys AUTHORIZATION vigil_keys_owner;
REVOKE ALL ON SCHEMA keys FROM PUBLIC;
