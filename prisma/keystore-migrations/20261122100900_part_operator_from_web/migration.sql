-- Parts the operator from the serving process. What cannot be undone (destroying a key, or writing over its wrapped bytes), and
-- what decides who wraps, belongs to the login vigil_keys_operator alone: a web process that was taken over can use keys, but it
-- can destroy none. The serving login keeps what serving needs: reading, adding a key, counting, and moving on to the next version.

GRANT USAGE ON SCHEMA keys TO vigil_keys_operator;
GRANT SELECT ON keys.data_key, keys.keyring_state, keys.keyring_version, keys.key_event, keys.data_key_rotation TO vigil_keys_operator;
GRANT INSERT (purpose, owner_id, version, state, provider, kek_version, wrapped) ON keys.data_key TO vigil_keys_operator;
GRANT UPDATE (state, provider, kek_version, wrapped, encryptions) ON keys.data_key TO vigil_keys_operator;
GRANT INSERT (keyring_id, environment, provider, serial, standing, version_min) ON keys.keyring_state TO vigil_keys_operator;
GRANT UPDATE (serial, updated_at, standing, version_min) ON keys.keyring_state TO vigil_keys_operator;
GRANT INSERT (provider, version, state, created_at, key_ref, wrapped) ON keys.keyring_version TO vigil_keys_operator;
GRANT UPDATE (state, key_ref, wrapped) ON keys.keyring_version TO vigil_keys_operator;
GRANT INSERT (owner_id, after_event) ON keys.data_key_rotation TO vigil_keys_operator;
GRANT UPDATE (ended_at) ON keys.data_key_rotation TO vigil_keys_operator;

REVOKE UPDATE (provider, kek_version, wrapped) ON keys.data_key FROM vigil_keys;
REVOKE UPDATE (standing, version_min) ON keys.keyring_state FROM vigil_keys;
REVOKE UPDATE (state, key_ref, wrapped) ON keys.keyring_version FROM vigil_keys;
REVOKE INSERT (owner_id, after_event), UPDATE (ended_at) ON keys.data_key_rotation FROM vigil_keys;

-- The one change of state that serving needs: the active version steps back when the next one takes its place.
CREATE FUNCTION keys.guard_serving_login() RETURNS trigger
LANGUAGE plpgsql SET search_path = pg_catalog AS $$
BEGIN
  IF session_user = 'vigil_keys' AND NEW.state <> OLD.state AND NOT (OLD.state = 'active' AND NEW.state = 'decrypt_only') THEN
    RAISE EXCEPTION 'only an operator may do this to a key' USING ERRCODE = 'insufficient_privilege';
  END IF;
  RETURN NEW;
END
$$;
REVOKE EXECUTE ON FUNCTION keys.guard_serving_login() FROM PUBLIC;
CREATE TRIGGER guard_serving_login BEFORE UPDATE OF state ON keys.data_key
  FOR EACH ROW EXECUTE FUNCTION keys.guard_serving_login();
