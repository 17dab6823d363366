-- A changed e-mail address ends every other session of its owner, as a changed password does: whoever moves their sign-in away from a
-- mailbox that was not theirs alone must not leave those signed in who came by it (ASVS 5.0 7.4.3). The session that asked for
-- it goes on: there everything had been shown again. The link itself may be opened in any browser and signs nobody in.
SET LOCAL ROLE app_owner;
ALTER TABLE app.email_change ADD COLUMN asked_in uuid REFERENCES app.session (id);

CREATE OR REPLACE FUNCTION app.email_change_ask(p_token text, p_id uuid, p_new_text uuid, p_new_sealed text, p_former_text uuid, p_former_sealed text, p_new_tokens bytea[]) RETURNS text
LANGUAGE plpgsql VOLATILE SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS $$
DECLARE
  v app.session_standing := app.session_touch(p_token);
BEGIN
  IF v.state <> 'active' OR v.role = 'service' THEN RETURN 'no-session'; END IF;
  IF NOT app.is_proved_or_noted(v, true, 'email_change_ask') THEN RETURN 'not-fresh'; END IF;
  PERFORM FROM app.account WHERE id = v.account_id FOR UPDATE;
  IF (SELECT count(*) FROM app.email_change c WHERE c.account_id = v.account_id AND c.asked_at > v.db_now - interval '1 hour') >= 3 THEN RETURN 'too-many'; END IF;
  INSERT INTO app.sealed_text (id, kind, content_sealed) VALUES (p_new_text, 'mail-address', p_new_sealed), (p_former_text, 'mail-address', p_former_sealed);
  UPDATE app.email_change SET void_at = v.db_now WHERE account_id = v.account_id AND done_at IS NULL AND void_at IS NULL;
  INSERT INTO app.email_change (id, account_id, new_text_id, former_text_id, asked_at, asked_in) VALUES (p_id, v.account_id, p_new_text, p_former_text, v.db_now, v.session_id);
  PERFORM audit.record_event('EMAIL_CHANGE_ASKED', v.account_id, v.role, v.session_id, v.account_id, '{}', 'DONE', NULL);
  PERFORM app.mail_queue_about(v.account_id, 'address-asked', NULL, p_former_text, p_id);
  IF app.account_by_email(p_new_tokens) IS NULL THEN
    PERFORM app.mail_queue_about(v.account_id, 'confirm-address', NULL, p_new_text, p_id);
  END IF;
  RETURN 'asked';
END
$$;

CREATE OR REPLACE FUNCTION app.email_change_confirm(p_hash bytea, p_email_sealed text, p_email_tokens bytea[], p_client_ip inet) RETURNS boolean
LANGUAGE plpgsql VOLATILE SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS $$
DECLARE
  v_link app.mail_link := app.mail_link_take(p_hash, 'new-address', p_client_ip);
  v_change app.email_change;
  v_account app.account;
  v_ended integer;
BEGIN
  IF v_link.token_hash IS NULL THEN RETURN false; END IF;
  UPDATE app.email_change c SET done_at = app.now() FROM app.mail_outbox m
   WHERE m.id = v_link.mail_id AND c.id = m.reference AND c.done_at IS NULL AND c.void_at IS NULL RETURNING c.* INTO v_change;
  SELECT * INTO v_account FROM app.account a WHERE a.id = v_change.account_id AND a.status = 'active' FOR UPDATE;
  IF v_account.id IS NULL OR coalesce(app.account_by_email(p_email_tokens), v_account.id) <> v_account.id THEN RETURN false; END IF;
  PERFORM app.throttle_forget(v_account.id);
  UPDATE app.account SET email_sealed = p_email_sealed, email_token = app.token_for(p_email_tokens, false), email_token_even = app.token_for(p_email_tokens, true)
   WHERE id = v_account.id;
  -- a letter that went to the address that was left opens nothing any more
  UPDATE app.mail_link SET used_at = app.now() WHERE account_id = v_account.id AND purpose = 'recovery' AND used_at IS NULL;
  v_ended := app.sessions_end_all(v_account.id, 'email-changed', v_change.asked_in);
  PERFORM audit.record_event('EMAIL_CHANGED', v_account.id, v_account.role, NULL, v_account.id, jsonb_build_object('sessions', v_ended), 'DONE', p_client_ip);
  PERFORM app.mail_queue_about(v_account.id, 'address-changed', NULL, v_change.former_text_id, v_change.id);
  PERFORM app.notify(v_account.id, 'email-changed', v_change.id);
  RETURN true;
END
$$;
RESET ROLE;
