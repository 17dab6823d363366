-- Makes the two logs, the policy that decisions are taken by, and the functions of the door.
--
-- The rule of the whole product: `audit.admit` writes who, whom, what and why, and commits; only then do the row
-- policies of schema phi (next migration) show anything, and only of the patients named in committed ALLOWED rows of
-- this very request (164.312(b)). Nobody can insert into the logs in any other way.
SET LOCAL ROLE audit_owner;

-- Both logs share one sequence, so that they can be sealed as one tree.
CREATE SEQUENCE audit.log_seq AS bigint;

-- ── The trail of patients' records ───────────────────────────────────────────────────────────────────────────────
CREATE TABLE audit.patient_phi_audit_log (
  log_id uuid NOT NULL DEFAULT gen_random_uuid(),
  seq bigint NOT NULL DEFAULT nextval('audit.log_seq'),
  -- what orders and dates a row is never supplied by the caller
  tx_id xid8 NOT NULL DEFAULT pg_current_xact_id(),
  accessed_at timestamptz NOT NULL DEFAULT clock_timestamp(),
  actor_user_id uuid,
  actor_role text,
  -- the database role that the unit of work may assume
  db_role text,
  on_behalf_of uuid,
  session_id uuid,
  request_id uuid NOT NULL,
  patient_id uuid NOT NULL,
  action_type text NOT NULL CHECK (action_type IN ('READ', 'CREATE', 'UPDATE', 'DELETE', 'SEARCH', 'EXPORT', 'PRINT', 'DISCLOSE')),
  view text NOT NULL,
  resource_type text,
  resource_id uuid,
  -- names of fields by model, never values: {"Observation": ["value", "unit"]}
  changed_fields jsonb NOT NULL DEFAULT '{}',
  purpose text,
  -- ALLOWED: admitted, committed before anything was read or changed. EFFECT: the change itself, in its own
  -- transaction. DENIED: refused, with its reason.
  outcome text NOT NULL CHECK (outcome IN ('ALLOWED', 'EFFECT', 'DENIED')),
  reason text,
  relation text,
  break_glass_id uuid,
  client_ip inet,
  db_user text NOT NULL DEFAULT session_user,
  db_pid integer NOT NULL DEFAULT pg_backend_pid(),
  -- a partitioned table's key must hold the column that it is partitioned by
  PRIMARY KEY (accessed_at, log_id),
  CHECK ((outcome = 'DENIED') = (db_role IS NULL)),
  CHECK (outcome <> 'DENIED' OR reason IS NOT NULL),
  CHECK (outcome <> 'EFFECT' OR action_type IN ('CREATE', 'UPDATE', 'DELETE')),
  CHECK (outcome = 'DENIED' OR actor_user_id IS NOT NULL)
) PARTITION BY RANGE (accessed_at);
CREATE INDEX ON audit.patient_phi_audit_log (request_id, accessed_at);
CREATE INDEX ON audit.patient_phi_audit_log (patient_id, accessed_at DESC, seq DESC);
CREATE INDEX ON audit.patient_phi_audit_log (actor_user_id, accessed_at DESC, seq DESC);
CREATE INDEX ON audit.patient_phi_audit_log (accessed_at DESC, seq DESC) WHERE outcome = 'DENIED';

-- ── Everything else that security people ask about ───────────────────────────────────────────────────────────────
CREATE TABLE audit.security_event_log (
  log_id uuid NOT NULL DEFAULT gen_random_uuid(),
  seq bigint NOT NULL DEFAULT nextval('audit.log_seq'),
  tx_id xid8 NOT NULL DEFAULT pg_current_xact_id(),
  accessed_at timestamptz NOT NULL DEFAULT clock_timestamp(),
  event_type text NOT NULL,
  actor_user_id uuid,
  actor_role text,
  session_id uuid,
  request_id uuid,
  subject_account_id uuid,
  detail jsonb NOT NULL DEFAULT '{}',
  outcome text NOT NULL CHECK (outcome IN ('DONE', 'REFUSED')),
  client_ip inet,
  db_user text NOT NULL DEFAULT session_user,
  db_pid integer NOT NULL DEFAULT pg_backend_pid(),
  PRIMARY KEY (accessed_at, log_id)
) PARTITION BY RANGE (accessed_at);
CREATE INDEX ON audit.security_event_log (event_type, accessed_at DESC);
CREATE INDEX ON audit.security_event_log (actor_user_id, accessed_at DESC);
CREATE INDEX ON audit.security_event_log (subject_account_id, accessed_at DESC);
CREATE INDEX ON audit.security_event_log (request_id) WHERE request_id IS NOT NULL;

-- Append only, for the owner as well (45 CFR 164.312(c)(1)).
CREATE FUNCTION audit.refuse_change() RETURNS trigger LANGUAGE plpgsql SET search_path = pg_catalog, pg_temp AS $$
BEGIN
  RAISE EXCEPTION 'the audit log only grows: % is refused', TG_OP USING ERRCODE = '42501';
END
$$;
CREATE TRIGGER append_only BEFORE UPDATE OR DELETE ON audit.patient_phi_audit_log FOR EACH ROW EXECUTE FUNCTION audit.refuse_change();
CREATE TRIGGER append_only BEFORE UPDATE OR DELETE ON audit.security_event_log FOR EACH ROW EXECUTE FUNCTION audit.refuse_change();
CREATE TRIGGER append_only_truncate BEFORE TRUNCATE ON audit.patient_phi_audit_log FOR EACH STATEMENT EXECUTE FUNCTION audit.refuse_change();
CREATE TRIGGER append_only_truncate BEFORE TRUNCATE ON audit.security_event_log FOR EACH STATEMENT EXECUTE FUNCTION audit.refuse_change();

-- Makes the monthly partitions of this month and the months ahead. There is no default partition: where one is
-- missing the insert fails, and so does the access. It can only add. TRUNCATE triggers are not inherited, so each
-- partition gets its own.
CREATE FUNCTION audit.ensure_partitions(p_months_ahead integer DEFAULT 3) RETURNS integer
LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS $$
DECLARE
  v_parent text;
  v_name text;
  v_from timestamptz;
  v_made integer := 0;
BEGIN
  IF p_months_ahead NOT BETWEEN 0 AND 24 THEN
    RAISE EXCEPTION 'between 0 and 24 months ahead' USING ERRCODE = '22023';
  END IF;
  PERFORM pg_advisory_xact_lock(7614, 1);
  FOREACH v_parent IN ARRAY ARRAY['patient_phi_audit_log', 'security_event_log'] LOOP
    FOR i IN 0..p_months_ahead LOOP
      v_from := date_trunc('month', now() AT TIME ZONE 'UTC') AT TIME ZONE 'UTC';
      v_from := (v_from AT TIME ZONE 'UTC' + make_interval(months => i)) AT TIME ZONE 'UTC';
      v_name := v_parent || '_' || to_char(v_from AT TIME ZONE 'UTC', 'YYYYMM');
      CONTINUE WHEN to_regclass('audit.' || v_name) IS NOT NULL;
      EXECUTE format('CREATE TABLE audit.%I (LIKE audit.%I INCLUDING DEFAULTS INCLUDING CONSTRAINTS)', v_name, v_parent);
      EXECUTE format('ALTER TABLE audit.%I ATTACH PARTITION audit.%I FOR VALUES FROM (%L) TO (%L)', v_parent, v_name, v_from,
        (v_from AT TIME ZONE 'UTC' + interval '1 month') AT TIME ZONE 'UTC');
      EXECUTE format('CREATE TRIGGER append_only_truncate BEFORE TRUNCATE ON audit.%I FOR EACH STATEMENT EXECUTE FUNCTION audit.refuse_change()', v_name);
      v_made := v_made + 1;
    END LOOP;
  END LOOP;
  RETURN v_made;
END
$$;
GRANT EXECUTE ON FUNCTION audit.ensure_partitions(integer) TO vigil_worker, vigil_owner;
SELECT audit.ensure_partitions(3);

-- ── Policy: the rows that admit decides by; loaded from lib/policy when migrations run ───────────────────────────
CREATE TABLE audit.policy_view (
  view text PRIMARY KEY,
  part text NOT NULL,
  -- the minimum necessary (164.502(b)): fields by model that this view may show or write
  fields jsonb NOT NULL
);
CREATE TABLE audit.policy_rule (
  role text NOT NULL,
  view text NOT NULL REFERENCES audit.policy_view (view),
  action text NOT NULL,
  -- in this order: self, proxy, care, author, organisation, new, service
  relations text[] NOT NULL,
  database_role text NOT NULL,
  purposes text[] NOT NULL,
  step_up_seconds integer,
  PRIMARY KEY (role, view, action)
);
GRANT SELECT ON audit.policy_view, audit.policy_rule TO audit_gate, audit_reader, vigil_app, vigil_worker;

-- ── Who may write and read the logs ──────────────────────────────────────────────────────────────────────────────
-- The gate's functions run as audit_gate, which owns neither log and may insert the caller-given columns only:
-- not even they can choose a row's number, transaction, time or login.
GRANT INSERT (actor_user_id, actor_role, db_role, on_behalf_of, session_id, request_id, patient_id, action_type, view, resource_type,
  resource_id, changed_fields, purpose, outcome, reason, relation, break_glass_id, client_ip) ON audit.patient_phi_audit_log TO audit_gate;
GRANT INSERT (event_type, actor_user_id, actor_role, session_id, request_id, subject_account_id, detail, outcome, client_ip)
  ON audit.security_event_log TO audit_gate;
GRANT SELECT ON audit.patient_phi_audit_log, audit.security_event_log TO audit_gate, audit_reader;
GRANT USAGE ON SEQUENCE audit.log_seq TO audit_gate;

GRANT CREATE ON SCHEMA audit TO audit_gate;
RESET ROLE;
SET LOCAL ROLE audit_gate;

-- Writes a security event; for the functions of schema app and audit alone.
CREATE FUNCTION audit.record_event(p_event text, p_actor uuid, p_role text, p_session uuid, p_subject uuid, p_detail jsonb, p_outcome text, p_client_ip inet, p_request uuid DEFAULT NULL)
RETURNS void
LANGUAGE sql VOLATILE SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS $$
  INSERT INTO audit.security_event_log (event_type, actor_user_id, actor_role, session_id, subject_account_id, detail, outcome, client_ip, request_id)
  VALUES (p_event, p_actor, p_role, p_session, p_subject, coalesce(p_detail, '{}'), p_outcome, p_client_ip, p_request)
$$;
GRANT EXECUTE ON FUNCTION audit.record_event(text, uuid, text, uuid, uuid, jsonb, text, inet, uuid) TO app_owner;

-- Events that only the application can see. It can report these and no others, and only as its own session.
CREATE FUNCTION audit.security_event(p_token text, p_event text, p_detail jsonb, p_client_ip inet DEFAULT NULL) RETURNS void
LANGUAGE plpgsql VOLATILE SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS $$
DECLARE
  v app.session_standing := app.session_standing_of(p_token);
BEGIN
  IF p_event NOT IN ('AREA_REFUSED', 'DECRYPTION_FAILED') THEN
    RAISE EXCEPTION 'this event is not the application''s to report' USING ERRCODE = '42501';
  END IF;
  PERFORM audit.record_event(p_event, v.account_id, v.role, v.session_id, NULL, p_detail, CASE p_event WHEN 'AREA_REFUSED' THEN 'REFUSED' ELSE 'DONE' END, p_client_ip);
END
$$;

-- A row that could be lost after it was reported as written is no record: refuse to work that way.
CREATE FUNCTION audit.require_durable_commit() RETURNS void
LANGUAGE plpgsql STABLE SET search_path = pg_catalog, pg_temp AS $$
BEGIN
  IF current_setting('synchronous_commit') = 'off' THEN
    RAISE EXCEPTION 'admission is refused while synchronous_commit is off' USING ERRCODE = '55000';
  END IF;
END
$$;

-- A request id serves one unit of work. Two admissions under one id would mix two people: one would write in the
-- other's name. Callers that ask at the same moment wait for each other here, and one that reads from an old snapshot,
-- which would not show it the other's rows, is refused.
CREATE FUNCTION audit.claim_request(p_request uuid) RETURNS void
LANGUAGE plpgsql VOLATILE SECURITY DEFINER SET search_path = pg_catalog, pg_temp SET plan_cache_mode = force_generic_plan AS $$
BEGIN
  IF current_setting('transaction_isolation') <> 'read committed' THEN
    RAISE EXCEPTION 'admission is asked for in a transaction that sees what is committed' USING ERRCODE = '25001';
  END IF;
  PERFORM pg_advisory_xact_lock(uuid_hash_extended(p_request, 7614));
  IF EXISTS (SELECT FROM audit.patient_phi_audit_log l WHERE l.request_id = p_request AND l.accessed_at > clock_timestamp() - interval '1 minute') THEN
    RAISE EXCEPTION 'a request id serves one unit of work' USING ERRCODE = '22023';
  END IF;
END
$$;

-- Which of the allowed relations hold between a person and a patient; the first that does, or null.
-- The gate's own sight (policies USING (true) in the next migration) ends at the tables read here.
CREATE FUNCTION audit.relation_between(p_account uuid, p_patient uuid, p_relations text[], p_part text) RETURNS text
LANGUAGE plpgsql STABLE SECURITY DEFINER SET search_path = pg_catalog, pg_temp SET plan_cache_mode = force_generic_plan AS $$
DECLARE
  v_now timestamptz := app.now();
  v_kind text;
BEGIN
  IF 'self' = ANY (p_relations) OR 'proxy' = ANY (p_relations) THEN
    SELECT g.kind INTO v_kind FROM phi.record_grant g
     WHERE g.account_id = p_account AND g.patient_id = p_patient AND g.kind = ANY (p_relations)
       AND g.starts_at <= v_now AND (g.ends_at IS NULL OR g.ends_at > v_now)
       AND (g.kind = 'self' OR p_part = ANY (g.parts)) LIMIT 1;
    IF v_kind IS NOT NULL THEN RETURN v_kind; END IF;
  END IF;
  IF 'care' = ANY (p_relations) AND EXISTS (
    SELECT FROM phi.care_relationship r
     WHERE r.patient_id = p_patient AND r.starts_at <= v_now AND (r.ends_at IS NULL OR r.ends_at > v_now)
       AND (r.account_id = p_account OR r.care_team_id IN (
         SELECT m.care_team_id FROM app.care_team_member m
          WHERE m.account_id = p_account AND m.starts_at <= v_now AND (m.ends_at IS NULL OR m.ends_at > v_now)))
  ) THEN RETURN 'care'; END IF;
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

-- Admits a unit of work, or refuses it, and writes one row per patient either way. Commit it, then work.
--
-- p_token      the session's token; the actor is looked up, never told
-- p_request    a random id made for this unit; admission lives 15 seconds and serves one database role
-- p_fields     fields by model that will be read or written; must lie within the view's
-- p_patients   1 to 50 patients
-- Returns the database role to assume, the patients that were admitted, and otherwise the reason of refusal.
CREATE FUNCTION audit.admit(p_token text, p_request uuid, p_action text, p_view text, p_fields jsonb, p_patients uuid[],
  p_purpose text, p_client_ip inet, p_resource_type text, p_resource_id uuid, p_reason text)
RETURNS TABLE (database_role text, admitted uuid[], denied_reason text, actor_id uuid)
LANGUAGE plpgsql VOLATILE SECURITY DEFINER SET search_path = pg_catalog, pg_temp SET plan_cache_mode = force_generic_plan AS $$
DECLARE
  v app.session_standing;
  v_rule audit.policy_rule;
  v_part text;
  v_view_fields jsonb;
  v_refusal text;
  v_patient uuid;
  v_relation text;
  v_new boolean;
BEGIN
  PERFORM audit.require_durable_commit();
  IF p_request IS NULL OR coalesce(cardinality(p_patients), 0) NOT BETWEEN 1 AND 50 OR array_position(p_patients, NULL) IS NOT NULL THEN
    RAISE EXCEPTION 'a unit of work names 1 to 50 patients and a request' USING ERRCODE = '22023';
  END IF;
  -- The trail is for names of fields and a reason, not a place to put things: bounded also where it ends in a refusal.
  IF length(coalesce(p_fields::text, '')) > 20000
     OR length(concat(p_view, p_action, p_purpose, p_resource_type)) > 300 OR length(coalesce(p_reason, '')) > 2000 THEN
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
  SELECT w.part, w.fields INTO v_part, v_view_fields FROM audit.policy_view w WHERE w.view = p_view;
  SELECT r.* INTO v_rule FROM audit.policy_rule r WHERE r.role = v.role AND r.view = p_view AND r.action = p_action;
  v_refusal := CASE
    WHEN v.state <> 'active' THEN 'session-' || v.state
    WHEN v_rule.role IS NULL THEN 'no-policy'
    WHEN NOT (coalesce(p_fields, '{}') <@ v_view_fields) THEN 'fields-outside-view'
    WHEN p_purpose IS NOT NULL AND NOT (p_purpose = ANY (v_rule.purposes)) THEN 'purpose-not-allowed'
    WHEN v_rule.step_up_seconds IS NOT NULL AND v.second_factor_at <= v.db_now - make_interval(secs => v_rule.step_up_seconds) THEN 'step-up-needed'
  END;
  FOR v_patient IN SELECT DISTINCT u FROM unnest(p_patients) u LOOP
    v_relation := NULL;
    IF v_refusal IS NULL THEN
      v_relation := audit.relation_between(v.account_id, v_patient, v_rule.relations, v_part);
    END IF;
    IF v_relation IS NOT NULL THEN
      admitted := admitted || v_patient;
      database_role := v_rule.database_role;
    END IF;
    INSERT INTO audit.patient_phi_audit_log (actor_user_id, actor_role, db_role, on_behalf_of, session_id, request_id, patient_id,
      action_type, view, resource_type, resource_id, changed_fields, purpose, outcome, reason, relation, client_ip)
    VALUES (v.account_id, v.role, CASE WHEN v_relation IS NOT NULL THEN v_rule.database_role END,
      CASE WHEN v_relation = 'proxy' THEN v_patient END, v.session_id, p_request, v_patient,
      p_action, p_view, p_resource_type, p_resource_id, coalesce(p_fields, '{}'),
      CASE WHEN v_relation IS NOT NULL THEN coalesce(p_purpose, v_rule.purposes[1]) ELSE p_purpose END,
      CASE WHEN v_relation IS NOT NULL THEN 'ALLOWED' ELSE 'DENIED' END,
      CASE WHEN v_relation IS NOT NULL THEN p_reason ELSE coalesce(v_refusal, 'no-relation') END,
      v_relation, p_client_ip);
  END LOOP;
  IF cardinality(admitted) = 0 THEN denied_reason := coalesce(v_refusal, 'no-relation'); END IF;
  RETURN NEXT;
END
$$;
GRANT EXECUTE ON FUNCTION audit.admit(text, uuid, text, text, jsonb, uuid[], text, inet, text, uuid, text) TO vigil_app, vigil_worker;

-- The first question of every policy: was anybody admitted at all? Without it a statement's own conditions would run
-- first, because the planner puts cheap, leakproof comparisons before a policy's dearer one; whether the policy was then
-- asked at all (an error in it, its time, EXPLAIN's "never executed") would tell whether some row of any patient satisfied
-- them, a bit at a time, ciphertext included. A sub-select without a column costs the planner nothing, so it goes first.
-- EXPLAIN counts the rows that the policies took away, so it is refused; PL/pgSQL, which could hide the word, is not open
-- to the logins. A portal that was bound before does not stand in current_query() but in pg_cursors.
CREATE FUNCTION audit.has_admission(p_role text) RETURNS boolean
LANGUAGE plpgsql STABLE SECURITY DEFINER SET search_path = pg_catalog, pg_temp SET plan_cache_mode = force_generic_plan SET client_min_messages = error AS $$
DECLARE
  v_request uuid := CASE WHEN current_setting('vigil.request', true) ~ '^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$' THEN current_setting('vigil.request', true)::uuid END;
  v_now timestamptz := clock_timestamp();
BEGIN
  IF current_query() ~* 'explain' OR EXISTS (SELECT FROM pg_cursors c WHERE c.statement ~* 'explain') THEN
    RAISE EXCEPTION 'statements on records are not explained' USING ERRCODE = '42501';
  END IF;
  IF v_request IS NULL THEN RETURN false; END IF;
  RETURN EXISTS (SELECT FROM audit.patient_phi_audit_log l
   WHERE l.request_id = v_request AND l.accessed_at > v_now - interval '15 seconds' AND l.accessed_at <= v_now
     AND l.outcome = 'ALLOWED' AND l.db_role = p_role AND l.tx_id IS DISTINCT FROM pg_current_xact_id_if_assigned());
END
$$;

-- The patients that this request was admitted to under a database role. Only rows of other, hence committed,
-- transactions count: an admission that could still be rolled back shows nothing. The role is told by the policy, a
-- constant of the plan, and not asked of the session: a statement can change the session's role while it runs, and would
-- then read with one role's grants what another was admitted to. Nothing here may raise or tell anything: see above.
CREATE FUNCTION audit.admitted(p_role text) RETURNS uuid[]
LANGUAGE plpgsql STABLE SECURITY DEFINER SET search_path = pg_catalog, pg_temp SET plan_cache_mode = force_generic_plan SET client_min_messages = error AS $$
DECLARE
  v_request uuid := CASE WHEN current_setting('vigil.request', true) ~ '^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$' THEN current_setting('vigil.request', true)::uuid END;
  v_now timestamptz := clock_timestamp();
  v_patients uuid[];
BEGIN
  IF v_request IS NULL THEN RETURN '{}'; END IF;
  SELECT array_agg(l.patient_id) INTO v_patients FROM audit.patient_phi_audit_log l
   WHERE l.request_id = v_request AND l.accessed_at > v_now - interval '15 seconds' AND l.accessed_at <= v_now
     AND l.outcome = 'ALLOWED' AND l.db_role = p_role AND l.tx_id IS DISTINCT FROM pg_current_xact_id_if_assigned();
  RETURN coalesce(v_patients, '{}');
END
$$;

-- The same for what is written: the change must also have its effect row in this transaction, and that row must name
-- the model and the kind of change, so that it cannot tell of a vital sign where a note was written. Tokens of names,
-- which go along with any change, name none.
CREATE FUNCTION audit.admitted_for_write(p_role text, p_model text, p_action text) RETURNS uuid[]
LANGUAGE plpgsql STABLE SECURITY DEFINER SET search_path = pg_catalog, pg_temp SET plan_cache_mode = force_generic_plan SET client_min_messages = error AS $$
DECLARE
  v_request uuid := CASE WHEN current_setting('vigil.request', true) ~ '^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$' THEN current_setting('vigil.request', true)::uuid END;
  v_now timestamptz := clock_timestamp();
  v_patients uuid[];
BEGIN
  IF v_request IS NULL OR pg_current_xact_id_if_assigned() IS NULL THEN RETURN '{}'; END IF;
  SELECT array_agg(DISTINCT l.patient_id) INTO v_patients FROM audit.patient_phi_audit_log l
   WHERE l.request_id = v_request AND l.accessed_at > v_now - interval '15 seconds' AND l.accessed_at <= v_now
     AND l.outcome = 'ALLOWED' AND l.action_type IN ('CREATE', 'UPDATE', 'DELETE')
     AND l.db_role = p_role AND l.tx_id IS DISTINCT FROM pg_current_xact_id_if_assigned()
     AND EXISTS (SELECT FROM audit.patient_phi_audit_log e
                  WHERE e.request_id = v_request AND e.accessed_at > v_now - interval '15 seconds' AND e.accessed_at <= v_now
                    AND e.outcome = 'EFFECT' AND (p_model IS NULL OR e.resource_type = p_model AND e.action_type = p_action) AND e.patient_id = l.patient_id AND e.tx_id = pg_current_xact_id_if_assigned());
  RETURN coalesce(v_patients, '{}');
END
$$;

-- Writes the effect row of a change, in the change's own transaction. Fields that hold patients' data must lie within
-- what was admitted; plain ones (times, status, references) are named beside them.
CREATE FUNCTION audit.effect(p_patient uuid, p_action text, p_model text, p_fields text[], p_plain_fields text[], p_row uuid) RETURNS void
LANGUAGE plpgsql VOLATILE SECURITY DEFINER SET search_path = pg_catalog, pg_temp SET plan_cache_mode = force_generic_plan AS $$
DECLARE
  v_request uuid := CASE WHEN current_setting('vigil.request', true) ~ '^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$' THEN current_setting('vigil.request', true)::uuid END;
  v_now timestamptz := clock_timestamp();
  v_role text := current_setting('role');
  v audit.patient_phi_audit_log;
BEGIN
  PERFORM audit.require_durable_commit();
  SELECT l.* INTO v FROM audit.patient_phi_audit_log l
   WHERE l.request_id = v_request AND l.accessed_at > v_now - interval '15 seconds' AND l.accessed_at <= v_now AND l.patient_id = p_patient
     AND l.outcome = 'ALLOWED' AND l.action_type IN ('CREATE', 'UPDATE', 'DELETE') AND l.db_role = v_role
     AND l.tx_id IS DISTINCT FROM pg_current_xact_id_if_assigned() LIMIT 1;
  IF v.log_id IS NULL THEN
    RAISE EXCEPTION 'no committed admission for this change' USING ERRCODE = '42501';
  END IF;
  IF p_action NOT IN ('CREATE', 'UPDATE', 'DELETE') OR p_model !~ '^[A-Za-z]{1,40}$'
     OR NOT (to_jsonb(coalesce(p_fields, '{}')) <@ coalesce(v.changed_fields -> p_model, '[]'))
     -- names only: nothing that could be a value gets into the trail
     OR EXISTS (SELECT FROM unnest(p_plain_fields) f WHERE f !~ '^[A-Za-z]{1,40}$') THEN
    RAISE EXCEPTION 'the change goes beyond its admission' USING ERRCODE = '42501';
  END IF;
  INSERT INTO audit.patient_phi_audit_log (actor_user_id, actor_role, db_role, on_behalf_of, session_id, request_id, patient_id, action_type,
    view, resource_type, resource_id, changed_fields, purpose, outcome, reason, relation, client_ip)
  VALUES (v.actor_user_id, v.actor_role, v.db_role, v.on_behalf_of, v.session_id, v.request_id, p_patient, p_action,
    v.view, p_model, p_row, jsonb_build_object(p_model, to_jsonb(coalesce(p_fields, '{}')) || to_jsonb(coalesce(p_plain_fields, '{}'))),
    v.purpose, 'EFFECT', NULL, v.relation, v.client_ip);
END
$$;

-- The person (or job) whose request this is; fills created_by and updated_by, and decides who wrote a note.
CREATE FUNCTION audit.actor() RETURNS uuid
LANGUAGE plpgsql STABLE SECURITY DEFINER SET search_path = pg_catalog, pg_temp SET plan_cache_mode = force_generic_plan SET client_min_messages = error AS $$
DECLARE
  v_request uuid := CASE WHEN current_setting('vigil.request', true) ~ '^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$' THEN current_setting('vigil.request', true)::uuid END;
  v_now timestamptz := clock_timestamp();
BEGIN
  IF v_request IS NULL THEN RETURN NULL; END IF;
  RETURN (SELECT l.actor_user_id FROM audit.patient_phi_audit_log l
   WHERE l.request_id = v_request AND l.accessed_at > v_now - interval '1 minute' AND l.accessed_at <= v_now AND l.outcome = 'ALLOWED'
     AND l.tx_id IS DISTINCT FROM pg_current_xact_id_if_assigned() LIMIT 1);
END
$$;
GRANT EXECUTE ON FUNCTION audit.has_admission(text), audit.admitted(text), audit.admitted_for_write(text, text, text), audit.effect(uuid, text, text, text[], text[], uuid), audit.actor()
  TO phi_patient, phi_proxy, phi_nurse, phi_clinician, phi_billing, phi_billing_identity, phi_job_import, phi_owner;

-- Exact search by keyed tokens. Every patient found becomes a SEARCH row that is also the admission to show it;
-- nothing found becomes a security event. At most 20: more asks for a narrower search.
CREATE FUNCTION audit.search(p_token text, p_request uuid, p_view text, p_fields jsonb, p_columns text[], p_tokens bytea[], p_client_ip inet)
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
  PERFORM audit.claim_request(p_request);
  v := app.session_touch(p_token);
  admitted := '{}';
  match_count := 0;
  SELECT w.part, w.fields INTO v_part, v_view_fields FROM audit.policy_view w WHERE w.view = p_view;
  SELECT r.* INTO v_rule FROM audit.policy_rule r WHERE r.role = v.role AND r.view = p_view AND r.action = 'SEARCH';
  v_refusal := CASE
    WHEN v.state = 'unknown' THEN 'no-session'
    WHEN v.state <> 'active' THEN 'session-' || v.state
    WHEN v_rule.role IS NULL THEN 'no-policy'
    WHEN NOT (coalesce(p_fields, '{}') <@ v_view_fields) THEN 'fields-outside-view'
  END;
  IF v_refusal IS NOT NULL THEN
    denied_reason := v_refusal;
    PERFORM audit.record_event('ADMISSION_REFUSED', v.account_id, v.role, v.session_id, NULL,
      jsonb_build_object('view', p_view, 'action', 'SEARCH', 'reason', v_refusal), 'REFUSED', p_client_ip, p_request);
    RETURN NEXT; RETURN;
  END IF;
  SELECT coalesce(array_agg(c.patient_id), '{}') INTO v_found FROM (
    SELECT m.patient_id
      FROM (SELECT t.patient_id, q.ordinality
              FROM unnest(p_columns, p_tokens) WITH ORDINALITY AS q (column_id, token, ordinality)
              JOIN phi.search_token t ON t.column_id = q.column_id AND t.token = q.token) m
     GROUP BY m.patient_id HAVING count(DISTINCT m.ordinality) = cardinality(p_columns)
     LIMIT 500) c
   WHERE audit.relation_between(v.account_id, c.patient_id, v_rule.relations, v_part) IS NOT NULL;
  match_count := cardinality(v_found);
  IF match_count = 0 OR match_count > 20 THEN
    PERFORM audit.record_event(CASE WHEN match_count = 0 THEN 'PATIENT_SEARCH_NO_MATCH' ELSE 'PATIENT_SEARCH_TOO_MANY' END, v.account_id, v.role, v.session_id, NULL,
      jsonb_build_object('view', p_view, 'columns', to_jsonb(p_columns)), 'DONE', p_client_ip, p_request);
    RETURN NEXT; RETURN;
  END IF;
  INSERT INTO audit.patient_phi_audit_log (actor_user_id, actor_role, db_role, session_id, request_id, patient_id, action_type, view, changed_fields,
    purpose, outcome, relation, client_ip)
  SELECT v.account_id, v.role, v_rule.database_role, v.session_id, p_request, f, 'SEARCH', p_view, coalesce(p_fields, '{}'),
    v_rule.purposes[1], 'ALLOWED', audit.relation_between(v.account_id, f, v_rule.relations, v_part), p_client_ip
    FROM unnest(v_found) f;
  admitted := v_found;
  database_role := v_rule.database_role;
  RETURN NEXT;
END
$$;

-- Ids of the patients that a nurse or clinician cares for, those with unreviewed results first. Ids alone: what they
-- stand for is admitted afterwards, a page at a time.
CREATE FUNCTION audit.my_patients(p_token text, p_limit integer, p_after_attention timestamptz DEFAULT NULL, p_after_id uuid DEFAULT NULL)
RETURNS TABLE (patient_id uuid, attention_at timestamptz)
LANGUAGE plpgsql VOLATILE SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS $$
DECLARE
  v app.session_standing := app.session_touch(p_token);
  v_now timestamptz := app.now();
BEGIN
  IF v.state <> 'active' OR v.role NOT IN ('nurse', 'clinician') THEN RETURN; END IF;
  RETURN QUERY
    SELECT p.id, p.attention_at::timestamptz FROM phi.patient p
     WHERE p.id IN (SELECT r.patient_id FROM phi.care_relationship r
                     WHERE r.starts_at <= v_now AND (r.ends_at IS NULL OR r.ends_at > v_now)
                       AND (r.account_id = v.account_id OR r.care_team_id IN (
                         SELECT m.care_team_id FROM app.care_team_member m
                          WHERE m.account_id = v.account_id AND m.starts_at <= v_now AND (m.ends_at IS NULL OR m.ends_at > v_now))))
       AND (p_after_id IS NULL
         OR (coalesce(p.attention_at, '-infinity'), p.id) < (coalesce(p_after_attention, '-infinity'), p_after_id))
     ORDER BY coalesce(p.attention_at, '-infinity') DESC, p.id DESC LIMIT least(greatest(p_limit, 1), 51);
END
$$;

-- Records that a portal account may open: one's own, and those somebody granted.
CREATE FUNCTION audit.my_records(p_token text) RETURNS TABLE (patient_id uuid, kind text, parts text[])
LANGUAGE plpgsql VOLATILE SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS $$
DECLARE
  v app.session_standing := app.session_touch(p_token);
  v_now timestamptz := app.now();
BEGIN
  IF v.state <> 'active' OR v.role NOT IN ('patient', 'proxy') THEN RETURN; END IF;
  RETURN QUERY SELECT g.patient_id, g.kind, g.parts FROM phi.record_grant g
    WHERE g.account_id = v.account_id AND g.starts_at <= v_now AND (g.ends_at IS NULL OR g.ends_at > v_now)
    ORDER BY (g.kind = 'self') DESC, g.patient_id LIMIT 20;
END
$$;

-- Ids of patients with claims, those with the newest open claim first, for billing's queue.
CREATE FUNCTION audit.billing_patients(p_token text, p_limit integer, p_after_at timestamptz DEFAULT NULL, p_after_id uuid DEFAULT NULL)
RETURNS TABLE (patient_id uuid, newest_claim_at timestamptz)
LANGUAGE plpgsql VOLATILE SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS $$
DECLARE
  v app.session_standing := app.session_touch(p_token);
BEGIN
  IF v.state <> 'active' OR v.role <> 'billing' THEN RETURN; END IF;
  RETURN QUERY
    SELECT q.id, q.newest FROM (
      SELECT c.patient_id AS id, coalesce(max(c.submitted_at), '-infinity')::timestamptz AS newest FROM phi.claim c GROUP BY c.patient_id) q
     WHERE p_after_id IS NULL OR (q.newest, q.id) < (coalesce(p_after_at, '-infinity'), p_after_id)
     ORDER BY q.newest DESC, q.id DESC LIMIT least(greatest(p_limit, 1), 51);
END
$$;

-- ── Reading the trail ────────────────────────────────────────────────────────────────────────────────────────────

-- "Who looked at my record": reads the trail of the patients admitted to view my-access-log by this request.
CREATE FUNCTION audit.who_looked(p_from timestamptz, p_to timestamptz, p_limit integer DEFAULT 200, p_before_at timestamptz DEFAULT NULL, p_before_seq bigint DEFAULT NULL)
RETURNS TABLE (log_id uuid, seq bigint, accessed_at timestamptz, actor_user_id uuid, actor_name text, actor_title text, actor_role text, action_type text, view text,
  changed_fields jsonb, purpose text, outcome text, relation text, is_own boolean)
LANGUAGE plpgsql STABLE SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS $$
DECLARE
  v_request uuid := CASE WHEN current_setting('vigil.request', true) ~ '^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$' THEN current_setting('vigil.request', true)::uuid END;
  v_actor uuid := audit.actor();
  v_patients uuid[];
BEGIN
  SELECT array_agg(l.patient_id) INTO v_patients FROM audit.patient_phi_audit_log l
   WHERE l.request_id = v_request AND l.accessed_at > clock_timestamp() - interval '15 seconds' AND l.outcome = 'ALLOWED'
     AND l.view = 'my-access-log' AND l.action_type = 'READ' AND l.tx_id IS DISTINCT FROM pg_current_xact_id_if_assigned();
  RETURN QUERY
    SELECT l.log_id, l.seq, l.accessed_at, l.actor_user_id, a.display_name, a.job_title, l.actor_role, l.action_type, l.view, l.changed_fields, l.purpose, l.outcome,
           l.relation, l.actor_user_id = v_actor
      FROM audit.patient_phi_audit_log l LEFT JOIN app.account a ON a.id = l.actor_user_id
     WHERE l.patient_id = ANY (coalesce(v_patients, '{}')) AND l.accessed_at >= p_from AND l.accessed_at < p_to
       AND l.outcome IN ('ALLOWED', 'DENIED')
       AND (p_before_at IS NULL OR (l.accessed_at, l.seq) < (p_before_at, p_before_seq))
     ORDER BY l.accessed_at DESC, l.seq DESC LIMIT least(greatest(p_limit, 1), 500);
END
$$;
GRANT EXECUTE ON FUNCTION audit.who_looked(timestamptz, timestamptz, integer, timestamptz, bigint) TO phi_patient, phi_proxy;

-- Notes a search of the trail, with its criteria, before it is answered; commit it, then call read_trail.
CREATE FUNCTION audit.admit_trail(p_token text, p_request uuid, p_event text, p_criteria jsonb, p_client_ip inet) RETURNS text
LANGUAGE plpgsql VOLATILE SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS $$
DECLARE
  v app.session_standing;
BEGIN
  PERFORM audit.require_durable_commit();
  IF p_event NOT IN ('AUDIT_SEARCH', 'AUDIT_EVENT_OPENED') OR p_request IS NULL OR p_criteria IS NULL OR length(p_criteria::text) > 20000 THEN
    RAISE EXCEPTION 'unknown way to read the trail' USING ERRCODE = '22023';
  END IF;
  v := app.session_touch(p_token);
  IF v.state <> 'active' OR v.role <> 'compliance' THEN
    PERFORM audit.record_event(p_event, v.account_id, v.role, v.session_id, NULL, p_criteria, 'REFUSED', p_client_ip, p_request);
    RETURN CASE WHEN v.state = 'unknown' THEN 'no-session' WHEN v.state <> 'active' THEN 'session-' || v.state ELSE 'no-policy' END;
  END IF;
  PERFORM audit.record_event(p_event, v.account_id, v.role, v.session_id, NULL, p_criteria, 'DONE', p_client_ip, p_request);
  RETURN NULL;
END
$$;

-- The criteria of a committed, fresh search of the trail; what is read is what was written down.
CREATE FUNCTION audit.trail_criteria(p_request uuid, p_event text) RETURNS jsonb
LANGUAGE plpgsql STABLE SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS $$
DECLARE
  v_criteria jsonb;
BEGIN
  SELECT e.detail INTO v_criteria FROM audit.security_event_log e
   WHERE e.request_id = p_request AND e.event_type = p_event AND e.outcome = 'DONE' AND e.actor_role = 'compliance'
     AND e.accessed_at > clock_timestamp() - interval '15 seconds' AND e.tx_id IS DISTINCT FROM pg_current_xact_id_if_assigned() LIMIT 1;
  IF v_criteria IS NULL THEN
    RAISE EXCEPTION 'no committed record of this search' USING ERRCODE = '42501';
  END IF;
  RETURN v_criteria;
END
$$;

-- Criteria: from, to (timestamptz, required, half open), patients [uuid], actor, role, action, view, field, outcome,
-- purpose, address (CIDR), session, request, limit, before_at, before_seq.
CREATE FUNCTION audit.read_trail(p_request uuid)
RETURNS TABLE (log_id uuid, seq bigint, accessed_at timestamptz, actor_user_id uuid, actor_name text, actor_title text, actor_role text, patient_id uuid,
  action_type text, view text, resource_type text, resource_id uuid, changed_fields jsonb, purpose text, outcome text, reason text, relation text,
  break_glass_id uuid, client_ip inet, session_id uuid, request_id uuid, on_behalf_of uuid)
LANGUAGE plpgsql STABLE SECURITY DEFINER SET search_path = pg_catalog, pg_temp SET timezone = 'UTC' SET datestyle = 'ISO, YMD' AS $$
DECLARE
  c jsonb := audit.trail_criteria(p_request, 'AUDIT_SEARCH');
  v_from timestamptz := (c ->> 'from')::timestamptz;
  v_to timestamptz := (c ->> 'to')::timestamptz;
  v_patients uuid[] := CASE WHEN jsonb_typeof(c -> 'patients') = 'array' THEN ARRAY(SELECT jsonb_array_elements_text(c -> 'patients')::uuid) END;
BEGIN
  IF v_from IS NULL OR v_to IS NULL OR v_to <= v_from OR v_to - v_from > interval '400 days' THEN
    RAISE EXCEPTION 'a search of the trail has a period of at most 400 days' USING ERRCODE = '22023';
  END IF;
  RETURN QUERY
    SELECT l.log_id, l.seq, l.accessed_at, l.actor_user_id, a.display_name, a.job_title, l.actor_role, l.patient_id, l.action_type, l.view, l.resource_type, l.resource_id,
           l.changed_fields, l.purpose, l.outcome, l.reason, l.relation, l.break_glass_id, l.client_ip, l.session_id, l.request_id, l.on_behalf_of
      FROM audit.patient_phi_audit_log l LEFT JOIN app.account a ON a.id = l.actor_user_id
     WHERE l.accessed_at >= v_from AND l.accessed_at < v_to
       AND (v_patients IS NULL OR l.patient_id = ANY (v_patients))
       AND (c ->> 'actor' IS NULL OR l.actor_user_id = (c ->> 'actor')::uuid)
       AND (c ->> 'role' IS NULL OR l.actor_role = c ->> 'role')
       AND (c ->> 'action' IS NULL OR l.action_type = c ->> 'action')
       AND (c ->> 'view' IS NULL OR l.view = c ->> 'view')
       AND (c ->> 'field' IS NULL OR EXISTS (SELECT FROM jsonb_each(l.changed_fields) f WHERE jsonb_typeof(f.value) = 'array' AND f.value ? (c ->> 'field')))
       AND (c ->> 'outcome' IS NULL OR l.outcome = c ->> 'outcome')
       AND (c ->> 'purpose' IS NULL OR l.purpose = c ->> 'purpose')
       AND (c ->> 'address' IS NULL OR l.client_ip <<= (c ->> 'address')::inet)
       AND (c ->> 'session' IS NULL OR l.session_id = (c ->> 'session')::uuid)
       AND (c ->> 'request' IS NULL OR l.request_id = (c ->> 'request')::uuid)
       AND (c ->> 'before_at' IS NULL OR (l.accessed_at, l.seq) < ((c ->> 'before_at')::timestamptz, (c ->> 'before_seq')::bigint))
     ORDER BY l.accessed_at DESC, l.seq DESC LIMIT least(greatest(coalesce((c ->> 'limit')::integer, 50), 1), 201);
END
$$;

-- One entry of the trail, whole, and what the same person did within five minutes of it. Criteria: log_id, accessed_at.
CREATE FUNCTION audit.read_trail_event(p_request uuid)
RETURNS TABLE (is_subject boolean, log_id uuid, seq bigint, accessed_at timestamptz, actor_user_id uuid, actor_name text, actor_title text, actor_role text, db_role text,
  patient_id uuid, action_type text, view text, resource_type text, resource_id uuid, changed_fields jsonb, purpose text, outcome text, reason text, relation text,
  break_glass_id uuid, client_ip inet, session_id uuid, request_id uuid, on_behalf_of uuid, db_user text, tx_id text)
LANGUAGE plpgsql STABLE SECURITY DEFINER SET search_path = pg_catalog, pg_temp SET timezone = 'UTC' SET datestyle = 'ISO, YMD' AS $$
DECLARE
  c jsonb := audit.trail_criteria(p_request, 'AUDIT_EVENT_OPENED');
  v audit.patient_phi_audit_log;
BEGIN
  SELECT l.* INTO v FROM audit.patient_phi_audit_log l WHERE l.log_id = (c ->> 'log_id')::uuid
     AND l.accessed_at BETWEEN (c ->> 'accessed_at')::timestamptz - interval '1 second' AND (c ->> 'accessed_at')::timestamptz + interval '1 second';
  IF v.log_id IS NULL THEN RETURN; END IF;
  RETURN QUERY
    SELECT l.log_id = v.log_id, l.log_id, l.seq, l.accessed_at, l.actor_user_id, a.display_name, a.job_title, l.actor_role, l.db_role, l.patient_id, l.action_type, l.view,
           l.resource_type, l.resource_id, l.changed_fields, l.purpose, l.outcome, l.reason, l.relation, l.break_glass_id, l.client_ip, l.session_id,
           l.request_id, l.on_behalf_of, l.db_user, l.tx_id::text
      FROM audit.patient_phi_audit_log l LEFT JOIN app.account a ON a.id = l.actor_user_id
     WHERE l.accessed_at BETWEEN v.accessed_at - interval '5 minutes' AND v.accessed_at + interval '5 minutes'
       AND (l.log_id = v.log_id OR l.actor_user_id = v.actor_user_id)
     ORDER BY (l.log_id = v.log_id) DESC, l.accessed_at, l.seq LIMIT 101;
END
$$;

-- People who can stand in the trail as actors, for the search form.
CREATE FUNCTION audit.trail_actors(p_token text) RETURNS TABLE (account_id uuid, display_name text, role text)
LANGUAGE plpgsql VOLATILE SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS $$
DECLARE
  v app.session_standing := app.session_touch(p_token);
BEGIN
  IF v.state <> 'active' OR v.role <> 'compliance' THEN RETURN; END IF;
  RETURN QUERY SELECT a.id, a.display_name, a.role FROM app.account a WHERE a.role NOT IN ('patient', 'proxy') ORDER BY a.display_name LIMIT 500;
END
$$;

-- Newest security events, for the compliance officer; the reading is itself noted first (criteria: from, to, event, limit).
CREATE FUNCTION audit.read_security_events(p_request uuid)
RETURNS TABLE (log_id uuid, accessed_at timestamptz, event_type text, actor_name text, actor_role text, subject_name text, subject_role text, detail jsonb, outcome text, client_ip inet)
LANGUAGE plpgsql STABLE SECURITY DEFINER SET search_path = pg_catalog, pg_temp SET timezone = 'UTC' SET datestyle = 'ISO, YMD' AS $$
DECLARE
  c jsonb := audit.trail_criteria(p_request, 'AUDIT_SEARCH');
BEGIN
  RETURN QUERY
    SELECT e.log_id, e.accessed_at, e.event_type, a.display_name, e.actor_role, s.display_name, s.role, e.detail, e.outcome, e.client_ip
      FROM audit.security_event_log e LEFT JOIN app.account a ON a.id = e.actor_user_id LEFT JOIN app.account s ON s.id = e.subject_account_id
     WHERE e.accessed_at >= (c ->> 'from')::timestamptz AND e.accessed_at < (c ->> 'to')::timestamptz
       AND (c ->> 'event' IS NULL OR e.event_type = c ->> 'event')
     ORDER BY e.accessed_at DESC, e.seq DESC LIMIT least(greatest(coalesce((c ->> 'limit')::integer, 50), 1), 201);
END
$$;

GRANT EXECUTE ON FUNCTION audit.search(text, uuid, text, jsonb, text[], bytea[], inet), audit.my_patients(text, integer, timestamptz, uuid),
  audit.my_records(text), audit.billing_patients(text, integer, timestamptz, uuid), audit.admit_trail(text, uuid, text, jsonb, inet),
  audit.read_trail(uuid), audit.read_trail_event(uuid), audit.trail_actors(text), audit.read_security_events(uuid),
  audit.security_event(text, text, jsonb, inet) TO vigil_app;

RESET ROLE;
SET LOCAL ROLE audit_owner;

-- Replaces the policy as a whole; run by migrations. The load is a security event of its own, written only where the
-- policy really changed.
CREATE FUNCTION audit.load_policy(p_views jsonb, p_rules jsonb) RETURNS boolean
LANGUAGE plpgsql VOLATILE SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS $$
DECLARE
  v_before text;
  v_after text;
BEGIN
  LOCK TABLE audit.policy_view, audit.policy_rule IN SHARE ROW EXCLUSIVE MODE;
  SELECT md5(coalesce((SELECT string_agg(w::text, ';' ORDER BY w.view) FROM audit.policy_view w), '')
    || coalesce((SELECT string_agg(r::text, ';' ORDER BY r.role, r.view, r.action) FROM audit.policy_rule r), '')) INTO v_before;
  DELETE FROM audit.policy_rule;
  DELETE FROM audit.policy_view;
  INSERT INTO audit.policy_view (view, part, fields) SELECT w.view, w.part, w.fields FROM jsonb_to_recordset(p_views) AS w (view text, part text, fields jsonb);
  INSERT INTO audit.policy_rule (role, view, action, relations, database_role, purposes, step_up_seconds)
    SELECT r.role, r.view, r.action, r.relations, r.database_role, r.purposes, r.step_up_seconds
      FROM jsonb_to_recordset(p_rules) AS r (role text, view text, action text, relations text[], database_role text, purposes text[], step_up_seconds integer);
  SELECT md5(coalesce((SELECT string_agg(w::text, ';' ORDER BY w.view) FROM audit.policy_view w), '')
    || coalesce((SELECT string_agg(r::text, ';' ORDER BY r.role, r.view, r.action) FROM audit.policy_rule r), '')) INTO v_after;
  IF v_before = v_after THEN RETURN false; END IF;
  INSERT INTO audit.security_event_log (event_type, detail, outcome) VALUES ('POLICY_LOADED', jsonb_build_object('digest', v_after), 'DONE');
  RETURN true;
END
$$;
GRANT EXECUTE ON FUNCTION audit.load_policy(jsonb, jsonb) TO vigil_owner;
REVOKE CREATE ON SCHEMA audit FROM audit_gate;
RESET ROLE;
