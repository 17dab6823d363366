-- Lets a nurse or clinician open one record that is not theirs, for an hour, in the open (45 CFR 164.312(a)(2)(ii)); has each such
-- access reviewed by somebody else; and keeps what becomes of the ones that were not justified (45 CFR 164.402, 164.404).
--
-- A lease is data that `audit.admit` reads: it works from the moment it is written, for sixty minutes of app.now(), and nothing has
-- to run for it to end. Every change of its state is made by a function here, which writes its security event in the same statement.
SET LOCAL ROLE audit_owner;

-- ── Leases ───────────────────────────────────────────────────────────────────────────────────────────────────────
CREATE TABLE audit.break_glass (
  id uuid PRIMARY KEY,
  -- PATIENT: a record of somebody whom one does not care for. SCOPE: a class of notes that one's role does not read, of somebody
  -- whom one does care for.
  kind text NOT NULL CHECK (kind IN ('PATIENT', 'SCOPE')),
  scope text CHECK ((scope IS NOT NULL) = (kind = 'SCOPE') AND scope IN ('sensitive-notes')),
  actor_id uuid NOT NULL,
  actor_role text NOT NULL CHECK (actor_role IN ('nurse', 'clinician') AND (kind = 'PATIENT' OR actor_role = 'nurse')),
  session_id uuid NOT NULL,
  patient_id uuid NOT NULL,
  reason_code text NOT NULL CHECK (reason_code IN ('EMERGENCY_TREATMENT', 'COVERING', 'PUBLIC_HEALTH', 'OTHER')),
  reason_text_id uuid NOT NULL REFERENCES app.sealed_text (id),
  -- keyed tokens of the text, one per live key: equal texts share one, so that the same words are not used again and again
  reason_tokens bytea[] NOT NULL CHECK (cardinality(reason_tokens) BETWEEN 1 AND 4 AND length(reason_tokens::text) <= 400),
  state text NOT NULL DEFAULT 'REQUESTED'
    CHECK (state IN ('REQUESTED', 'REFUSED', 'LAPSED', 'ACTIVE', 'REVIEW_PENDING', 'NEEDS_INFO', 'UNJUSTIFIED', 'CLOSED')),
  requested_at timestamptz NOT NULL,
  -- the second factor that opened it; each opens one lease
  reauth_at timestamptz,
  activated_at timestamptz,
  expires_at timestamptz,
  ended_at timestamptz,
  end_kind text CHECK (end_kind IN ('ENDED', 'EXPIRED', 'REVOKED')),
  review_due_at timestamptz,
  reminded_at timestamptz,
  escalated_at timestamptz,
  verdict text CHECK (verdict IN ('JUSTIFIED', 'UNJUSTIFIED')),
  closed_at timestamptz,
  CHECK ((state IN ('REQUESTED', 'REFUSED', 'LAPSED')) = (activated_at IS NULL)),
  CHECK ((activated_at IS NULL) = (expires_at IS NULL) AND (activated_at IS NULL) = (reauth_at IS NULL) AND (activated_at IS NULL) = (review_due_at IS NULL)),
  CHECK (expires_at <= activated_at + interval '60 minutes'),
  CHECK ((ended_at IS NULL) = (end_kind IS NULL) AND (ended_at IS NULL) = (state IN ('REQUESTED', 'REFUSED', 'LAPSED', 'ACTIVE'))),
  CHECK ((state = 'CLOSED') = (verdict IS NOT NULL) AND (verdict IS NULL) = (closed_at IS NULL))
);
-- One at a time for a person and a patient; also what admission asks.
CREATE UNIQUE INDEX break_glass_active_idx ON audit.break_glass (actor_id, patient_id, kind) WHERE state = 'ACTIVE';
CREATE UNIQUE INDEX break_glass_factor_idx ON audit.break_glass (actor_id, reauth_at) WHERE reauth_at IS NOT NULL;
CREATE INDEX break_glass_actor_idx ON audit.break_glass (actor_id, requested_at DESC);
CREATE INDEX break_glass_patient_idx ON audit.break_glass (patient_id, activated_at DESC);
CREATE INDEX break_glass_open_idx ON audit.break_glass (review_due_at) WHERE state NOT IN ('REFUSED', 'LAPSED', 'CLOSED');
CREATE INDEX patient_phi_audit_log_break_glass_idx ON audit.patient_phi_audit_log (break_glass_id, accessed_at) WHERE break_glass_id IS NOT NULL;

-- What was said about a lease: the reviewers' findings, and the answers of the one who opened it. Nobody reviews themselves.
CREATE TABLE audit.break_glass_entry (
  id uuid PRIMARY KEY DEFAULT gen_random_uuid(),
  break_glass_id uuid NOT NULL REFERENCES audit.break_glass (id),
  actor_id uuid NOT NULL,
  author_id uuid NOT NULL,
  kind text NOT NULL CHECK (kind IN ('JUSTIFIED', 'NEEDS_INFO', 'UNJUSTIFIED', 'CONFIRMED', 'DISPUTED', 'ANSWER')),
  text_id uuid NOT NULL REFERENCES app.sealed_text (id),
  written_at timestamptz NOT NULL,
  CHECK ((kind = 'ANSWER') = (author_id = actor_id))
);
CREATE INDEX break_glass_entry_idx ON audit.break_glass_entry (break_glass_id, written_at);

-- The lawful steps. Whoever owns a function that takes another one has made a mistake, and is refused.
CREATE FUNCTION audit.guard_break_glass() RETURNS trigger LANGUAGE plpgsql SET search_path = pg_catalog, pg_temp AS $$
BEGIN
  IF TG_OP = 'INSERT' THEN
    IF NEW.state <> 'REQUESTED' THEN RAISE EXCEPTION 'a lease begins as a request' USING ERRCODE = '23514'; END IF;
    RETURN NEW;
  END IF;
  IF NEW.state <> OLD.state AND (OLD.state, NEW.state) NOT IN (
      ('REQUESTED', 'ACTIVE'), ('REQUESTED', 'REFUSED'), ('REQUESTED', 'LAPSED'), ('ACTIVE', 'REVIEW_PENDING'),
      ('REVIEW_PENDING', 'NEEDS_INFO'), ('REVIEW_PENDING', 'UNJUSTIFIED'), ('REVIEW_PENDING', 'CLOSED'), ('NEEDS_INFO', 'REVIEW_PENDING'),
      ('UNJUSTIFIED', 'REVIEW_PENDING'), ('UNJUSTIFIED', 'CLOSED')) THEN
    RAISE EXCEPTION 'a lease does not go from % to %', OLD.state, NEW.state USING ERRCODE = '23514';
  END IF;
  IF (NEW.id, NEW.kind, NEW.scope, NEW.actor_id, NEW.actor_role, NEW.session_id, NEW.patient_id, NEW.reason_code, NEW.reason_text_id, NEW.reason_tokens, NEW.requested_at)
       IS DISTINCT FROM (OLD.id, OLD.kind, OLD.scope, OLD.actor_id, OLD.actor_role, OLD.session_id, OLD.patient_id, OLD.reason_code, OLD.reason_text_id, OLD.reason_tokens, OLD.requested_at)
     OR OLD.state <> 'REQUESTED' AND (NEW.reauth_at, NEW.activated_at, NEW.expires_at) IS DISTINCT FROM (OLD.reauth_at, OLD.activated_at, OLD.expires_at)
     OR OLD.ended_at IS NOT NULL AND (NEW.ended_at, NEW.end_kind) IS DISTINCT FROM (OLD.ended_at, OLD.end_kind)
     OR OLD.state = 'CLOSED' AND (NEW.verdict, NEW.closed_at) IS DISTINCT FROM (OLD.verdict, OLD.closed_at)
     -- there is no extension, and nothing ends after it was over
     OR NEW.ended_at > NEW.expires_at THEN
    RAISE EXCEPTION 'what a lease says is not changed afterwards' USING ERRCODE = '23514';
  END IF;
  RETURN NEW;
END
$$;
CREATE TRIGGER guard_break_glass BEFORE INSERT OR UPDATE ON audit.break_glass FOR EACH ROW EXECUTE FUNCTION audit.guard_break_glass();
CREATE TRIGGER keep_break_glass BEFORE DELETE OR TRUNCATE ON audit.break_glass FOR EACH STATEMENT EXECUTE FUNCTION audit.refuse_change();
CREATE TRIGGER append_only BEFORE UPDATE OR DELETE ON audit.break_glass_entry FOR EACH ROW EXECUTE FUNCTION audit.refuse_change();
CREATE TRIGGER append_only_truncate BEFORE TRUNCATE ON audit.break_glass_entry FOR EACH STATEMENT EXECUTE FUNCTION audit.refuse_change();

-- ── Incidents ────────────────────────────────────────────────────────────────────────────────────────────────────
CREATE TABLE audit.incident (
  id uuid PRIMARY KEY,
  source text NOT NULL CHECK (source IN ('BREAK_GLASS', 'CASE', 'CONCERN', 'OTHER')),
  source_id uuid,
  -- whose doing it was, and whose record, as far as that is known
  accused_id uuid,
  patient_id uuid,
  state text NOT NULL DEFAULT 'OPEN' CHECK (state IN ('OPEN', 'ASSESSED', 'CLOSED')),
  opened_by uuid NOT NULL,
  opened_at timestamptz NOT NULL,
  -- the assessment of 164.402(2): presumed a breach unless a low probability of compromise is demonstrated
  outcome text CHECK (outcome IN ('BREACH', 'LOW_PROBABILITY')),
  assessed_at timestamptz,
  -- without unreasonable delay, and no later than 60 days after discovery (164.404(b))
  notify_by timestamptz NOT NULL,
  patient_told_at timestamptz,
  closed_at timestamptz,
  CHECK (source = 'OTHER' OR source_id IS NOT NULL),
  CHECK (accused_id IS DISTINCT FROM opened_by),
  CHECK ((state = 'OPEN') = (outcome IS NULL) AND (outcome IS NULL) = (assessed_at IS NULL)),
  CHECK ((state = 'CLOSED') = (closed_at IS NOT NULL)),
  CHECK (state <> 'CLOSED' OR outcome <> 'BREACH' OR patient_told_at IS NOT NULL)
);
CREATE UNIQUE INDEX incident_source_idx ON audit.incident (source, source_id) WHERE source_id IS NOT NULL;
CREATE INDEX incident_open_idx ON audit.incident (notify_by) WHERE state <> 'CLOSED';

CREATE TABLE audit.incident_entry (
  id uuid PRIMARY KEY DEFAULT gen_random_uuid(),
  incident_id uuid NOT NULL REFERENCES audit.incident (id),
  author_id uuid NOT NULL,
  kind text NOT NULL CHECK (kind IN ('OPENED', 'NOTE', 'ASSESSMENT', 'PATIENT_TOLD', 'CLOSED')),
  -- ASSESSMENT: the four factors of 164.402(2), each LOW, MEDIUM or HIGH, and the outcome
  detail jsonb NOT NULL DEFAULT '{}' CHECK (length(detail::text) <= 2000),
  text_id uuid REFERENCES app.sealed_text (id),
  written_at timestamptz NOT NULL
);
CREATE INDEX incident_entry_idx ON audit.incident_entry (incident_id, written_at);
CREATE TRIGGER keep_incident BEFORE DELETE OR TRUNCATE ON audit.incident FOR EACH STATEMENT EXECUTE FUNCTION audit.refuse_change();
CREATE TRIGGER append_only BEFORE UPDATE OR DELETE ON audit.incident_entry FOR EACH ROW EXECUTE FUNCTION audit.refuse_change();
CREATE TRIGGER append_only_truncate BEFORE TRUNCATE ON audit.incident_entry FOR EACH STATEMENT EXECUTE FUNCTION audit.refuse_change();

GRANT SELECT, INSERT ON audit.break_glass, audit.break_glass_entry, audit.incident, audit.incident_entry TO audit_gate;
GRANT UPDATE (state, reauth_at, activated_at, expires_at, ended_at, end_kind, review_due_at, reminded_at, escalated_at, verdict, closed_at) ON audit.break_glass TO audit_gate;
GRANT UPDATE (state, outcome, assessed_at, patient_told_at, closed_at) ON audit.incident TO audit_gate;
GRANT SELECT ON audit.break_glass, audit.incident TO audit_reader;

GRANT CREATE ON SCHEMA audit TO audit_gate;
RESET ROLE;
SET LOCAL ROLE audit_gate;

-- ── What admission reads ─────────────────────────────────────────────────────────────────────────────────────────
-- The lease under which a person may open a record now, or null. A person who has another role by now has lost it.
CREATE FUNCTION audit.open_lease(p_account uuid, p_patient uuid, p_kind text) RETURNS uuid
LANGUAGE plpgsql STABLE SECURITY DEFINER SET search_path = pg_catalog, pg_temp SET plan_cache_mode = force_generic_plan AS $$
BEGIN
  RETURN (SELECT b.id FROM audit.break_glass b JOIN app.account a ON a.id = b.actor_id AND a.role = b.actor_role
    WHERE b.actor_id = p_account AND b.patient_id = p_patient AND b.kind = p_kind AND b.state = 'ACTIVE' AND b.expires_at > app.now());
END
$$;

-- As before, and: an emergency lease is a relation, which counts where no other does.
CREATE OR REPLACE FUNCTION audit.relation_between(p_account uuid, p_patient uuid, p_relations text[], p_part text) RETURNS text
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

-- As before, and: what is opened under a lease says so, whatever purpose was given.
CREATE OR REPLACE FUNCTION audit.admit(p_token text, p_request uuid, p_action text, p_view text, p_fields jsonb, p_patients uuid[],
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
  v_destroyed uuid[];
  v_reason text;
  v_lease uuid;
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
  v_destroyed := ARRAY(SELECT d.patient_id FROM audit.destroyed_record d WHERE d.patient_id = ANY (p_patients));
  FOR v_patient IN SELECT DISTINCT u FROM unnest(p_patients) u LOOP
    v_relation := NULL;
    v_lease := NULL;
    v_reason := v_refusal;
    IF v_refusal IS NULL THEN
      v_relation := audit.relation_between(v.account_id, v_patient, v_rule.relations, v_part);
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
      database_role := v_rule.database_role;
    END IF;
    INSERT INTO audit.patient_phi_audit_log (actor_user_id, actor_role, db_role, on_behalf_of, session_id, request_id, patient_id,
      action_type, view, resource_type, resource_id, changed_fields, purpose, outcome, reason, relation, break_glass_id, client_ip)
    VALUES (v.account_id, v.role, CASE WHEN v_relation IS NOT NULL THEN v_rule.database_role END,
      CASE WHEN v_relation = 'proxy' THEN v_patient END, v.session_id, p_request, v_patient,
      p_action, p_view, p_resource_type, p_resource_id, coalesce(p_fields, '{}'),
      CASE WHEN v_lease IS NOT NULL THEN 'ETREAT' WHEN v_relation IS NOT NULL THEN coalesce(p_purpose, v_rule.purposes[1]) ELSE p_purpose END,
      CASE WHEN v_relation IS NOT NULL THEN 'ALLOWED' ELSE 'DENIED' END,
      CASE WHEN v_relation IS NOT NULL THEN p_reason ELSE coalesce(v_reason, 'no-relation') END,
      v_relation, v_lease, p_client_ip);
  END LOOP;
  IF cardinality(admitted) = 0 THEN denied_reason := coalesce(v_reason, 'no-relation'); END IF;
  RETURN NEXT;
END
$$;

-- As before, and: a change that was made under a lease says so.
CREATE OR REPLACE FUNCTION audit.effect(p_patient uuid, p_action text, p_model text, p_fields text[], p_plain_fields text[], p_row uuid, p_cells jsonb DEFAULT NULL) RETURNS void
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
     OR EXISTS (SELECT FROM unnest(p_plain_fields) f WHERE f !~ '^[A-Za-z]{1,40}$')
     -- ids, names of columns and digests of one length; the whole text is looked at at once, which is cheap
     OR p_cells::text !~ '^\{("[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}": \{("[a-z0-9.-]{1,80}": ("[A-Za-z0-9_-]{16}"|null)(, )?)*\}(, )?)*\}$'
     OR length(p_cells::text) > 2000000 THEN
    RAISE EXCEPTION 'the change goes beyond its admission' USING ERRCODE = '42501';
  END IF;
  IF v.actor_role <> 'service' OR v.view = 'import' THEN
    PERFORM pg_advisory_xact_lock_shared(audit.lock_key('retention', p_patient));
    IF EXISTS (SELECT FROM audit.destroyed_record d WHERE d.patient_id = p_patient) THEN
      RAISE EXCEPTION 'this record is destroyed' USING ERRCODE = '42501';
    END IF;
  END IF;
  IF p_cells IS NOT NULL AND p_action <> 'CREATE' THEN
    PERFORM pg_advisory_xact_lock(audit.lock_key('cells', p_patient));
  END IF;
  INSERT INTO audit.patient_phi_audit_log (actor_user_id, actor_role, db_role, on_behalf_of, session_id, request_id, patient_id, action_type,
    view, resource_type, resource_id, changed_fields, purpose, outcome, reason, relation, break_glass_id, client_ip, cell_digests)
  VALUES (v.actor_user_id, v.actor_role, v.db_role, v.on_behalf_of, v.session_id, v.request_id, p_patient, p_action,
    v.view, p_model, p_row, jsonb_build_object(p_model, to_jsonb(coalesce(p_fields, '{}')) || to_jsonb(coalesce(p_plain_fields, '{}'))),
    v.purpose, 'EFFECT', NULL, v.relation, v.break_glass_id, v.client_ip, p_cells);
END
$$;

-- Whether somebody may be looked for who is not one's own: by the record number, or by family name, given name and birth date
-- together (nobody is found by trying names), and twenty times an hour.
CREATE FUNCTION audit.emergency_search_refusal(p_account uuid, p_columns text[]) RETURNS text
LANGUAGE plpgsql STABLE SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS $$
DECLARE
  v_since timestamptz := clock_timestamp() - interval '1 hour';
  v_searches bigint;
BEGIN
  IF NOT (p_columns @> ARRAY['patient.mrn'] OR p_columns @> ARRAY['patient.family-name', 'patient.given-name', 'patient.birth-date-family']) THEN
    RETURN 'search-too-wide';
  END IF;
  SELECT (SELECT count(DISTINCT l.request_id) FROM audit.patient_phi_audit_log l
           WHERE l.actor_user_id = p_account AND l.accessed_at > v_since AND l.view = 'emergency-search')
       + (SELECT count(*) FROM audit.security_event_log e WHERE e.actor_user_id = p_account AND e.accessed_at > v_since
             AND e.event_type IN ('PATIENT_SEARCH_NO_MATCH', 'PATIENT_SEARCH_TOO_MANY') AND e.detail ->> 'view' = 'emergency-search') INTO v_searches;
  RETURN CASE WHEN v_searches >= 20 THEN 'too-many-searches' END;
END
$$;

-- As before, and: whoever is found under a lease is shown under it; a search for somebody who is not one's own is bounded.
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
  SELECT coalesce(array_agg(c.patient_id), '{}') INTO v_found FROM (
    SELECT m.patient_id
      FROM (SELECT t.patient_id, q.ordinality
              FROM unnest(p_columns, p_tokens) WITH ORDINALITY AS q (column_id, token, ordinality)
              JOIN phi.search_token t ON t.column_id = q.column_id AND t.token = q.token) m
     GROUP BY m.patient_id HAVING count(DISTINCT m.ordinality) = cardinality(p_columns)
     LIMIT 500) c
   WHERE audit.relation_between(v.account_id, c.patient_id, v_rule.relations, v_part) IS NOT NULL
     AND NOT EXISTS (SELECT FROM audit.destroyed_record d WHERE d.patient_id = c.patient_id);
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

-- Patients of this request whose notes of a further class were opened by a lease; beside audit.admitted, and as silent.
CREATE FUNCTION audit.admitted_in_scope(p_role text, p_scope text) RETURNS uuid[]
LANGUAGE plpgsql STABLE SECURITY DEFINER SET search_path = pg_catalog, pg_temp SET plan_cache_mode = force_generic_plan SET client_min_messages = error AS $$
DECLARE
  v_request uuid := CASE WHEN current_setting('vigil.request', true) ~ '^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$' THEN current_setting('vigil.request', true)::uuid END;
  v_now timestamptz := clock_timestamp();
  v_patients uuid[];
BEGIN
  IF v_request IS NULL THEN RETURN '{}'; END IF;
  SELECT array_agg(l.patient_id) INTO v_patients FROM audit.patient_phi_audit_log l
   WHERE l.request_id = v_request AND l.accessed_at > v_now - interval '15 seconds' AND l.accessed_at <= v_now
     AND l.outcome = 'ALLOWED' AND l.db_role = p_role AND l.tx_id IS DISTINCT FROM pg_current_xact_id_if_assigned()
     AND EXISTS (SELECT FROM audit.break_glass b WHERE b.id = l.break_glass_id AND b.kind = 'SCOPE' AND b.scope = p_scope AND b.patient_id = l.patient_id);
  RETURN coalesce(v_patients, '{}');
END
$$;
GRANT EXECUTE ON FUNCTION audit.admitted_in_scope(text, text) TO phi_nurse, phi_owner;

-- ── Opening and ending ───────────────────────────────────────────────────────────────────────────────────────────
-- One business day later: the same time of the next day from Monday to Friday, by the clinic's clock; at a week-end the day
-- begins on Monday. Holidays are not known here, and so are business days.
CREATE FUNCTION audit.one_business_day_after(p_at timestamptz, p_zone text) RETURNS timestamptz
LANGUAGE plpgsql STABLE SET search_path = pg_catalog, pg_temp AS $$
DECLARE
  v timestamp := p_at AT TIME ZONE p_zone;
BEGIN
  WHILE extract(isodow FROM v) > 5 LOOP v := date_trunc('day', v) + interval '1 day'; END LOOP;
  v := v + interval '1 day';
  WHILE extract(isodow FROM v) > 5 LOOP v := v + interval '1 day'; END LOOP;
  RETURN v AT TIME ZONE p_zone;
END
$$;

-- Says of leases whose time is over that it is: admission has refused them since. Requests that nobody confirmed lapse.
CREATE FUNCTION audit.break_glass_settle(p_lease uuid DEFAULT NULL) RETURNS integer
LANGUAGE plpgsql VOLATILE SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS $$
DECLARE
  v_now timestamptz := app.now();
  b audit.break_glass;
  v_count integer := 0;
BEGIN
  FOR b IN SELECT g.* FROM audit.break_glass g WHERE (p_lease IS NULL OR g.id = p_lease)
             AND (g.state = 'ACTIVE' AND g.expires_at <= v_now OR g.state = 'REQUESTED' AND g.requested_at <= v_now - interval '10 minutes')
             ORDER BY g.id FOR UPDATE SKIP LOCKED LOOP
    IF b.state = 'ACTIVE' THEN
      UPDATE audit.break_glass g SET state = 'REVIEW_PENDING', ended_at = g.expires_at, end_kind = 'EXPIRED' WHERE g.id = b.id;
      PERFORM audit.record_event('BREAK_GLASS_EXPIRED', b.actor_id, b.actor_role, b.session_id, b.actor_id,
        jsonb_build_object('lease', b.id, 'patient_id', b.patient_id), 'DONE', NULL);
    ELSE
      UPDATE audit.break_glass g SET state = 'LAPSED' WHERE g.id = b.id;
      PERFORM audit.record_event('BREAK_GLASS_REFUSED', b.actor_id, b.actor_role, b.session_id, b.actor_id,
        jsonb_build_object('lease', b.id, 'patient_id', b.patient_id, 'reason', 'not-confirmed'), 'REFUSED', NULL);
    END IF;
    v_count := v_count + 1;
  END LOOP;
  RETURN v_count;
END
$$;

-- Why a person may not open a record by breaking the glass now, or null.
CREATE FUNCTION audit.break_glass_refusal(v app.session_standing, p_patient uuid, p_kind text) RETURNS text
LANGUAGE plpgsql STABLE SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS $$
BEGIN
  RETURN CASE
    WHEN v.state <> 'active' THEN 'no-session'
    -- no exemption: administrators, billing and compliance never come here
    WHEN v.role NOT IN ('nurse', 'clinician') OR p_kind = 'SCOPE' AND v.role <> 'nurse' OR p_kind NOT IN ('PATIENT', 'SCOPE') THEN 'not-allowed'
    -- PATIENT: somebody whom this person has found by an emergency search in the last fifteen minutes, and nobody else
    WHEN p_kind = 'PATIENT' AND NOT EXISTS (SELECT FROM audit.patient_phi_audit_log l
           WHERE l.actor_user_id = v.account_id AND l.patient_id = p_patient AND l.accessed_at > clock_timestamp() - interval '15 minutes'
             AND l.view = 'emergency-search' AND l.action_type = 'SEARCH' AND l.outcome = 'ALLOWED') THEN 'not-found'
    WHEN p_kind = 'SCOPE' AND audit.relation_between(v.account_id, p_patient, ARRAY['care', 'emergency'], 'notes') IS NULL THEN 'not-found'
    WHEN EXISTS (SELECT FROM audit.destroyed_record d WHERE d.patient_id = p_patient) THEN 'not-found'
    WHEN p_kind = 'PATIENT' AND audit.relation_between(v.account_id, p_patient, ARRAY['care'], 'summary') IS NOT NULL THEN 'already-yours'
    WHEN audit.open_lease(v.account_id, p_patient, p_kind) IS NOT NULL THEN 'already-open' END;
END
$$;

-- Asks to break the glass: one patient, a reason from the list, and words that were not used for the last three.
-- p_tokens: keyed tokens of the words. Returns the refusal, or null.
CREATE FUNCTION audit.break_glass_request(p_token text, p_lease uuid, p_patient uuid, p_kind text, p_reason_code text,
  p_text_id uuid, p_text_sealed text, p_tokens bytea[], p_client_ip inet) RETURNS text
LANGUAGE plpgsql VOLATILE SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS $$
DECLARE
  v app.session_standing := app.session_touch(p_token);
  v_refusal text;
BEGIN
  PERFORM audit.require_durable_commit();
  IF v.account_id IS NOT NULL THEN PERFORM pg_advisory_xact_lock(audit.lock_key('break-glass', v.account_id)); END IF;
  v_refusal := audit.break_glass_refusal(v, p_patient, p_kind);
  IF v_refusal IS NULL THEN
    v_refusal := CASE
      WHEN p_reason_code IS NULL OR p_reason_code NOT IN ('EMERGENCY_TREATMENT', 'COVERING', 'PUBLIC_HEALTH', 'OTHER')
        OR coalesce(cardinality(p_tokens), 0) = 0 THEN 'reason-missing'
      WHEN EXISTS (SELECT FROM (SELECT b.reason_tokens FROM audit.break_glass b WHERE b.actor_id = v.account_id AND b.activated_at IS NOT NULL
             ORDER BY b.activated_at DESC LIMIT 3) last WHERE last.reason_tokens && p_tokens) THEN 'reason-repeated' END;
  END IF;
  IF v_refusal IS NOT NULL THEN
    PERFORM audit.record_event('BREAK_GLASS_REFUSED', v.account_id, v.role, v.session_id, v.account_id,
      jsonb_build_object('patient_id', p_patient, 'kind', left(p_kind, 10), 'reason', v_refusal), 'REFUSED', p_client_ip);
    RETURN v_refusal;
  END IF;
  INSERT INTO app.sealed_text (id, kind, content_sealed) VALUES (p_text_id, 'break-glass-reason', p_text_sealed);
  INSERT INTO audit.break_glass (id, kind, scope, actor_id, actor_role, session_id, patient_id, reason_code, reason_text_id, reason_tokens, requested_at)
  VALUES (p_lease, p_kind, CASE p_kind WHEN 'SCOPE' THEN 'sensitive-notes' END, v.account_id, v.role, v.session_id, p_patient, p_reason_code, p_text_id, p_tokens, v.db_now);
  PERFORM audit.record_event('BREAK_GLASS_REQUESTED', v.account_id, v.role, v.session_id, v.account_id,
    jsonb_build_object('lease', p_lease, 'patient_id', p_patient, 'kind', p_kind, 'reason', p_reason_code), 'DONE', p_client_ip);
  RETURN NULL;
END
$$;

-- The clinicians who lead the care of a patient: those named themselves, and of each team whoever has been in it longest
-- (a nurse where it has no clinician; all of them where several joined at once).
CREATE FUNCTION audit.care_leads(p_patient uuid) RETURNS SETOF uuid
LANGUAGE sql STABLE SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS $$
  SELECT r.account_id FROM phi.care_relationship r JOIN app.account a ON a.id = r.account_id AND a.role = 'clinician'
   WHERE r.patient_id = p_patient AND r.starts_at <= app.now() AND (r.ends_at IS NULL OR r.ends_at > app.now())
  UNION
  SELECT lead.account_id FROM phi.care_relationship r, LATERAL (
    SELECT m.account_id FROM app.care_team_member m JOIN app.account a ON a.id = m.account_id AND a.status = 'active' AND a.role IN ('clinician', 'nurse')
     WHERE m.care_team_id = r.care_team_id AND m.starts_at <= app.now() AND (m.ends_at IS NULL OR m.ends_at > app.now())
     ORDER BY (a.role = 'clinician') DESC, m.starts_at FETCH FIRST 1 ROWS WITH TIES) lead
   WHERE r.patient_id = p_patient AND r.starts_at <= app.now() AND (r.ends_at IS NULL OR r.ends_at > app.now())
$$;

-- Opens what was asked for, if the second factor is younger than two minutes and has opened nothing yet; and tells compliance, those
-- who lead the patient's care, and the patient, in the same statement. Returns the refusal, or null.
CREATE FUNCTION audit.break_glass_open(p_token text, p_lease uuid, p_zone text, p_client_ip inet) RETURNS text
LANGUAGE plpgsql VOLATILE SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS $$
DECLARE
  v app.session_standing := app.session_touch(p_token);
  b audit.break_glass;
  v_refusal text;
  v_account uuid;
BEGIN
  PERFORM audit.require_durable_commit();
  IF v.account_id IS NOT NULL THEN PERFORM pg_advisory_xact_lock(audit.lock_key('break-glass', v.account_id)); END IF;
  SELECT g.* INTO b FROM audit.break_glass g WHERE g.id = p_lease AND g.actor_id = v.account_id FOR UPDATE;
  v_refusal := CASE
    WHEN v.state <> 'active' THEN 'no-session'
    WHEN b.id IS NULL THEN 'no-such-request'
    WHEN b.state = 'ACTIVE' AND b.expires_at > v.db_now THEN 'already-open'
    WHEN b.state <> 'REQUESTED' OR b.actor_role <> v.role OR b.requested_at <= v.db_now - interval '10 minutes' THEN 'no-such-request'
    WHEN v.second_factor_at <= v.db_now - interval '2 minutes' THEN 'code-too-old'
    WHEN EXISTS (SELECT FROM audit.break_glass g WHERE g.actor_id = v.account_id AND g.reauth_at >= v.second_factor_at) THEN 'code-used' END;
  IF v_refusal IS NULL THEN
    v_refusal := audit.break_glass_refusal(v, b.patient_id, b.kind);
    IF v_refusal IS NOT NULL THEN UPDATE audit.break_glass g SET state = 'REFUSED' WHERE g.id = b.id; END IF;
  END IF;
  IF v_refusal IS NOT NULL THEN
    PERFORM audit.record_event('BREAK_GLASS_REFUSED', v.account_id, v.role, v.session_id, v.account_id,
      jsonb_build_object('lease', p_lease, 'patient_id', b.patient_id, 'reason', v_refusal), 'REFUSED', p_client_ip);
    RETURN v_refusal;
  END IF;
  -- an earlier one of this person, over but not yet said to be, makes room
  PERFORM audit.break_glass_settle(g.id) FROM audit.break_glass g WHERE g.actor_id = v.account_id AND g.state = 'ACTIVE' AND g.expires_at <= v.db_now;
  UPDATE audit.break_glass g SET state = 'ACTIVE', reauth_at = v.second_factor_at, activated_at = v.db_now, expires_at = v.db_now + interval '60 minutes',
    review_due_at = audit.one_business_day_after(v.db_now, p_zone) WHERE g.id = b.id;
  PERFORM audit.record_event('BREAK_GLASS_OPENED', v.account_id, v.role, v.session_id, v.account_id,
    jsonb_build_object('lease', b.id, 'patient_id', b.patient_id, 'kind', b.kind, 'reason', b.reason_code), 'DONE', p_client_ip);
  PERFORM app.notify_role('compliance', 'break-glass-opened', b.id);
  FOR v_account IN SELECT l FROM audit.care_leads(b.patient_id) l WHERE l <> v.account_id LOOP
    PERFORM app.notify(v_account, 'break-glass-in-your-care', b.id);
  END LOOP;
  FOR v_account IN SELECT g.account_id FROM phi.record_grant g WHERE g.patient_id = b.patient_id AND g.kind = 'self'
                      AND g.starts_at <= v.db_now AND (g.ends_at IS NULL OR g.ends_at > v.db_now) LOOP
    PERFORM app.notify(v_account, CASE b.kind WHEN 'PATIENT' THEN 'record-opened-in-emergency' ELSE 'notes-opened-in-emergency' END, b.id);
  END LOOP;
  RETURN NULL;
END
$$;

-- Ends a lease before its time: its owner, who is done, or compliance, who stops it. Returns the refusal, or null.
CREATE FUNCTION audit.break_glass_end(p_token text, p_lease uuid, p_client_ip inet) RETURNS text
LANGUAGE plpgsql VOLATILE SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS $$
DECLARE
  v app.session_standing := app.session_touch(p_token);
  b audit.break_glass;
  v_refusal text;
BEGIN
  PERFORM audit.require_durable_commit();
  SELECT g.* INTO b FROM audit.break_glass g WHERE g.id = p_lease FOR UPDATE;
  v_refusal := CASE
    WHEN v.state <> 'active' THEN 'no-session'
    WHEN b.id IS NULL OR b.actor_id <> v.account_id AND v.role <> 'compliance' THEN 'no-such-lease'
    WHEN b.state <> 'ACTIVE' OR b.expires_at <= v.db_now THEN 'over-already' END;
  IF v_refusal IS NOT NULL THEN
    PERFORM audit.record_event('BREAK_GLASS_ENDED', v.account_id, v.role, v.session_id, b.actor_id,
      jsonb_build_object('lease', p_lease, 'reason', v_refusal), 'REFUSED', p_client_ip);
    RETURN v_refusal;
  END IF;
  UPDATE audit.break_glass g SET state = 'REVIEW_PENDING', ended_at = v.db_now, end_kind = CASE WHEN b.actor_id = v.account_id THEN 'ENDED' ELSE 'REVOKED' END WHERE g.id = b.id;
  PERFORM audit.record_event(CASE WHEN b.actor_id = v.account_id THEN 'BREAK_GLASS_ENDED' ELSE 'BREAK_GLASS_REVOKED' END, v.account_id, v.role, v.session_id, b.actor_id,
    jsonb_build_object('lease', b.id, 'patient_id', b.patient_id), 'DONE', p_client_ip);
  IF b.actor_id <> v.account_id THEN PERFORM app.notify(b.actor_id, 'break-glass-revoked', b.id); END IF;
  RETURN NULL;
END
$$;

-- One's own leases, the newest first; with a patient, the ones that are open for that patient now.
CREATE FUNCTION audit.my_break_glass(p_token text, p_patient uuid DEFAULT NULL)
RETURNS TABLE (id uuid, kind text, patient_id uuid, reason_code text, state text, end_kind text, verdict text, activated_at timestamptz, expires_at timestamptz,
  ended_at timestamptz, db_now timestamptz)
LANGUAGE plpgsql STABLE SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS $$
DECLARE
  v app.session_standing := app.session_standing_of(p_token);
BEGIN
  IF v.state <> 'active' THEN RETURN; END IF;
  RETURN QUERY
    SELECT b.id, b.kind, b.patient_id, b.reason_code, CASE WHEN b.state = 'ACTIVE' AND b.expires_at <= v.db_now THEN 'REVIEW_PENDING' ELSE b.state END,
           CASE WHEN b.state = 'ACTIVE' AND b.expires_at <= v.db_now THEN 'EXPIRED' ELSE b.end_kind END, b.verdict, b.activated_at, b.expires_at,
           CASE WHEN b.state = 'ACTIVE' AND b.expires_at <= v.db_now THEN b.expires_at ELSE b.ended_at END, v.db_now
      FROM audit.break_glass b WHERE b.actor_id = v.account_id AND b.activated_at IS NOT NULL
       AND (p_patient IS NULL OR b.patient_id = p_patient AND b.state = 'ACTIVE' AND b.expires_at > v.db_now)
     ORDER BY b.activated_at DESC LIMIT 50;
END
$$;

-- What was asked and answered about one of one's own leases, with the sealed texts.
CREATE FUNCTION audit.my_break_glass_entries(p_token text, p_lease uuid)
RETURNS TABLE (id uuid, kind text, written_at timestamptz, text_id uuid, text_sealed text)
LANGUAGE plpgsql STABLE SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS $$
DECLARE
  v app.session_standing := app.session_standing_of(p_token);
BEGIN
  IF v.state <> 'active' THEN RETURN; END IF;
  RETURN QUERY
    SELECT e.id, e.kind, e.written_at, t.id, t.content_sealed::text
      FROM audit.break_glass_entry e JOIN app.sealed_text t ON t.id = e.text_id
     WHERE e.break_glass_id = p_lease AND e.actor_id = v.account_id AND e.kind IN ('NEEDS_INFO', 'ANSWER') ORDER BY e.written_at, e.id;
END
$$;

-- ── Review ───────────────────────────────────────────────────────────────────────────────────────────────────────
-- Opens an incident; inside the functions of this schema that find one. Returns false where there is one for the source already.
CREATE FUNCTION audit.incident_make(v app.session_standing, p_incident uuid, p_source text, p_source_id uuid, p_accused uuid, p_patient uuid, p_text_id uuid, p_client_ip inet)
RETURNS boolean
LANGUAGE plpgsql VOLATILE SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS $$
BEGIN
  INSERT INTO audit.incident (id, source, source_id, accused_id, patient_id, opened_by, opened_at, notify_by)
  VALUES (p_incident, p_source, p_source_id, p_accused, p_patient, v.account_id, v.db_now, v.db_now + interval '60 days') ON CONFLICT DO NOTHING;
  IF NOT FOUND THEN RETURN false; END IF;
  INSERT INTO audit.incident_entry (incident_id, author_id, kind, text_id, written_at) VALUES (p_incident, v.account_id, 'OPENED', p_text_id, v.db_now);
  PERFORM audit.record_event('INCIDENT_OPENED', v.account_id, v.role, v.session_id, p_accused,
    jsonb_build_object('incident', p_incident, 'source', p_source, 'source_id', p_source_id, 'patient_id', p_patient), 'DONE', p_client_ip);
  PERFORM app.notify(a.id, 'incident-opened', p_incident) FROM app.account a
    WHERE a.role = 'compliance' AND a.status = 'active' AND a.id <> v.account_id AND a.id IS DISTINCT FROM p_accused;
  RETURN true;
END
$$;

-- Decides about a lease: by somebody else, with a fresh second factor and a note. UNJUSTIFIED waits for a second person, who confirms
-- it (which opens an incident) or disputes it (which puts it back into the queue). Returns the refusal, or null.
CREATE FUNCTION audit.break_glass_review(p_token text, p_lease uuid, p_decision text, p_text_id uuid, p_text_sealed text, p_client_ip inet) RETURNS text
LANGUAGE plpgsql VOLATILE SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS $$
DECLARE
  v app.session_standing := app.session_touch(p_token);
  b audit.break_glass;
  v_refusal text;
  v_is_second boolean := coalesce(p_decision IN ('CONFIRMED', 'DISPUTED'), false);
BEGIN
  PERFORM audit.require_durable_commit();
  IF v.state = 'active' AND v.role = 'compliance' THEN PERFORM audit.break_glass_settle(p_lease); END IF;
  SELECT g.* INTO b FROM audit.break_glass g WHERE g.id = p_lease FOR UPDATE;
  v_refusal := CASE
    WHEN v.state <> 'active' THEN 'no-session'
    WHEN v.role <> 'compliance' THEN 'not-allowed'
    WHEN b.id IS NULL THEN 'no-such-lease'
    WHEN b.actor_id = v.account_id THEN 'your-own'
    WHEN p_decision IS NULL OR p_decision NOT IN ('JUSTIFIED', 'NEEDS_INFO', 'UNJUSTIFIED', 'CONFIRMED', 'DISPUTED') THEN 'no-such-decision'
    WHEN b.state <> CASE WHEN v_is_second THEN 'UNJUSTIFIED' ELSE 'REVIEW_PENDING' END THEN 'not-to-decide'
    WHEN v_is_second AND v.account_id = (SELECT e.author_id FROM audit.break_glass_entry e
           WHERE e.break_glass_id = b.id AND e.kind = 'UNJUSTIFIED' ORDER BY e.written_at DESC, e.id DESC LIMIT 1) THEN 'same-person'
    WHEN NOT app.is_fresh(v) THEN 'code-too-old' END;
  IF v_refusal IS NOT NULL THEN
    PERFORM audit.record_event('BREAK_GLASS_REVIEWED', v.account_id, v.role, v.session_id, b.actor_id,
      jsonb_build_object('lease', p_lease, 'decision', left(p_decision, 20), 'reason', v_refusal), 'REFUSED', p_client_ip);
    RETURN v_refusal;
  END IF;
  INSERT INTO app.sealed_text (id, kind, content_sealed) VALUES (p_text_id, 'break-glass-review', p_text_sealed);
  INSERT INTO audit.break_glass_entry (break_glass_id, actor_id, author_id, kind, text_id, written_at) VALUES (b.id, b.actor_id, v.account_id, p_decision, p_text_id, v.db_now);
  UPDATE audit.break_glass g SET
    state = CASE p_decision WHEN 'NEEDS_INFO' THEN 'NEEDS_INFO' WHEN 'UNJUSTIFIED' THEN 'UNJUSTIFIED' WHEN 'DISPUTED' THEN 'REVIEW_PENDING' ELSE 'CLOSED' END,
    verdict = CASE p_decision WHEN 'JUSTIFIED' THEN 'JUSTIFIED' WHEN 'CONFIRMED' THEN 'UNJUSTIFIED' END,
    closed_at = CASE WHEN p_decision IN ('JUSTIFIED', 'CONFIRMED') THEN v.db_now END WHERE g.id = b.id;
  PERFORM audit.record_event('BREAK_GLASS_REVIEWED', v.account_id, v.role, v.session_id, b.actor_id,
    jsonb_build_object('lease', b.id, 'patient_id', b.patient_id, 'decision', p_decision), 'DONE', p_client_ip);
  CASE p_decision
    WHEN 'NEEDS_INFO' THEN PERFORM app.notify(b.actor_id, 'break-glass-question', b.id);
    WHEN 'UNJUSTIFIED' THEN PERFORM app.notify_role('compliance', 'break-glass-second-signature', b.id, v.account_id);
    WHEN 'CONFIRMED' THEN PERFORM audit.incident_make(v, gen_random_uuid(), 'BREAK_GLASS', b.id, b.actor_id, b.patient_id, p_text_id, p_client_ip);
    ELSE NULL;
  END CASE;
  RETURN NULL;
END
$$;

-- Answers what compliance asked; the one who opened it alone. Returns the refusal, or null.
CREATE FUNCTION audit.break_glass_answer(p_token text, p_lease uuid, p_text_id uuid, p_text_sealed text, p_zone text, p_client_ip inet) RETURNS text
LANGUAGE plpgsql VOLATILE SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS $$
DECLARE
  v app.session_standing := app.session_touch(p_token);
  b audit.break_glass;
  v_refusal text;
BEGIN
  PERFORM audit.require_durable_commit();
  SELECT g.* INTO b FROM audit.break_glass g WHERE g.id = p_lease AND g.actor_id = v.account_id FOR UPDATE;
  v_refusal := CASE
    WHEN v.state <> 'active' THEN 'no-session'
    WHEN b.id IS NULL THEN 'no-such-lease'
    WHEN b.state <> 'NEEDS_INFO' THEN 'nothing-asked' END;
  IF v_refusal IS NOT NULL THEN
    PERFORM audit.record_event('BREAK_GLASS_ANSWERED', v.account_id, v.role, v.session_id, v.account_id,
      jsonb_build_object('lease', p_lease, 'reason', v_refusal), 'REFUSED', p_client_ip);
    RETURN v_refusal;
  END IF;
  INSERT INTO app.sealed_text (id, kind, content_sealed) VALUES (p_text_id, 'break-glass-answer', p_text_sealed);
  INSERT INTO audit.break_glass_entry (break_glass_id, actor_id, author_id, kind, text_id, written_at) VALUES (b.id, b.actor_id, v.account_id, 'ANSWER', p_text_id, v.db_now);
  UPDATE audit.break_glass g SET state = 'REVIEW_PENDING', review_due_at = greatest(g.review_due_at, audit.one_business_day_after(v.db_now, p_zone)) WHERE g.id = b.id;
  PERFORM audit.record_event('BREAK_GLASS_ANSWERED', v.account_id, v.role, v.session_id, v.account_id, jsonb_build_object('lease', b.id), 'DONE', p_client_ip);
  PERFORM app.notify_role('compliance', 'break-glass-answered', b.id);
  RETURN NULL;
END
$$;

-- The worker's part: says what is over, and reminds of reviews that are late, once a day; after 72 hours administrators are told too.
CREATE FUNCTION audit.break_glass_sweep() RETURNS integer
LANGUAGE plpgsql VOLATILE SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS $$
DECLARE
  v_now timestamptz := app.now();
  b audit.break_glass;
  v_count integer := audit.break_glass_settle();
BEGIN
  FOR b IN SELECT g.* FROM audit.break_glass g WHERE g.state IN ('REVIEW_PENDING', 'NEEDS_INFO', 'UNJUSTIFIED') AND g.review_due_at <= v_now
             AND (g.reminded_at IS NULL OR g.reminded_at <= v_now - interval '1 day') ORDER BY g.id FOR UPDATE SKIP LOCKED LOOP
    UPDATE audit.break_glass g SET reminded_at = v_now,
      escalated_at = CASE WHEN g.ended_at <= v_now - interval '72 hours' THEN coalesce(g.escalated_at, v_now) END WHERE g.id = b.id;
    PERFORM audit.record_event('BREAK_GLASS_REVIEW_OVERDUE', NULL, NULL, NULL, b.actor_id, jsonb_build_object('lease', b.id, 'state', b.state), 'DONE', NULL);
    PERFORM app.notify_role('compliance', 'break-glass-overdue', b.id);
    IF b.escalated_at IS NULL AND b.ended_at <= v_now - interval '72 hours' THEN PERFORM app.notify_role('admin', 'break-glass-escalated', b.id); END IF;
    v_count := v_count + 1;
  END LOOP;
  RETURN v_count;
END
$$;

-- ── Incidents: what is done about one ────────────────────────────────────────────────────────────────────────────
-- Opens an incident by hand or from another part of compliance's work. Returns the refusal, or null. Whom a case or a concern is
-- about is read there, whatever the caller says: nobody opens one about themselves that accuses nobody, and closes it.
CREATE FUNCTION audit.incident_open(p_token text, p_incident uuid, p_source text, p_source_id uuid, p_accused uuid, p_patient uuid,
  p_text_id uuid, p_text_sealed text, p_client_ip inet) RETURNS text
LANGUAGE plpgsql VOLATILE SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS $$
DECLARE
  v app.session_standing := app.session_touch(p_token);
  v_accused uuid := p_accused;
  v_patient uuid := p_patient;
  v_is_known boolean := true;
  v_refusal text;
BEGIN
  PERFORM audit.require_durable_commit();
  IF p_source = 'CASE' THEN
    SELECT k.actor_id, k.patient_id INTO v_accused, v_patient FROM audit.watch_case k WHERE k.id = p_source_id AND NOT audit.is_case_of(k, v.account_id);
    v_is_known := FOUND;
  ELSIF p_source = 'CONCERN' THEN
    SELECT coalesce(c.about_account_id, p_accused), c.patient_id INTO v_accused, v_patient FROM phi.concern c
     WHERE c.id = p_source_id AND c.about_account_id IS DISTINCT FROM v.account_id;
    v_is_known := FOUND;
  END IF;
  v_refusal := CASE
    WHEN v.state <> 'active' THEN 'no-session'
    WHEN v.role <> 'compliance' THEN 'not-allowed'
    WHEN p_accused = v.account_id OR v_accused = v.account_id THEN 'your-own'
    WHEN p_source IS NULL OR p_source NOT IN ('CASE', 'CONCERN', 'OTHER') OR NOT v_is_known THEN 'no-such-source' END;
  IF v_refusal IS NULL THEN
    INSERT INTO app.sealed_text (id, kind, content_sealed) VALUES (p_text_id, 'incident', p_text_sealed);
    IF NOT audit.incident_make(v, p_incident, p_source, p_source_id, v_accused, v_patient, p_text_id, p_client_ip) THEN v_refusal := 'open-already'; END IF;
  END IF;
  IF v_refusal IS NOT NULL THEN
    PERFORM audit.record_event('INCIDENT_OPENED', v.account_id, v.role, v.session_id, NULL, jsonb_build_object('incident', p_incident, 'reason', v_refusal), 'REFUSED', p_client_ip);
  END IF;
  RETURN v_refusal;
END
$$;

-- Writes on: a note, the assessment of 164.402(2), that the patient was told, the end. A breach is closed only when the patient was told.
-- p_detail of an ASSESSMENT: {"nature", "recipient", "acquired", "mitigated": LOW | MEDIUM | HIGH, "outcome": BREACH | LOW_PROBABILITY}
CREATE FUNCTION audit.incident_write(p_token text, p_incident uuid, p_kind text, p_detail jsonb, p_text_id uuid, p_text_sealed text, p_client_ip inet) RETURNS text
LANGUAGE plpgsql VOLATILE SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS $$
DECLARE
  v app.session_standing := app.session_touch(p_token);
  i audit.incident;
  v_refusal text;
BEGIN
  PERFORM audit.require_durable_commit();
  SELECT n.* INTO i FROM audit.incident n WHERE n.id = p_incident FOR UPDATE;
  v_refusal := CASE
    WHEN v.state <> 'active' THEN 'no-session'
    WHEN v.role <> 'compliance' THEN 'not-allowed'
    WHEN i.id IS NULL THEN 'no-such-incident'
    WHEN i.accused_id = v.account_id THEN 'your-own'
    WHEN p_kind IS NULL OR p_kind NOT IN ('NOTE', 'ASSESSMENT', 'PATIENT_TOLD', 'CLOSED') THEN 'no-such-entry'
    WHEN i.state = 'CLOSED' THEN 'closed-already'
    WHEN p_kind = 'ASSESSMENT' AND (jsonb_typeof(p_detail) IS DISTINCT FROM 'object'
        OR NOT coalesce(p_detail ->> 'outcome' IN ('BREACH', 'LOW_PROBABILITY'), false)
        OR EXISTS (SELECT FROM unnest(ARRAY['nature', 'recipient', 'acquired', 'mitigated']) f WHERE NOT coalesce(p_detail ->> f IN ('LOW', 'MEDIUM', 'HIGH'), false))) THEN 'not-assessed'
    -- what one person found to be a breach is found otherwise by another one
    WHEN p_kind = 'ASSESSMENT' AND i.outcome = 'BREACH' AND p_detail ->> 'outcome' <> 'BREACH' AND v.account_id = (SELECT e.author_id
      FROM audit.incident_entry e WHERE e.incident_id = i.id AND e.kind = 'ASSESSMENT' ORDER BY e.written_at DESC, e.id DESC LIMIT 1) THEN 'same-assessor'
    WHEN p_kind = 'CLOSED' AND i.state <> 'ASSESSED' THEN 'not-assessed'
    WHEN p_kind = 'CLOSED' AND i.outcome = 'BREACH' AND i.patient_told_at IS NULL THEN 'patient-not-told'
    WHEN p_kind <> 'NOTE' AND NOT app.is_fresh(v) THEN 'code-too-old' END;
  IF v_refusal IS NOT NULL THEN
    PERFORM audit.record_event('INCIDENT_CHANGED', v.account_id, v.role, v.session_id, i.accused_id,
      jsonb_build_object('incident', p_incident, 'entry', left(p_kind, 20), 'reason', v_refusal), 'REFUSED', p_client_ip);
    RETURN v_refusal;
  END IF;
  INSERT INTO app.sealed_text (id, kind, content_sealed) VALUES (p_text_id, 'incident', p_text_sealed);
  INSERT INTO audit.incident_entry (incident_id, author_id, kind, detail, text_id, written_at)
  VALUES (i.id, v.account_id, p_kind, CASE WHEN p_kind = 'ASSESSMENT' THEN jsonb_build_object('nature', p_detail -> 'nature', 'recipient', p_detail -> 'recipient',
    'acquired', p_detail -> 'acquired', 'mitigated', p_detail -> 'mitigated', 'outcome', p_detail -> 'outcome') ELSE '{}' END, p_text_id, v.db_now);
  UPDATE audit.incident n SET
    state = CASE p_kind WHEN 'ASSESSMENT' THEN 'ASSESSED' WHEN 'CLOSED' THEN 'CLOSED' ELSE n.state END,
    outcome = CASE WHEN p_kind = 'ASSESSMENT' THEN p_detail ->> 'outcome' ELSE n.outcome END,
    assessed_at = CASE WHEN p_kind = 'ASSESSMENT' THEN v.db_now ELSE n.assessed_at END,
    patient_told_at = CASE WHEN p_kind = 'PATIENT_TOLD' THEN coalesce(n.patient_told_at, v.db_now) ELSE n.patient_told_at END,
    closed_at = CASE WHEN p_kind = 'CLOSED' THEN v.db_now END WHERE n.id = i.id;
  PERFORM audit.record_event('INCIDENT_CHANGED', v.account_id, v.role, v.session_id, i.accused_id,
    jsonb_build_object('incident', i.id, 'entry', p_kind) || CASE WHEN p_kind = 'ASSESSMENT' THEN jsonb_build_object('outcome', p_detail ->> 'outcome') ELSE '{}' END, 'DONE', p_client_ip);
  RETURN NULL;
END
$$;

-- ── Reading, which is written down first ─────────────────────────────────────────────────────────────────────────
-- Notes that an officer reads leases or incidents, with what of them; commit it, then call the functions below. {"id"}: one of them.
CREATE FUNCTION audit.admit_oversight(p_token text, p_request uuid, p_event text, p_criteria jsonb, p_client_ip inet) RETURNS text
LANGUAGE plpgsql VOLATILE SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS $$
DECLARE
  v app.session_standing := app.session_touch(p_token);
  v_outcome text := CASE WHEN v.state = 'active' AND v.role = 'compliance' THEN 'DONE' ELSE 'REFUSED' END;
BEGIN
  PERFORM audit.require_durable_commit();
  IF p_event NOT IN ('BREAK_GLASS_READ', 'INCIDENT_READ') OR p_request IS NULL OR p_criteria IS NULL OR length(p_criteria::text) > 500 THEN
    RAISE EXCEPTION 'unknown way to read these' USING ERRCODE = '22023';
  END IF;
  PERFORM audit.record_event(p_event, v.account_id, v.role, v.session_id, NULL, p_criteria, v_outcome, p_client_ip, p_request);
  RETURN CASE WHEN v_outcome = 'REFUSED' THEN CASE WHEN v.state <> 'active' THEN 'no-session' ELSE 'no-policy' END END;
END
$$;

-- Who wrote that they would read: what concerns themselves is left out.
CREATE FUNCTION audit.oversight_reader(p_request uuid, p_event text) RETURNS uuid
LANGUAGE sql STABLE SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS $$
  SELECT e.actor_user_id FROM audit.security_event_log e
   WHERE e.request_id = p_request AND e.event_type = p_event AND e.outcome = 'DONE' AND e.accessed_at > clock_timestamp() - interval '15 seconds' LIMIT 1
$$;

CREATE FUNCTION audit.read_break_glass(p_request uuid)
RETURNS TABLE (id uuid, kind text, actor_id uuid, actor_name text, actor_title text, actor_role text, patient_id uuid, reason_code text, reason_text_id uuid, reason_sealed text,
  state text, end_kind text, verdict text, activated_at timestamptz, expires_at timestamptz, ended_at timestamptz, review_due_at timestamptz, closed_at timestamptz,
  accesses bigint, incident_id uuid, is_first_signer boolean, db_now timestamptz)
LANGUAGE plpgsql STABLE SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS $$
DECLARE
  c jsonb := audit.trail_criteria(p_request, 'BREAK_GLASS_READ');
  v_reader uuid := audit.oversight_reader(p_request, 'BREAK_GLASS_READ');
  v_now timestamptz := app.now();
BEGIN
  RETURN QUERY
    SELECT b.id, b.kind, b.actor_id, a.display_name, a.job_title, b.actor_role, b.patient_id, b.reason_code, t.id,
           CASE WHEN c ->> 'id' IS NOT NULL THEN t.content_sealed::text END,
           CASE WHEN b.state = 'ACTIVE' AND b.expires_at <= v_now THEN 'REVIEW_PENDING' ELSE b.state END,
           CASE WHEN b.state = 'ACTIVE' AND b.expires_at <= v_now THEN 'EXPIRED' ELSE b.end_kind END, b.verdict, b.activated_at, b.expires_at,
           CASE WHEN b.state = 'ACTIVE' AND b.expires_at <= v_now THEN b.expires_at ELSE b.ended_at END, b.review_due_at, b.closed_at,
           (SELECT count(*) FROM audit.patient_phi_audit_log l WHERE l.break_glass_id = b.id AND l.accessed_at >= b.activated_at - interval '1 day' AND l.outcome <> 'DENIED'),
           (SELECT n.id FROM audit.incident n WHERE n.source = 'BREAK_GLASS' AND n.source_id = b.id),
           coalesce(v_reader = (SELECT e.author_id FROM audit.break_glass_entry e WHERE e.break_glass_id = b.id AND e.kind = 'UNJUSTIFIED' ORDER BY e.written_at DESC, e.id DESC LIMIT 1), false),
           v_now
      FROM audit.break_glass b JOIN app.sealed_text t ON t.id = b.reason_text_id LEFT JOIN app.account a ON a.id = b.actor_id
     WHERE b.activated_at IS NOT NULL AND b.actor_id <> v_reader
       AND (c ->> 'id' IS NULL OR b.id = (c ->> 'id')::uuid)
       AND (c ->> 'id' IS NOT NULL OR (b.state = 'CLOSED') = coalesce((c ->> 'closed')::boolean, false))
     ORDER BY CASE WHEN b.state = 'CLOSED' THEN NULL ELSE b.review_due_at END, b.closed_at DESC, b.id LIMIT 200;
END
$$;

CREATE FUNCTION audit.read_break_glass_entries(p_request uuid)
RETURNS TABLE (id uuid, kind text, author_name text, author_role text, written_at timestamptz, text_id uuid, text_sealed text)
LANGUAGE plpgsql STABLE SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS $$
DECLARE
  c jsonb := audit.trail_criteria(p_request, 'BREAK_GLASS_READ');
  v_reader uuid := audit.oversight_reader(p_request, 'BREAK_GLASS_READ');
BEGIN
  RETURN QUERY
    SELECT e.id, e.kind, a.display_name, a.role, e.written_at, t.id, t.content_sealed::text
      FROM audit.break_glass_entry e JOIN app.sealed_text t ON t.id = e.text_id LEFT JOIN app.account a ON a.id = e.author_id
     WHERE e.break_glass_id = (c ->> 'id')::uuid AND e.actor_id <> v_reader ORDER BY e.written_at, e.id LIMIT 200;
END
$$;

-- What was opened or changed under a lease, in order.
CREATE FUNCTION audit.read_break_glass_rows(p_request uuid)
RETURNS TABLE (log_id uuid, accessed_at timestamptz, at_exact text, action_type text, view text, changed_fields jsonb, outcome text)
LANGUAGE plpgsql STABLE SECURITY DEFINER SET search_path = pg_catalog, pg_temp SET timezone = 'UTC' SET datestyle = 'ISO, YMD' AS $$
DECLARE
  c jsonb := audit.trail_criteria(p_request, 'BREAK_GLASS_READ');
  v_reader uuid := audit.oversight_reader(p_request, 'BREAK_GLASS_READ');
BEGIN
  RETURN QUERY
    SELECT l.log_id, l.accessed_at, l.accessed_at::text, l.action_type, l.view, l.changed_fields, l.outcome
      FROM audit.break_glass b JOIN audit.patient_phi_audit_log l ON l.break_glass_id = b.id AND l.accessed_at >= b.activated_at - interval '1 day'
     WHERE b.id = (c ->> 'id')::uuid AND b.actor_id <> v_reader ORDER BY l.accessed_at, l.seq LIMIT 500;
END
$$;

CREATE FUNCTION audit.read_incidents(p_request uuid)
RETURNS TABLE (id uuid, source text, source_id uuid, accused_id uuid, accused_name text, patient_id uuid, state text, outcome text, opened_by text, opened_at timestamptz,
  assessed_at timestamptz, notify_by timestamptz, patient_told_at timestamptz, closed_at timestamptz, db_now timestamptz)
LANGUAGE plpgsql STABLE SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS $$
DECLARE
  c jsonb := audit.trail_criteria(p_request, 'INCIDENT_READ');
  v_reader uuid := audit.oversight_reader(p_request, 'INCIDENT_READ');
BEGIN
  RETURN QUERY
    SELECT n.id, n.source, n.source_id, n.accused_id, a.display_name, n.patient_id, n.state, n.outcome, o.display_name, n.opened_at, n.assessed_at, n.notify_by,
           n.patient_told_at, n.closed_at, app.now()
      FROM audit.incident n LEFT JOIN app.account a ON a.id = n.accused_id LEFT JOIN app.account o ON o.id = n.opened_by
     WHERE n.accused_id IS DISTINCT FROM v_reader AND (c ->> 'id' IS NULL OR n.id = (c ->> 'id')::uuid)
     ORDER BY (n.state = 'CLOSED'), n.notify_by, n.id LIMIT 200;
END
$$;

CREATE FUNCTION audit.read_incident_entries(p_request uuid)
RETURNS TABLE (id uuid, kind text, author_name text, detail jsonb, written_at timestamptz, text_id uuid, text_sealed text)
LANGUAGE plpgsql STABLE SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS $$
DECLARE
  c jsonb := audit.trail_criteria(p_request, 'INCIDENT_READ');
  v_reader uuid := audit.oversight_reader(p_request, 'INCIDENT_READ');
BEGIN
  RETURN QUERY
    SELECT e.id, e.kind, a.display_name, e.detail, e.written_at, t.id, t.content_sealed::text
      FROM audit.incident_entry e JOIN audit.incident n ON n.id = e.incident_id LEFT JOIN app.sealed_text t ON t.id = e.text_id LEFT JOIN app.account a ON a.id = e.author_id
     WHERE e.incident_id = (c ->> 'id')::uuid AND n.accused_id IS DISTINCT FROM v_reader ORDER BY e.written_at, e.id LIMIT 200;
END
$$;

-- How much waits, for the overview: numbers alone.
CREATE FUNCTION audit.break_glass_waiting(p_token text)
RETURNS TABLE (active bigint, to_review bigint, overdue bigint, to_sign bigint, incidents bigint, incidents_due bigint)
LANGUAGE plpgsql STABLE SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS $$
DECLARE
  v app.session_standing := app.session_standing_of(p_token);
BEGIN
  IF v.state <> 'active' OR v.role <> 'compliance' THEN RETURN; END IF;
  RETURN QUERY
    SELECT count(*) FILTER (WHERE b.state = 'ACTIVE' AND b.expires_at > v.db_now),
           count(*) FILTER (WHERE b.state = 'REVIEW_PENDING' OR b.state = 'ACTIVE' AND b.expires_at <= v.db_now),
           count(*) FILTER (WHERE b.state <> 'ACTIVE' AND b.review_due_at <= v.db_now OR b.state = 'ACTIVE' AND b.expires_at <= v.db_now AND b.review_due_at <= v.db_now),
           count(*) FILTER (WHERE b.state = 'UNJUSTIFIED'),
           (SELECT count(*) FROM audit.incident n WHERE n.state <> 'CLOSED' AND n.accused_id IS DISTINCT FROM v.account_id),
           (SELECT count(*) FROM audit.incident n WHERE n.state <> 'CLOSED' AND n.accused_id IS DISTINCT FROM v.account_id AND n.notify_by <= v.db_now + interval '7 days')
      FROM audit.break_glass b WHERE b.state NOT IN ('REQUESTED', 'REFUSED', 'LAPSED', 'CLOSED') AND b.actor_id <> v.account_id;
END
$$;

GRANT EXECUTE ON FUNCTION audit.break_glass_request(text, uuid, uuid, text, text, uuid, text, bytea[], inet), audit.break_glass_open(text, uuid, text, inet),
  audit.break_glass_end(text, uuid, inet), audit.my_break_glass(text, uuid), audit.my_break_glass_entries(text, uuid),
  audit.break_glass_review(text, uuid, text, uuid, text, inet), audit.break_glass_answer(text, uuid, uuid, text, text, inet),
  audit.incident_open(text, uuid, text, uuid, uuid, uuid, uuid, text, inet), audit.incident_write(text, uuid, text, jsonb, uuid, text, inet),
  audit.admit_oversight(text, uuid, text, jsonb, inet), audit.read_break_glass(uuid), audit.read_break_glass_entries(uuid), audit.read_break_glass_rows(uuid),
  audit.read_incidents(uuid), audit.read_incident_entries(uuid), audit.break_glass_waiting(text) TO vigil_app;
GRANT EXECUTE ON FUNCTION audit.break_glass_sweep() TO vigil_worker;
RESET ROLE;
SET LOCAL ROLE audit_owner;
REVOKE CREATE ON SCHEMA audit FROM audit_gate;
RESET ROLE;

-- ── A nurse's further class of notes ─────────────────────────────────────────────────────────────────────────────
-- As before, and: mental-health and substance-use notes (42 CFR 2.51) of a patient whose notes were opened by a SCOPE lease.
-- Psychotherapy notes stay with their author.
SET LOCAL ROLE phi_owner;
ALTER POLICY class_nurse ON phi.note USING (
  (class = 'clinical' OR class IN ('mental-health', 'substance-use') AND status <> 'draft' AND patient_id = ANY ((SELECT audit.admitted_in_scope('phi_nurse', 'sensitive-notes'))::uuid[]))
  AND (status <> 'draft' OR author_id = (SELECT audit.actor())));
ALTER POLICY class_nurse ON phi.note_version USING (
  (class = 'clinical' OR class IN ('mental-health', 'substance-use') AND status <> 'draft' AND patient_id = ANY ((SELECT audit.admitted_in_scope('phi_nurse', 'sensitive-notes'))::uuid[]))
  AND (status <> 'draft' OR author_id = (SELECT audit.actor())));
RESET ROLE;
