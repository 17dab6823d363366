-- Lets an operator's work on key-encryption keys and on the root be written into the log of security events.

SET LOCAL ROLE app_owner;
-- Numbers, versions and short names, never a key: anything longer than a name does not fit.
CREATE FUNCTION app.note_key_work(p_token text, p_event text, p_detail jsonb) RETURNS void
LANGUAGE plpgsql VOLATILE SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS $$
DECLARE
  v app.session_standing := app.session_standing_of(p_token);
BEGIN
  IF v.state <> 'active' OR v.role <> 'service' OR NOT EXISTS (
    SELECT FROM app.account a WHERE a.id = v.account_id AND a.email_token = sha256(convert_to('service:key-rotation', 'UTF8'))) THEN
    RAISE EXCEPTION 'this is for the job that renews keys' USING ERRCODE = '42501';
  END IF;
  IF p_event NOT IN ('KEK_ROTATION_STARTED', 'KEK_ROTATION_ENDED', 'KEK_VERSION_DESTROYED', 'ROOT_KEY_RENEWED',
      'ROOT_KEY_MOVE_STARTED', 'ROOT_KEY_MOVED', 'RECOVERY_SHEET_PRINTED', 'KEYRING_RESTORED')
     OR jsonb_typeof(p_detail) <> 'object'
     OR EXISTS (SELECT FROM jsonb_each_text(p_detail) d WHERE d.value !~ '^[A-Za-z0-9-]{0,36}$') THEN
    RAISE EXCEPTION 'this event is not the job''s to report' USING ERRCODE = '42501';
  END IF;
  PERFORM audit.record_event(p_event, v.account_id, v.role, v.session_id, NULL, p_detail, 'DONE', NULL);
END
$$;
GRANT EXECUTE ON FUNCTION app.note_key_work(text, text, jsonb) TO vigil_worker;
RESET ROLE;
