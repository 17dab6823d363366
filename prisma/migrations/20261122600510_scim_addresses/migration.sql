-- An address that the hospital's directory changes (userName is readWrite, RFC 7643 §4.1.1): at the provider's word, with a letter to
-- the address that was left, as when its owner changes it.
SET LOCAL ROLE app_owner;

-- Moves an account to another address. Only of somebody whom the provider has signed in, by whom they are there, or who is no more than
-- a line of its directory so far (its role comes from there and nobody has signed in to it). Anybody else's account could otherwise be
-- made that of an address of one's own by whoever holds a provisioning token, who would then come in as them. Nor of who made a token that
-- is good: raises 55006. 'moved', 'same', 'taken' or 'own-sign-in'.
-- p_new_*, p_former_*: both addresses, sealed as texts, for the letter and the record of the change. For app.scim_user_change alone.
CREATE FUNCTION app.scim_move_address(p_id uuid, p_email_sealed text, p_email_tokens bytea[], p_new_text uuid, p_new_sealed text, p_former_text uuid,
  p_former_sealed text, p_client_ip inet) RETURNS text
LANGUAGE plpgsql VOLATILE SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS $$
DECLARE
  v_now timestamptz := app.now();
  v_actor uuid := app.federation_account();
  v_account app.account;
  v_owner uuid;
  v_change uuid := gen_random_uuid();
BEGIN
  SELECT * INTO v_account FROM app.account a WHERE a.id = p_id FOR UPDATE;
  v_owner := app.account_by_email(p_email_tokens);
  IF v_owner = p_id THEN RETURN 'same'; END IF;
  IF v_owner IS NOT NULL THEN RETURN 'taken'; END IF;
  IF NOT EXISTS (SELECT FROM app.federated_identity i WHERE i.account_id = p_id)
     AND (v_account.last_sign_in_at IS NOT NULL OR NOT EXISTS (SELECT FROM app.scim_user u WHERE u.account_id = p_id AND u.is_role_by_group)) THEN
    RETURN 'own-sign-in';
  END IF;
  IF app.made_live_scim_token(p_id) THEN RAISE EXCEPTION 'nobody changes their own address by a token of theirs' USING ERRCODE = '55006'; END IF;
  PERFORM app.throttle_forget(p_id);
  UPDATE app.account SET email_sealed = p_email_sealed, email_token = app.token_for(p_email_tokens, false), email_token_even = app.token_for(p_email_tokens, true) WHERE id = p_id;
  -- A letter that went to the address that was left opens nothing any more, and what its owner had asked for is overtaken.
  UPDATE app.mail_link SET used_at = v_now WHERE account_id = p_id AND purpose IN ('recovery', 'new-address') AND used_at IS NULL;
  UPDATE app.email_change SET void_at = v_now WHERE account_id = p_id AND done_at IS NULL AND void_at IS NULL;
  INSERT INTO app.sealed_text (id, kind, content_sealed) VALUES (p_new_text, 'mail-address', p_new_sealed), (p_former_text, 'mail-address', p_former_sealed);
  INSERT INTO app.email_change (id, account_id, new_text_id, former_text_id, asked_at, done_at) VALUES (v_change, p_id, p_new_text, p_former_text, v_now, v_now);
  PERFORM audit.record_event('EMAIL_CHANGED', v_actor, 'service', NULL, p_id, '{"by":"scim"}', 'DONE', p_client_ip);
  IF v_account.last_sign_in_at IS NOT NULL THEN
    PERFORM app.mail_queue_about(p_id, 'address-changed', NULL, p_former_text, v_change);
    PERFORM app.notify(p_id, 'email-changed', v_change);
  END IF;
  RETURN 'moved';
END
$$;

-- Changes what is given (null keeps it, an empty title takes it away): name, title, the provider's own id, whether the account is open,
-- and with p_email_tokens the address. All of it or nothing: 'changed', or why not.
DROP FUNCTION app.scim_user_change(bytea, uuid, text, text, text, boolean, inet);
CREATE FUNCTION app.scim_user_change(p_scim_hash bytea, p_id uuid, p_display_name text, p_job_title text, p_external_id text, p_is_active boolean, p_client_ip inet,
  p_email_sealed text DEFAULT NULL, p_email_tokens bytea[] DEFAULT NULL, p_new_text uuid DEFAULT NULL, p_new_sealed text DEFAULT NULL,
  p_former_text uuid DEFAULT NULL, p_former_sealed text DEFAULT NULL) RETURNS text
LANGUAGE plpgsql VOLATILE SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS $$
DECLARE
  v_actor uuid := app.scim_caller(p_scim_hash);
  v_moved text;
BEGIN
  IF NOT app.scim_adopt(p_id) THEN RETURN 'unknown'; END IF;
  IF EXISTS (SELECT FROM app.scim_user u WHERE u.external_id = p_external_id AND u.account_id <> p_id) THEN RETURN 'taken'; END IF;
  IF p_email_tokens IS NOT NULL THEN
    v_moved := app.scim_move_address(p_id, p_email_sealed, p_email_tokens, p_new_text, p_new_sealed, p_former_text, p_former_sealed, p_client_ip);
    IF v_moved NOT IN ('moved', 'same') THEN
      PERFORM audit.record_event('EMAIL_CHANGED', v_actor, 'service', NULL, p_id, jsonb_build_object('by', 'scim', 'reason', v_moved), 'REFUSED', p_client_ip);
      RETURN v_moved;
    END IF;
  END IF;
  UPDATE app.account a SET display_name = coalesce(p_display_name, a.display_name), job_title = nullif(coalesce(p_job_title, a.job_title), '') WHERE a.id = p_id
    AND (a.display_name, a.job_title) IS DISTINCT FROM (coalesce(p_display_name, a.display_name), nullif(coalesce(p_job_title, a.job_title), ''));
  IF FOUND THEN PERFORM audit.record_event('SCIM_USER_CHANGED', v_actor, 'service', NULL, p_id, '{"what":"name"}', 'DONE', p_client_ip); END IF;
  UPDATE app.scim_user u SET external_id = coalesce(p_external_id, u.external_id), is_active = coalesce(p_is_active, u.is_active), changed_at = app.now() WHERE u.account_id = p_id;
  PERFORM app.scim_settle(p_id, p_client_ip);
  RETURN 'changed';
END
$$;
GRANT EXECUTE ON FUNCTION app.scim_user_change(bytea, uuid, text, text, text, boolean, inet, text, bytea[], uuid, text, uuid, text) TO vigil_app;
RESET ROLE;
