-- The door decides as before, with fewer queries inside its functions: starting a query there costs more than what it reads.
-- What is said of these functions where they were made holds for them here too.
SET LOCAL ROLE app_owner;

-- As before; a session is looked for by its token first, and by the one before only when there is none.
CREATE OR REPLACE FUNCTION app.session_standing_of(p_token text) RETURNS app.session_standing
LANGUAGE plpgsql STABLE SECURITY DEFINER SET search_path = pg_catalog, pg_temp SET plan_cache_mode = force_generic_plan AS $$
DECLARE
  v_now timestamptz := clock_timestamp() + coalesce((SELECT sum(c.advanced_by_seconds) FROM app.demo_clock c), 0) * interval '1 second';
  v_hash bytea := sha256(convert_to(coalesce(p_token, ''), 'UTF8'));
  v_present bytea := v_hash;
  v app.session_standing;
  v_ended timestamptz;
  v_locked timestamptz;
  v_account_role text;
  v_account_status text;
  v_account_ends timestamptz;
BEGIN
  LOOP
    SELECT s.id, s.account_id, s.role, a.display_name, s.last_active_at + make_interval(mins => coalesce(p.idle_minutes, 15)), s.expires_at,
           CASE WHEN s.token_hash = v_hash THEN s.second_factor_at ELSE to_timestamp(0) END,
           a.previous_sign_in_at, s.last_active_at, s.ended_at, s.locked_at, a.role, a.status, a.ends_at
      INTO v.session_id, v.account_id, v.role, v.display_name, v.idle_expires_at, v.absolute_expires_at,
           v.second_factor_at, v.previous_sign_in_at, v.last_active_at, v_ended, v_locked, v_account_role, v_account_status, v_account_ends
      FROM app.session s JOIN app.account a ON a.id = s.account_id LEFT JOIN app.role_policy p ON p.role = s.role
     WHERE s.token_hash = v_present;
    EXIT WHEN FOUND OR v_present <> v_hash;
    SELECT c.token_hash INTO v_present FROM app.session c WHERE c.former_token_hash = v_hash AND c.rotated_at > v_now - interval '10 seconds';
    EXIT WHEN NOT FOUND;
  END LOOP;
  v.db_now := v_now;
  v.state := CASE
    WHEN v.session_id IS NULL THEN 'unknown'
    WHEN v_ended IS NOT NULL OR v_account_status <> 'active' OR v_account_role <> v.role OR v_account_ends <= v_now THEN 'ended'
    WHEN v_now >= v.absolute_expires_at THEN 'expired'
    WHEN v_now >= v.idle_expires_at THEN 'idle'
    -- Only the worker's login can use a job's session, whoever holds its token.
    WHEN v.role = 'service' AND session_user <> 'vigil_worker' THEN 'ended'
    WHEN v_locked IS NOT NULL THEN 'locked'
    ELSE 'active' END;
  RETURN v;
END
$$;

RESET ROLE;
SET LOCAL ROLE audit_owner;
GRANT CREATE ON SCHEMA audit TO audit_gate;
RESET ROLE;
SET LOCAL ROLE audit_gate;

-- As before, and it says between which times it looks, so that one month's partition is opened and not all that are ahead. A day
-- leaves room for a clock that is put back.
CREATE OR REPLACE FUNCTION audit.claim_request(p_request uuid) RETURNS void
LANGUAGE plpgsql VOLATILE SECURITY DEFINER SET search_path = pg_catalog, pg_temp SET plan_cache_mode = force_generic_plan AS $$
DECLARE
  v_now timestamptz;
BEGIN
  IF current_setting('transaction_isolation') <> 'read committed' THEN
    RAISE EXCEPTION 'admission is asked for in a transaction that sees what is committed' USING ERRCODE = '25001';
  END IF;
  PERFORM pg_advisory_xact_lock(uuid_hash_extended(p_request, 7614));
  v_now := clock_timestamp();
  IF EXISTS (SELECT FROM audit.patient_phi_audit_log l
     WHERE l.request_id = p_request AND l.accessed_at > v_now - interval '1 minute' AND l.accessed_at < v_now + interval '1 day') THEN
    RAISE EXCEPTION 'a request id serves one unit of work' USING ERRCODE = '22023';
  END IF;
END
$$;

-- audit.relation_between for those who know what time it is by the clinic's clock.
CREATE FUNCTION audit.relation_at(p_account uuid, p_patient uuid, p_relations text[], p_part text, p_now timestamptz) RETURNS text
LANGUAGE plpgsql STABLE SECURITY DEFINER SET search_path = pg_catalog, pg_temp SET plan_cache_mode = force_generic_plan AS $$
DECLARE
  v_kind text;
BEGIN
  IF 'self' = ANY (p_relations) OR 'proxy' = ANY (p_relations) THEN
    SELECT g.kind INTO v_kind FROM phi.record_grant g
     WHERE g.account_id = p_account AND g.patient_id = p_patient AND g.kind = ANY (p_relations)
       AND g.starts_at <= p_now AND (g.ends_at IS NULL OR g.ends_at > p_now)
       AND (g.kind = 'self' OR p_part = ANY (g.parts)) LIMIT 1;
    IF v_kind IS NOT NULL THEN RETURN v_kind; END IF;
  END IF;
  IF 'care' = ANY (p_relations) AND EXISTS (
    SELECT FROM phi.care_relationship r
     WHERE r.patient_id = p_patient AND r.starts_at <= p_now AND (r.ends_at IS NULL OR r.ends_at > p_now)
       AND (r.account_id = p_account OR r.care_team_id IN (
         SELECT m.care_team_id FROM app.care_team_member m
          WHERE m.account_id = p_account AND m.starts_at <= p_now AND (m.ends_at IS NULL OR m.ends_at > p_now)))
  ) THEN RETURN 'care'; END IF;
  IF 'emergency' = ANY (p_relations) AND audit.open_lease(p_account, p_patient, 'PATIENT') IS NOT NULL THEN RETURN 'emergency'; END IF;
  IF 'organisation' = ANY (p_relations) OR 'service' = ANY (p_relations) OR 'new' = ANY (p_relations) THEN
    IF EXISTS (SELECT FROM phi.patient p WHERE p.id = p_patient) THEN
      IF 'organisation' = ANY (p_relations) THEN RETURN 'organisation'; END IF;
      IF 'service' = ANY (p_relations) THEN RETURN 'service'; END IF;
    ELSIF 'new' = ANY (p_relations) THEN RETURN 'new';
    END IF;
  END IF;
  RETURN NULL;
END
$$;

-- As before, now.
CREATE OR REPLACE FUNCTION audit.relation_between(p_account uuid, p_patient uuid, p_relations text[], p_part text) RETURNS text
LANGUAGE plpgsql STABLE SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS $$
BEGIN
  RETURN audit.relation_at(p_account, p_patient, p_relations, p_part, app.now());
END
$$;

-- As before: the policy and what is destroyed are read at once, and the time is the session's.
CREATE OR REPLACE FUNCTION audit.admit(p_token text, p_request uuid, p_action text, p_view text, p_fields jsonb, p_patients uuid[],
  p_purpose text, p_client_ip inet, p_resource_type text, p_resource_id uuid, p_reason text)
RETURNS TABLE (database_role text, admitted uuid[], denied_reason text, actor_id uuid)
LANGUAGE plpgsql VOLATILE SECURITY DEFINER SET search_path = pg_catalog, pg_temp SET plan_cache_mode = force_generic_plan AS $$
DECLARE
  v app.session_standing;
  v_part text;
  v_view_fields jsonb;
  v_database_role text;
  v_relations text[];
  v_purposes text[];
  v_step_up_seconds integer;
  v_is_whole boolean;
  v_refusal text;
  v_patient uuid;
  v_seen uuid[] := '{}';
  v_relation text;
  v_destroyed uuid[];
  v_reason text;
  v_lease uuid;
BEGIN
  PERFORM audit.require_durable_commit();
  IF p_request IS NULL OR coalesce(cardinality(p_patients), 0) NOT BETWEEN 1 AND 50 OR array_position(p_patients, NULL) IS NOT NULL THEN
    RAISE EXCEPTION 'a unit of work names 1 to 50 patients and a request' USING ERRCODE = '22023';
  END IF;
  -- The trail is for names of fields and a reason, not a place to put things: bounded also where it ends in a refusal.
  IF length(concat(p_view, p_action, p_purpose, p_resource_type)) > 300 OR length(coalesce(p_reason, '')) > 2000 THEN
    RAISE EXCEPTION 'this is more than an entry of the trail holds' USING ERRCODE = '22023';
  END IF;
  PERFORM audit.claim_request(p_request);
  v := app.session_touch(p_token);
  actor_id := v.account_id;
  admitted := '{}';
  IF v.state = 'unknown' THEN
    denied_reason := 'no-session';
    PERFORM audit.record_event('ADMISSION_REFUSED', NULL, NULL, NULL, NULL, jsonb_build_object('view', p_view, 'action', p_action, 'reason', denied_reason), 'REFUSED', p_client_ip, p_request);
    RETURN NEXT; RETURN;
  END IF;
  SELECT w.part, w.fields, r.database_role, r.relations, r.purposes, r.step_up_seconds,
         ARRAY(SELECT d.patient_id FROM audit.destroyed_record d WHERE d.patient_id = ANY (p_patients))
    INTO v_part, v_view_fields, v_database_role, v_relations, v_purposes, v_step_up_seconds, v_destroyed
    FROM audit.policy_view w LEFT JOIN audit.policy_rule r ON r.role = v.role AND r.view = w.view AND r.action = p_action
   WHERE w.view = p_view;
  -- Nearly always all fields of the view are asked for, and then nothing has to be measured.
  v_is_whole := p_fields = v_view_fields;
  IF v_is_whole IS NOT TRUE AND length(coalesce(p_fields::text, '')) > 20000 THEN
    RAISE EXCEPTION 'this is more than an entry of the trail holds' USING ERRCODE = '22023';
  END IF;
  v_refusal := CASE
    WHEN v.state <> 'active' THEN 'session-' || v.state
    WHEN v_database_role IS NULL THEN 'no-policy'
    WHEN v_is_whole IS NOT TRUE AND NOT (coalesce(p_fields, '{}') <@ v_view_fields) THEN 'fields-outside-view'
    WHEN p_purpose IS NOT NULL AND NOT (p_purpose = ANY (v_purposes)) THEN 'purpose-not-allowed'
    WHEN v_step_up_seconds IS NOT NULL AND v.second_factor_at <= v.db_now - make_interval(secs => v_step_up_seconds) THEN 'step-up-needed'
  END;
  FOREACH v_patient IN ARRAY p_patients LOOP
    CONTINUE WHEN v_patient = ANY (v_seen);
    v_seen := v_seen || v_patient;
    v_relation := NULL;
    v_lease := NULL;
    v_reason := v_refusal;
    IF v_refusal IS NULL THEN
      v_relation := audit.relation_at(v.account_id, v_patient, v_relations, v_part, v.db_now);
      -- Nothing of a destroyed record opens, and nothing is added to it. What shows people no field of it (who looked) goes
      -- on, and so do jobs, except imports. Only those who stand in a relation to the patient are told this reason.
      IF v_relation IS NOT NULL AND v_patient = ANY (v_destroyed)
         AND (v.role <> 'service' AND (p_action <> 'READ' OR coalesce(p_fields, '{}') <> '{}') OR v.role = 'service' AND p_view = 'import') THEN
        v_relation := NULL;
        v_reason := 'record-destroyed';
      END IF;
      -- An emergency lease is a relation like the others, read anew each time: nothing has to run for it to end.
      IF v_relation = 'emergency' THEN
        v_lease := audit.open_lease(v.account_id, v_patient, 'PATIENT');
        IF v_lease IS NULL THEN v_relation := NULL; END IF;
      END IF;
      IF v_relation IN ('care', 'emergency') AND v_part = 'notes' AND p_action = 'READ' THEN
        v_lease := coalesce(audit.open_lease(v.account_id, v_patient, 'SCOPE'), v_lease);
      END IF;
    END IF;
    IF v_relation IS NOT NULL THEN
      admitted := admitted || v_patient;
      database_role := v_database_role;
    END IF;
    INSERT INTO audit.patient_phi_audit_log (actor_user_id, actor_role, db_role, on_behalf_of, session_id, request_id, patient_id,
      action_type, view, resource_type, resource_id, changed_fields, purpose, outcome, reason, relation, break_glass_id, client_ip)
    VALUES (v.account_id, v.role, CASE WHEN v_relation IS NOT NULL THEN v_database_role END,
      CASE WHEN v_relation = 'proxy' THEN v_patient END, v.session_id, p_request, v_patient,
      p_action, p_view, p_resource_type, p_resource_id, coalesce(p_fields, '{}'),
      CASE WHEN v_lease IS NOT NULL THEN 'ETREAT' WHEN v_relation IS NOT NULL THEN coalesce(p_purpose, v_purposes[1]) ELSE p_purpose END,
      CASE WHEN v_relation IS NOT NULL THEN 'ALLOWED' ELSE 'DENIED' END,
      CASE WHEN v_relation IS NOT NULL THEN p_reason ELSE coalesce(v_reason, 'no-relation') END,
      v_relation, v_lease, p_client_ip);
  END LOOP;
  IF cardinality(admitted) = 0 THEN denied_reason := coalesce(v_reason, 'no-relation'); END IF;
  RETURN NEXT;
END
$$;

-- As before, with both looks in one query.
CREATE OR REPLACE FUNCTION audit.has_admission(p_role text) RETURNS boolean
LANGUAGE plpgsql STABLE SECURITY DEFINER SET search_path = pg_catalog, pg_temp SET plan_cache_mode = force_generic_plan SET client_min_messages = error AS $$
DECLARE
  v_request uuid := CASE WHEN current_setting('vigil.request', true) ~ '^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$' THEN current_setting('vigil.request', true)::uuid END;
  v_now timestamptz := clock_timestamp();
  v_is_explained boolean;
  v_is_admitted boolean;
BEGIN
  SELECT EXISTS (SELECT FROM pg_cursor() c WHERE c.statement ~* 'explain'),
         EXISTS (SELECT FROM audit.patient_phi_audit_log l
           WHERE l.request_id = v_request AND l.accessed_at > v_now - interval '15 seconds' AND l.accessed_at <= v_now
             AND l.outcome = 'ALLOWED' AND l.db_role = p_role AND l.tx_id IS DISTINCT FROM pg_current_xact_id_if_assigned())
    INTO v_is_explained, v_is_admitted;
  IF v_is_explained OR current_query() ~* 'explain' THEN
    RAISE EXCEPTION 'statements on records are not explained' USING ERRCODE = '42501';
  END IF;
  RETURN v_is_admitted;
END
$$;

-- As before, without an aggregate, which takes longer to set up than the row to find.
CREATE OR REPLACE FUNCTION audit.admitted(p_role text) RETURNS uuid[]
LANGUAGE plpgsql STABLE SECURITY DEFINER SET search_path = pg_catalog, pg_temp SET plan_cache_mode = force_generic_plan SET client_min_messages = error AS $$
DECLARE
  v_request uuid := CASE WHEN current_setting('vigil.request', true) ~ '^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$' THEN current_setting('vigil.request', true)::uuid END;
  v_now timestamptz := clock_timestamp();
BEGIN
  IF v_request IS NULL THEN RETURN '{}'; END IF;
  RETURN ARRAY(SELECT l.patient_id FROM audit.patient_phi_audit_log l
   WHERE l.request_id = v_request AND l.accessed_at > v_now - interval '15 seconds' AND l.accessed_at <= v_now
     AND l.outcome = 'ALLOWED' AND l.db_role = p_role AND l.tx_id IS DISTINCT FROM pg_current_xact_id_if_assigned());
END
$$;

-- As before: null in any case, and no query.
CREATE OR REPLACE FUNCTION audit.attest(p_attestation text) RETURNS text
LANGUAGE plpgsql VOLATILE SET search_path = pg_catalog, pg_temp AS $$
BEGIN
  RETURN CASE WHEN set_config('vigil.attestation', p_attestation, true) IS NULL THEN NULL END;
END
$$;

RESET ROLE;
SET LOCAL ROLE audit_owner;
REVOKE CREATE ON SCHEMA audit FROM audit_gate;
RESET ROLE;
