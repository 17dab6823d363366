-- As before, but whoever made a provisioning token can be let go by it like everybody else: only what gives is refused.
SET LOCAL ROLE app_owner;

CREATE OR REPLACE FUNCTION app.scim_settle(p_account uuid, p_client_ip inet) RETURNS void
LANGUAGE plpgsql VOLATILE SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS $$
DECLARE
  v_now timestamptz := app.now();
  v_actor uuid := app.federation_account();
  v_user app.scim_user;
  v_account app.account;
  v_role text;
  v_open boolean;
BEGIN
  SELECT * INTO v_account FROM app.account a WHERE a.id = p_account AND app.is_staff(a.role) FOR UPDATE;
  SELECT * INTO v_user FROM app.scim_user u WHERE u.account_id = v_account.id;
  IF v_user.account_id IS NULL OR app.is_emergency_administrator(p_account) THEN RETURN; END IF;
  v_role := CASE WHEN v_user.is_role_by_group
    THEN (SELECT c.role FROM app.scim_member m JOIN app.role_claim c ON c.id = m.claim_id WHERE m.account_id = p_account ORDER BY c.position LIMIT 1)
    ELSE v_account.role END;
  v_open := v_user.is_active AND v_role IS NOT NULL;
  IF (v_role IS NOT NULL AND app.is_own_doing(p_account, v_role, 'scim'))
     OR (v_open AND v_account.status = 'deactivated' AND app.made_live_scim_token(p_account)) THEN
    RAISE EXCEPTION 'nobody changes their own rights, by a token or a word of theirs either' USING ERRCODE = '55006';
  END IF;
  IF v_role IS NOT NULL AND NOT app.federation_set_role(p_account, v_role, 'scim', p_client_ip) THEN
    RAISE EXCEPTION 'the last administrator cannot leave' USING ERRCODE = '55000';
  END IF;
  IF NOT v_open AND v_account.status <> 'deactivated' THEN
    IF app.is_last_administrator(p_account) THEN RAISE EXCEPTION 'the last administrator cannot leave' USING ERRCODE = '55000'; END IF;
    UPDATE app.account a SET status = 'deactivated', deactivated_at = v_now WHERE a.id = p_account RETURNING a.deactivated_at INTO v_account.deactivated_at;
    UPDATE app.scim_user u SET closed_at = v_account.deactivated_at WHERE u.account_id = p_account;
    PERFORM app.sessions_end_all(p_account, 'account-deactivated', NULL);
    UPDATE app.invitation n SET used_at = v_now WHERE n.account_id = p_account AND n.used_at IS NULL;
    PERFORM audit.record_event('ACCOUNT_DEACTIVATED', v_actor, 'service', NULL, p_account, '{"by":"scim"}', 'DONE', p_client_ip);
  ELSIF v_open AND v_account.status = 'deactivated' AND v_user.closed_at = v_account.deactivated_at THEN
    UPDATE app.account a SET deactivated_at = NULL, status = CASE
      WHEN app.has_second_factor(a.id) OR EXISTS (SELECT FROM app.federated_identity i WHERE i.account_id = a.id) THEN 'active' ELSE 'invited' END
     WHERE a.id = p_account;
    UPDATE app.scim_user u SET closed_at = NULL WHERE u.account_id = p_account;
    PERFORM audit.record_event('ACCOUNT_REACTIVATED', v_actor, 'service', NULL, p_account, '{"by":"scim"}', 'DONE', p_client_ip);
  END IF;
END
$$;
RESET ROLE;
