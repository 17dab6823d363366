-- Finds one's own patients however many others share their tokens. The first five hundred that fitted were looked through for those whom
-- the person may find, and who was not among them was not found. Also bounds what a search can write into the trail.
SET LOCAL ROLE audit_owner;
GRANT CREATE ON SCHEMA audit TO audit_gate;
RESET ROLE;
SET LOCAL ROLE audit_gate;

-- As before, and: whom one may find is asked of everybody who fits; at most 21 are counted, which is one more than is ever shown.
CREATE OR REPLACE FUNCTION audit.search(p_token text, p_request uuid, p_view text, p_fields jsonb, p_columns text[], p_tokens bytea[], p_client_ip inet)
RETURNS TABLE (database_role text, admitted uuid[], denied_reason text, match_count integer)
LANGUAGE plpgsql VOLATILE SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS $$
DECLARE
  v app.session_standing;
  v_rule audit.policy_rule;
  v_part text;
  v_view_fields jsonb;
  v_found uuid[];
  v_refusal text;
BEGIN
  PERFORM audit.require_durable_commit();
  IF p_request IS NULL OR coalesce(cardinality(p_columns), 0) NOT BETWEEN 1 AND 10 OR cardinality(p_columns) <> cardinality(p_tokens) THEN
    RAISE EXCEPTION 'a search has 1 to 10 terms' USING ERRCODE = '22023';
  END IF;
  -- The trail is for names of columns, not a place to put things: bounded also where it ends in a refusal.
  IF length(coalesce(p_fields::text, '')) > 20000 OR length(coalesce(p_view, '')) > 100
     OR EXISTS (SELECT FROM unnest(p_columns) c WHERE (c ~ '^[a-z][a-z.-]{1,60}$') IS NOT TRUE) THEN
    RAISE EXCEPTION 'this is more than an entry of the trail holds' USING ERRCODE = '22023';
  END IF;
  PERFORM audit.claim_request(p_request);
  v := app.session_touch(p_token);
  admitted := '{}';
  match_count := 0;
  -- Searches for somebody who is not one's own are counted one after the other, or several at once would each be the last.
  IF p_view = 'emergency-search' AND v.account_id IS NOT NULL THEN PERFORM pg_advisory_xact_lock(audit.lock_key('break-glass', v.account_id)); END IF;
  SELECT w.part, w.fields INTO v_part, v_view_fields FROM audit.policy_view w WHERE w.view = p_view;
  SELECT r.* INTO v_rule FROM audit.policy_rule r WHERE r.role = v.role AND r.view = p_view AND r.action = 'SEARCH';
  v_refusal := CASE
    WHEN v.state = 'unknown' THEN 'no-session'
    WHEN v.state <> 'active' THEN 'session-' || v.state
    WHEN v_rule.role IS NULL THEN 'no-policy'
    WHEN NOT (coalesce(p_fields, '{}') <@ v_view_fields) THEN 'fields-outside-view'
    WHEN p_view = 'emergency-search' THEN audit.emergency_search_refusal(v.account_id, p_columns)
  END;
  IF v_refusal IS NOT NULL THEN
    denied_reason := v_refusal;
    PERFORM audit.record_event('ADMISSION_REFUSED', v.account_id, v.role, v.session_id, NULL,
      jsonb_build_object('view', p_view, 'action', 'SEARCH', 'reason', v_refusal), 'REFUSED', p_client_ip, p_request);
    RETURN NEXT; RETURN;
  END IF;
  -- First whom one may find, then how many: cut tokens of a common name fit many people, and one's own can be any of them.
  SELECT coalesce(array_agg(f.patient_id), '{}') INTO v_found FROM (SELECT c.patient_id FROM (
    SELECT m.patient_id
      FROM (SELECT t.patient_id, q.ordinality
              FROM unnest(p_columns, p_tokens) WITH ORDINALITY AS q (column_id, token, ordinality)
              JOIN phi.search_token t ON t.column_id = q.column_id AND t.token = q.token) m
     GROUP BY m.patient_id HAVING count(DISTINCT m.ordinality) = cardinality(p_columns)) c
   WHERE audit.relation_between(v.account_id, c.patient_id, v_rule.relations, v_part) IS NOT NULL
     AND NOT EXISTS (SELECT FROM audit.destroyed_record d WHERE d.patient_id = c.patient_id)
   LIMIT 21) f;
  match_count := cardinality(v_found);
  IF match_count = 0 OR match_count > 20 THEN
    PERFORM audit.record_event(CASE WHEN match_count = 0 THEN 'PATIENT_SEARCH_NO_MATCH' ELSE 'PATIENT_SEARCH_TOO_MANY' END, v.account_id, v.role, v.session_id, NULL,
      jsonb_build_object('view', p_view, 'columns', to_jsonb(p_columns)), 'DONE', p_client_ip, p_request);
    RETURN NEXT; RETURN;
  END IF;
  INSERT INTO audit.patient_phi_audit_log (actor_user_id, actor_role, db_role, session_id, request_id, patient_id, action_type, view, changed_fields,
    purpose, outcome, relation, break_glass_id, client_ip)
  SELECT v.account_id, v.role, v_rule.database_role, v.session_id, p_request, f, 'SEARCH', p_view, coalesce(p_fields, '{}'),
    CASE WHEN r.relation = 'emergency' THEN 'ETREAT' ELSE v_rule.purposes[1] END, 'ALLOWED', r.relation,
    CASE WHEN r.relation = 'emergency' THEN audit.open_lease(v.account_id, f, 'PATIENT') END, p_client_ip
    FROM unnest(v_found) f, LATERAL (SELECT audit.relation_between(v.account_id, f, v_rule.relations, v_part) AS relation) r;
  admitted := v_found;
  database_role := v_rule.database_role;
  RETURN NEXT;
END
$$;

RESET ROLE;
SET LOCAL ROLE audit_owner;
REVOKE CREATE ON SCHEMA audit FROM audit_gate;
RESET ROLE;
