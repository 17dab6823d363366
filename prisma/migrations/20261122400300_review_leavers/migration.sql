-- Somebody whose employment ends does not count as another administrator or compliance officer when a review would end the
-- access of the one who stays.
SET LOCAL ROLE app_owner;

-- As before, but for those who leave.
CREATE OR REPLACE FUNCTION app.review_apply(p_by app.session_standing, p_review uuid, p_account uuid, p_decision text, p_new_role text) RETURNS text
LANGUAGE plpgsql VOLATILE SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS $$
DECLARE
  a app.account;
  v_others integer;
BEGIN
  -- Reviews that end accounts of one role come one after the other: two of them never take the last two at once.
  PERFORM pg_advisory_xact_lock(7614, 8);
  SELECT * INTO a FROM app.account WHERE id = p_account FOR UPDATE;
  IF a.id IS NULL OR a.status = 'deactivated' THEN RETURN 'gone'; END IF;
  IF p_decision = 'keep' THEN RETURN 'kept'; END IF;
  IF a.role IN ('patient', 'proxy', 'service') THEN
    RAISE EXCEPTION 'reviews are of staff' USING ERRCODE = '42501';
  END IF;
  IF a.role IN ('admin', 'compliance') THEN
    SELECT count(*) INTO v_others FROM (SELECT o.id FROM app.account o WHERE o.role = a.role AND o.status = 'active' AND o.ends_at IS NULL AND o.id <> a.id ORDER BY o.id FOR UPDATE) x;
    IF v_others = 0 THEN RETURN 'last'; END IF;
  END IF;
  IF p_decision = 'change' THEN
    IF p_new_role NOT IN ('nurse', 'clinician', 'billing') OR p_new_role = a.role THEN
      RAISE EXCEPTION 'a review gives no privileged role' USING ERRCODE = '22023';
    END IF;
    UPDATE app.account SET role = p_new_role WHERE id = p_account;
    PERFORM app.sessions_end_all(p_account, 'role-changed', NULL);
    PERFORM audit.record_event('ROLE_CHANGED', p_by.account_id, p_by.role, p_by.session_id, p_account,
      jsonb_build_object('from', a.role, 'to', p_new_role, 'review', p_review), 'DONE', NULL);
    RETURN 'changed';
  END IF;
  UPDATE app.account SET status = 'deactivated', deactivated_at = app.now() WHERE id = p_account;
  PERFORM app.sessions_end_all(p_account, 'account-deactivated', NULL);
  UPDATE app.invitation SET used_at = app.now() WHERE account_id = p_account AND used_at IS NULL;
  PERFORM audit.record_event('ACCOUNT_DEACTIVATED', p_by.account_id, p_by.role, p_by.session_id, p_account,
    jsonb_build_object('review', p_review), 'DONE', NULL);
  RETURN 'revoked';
END
$$;
RESET ROLE;
