-- A role can be left to the identity provider alone only after somebody has come in through it: where none is set up, or the one that
-- is does not work, nobody of that role could sign in. The database does not know the settings of the web process, so it looks at
-- what the provider has done.
SET LOCAL ROLE app_owner;
CREATE OR REPLACE FUNCTION app.role_federation_set(p_token text, p_role text, p_provider_only boolean) RETURNS text
LANGUAGE plpgsql VOLATILE SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS $$
DECLARE
  v app.session_standing;
BEGIN
  IF app.is_old_administrator(p_token, 'role_federation_set') THEN RETURN NULL; END IF;
  v := app.administrator_proven(p_token);
  PERFORM pg_advisory_xact_lock(7614, 8);
  IF p_provider_only AND NOT EXISTS (SELECT FROM app.role_claim c WHERE c.role = p_role) THEN RETURN 'no-claim'; END IF;
  IF p_provider_only AND NOT EXISTS (SELECT FROM app.federated_session f JOIN app.session s ON s.id = f.session_id
    WHERE s.opened_at > v.db_now - interval '30 days') THEN RETURN 'no-provider'; END IF;
  IF p_provider_only AND p_role = 'admin' AND NOT EXISTS (SELECT FROM app.emergency_administrator e JOIN app.account a ON a.id = e.account_id
    WHERE a.status = 'active' AND a.role = 'admin' AND a.ends_at IS NULL AND a.password_hash IS NOT NULL AND app.has_second_factor(a.id)) THEN RETURN 'no-emergency'; END IF;
  UPDATE app.role_federation f SET provider_only = p_provider_only, changed_at = v.db_now WHERE f.role = p_role AND f.provider_only <> p_provider_only;
  IF NOT FOUND THEN RETURN 'nothing'; END IF;
  PERFORM app.federation_changed(v, NULL, jsonb_build_object('what', CASE WHEN p_provider_only THEN 'provider-only' ELSE 'both-ways' END, 'role', p_role));
  RETURN 'done';
END
$$;
RESET ROLE;
