-- A browser that is new to somebody gets another cookie: what it was known by for others moves to it, so that a shared
-- workstation leaves one row a person, and the former cookie stands for nobody any more.
SET LOCAL ROLE app_owner;

CREATE OR REPLACE FUNCTION app.device_note(p_token text, p_device bytea, p_former bytea) RETURNS text
LANGUAGE plpgsql VOLATILE SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS $$
DECLARE
  v app.session_standing := app.session_standing_of(p_token);
BEGIN
  IF v.state <> 'active' OR v.role = 'service' THEN RETURN 'no-session'; END IF;
  DELETE FROM app.second_step_failure WHERE account_id = v.account_id;
  UPDATE app.known_device SET last_at = v.db_now WHERE token_hash = p_former AND account_id = v.account_id;
  IF FOUND THEN RETURN 'known'; END IF;
  UPDATE app.known_device SET token_hash = p_device WHERE token_hash = p_former;
  INSERT INTO app.known_device (token_hash, account_id, first_at, last_at) VALUES (p_device, v.account_id, v.db_now, v.db_now);
  -- The newest twenty of a person are enough.
  DELETE FROM app.known_device d WHERE d.account_id = v.account_id AND d.token_hash NOT IN
    (SELECT n.token_hash FROM app.known_device n WHERE n.account_id = v.account_id ORDER BY n.last_at DESC, n.token_hash LIMIT 20);
  IF v.previous_sign_in_at IS NOT NULL THEN
    PERFORM app.mail_queue_about(v.account_id, 'new-browser', v.session_id, NULL, NULL);
    PERFORM audit.record_event('SIGN_IN_FROM_NEW_BROWSER', v.account_id, v.role, v.session_id, v.account_id, '{}', 'DONE', NULL);
  END IF;
  RETURN 'new';
END
$$;
RESET ROLE;
