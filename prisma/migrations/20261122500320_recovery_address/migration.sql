-- What a recovery needs to know of its account: whose passkey is asked for, and the address that a password may not contain.
SET LOCAL ROLE app_owner;

-- Whose account a live link is for, before its second factor was shown.
CREATE FUNCTION app.recovery_account(p_hash bytea) RETURNS uuid
LANGUAGE sql STABLE SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS $$
  SELECT l.account_id FROM app.mail_link l WHERE l.token_hash = p_hash AND app.recovery_stage(p_hash) = 'prove'
$$;

-- The sealed address, when a password may be set.
CREATE FUNCTION app.recovery_open(p_hash bytea) RETURNS TABLE (account_id uuid, email_sealed text)
LANGUAGE sql STABLE SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS $$
  SELECT a.id, a.email_sealed::text FROM app.mail_link l JOIN app.account a ON a.id = l.account_id WHERE l.token_hash = p_hash AND app.recovery_stage(p_hash) = 'password'
$$;
GRANT EXECUTE ON FUNCTION app.recovery_account(bytea), app.recovery_open(bytea) TO vigil_app;
RESET ROLE;
