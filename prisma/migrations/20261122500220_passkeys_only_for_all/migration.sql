-- "Passkeys only" ends what was opened by less, also sessions that a recovery code or an enrolment had begun.
SET LOCAL ROLE app_owner;

-- Sets the limits of a role: from the next access on, in every session. Never beyond the product's own, whoever asks. What is refused is
-- an event as well.
CREATE OR REPLACE FUNCTION app.role_policy_set(p_token text, p_role text, p_idle_minutes integer, p_max_sessions integer, p_passkey_only boolean) RETURNS text
LANGUAGE plpgsql VOLATILE SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS $$
DECLARE
  v app.session_standing := app.administrator_proven(p_token);
  v_old app.role_policy;
  v_asked jsonb := jsonb_build_object('role', p_role, 'idle_minutes', p_idle_minutes, 'max_sessions', p_max_sessions, 'passkey_only', p_passkey_only);
  v_account record;
  v_refusal text;
BEGIN
  SELECT * INTO v_old FROM app.role_policy p WHERE p.role = p_role FOR UPDATE;
  v_refusal := CASE
    WHEN v_old.role IS NULL OR p_passkey_only IS NULL THEN 'no-role'
    WHEN p_idle_minutes IS NULL OR p_idle_minutes NOT BETWEEN 5 AND 15 OR p_max_sessions IS NULL OR p_max_sessions NOT BETWEEN 1 AND 8 THEN 'beyond-limits'
    -- Whoever would be asked for what they do not have could not take it back.
    WHEN p_passkey_only AND p_role = v.role AND NOT EXISTS (SELECT FROM app.passkey k WHERE k.account_id = v.account_id) THEN 'no-passkey' END;
  IF v_refusal IS NOT NULL THEN
    PERFORM audit.record_event('ROLE_POLICY_CHANGED', v.account_id, v.role, v.session_id, NULL, jsonb_build_object('asked', v_asked, 'reason', v_refusal), 'REFUSED', NULL);
    RETURN v_refusal;
  END IF;
  IF (v_old.idle_minutes, v_old.max_sessions, v_old.passkey_only) = (p_idle_minutes, p_max_sessions, p_passkey_only) THEN RETURN 'unchanged'; END IF;
  UPDATE app.role_policy p SET idle_minutes = p_idle_minutes, max_sessions = p_max_sessions, passkey_only = p_passkey_only, changed_at = v.db_now WHERE p.role = p_role;
  IF p_max_sessions < v_old.max_sessions THEN
    FOR v_account IN SELECT s.account_id, count(*) FROM app.session s WHERE s.role = p_role AND app.session_is_open(s, v.db_now) GROUP BY s.account_id HAVING count(*) > p_max_sessions LOOP
      PERFORM app.sessions_end_beyond(v_account.account_id, p_max_sessions - (v_account.account_id = v.account_id)::integer, CASE WHEN v_account.account_id = v.account_id THEN v.session_id END);
    END LOOP;
  END IF;
  -- Sessions that a typed code had opened, and those of people who have no passkey yet, would outlive the rule by hours. An identity
  -- provider that has asked for two factors stands in for ours.
  IF p_passkey_only AND NOT v_old.passkey_only THEN
    UPDATE app.session s SET ended_at = v.db_now, end_reason = 'passkey-only'
     WHERE s.role = p_role AND (s.method = 'totp' OR (s.method <> 'oidc' AND NOT app.has_passkey(s.account_id))) AND s.ended_at IS NULL AND s.id <> v.session_id;
  END IF;
  PERFORM audit.record_event('ROLE_POLICY_CHANGED', v.account_id, v.role, v.session_id, NULL,
    jsonb_build_object('to', v_asked, 'from', jsonb_build_object('idle_minutes', v_old.idle_minutes, 'max_sessions', v_old.max_sessions, 'passkey_only', v_old.passkey_only)), 'DONE', NULL);
  RETURN 'saved';
END
$$;

RESET ROLE;
