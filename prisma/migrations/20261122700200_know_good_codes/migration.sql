-- Whether a code or link is one that opens something now. They have 75 random bits and more: whoever shows a good one does not guess, and
-- must not wait because a stranger at the same address does. Only says so; what it opens, and what is counted against it, stays where
-- it was (five birth dates for an activation code).
SET LOCAL ROLE app_owner;
CREATE FUNCTION app.is_good_code(p_door text, p_hash bytea) RETURNS boolean
LANGUAGE sql STABLE SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS $$
  SELECT CASE p_door
    WHEN 'activation' THEN EXISTS (SELECT FROM app.activation c WHERE c.code_hash = p_hash AND c.used_at IS NULL AND c.voided_at IS NULL AND c.expires_at > app.now())
    WHEN 'invitation' THEN EXISTS (SELECT FROM app.invitation_open(p_hash))
    WHEN 'mail-change' THEN app.mail_link_open(p_hash, 'new-address')
    WHEN 'this-wasnt-me' THEN app.mail_link_open(p_hash, 'not-me')
    ELSE false END
$$;
GRANT EXECUTE ON FUNCTION app.is_good_code(text, bytea) TO vigil_app;
RESET ROLE;
