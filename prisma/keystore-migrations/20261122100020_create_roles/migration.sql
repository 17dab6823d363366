-- Makes the login of those who look after keys: the operator's command line, and never a serving process.
-- Run once by a superuser: the embedded launcher does it, a DBA gets this text from `vigil db bootstrap --print`.

DO $$
BEGIN
  IF NOT EXISTS (SELECT FROM pg_roles WHERE rolname = 'vigil_keys_operator') THEN
    CREATE ROLE vigil_keys_operator LOGIN NOINHERIT NOSUPERUSER NOCREATEDB NOCREATEROLE NOREPLICATION NOBYPASSRLS;
  END IF;
  EXECUTE format('GRANT CONNECT ON DATABASE %I TO vigil_keys_operator', current_database());
END
$$;

-- Work over all keys may take longer than what a person waits for, and still not for ever.
ALTER ROLE vigil_keys_operator SET statement_timeout = '60s';
ALTER ROLE vigil_keys_operator SET lock_timeout = '10s';
ALTER ROLE vigil_keys_operator SET idle_in_transaction_session_timeout = '30s';
