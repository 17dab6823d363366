-- Changes who cares for a patient only through the views that are made for it. A change was let through when its admission was for any
-- change of this patient under the same role: with raw SQL, whoever might record a vital sign during an emergency could have entered
-- themselves as a carer, for good. The rules say that an emergency makes nobody a carer; now the rows do.
SET LOCAL ROLE audit_owner;
GRANT CREATE ON SCHEMA audit TO audit_gate;
RESET ROLE;
SET LOCAL ROLE audit_gate;

-- The patients of this request whom it may change something about through one of these views.
CREATE FUNCTION audit.admitted_through(p_role text, p_views text[]) RETURNS uuid[]
LANGUAGE plpgsql STABLE SECURITY DEFINER SET search_path = pg_catalog, pg_temp SET plan_cache_mode = force_generic_plan SET client_min_messages = error AS $$
DECLARE
  v_request uuid := CASE WHEN current_setting('vigil.request', true) ~ '^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$' THEN current_setting('vigil.request', true)::uuid END;
  v_now timestamptz := clock_timestamp();
  v_patients uuid[];
BEGIN
  IF v_request IS NULL THEN RETURN '{}'; END IF;
  SELECT array_agg(l.patient_id) INTO v_patients FROM audit.patient_phi_audit_log l
   WHERE l.request_id = v_request AND l.accessed_at > v_now - interval '15 seconds' AND l.accessed_at <= v_now
     AND l.outcome = 'ALLOWED' AND l.action_type IN ('CREATE', 'UPDATE', 'DELETE') AND l.view = ANY (p_views)
     AND l.db_role = p_role AND l.tx_id IS DISTINCT FROM pg_current_xact_id_if_assigned();
  RETURN coalesce(v_patients, '{}');
END
$$;
REVOKE EXECUTE ON FUNCTION audit.admitted_through(text, text[]) FROM PUBLIC;
GRANT EXECUTE ON FUNCTION audit.admitted_through(text, text[]) TO phi_nurse, phi_clinician, phi_owner;

RESET ROLE;
SET LOCAL ROLE audit_owner;
REVOKE CREATE ON SCHEMA audit FROM audit_gate;
RESET ROLE;

SET LOCAL ROLE phi_owner;
DO $$
DECLARE
  r text;
  v_through text;
BEGIN
  FOREACH r IN ARRAY ARRAY['phi_nurse', 'phi_clinician'] LOOP
    v_through := format('patient_id = ANY ((SELECT audit.admitted_through(%L, ''{care-team,patient-registration}''))::uuid[])', r);
    EXECUTE format('CREATE POLICY %I ON phi.care_relationship AS RESTRICTIVE FOR INSERT TO %I WITH CHECK (%s)', 'team_insert_' || r, r, v_through);
    EXECUTE format('CREATE POLICY %I ON phi.care_relationship AS RESTRICTIVE FOR UPDATE TO %I USING (%s)', 'team_update_' || r, r, v_through);
  END LOOP;
END
$$;
RESET ROLE;
