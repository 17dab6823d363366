-- Destroying one patient's record by destroying its keys: asked for by one person, confirmed by another, never under a
-- legal hold, and carried out in steps that a process which died in the middle can go on with. Patients stand here by
-- their opaque ids, as in the trail.
SET LOCAL ROLE audit_owner;

-- ── Legal holds ──────────────────────────────────────────────────────────────────────────────────────────────────
-- A record that must be kept (45 CFR 164.316(b), a court's order, a running claim): several holds may stand on it, and
-- it is free when all were released. Rows stay.
CREATE TABLE audit.legal_hold (
  hold_id uuid PRIMARY KEY DEFAULT gen_random_uuid(),
  patient_id uuid NOT NULL,
  reason text NOT NULL CHECK (length(btrim(reason)) BETWEEN 10 AND 500),
  placed_at timestamptz NOT NULL,
  placed_by uuid NOT NULL,
  released_at timestamptz,
  released_by uuid,
  release_reason text CHECK (length(btrim(release_reason)) BETWEEN 10 AND 500),
  CHECK (num_nulls(released_at, released_by, release_reason) IN (0, 3))
);
CREATE INDEX ON audit.legal_hold (patient_id) WHERE released_at IS NULL;

-- ── Requests ─────────────────────────────────────────────────────────────────────────────────────────────────────
CREATE TABLE audit.shred_request (
  request_id uuid PRIMARY KEY DEFAULT gen_random_uuid(),
  patient_id uuid NOT NULL,
  reason text NOT NULL CHECK (length(btrim(reason)) BETWEEN 10 AND 500),
  state text NOT NULL DEFAULT 'requested'
    CHECK (state IN ('requested', 'confirmed', 'started', 'keys-destroyed', 'tokens-removed', 'done', 'cancelled', 'expired')),
  requested_at timestamptz NOT NULL,
  requested_by uuid NOT NULL,
  expires_at timestamptz NOT NULL,
  confirmed_at timestamptz,
  confirmed_by uuid,
  started_at timestamptz,
  keys_destroyed_at timestamptz,
  tokens_removed_at timestamptz,
  done_at timestamptz,
  ended_at timestamptz,
  ended_by uuid,
  -- Two persons, whatever a function says.
  CHECK (confirmed_by <> requested_by),
  CHECK ((confirmed_at IS NULL) = (confirmed_by IS NULL)),
  CHECK (state NOT IN ('started', 'keys-destroyed', 'tokens-removed', 'done') OR confirmed_by IS NOT NULL AND started_at IS NOT NULL),
  CHECK ((state = 'done') = (done_at IS NOT NULL))
);
-- One that is under way, or was carried out, is the only one of its patient.
CREATE UNIQUE INDEX shred_request_one_open ON audit.shred_request (patient_id) WHERE state NOT IN ('cancelled', 'expired');

-- Records whose keys are destroyed, or are being destroyed just now: what the door asks. Beside the requests, because a
-- restored database may be older than the destruction; the key store then says so (npm start, vigil keys shred --resume).
-- A mark without a request stands on the word of that job alone. It closes the record, and nothing more: no key is destroyed for
-- it, two persons can take it back when the key store does not bear it out, and two persons can make it a destruction.
CREATE TABLE audit.destroyed_record (
  patient_id uuid PRIMARY KEY,
  destroyed_at timestamptz NOT NULL,
  request_id uuid REFERENCES audit.shred_request (request_id)
);
CREATE FUNCTION audit.guard_destroyed_record() RETURNS trigger LANGUAGE plpgsql SET search_path = pg_catalog, pg_temp AS $$
BEGIN
  IF OLD.request_id IS NOT NULL
     OR TG_OP = 'UPDATE' AND (NEW.request_id IS NULL OR (NEW.patient_id, NEW.destroyed_at) IS DISTINCT FROM (OLD.patient_id, OLD.destroyed_at)) THEN
    RAISE EXCEPTION 'what two persons destroyed stays written down' USING ERRCODE = '42501';
  END IF;
  RETURN CASE TG_OP WHEN 'UPDATE' THEN NEW ELSE OLD END;
END
$$;
CREATE TRIGGER guard_destroyed_record BEFORE UPDATE OR DELETE ON audit.destroyed_record FOR EACH ROW EXECUTE FUNCTION audit.guard_destroyed_record();
CREATE TRIGGER append_only_truncate BEFORE TRUNCATE ON audit.destroyed_record FOR EACH STATEMENT EXECUTE FUNCTION audit.refuse_change();

-- The steps follow each other, and what was written down stays as it was, for the owner too.
CREATE FUNCTION audit.guard_shred_request() RETURNS trigger LANGUAGE plpgsql SET search_path = pg_catalog, pg_temp AS $$
BEGIN
  IF TG_OP <> 'UPDATE' OR (NEW.request_id, NEW.patient_id, NEW.reason, NEW.requested_at, NEW.requested_by, NEW.expires_at)
       IS DISTINCT FROM (OLD.request_id, OLD.patient_id, OLD.reason, OLD.requested_at, OLD.requested_by, OLD.expires_at)
     OR OLD.confirmed_by IS NOT NULL AND (NEW.confirmed_by, NEW.confirmed_at) IS DISTINCT FROM (OLD.confirmed_by, OLD.confirmed_at)
     OR NOT ((OLD.state, NEW.state) IN (('requested', 'confirmed'), ('requested', 'cancelled'), ('requested', 'expired'),
       ('confirmed', 'cancelled'), ('confirmed', 'started'), ('started', 'keys-destroyed'), ('keys-destroyed', 'tokens-removed'),
       ('tokens-removed', 'done'))) THEN
    RAISE EXCEPTION 'this is no step of a destruction' USING ERRCODE = '42501';
  END IF;
  RETURN NEW;
END
$$;
CREATE TRIGGER guard_shred_request BEFORE UPDATE OR DELETE ON audit.shred_request FOR EACH ROW EXECUTE FUNCTION audit.guard_shred_request();
CREATE TRIGGER guard_shred_request_truncate BEFORE TRUNCATE ON audit.shred_request FOR EACH STATEMENT EXECUTE FUNCTION audit.guard_shred_request();

CREATE FUNCTION audit.guard_legal_hold() RETURNS trigger LANGUAGE plpgsql SET search_path = pg_catalog, pg_temp AS $$
BEGIN
  IF TG_OP <> 'UPDATE' OR OLD.released_at IS NOT NULL OR (NEW.hold_id, NEW.patient_id, NEW.reason, NEW.placed_at, NEW.placed_by)
       IS DISTINCT FROM (OLD.hold_id, OLD.patient_id, OLD.reason, OLD.placed_at, OLD.placed_by) THEN
    RAISE EXCEPTION 'a hold is released once, and stays written down' USING ERRCODE = '42501';
  END IF;
  RETURN NEW;
END
$$;
CREATE TRIGGER guard_legal_hold BEFORE UPDATE OR DELETE ON audit.legal_hold FOR EACH ROW EXECUTE FUNCTION audit.guard_legal_hold();
CREATE TRIGGER guard_legal_hold_truncate BEFORE TRUNCATE ON audit.legal_hold FOR EACH STATEMENT EXECUTE FUNCTION audit.guard_legal_hold();

-- Functions of the gate alone write here.
GRANT SELECT, INSERT ON audit.legal_hold, audit.shred_request, audit.destroyed_record TO audit_gate;
GRANT UPDATE (request_id), DELETE ON audit.destroyed_record TO audit_gate;
GRANT UPDATE (released_at, released_by, release_reason) ON audit.legal_hold TO audit_gate;
GRANT UPDATE (state, confirmed_at, confirmed_by, started_at, keys_destroyed_at, tokens_removed_at, done_at, ended_at, ended_by)
  ON audit.shred_request TO audit_gate;
GRANT SELECT ON audit.legal_hold, audit.shred_request, audit.destroyed_record TO audit_reader;
GRANT CREATE ON SCHEMA audit TO audit_gate;
RESET ROLE;
SET LOCAL ROLE audit_gate;

-- Those of the patients whose record is destroyed, or is being destroyed just now.
CREATE FUNCTION audit.destroyed(p_patients uuid[]) RETURNS uuid[]
LANGUAGE sql STABLE SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS $$
  SELECT coalesce(array_agg(d.patient_id), '{}') FROM audit.destroyed_record d WHERE d.patient_id = ANY (p_patients)
$$;

-- Why a person may not take part in a destruction; null when they may. Administrators and compliance officers, whose
-- one-time code is no older than five minutes.
CREATE FUNCTION audit.shred_refusal(v app.session_standing) RETURNS text
LANGUAGE sql IMMUTABLE SET search_path = pg_catalog, pg_temp AS $$
  SELECT CASE
    WHEN v.state = 'unknown' THEN 'no-session'
    WHEN v.state <> 'active' THEN 'session-' || v.state
    WHEN v.role NOT IN ('admin', 'compliance') THEN 'not-allowed'
    WHEN NOT app.is_fresh(v) THEN 'code-too-old' END
$$;

-- Writes down that a step was refused.
CREATE FUNCTION audit.note_shred_refusal(v app.session_standing, p_step text, p_detail jsonb, p_reason text, p_client_ip inet) RETURNS void
LANGUAGE sql VOLATILE SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS $$
  SELECT audit.record_event('KEY_SHRED_REFUSED', v.account_id, v.role, v.session_id, NULL,
    jsonb_build_object('step', p_step, 'reason', p_reason) || p_detail, 'REFUSED', p_client_ip)
$$;

-- One after the other for each patient: a hold and a destruction never miss each other.
CREATE FUNCTION audit.lock_retention(p_patient uuid) RETURNS void
LANGUAGE sql VOLATILE SET search_path = pg_catalog, pg_temp AS $$
  SELECT pg_advisory_xact_lock(audit.lock_key('retention', p_patient))
$$;

CREATE FUNCTION audit.is_held(p_patient uuid) RETURNS boolean
LANGUAGE sql STABLE SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS $$
  SELECT EXISTS (SELECT FROM audit.legal_hold h WHERE h.patient_id = p_patient AND h.released_at IS NULL)
$$;

-- Step 1: a person asks. Valid for 24 hours.
CREATE FUNCTION audit.shred_ask(p_token text, p_patient uuid, p_reason text, p_client_ip inet) RETURNS TABLE (request_id uuid, refusal text)
LANGUAGE plpgsql VOLATILE SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS $$
DECLARE
  v app.session_standing := app.session_touch(p_token);
BEGIN
  PERFORM audit.require_durable_commit();
  PERFORM audit.lock_retention(p_patient);
  UPDATE audit.shred_request s SET state = 'expired', ended_at = v.db_now
   WHERE s.patient_id = p_patient AND s.state = 'requested' AND s.expires_at <= v.db_now;
  refusal := coalesce(audit.shred_refusal(v), CASE
    WHEN length(btrim(coalesce(p_reason, ''))) NOT BETWEEN 10 AND 500 THEN 'reason-missing'
    WHEN NOT EXISTS (SELECT FROM phi.patient p WHERE p.id = p_patient) THEN 'no-such-patient'
    WHEN EXISTS (SELECT FROM audit.destroyed_record d WHERE d.patient_id = p_patient AND d.request_id IS NOT NULL) THEN 'destroyed-already'
    WHEN EXISTS (SELECT FROM audit.shred_request s WHERE s.patient_id = p_patient AND s.state IN ('requested', 'confirmed')) THEN 'asked-already'
    WHEN audit.is_held(p_patient) THEN 'legal-hold' END);
  IF refusal IS NOT NULL THEN
    PERFORM audit.note_shred_refusal(v, 'request', jsonb_build_object('patient_id', p_patient), refusal, p_client_ip);
    RETURN NEXT; RETURN;
  END IF;
  INSERT INTO audit.shred_request (patient_id, reason, requested_at, requested_by, expires_at)
  VALUES (p_patient, btrim(p_reason), v.db_now, v.account_id, v.db_now + interval '24 hours') RETURNING shred_request.request_id INTO request_id;
  PERFORM audit.record_event('KEY_SHRED_REQUESTED', v.account_id, v.role, v.session_id, NULL,
    jsonb_build_object('request', request_id, 'patient_id', p_patient, 'reason', btrim(p_reason)), 'DONE', p_client_ip);
  RETURN NEXT;
END
$$;

-- Step 2: another person confirms. From here on the destruction is meant, and whoever finds it unfinished finishes it.
CREATE FUNCTION audit.shred_confirm(p_token text, p_request uuid, p_client_ip inet) RETURNS text
LANGUAGE plpgsql VOLATILE SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS $$
DECLARE
  v app.session_standing := app.session_touch(p_token);
  r audit.shred_request;
  v_refusal text;
BEGIN
  PERFORM audit.require_durable_commit();
  SELECT s.* INTO r FROM audit.shred_request s WHERE s.request_id = p_request;
  PERFORM audit.lock_retention(coalesce(r.patient_id, p_request));
  SELECT s.* INTO r FROM audit.shred_request s WHERE s.request_id = p_request FOR UPDATE;
  v_refusal := coalesce(audit.shred_refusal(v), CASE
    WHEN r.request_id IS NULL THEN 'no-such-request'
    WHEN r.requested_by = v.account_id THEN 'same-person'
    WHEN r.state <> 'requested' THEN 'not-open'
    WHEN r.expires_at <= v.db_now THEN 'expired'
    WHEN audit.is_held(r.patient_id) THEN 'legal-hold' END);
  IF v_refusal IS NOT NULL THEN
    PERFORM audit.note_shred_refusal(v, 'confirmation', jsonb_build_object('request', p_request), v_refusal, p_client_ip);
    RETURN v_refusal;
  END IF;
  UPDATE audit.shred_request s SET state = 'confirmed', confirmed_at = v.db_now, confirmed_by = v.account_id WHERE s.request_id = p_request;
  PERFORM audit.record_event('KEY_SHRED_CONFIRMED', v.account_id, v.role, v.session_id, r.requested_by,
    jsonb_build_object('request', p_request, 'patient_id', r.patient_id), 'DONE', p_client_ip);
  RETURN NULL;
END
$$;

-- Takes a request back, as long as no key was touched. One person is enough to keep a record.
CREATE FUNCTION audit.shred_cancel(p_token text, p_request uuid, p_client_ip inet) RETURNS text
LANGUAGE plpgsql VOLATILE SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS $$
DECLARE
  v app.session_standing := app.session_touch(p_token);
  r audit.shred_request;
  v_refusal text;
BEGIN
  SELECT s.* INTO r FROM audit.shred_request s WHERE s.request_id = p_request;
  PERFORM audit.lock_retention(coalesce(r.patient_id, p_request));
  SELECT s.* INTO r FROM audit.shred_request s WHERE s.request_id = p_request FOR UPDATE;
  v_refusal := coalesce(audit.shred_refusal(v), CASE
    WHEN r.request_id IS NULL THEN 'no-such-request'
    WHEN r.state NOT IN ('requested', 'confirmed') THEN 'not-open' END);
  IF v_refusal IS NOT NULL THEN
    PERFORM audit.note_shred_refusal(v, 'cancellation', jsonb_build_object('request', p_request), v_refusal, p_client_ip);
    RETURN v_refusal;
  END IF;
  UPDATE audit.shred_request s SET state = 'cancelled', ended_at = v.db_now, ended_by = v.account_id WHERE s.request_id = p_request;
  PERFORM audit.record_event('KEY_SHRED_CANCELLED', v.account_id, v.role, v.session_id, NULL,
    jsonb_build_object('request', p_request, 'patient_id', r.patient_id), 'DONE', p_client_ip);
  RETURN NULL;
END
$$;

-- Step 3: the job begins, or goes on. Nobody is admitted to the record from here on.
CREATE FUNCTION audit.shred_start(p_token text, p_request uuid) RETURNS TABLE (patient_id uuid, state text, refusal text)
LANGUAGE plpgsql VOLATILE SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS $$
DECLARE
  v app.session_standing := app.session_touch(p_token);
  r audit.shred_request;
BEGIN
  PERFORM audit.require_durable_commit();
  IF NOT app.is_job(v, 'key-shredding') THEN
    RAISE EXCEPTION 'only the job for it may carry out a destruction' USING ERRCODE = '42501';
  END IF;
  SELECT s.* INTO r FROM audit.shred_request s WHERE s.request_id = p_request;
  PERFORM audit.lock_retention(coalesce(r.patient_id, p_request));
  SELECT s.* INTO r FROM audit.shred_request s WHERE s.request_id = p_request FOR UPDATE;
  patient_id := r.patient_id;
  state := r.state;
  IF r.state = 'confirmed' THEN
    IF audit.is_held(r.patient_id) THEN
      refusal := 'legal-hold';
      PERFORM audit.note_shred_refusal(v, 'start', jsonb_build_object('request', p_request), refusal, NULL);
      RETURN NEXT; RETURN;
    END IF;
    UPDATE audit.shred_request s SET state = 'started', started_at = v.db_now WHERE s.request_id = p_request;
    state := 'started';
    INSERT INTO audit.destroyed_record (patient_id, destroyed_at, request_id) VALUES (r.patient_id, v.db_now, p_request)
      ON CONFLICT ON CONSTRAINT destroyed_record_pkey DO UPDATE SET request_id = EXCLUDED.request_id;
    PERFORM audit.record_event('KEY_SHRED_STARTED', v.account_id, v.role, v.session_id, NULL,
      jsonb_build_object('request', p_request, 'patient_id', r.patient_id), 'DONE', NULL);
  ELSIF r.state IS NULL OR r.state NOT IN ('started', 'keys-destroyed', 'tokens-removed', 'done') THEN
    refusal := CASE WHEN r.state IS NULL THEN 'no-such-request' ELSE 'not-confirmed' END;
  END IF;
  RETURN NEXT;
END
$$;

-- Step 4, 5, 6: one step was carried out. False when another process was first.
CREATE FUNCTION audit.shred_advance(p_token text, p_request uuid, p_state text, p_detail jsonb) RETURNS boolean
LANGUAGE plpgsql VOLATILE SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS $$
DECLARE
  v app.session_standing := app.session_touch(p_token);
  r audit.shred_request;
BEGIN
  PERFORM audit.require_durable_commit();
  IF NOT app.is_job(v, 'key-shredding') THEN
    RAISE EXCEPTION 'only the job for it may carry out a destruction' USING ERRCODE = '42501';
  END IF;
  IF length(p_detail::text) > 1000 THEN
    RAISE EXCEPTION 'this is more than an event holds' USING ERRCODE = '22023';
  END IF;
  UPDATE audit.shred_request s SET state = p_state,
    keys_destroyed_at = CASE WHEN p_state = 'keys-destroyed' THEN v.db_now ELSE s.keys_destroyed_at END,
    tokens_removed_at = CASE WHEN p_state = 'tokens-removed' THEN v.db_now ELSE s.tokens_removed_at END,
    done_at = CASE WHEN p_state = 'done' THEN v.db_now END
   WHERE s.request_id = p_request
     AND (s.state, p_state) IN (('started', 'keys-destroyed'), ('keys-destroyed', 'tokens-removed'), ('tokens-removed', 'done'))
  RETURNING s.* INTO r;
  IF r.request_id IS NULL THEN RETURN false; END IF;
  IF p_state = 'done' THEN
    PERFORM audit.record_event('KEY_SHRED_COMPLETED', v.account_id, v.role, v.session_id, NULL,
      jsonb_build_object('request', p_request, 'patient_id', r.patient_id) || coalesce(p_detail, '{}'), 'DONE', NULL);
  END IF;
  RETURN true;
END
$$;

-- After a restore: the key store says that this patient's keys are destroyed, and this database does not know yet. True
-- when it was written down now; never of a patient whose record is kept by a hold.
CREATE FUNCTION audit.shred_reapply(p_token text, p_patient uuid, p_destroyed_at timestamptz) RETURNS boolean
LANGUAGE plpgsql VOLATILE SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS $$
DECLARE
  v app.session_standing := app.session_touch(p_token);
BEGIN
  PERFORM audit.require_durable_commit();
  IF NOT app.is_job(v, 'key-shredding') THEN
    RAISE EXCEPTION 'only the job for it may carry out a destruction' USING ERRCODE = '42501';
  END IF;
  PERFORM audit.lock_retention(p_patient);
  IF NOT EXISTS (SELECT FROM phi.patient p WHERE p.id = p_patient) THEN RETURN false; END IF;
  IF audit.is_held(p_patient) THEN
    PERFORM audit.note_shred_refusal(v, 'mark', jsonb_build_object('patient_id', p_patient), 'legal-hold', NULL);
    RETURN false;
  END IF;
  INSERT INTO audit.destroyed_record (patient_id, destroyed_at) VALUES (p_patient, p_destroyed_at) ON CONFLICT DO NOTHING;
  IF NOT FOUND THEN RETURN false; END IF;
  PERFORM audit.record_event('KEY_SHRED_REAPPLIED', v.account_id, v.role, v.session_id, NULL,
    jsonb_build_object('patient_id', p_patient, 'destroyed_at', p_destroyed_at), 'DONE', NULL);
  RETURN true;
END
$$;

-- Takes a mark back that nobody asked for: two persons, each with a fresh code. Not one that stands for a destruction.
CREATE FUNCTION audit.shred_unmark(p_token text, p_second_token text, p_patient uuid, p_client_ip inet) RETURNS text
LANGUAGE plpgsql VOLATILE SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS $$
DECLARE
  v app.session_standing := app.session_touch(p_token);
  w app.session_standing := app.session_touch(p_second_token);
  d audit.destroyed_record;
  v_refusal text;
BEGIN
  PERFORM audit.require_durable_commit();
  PERFORM audit.lock_retention(p_patient);
  SELECT r.* INTO d FROM audit.destroyed_record r WHERE r.patient_id = p_patient FOR UPDATE;
  v_refusal := coalesce(audit.shred_refusal(v), audit.shred_refusal(w), CASE
    WHEN v.account_id = w.account_id THEN 'same-person'
    WHEN d.patient_id IS NULL THEN 'not-marked'
    WHEN d.request_id IS NOT NULL THEN 'destroyed-already' END);
  IF v_refusal IS NOT NULL THEN
    PERFORM audit.note_shred_refusal(v, 'unmark', jsonb_build_object('patient_id', p_patient), v_refusal, p_client_ip);
    RETURN v_refusal;
  END IF;
  DELETE FROM audit.destroyed_record r WHERE r.patient_id = p_patient AND r.request_id IS NULL;
  PERFORM audit.record_event('KEY_SHRED_UNMARKED', v.account_id, v.role, v.session_id, w.account_id,
    jsonb_build_object('patient_id', p_patient, 'destroyed_at', d.destroyed_at), 'DONE', p_client_ip);
  RETURN NULL;
END
$$;

-- Where this database and the key store disagree, given the patients whose keys are destroyed there; ids of patients, and of
-- requests for the last two.
CREATE FUNCTION audit.shred_standing(p_token text, p_destroyed uuid[]) RETURNS TABLE (standing text, id uuid)
LANGUAGE plpgsql VOLATILE SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS $$
DECLARE
  v app.session_standing := app.session_touch(p_token);
BEGIN
  IF NOT app.is_job(v, 'key-shredding') THEN
    RAISE EXCEPTION 'only the job for it may ask what was destroyed' USING ERRCODE = '42501';
  END IF;
  RETURN QUERY
  SELECT CASE WHEN audit.is_held(p.id) THEN 'held' ELSE 'unmarked' END, p.id FROM phi.patient p
   WHERE p.id = ANY (p_destroyed) AND NOT EXISTS (SELECT FROM audit.destroyed_record d WHERE d.patient_id = p.id)
  UNION ALL
  SELECT CASE WHEN d.request_id IS NULL THEN 'unasked' ELSE 'asked' END, d.patient_id FROM audit.destroyed_record d
   WHERE NOT EXISTS (SELECT FROM unnest(p_destroyed) u WHERE u = d.patient_id)
  UNION ALL
  SELECT CASE s.state WHEN 'confirmed' THEN 'confirmed' ELSE 'begun' END, s.request_id FROM audit.shred_request s
   WHERE s.state IN ('confirmed', 'started', 'keys-destroyed', 'tokens-removed');
END
$$;

-- Every patient whose record two persons destroyed, for the job that destroys a key again which a restored key store
-- brought back. Marks that audit.shred_reapply made are none of them: no key is destroyed on a job's word alone.
CREATE FUNCTION audit.destroyed_all(p_token text) RETURNS SETOF uuid
LANGUAGE plpgsql VOLATILE SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS $$
DECLARE
  v app.session_standing := app.session_touch(p_token);
BEGIN
  IF NOT app.is_job(v, 'key-shredding') THEN
    RAISE EXCEPTION 'only the job for it may carry out a destruction' USING ERRCODE = '42501';
  END IF;
  RETURN QUERY SELECT d.patient_id FROM audit.destroyed_record d WHERE d.request_id IS NOT NULL ORDER BY d.patient_id;
END
$$;

-- Requests, newest first, for those who may take part in one, and for the operator.
CREATE FUNCTION audit.shred_list(p_token text, p_is_open boolean)
RETURNS TABLE (request_id uuid, patient_id uuid, reason text, state text, requested_at timestamptz, requested_by text, expires_at timestamptz,
  confirmed_at timestamptz, confirmed_by text, done_at timestamptz, is_held boolean)
LANGUAGE plpgsql VOLATILE SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS $$
DECLARE
  v app.session_standing := app.session_touch(p_token);
BEGIN
  IF v.state <> 'active' OR v.role NOT IN ('admin', 'compliance') AND NOT app.is_job(v, 'key-shredding') THEN RETURN; END IF;
  RETURN QUERY
    SELECT s.request_id, s.patient_id, s.reason,
           CASE WHEN s.state = 'requested' AND s.expires_at <= v.db_now THEN 'expired' ELSE s.state END,
           s.requested_at, a.display_name, s.expires_at, s.confirmed_at, c.display_name, s.done_at, audit.is_held(s.patient_id)
      FROM audit.shred_request s LEFT JOIN app.account a ON a.id = s.requested_by LEFT JOIN app.account c ON c.id = s.confirmed_by
     WHERE NOT p_is_open OR s.state IN ('confirmed', 'started', 'keys-destroyed', 'tokens-removed') OR s.state = 'requested' AND s.expires_at > v.db_now
     ORDER BY s.requested_at DESC LIMIT 200;
END
$$;

-- When a record was destroyed, for those whom its absence concerns: the patient, proxies, those in care of the patient,
-- and billing. Null for everybody else.
CREATE FUNCTION audit.destroyed_on(p_token text, p_patient uuid) RETURNS timestamptz
LANGUAGE plpgsql VOLATILE SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS $$
DECLARE
  v app.session_standing := app.session_touch(p_token);
  v_concerned boolean;
BEGIN
  IF v.state <> 'active' THEN RETURN NULL; END IF;
  v_concerned := CASE
    WHEN v.role IN ('patient', 'proxy') THEN EXISTS (SELECT FROM phi.record_grant g WHERE g.account_id = v.account_id AND g.patient_id = p_patient
      AND g.starts_at <= v.db_now AND (g.ends_at IS NULL OR g.ends_at > v.db_now))
    WHEN v.role IN ('nurse', 'clinician') THEN audit.relation_between(v.account_id, p_patient, ARRAY['care'], '') IS NOT NULL
    ELSE v.role = 'billing' END;
  IF NOT v_concerned THEN RETURN NULL; END IF;
  RETURN (SELECT d.destroyed_at FROM audit.destroyed_record d WHERE d.patient_id = p_patient);
END
$$;

-- Places a hold: a compliance officer with a fresh code, or the operator on the server. Refused once destruction began.
CREATE FUNCTION audit.hold_place(p_token text, p_patient uuid, p_reason text, p_client_ip inet) RETURNS TABLE (hold_id uuid, refusal text)
LANGUAGE plpgsql VOLATILE SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS $$
DECLARE
  v app.session_standing := app.session_touch(p_token);
BEGIN
  PERFORM audit.require_durable_commit();
  PERFORM audit.lock_retention(p_patient);
  refusal := CASE
    WHEN v.state <> 'active' THEN 'no-session'
    WHEN v.role <> 'compliance' AND NOT app.is_job(v, 'people') THEN 'not-allowed'
    WHEN v.role <> 'service' AND NOT app.is_fresh(v) THEN 'code-too-old'
    WHEN length(btrim(coalesce(p_reason, ''))) NOT BETWEEN 10 AND 500 THEN 'reason-missing'
    WHEN NOT EXISTS (SELECT FROM phi.patient p WHERE p.id = p_patient) THEN 'no-such-patient'
    WHEN p_patient = ANY (audit.destroyed(ARRAY[p_patient])) THEN 'destroyed-already' END;
  IF refusal IS NOT NULL THEN RETURN NEXT; RETURN; END IF;
  INSERT INTO audit.legal_hold (patient_id, reason, placed_at, placed_by) VALUES (p_patient, btrim(p_reason), v.db_now, v.account_id)
    RETURNING legal_hold.hold_id INTO hold_id;
  PERFORM audit.record_event('LEGAL_HOLD_PLACED', v.account_id, v.role, v.session_id, NULL,
    jsonb_build_object('hold', hold_id, 'patient_id', p_patient, 'reason', btrim(p_reason)), 'DONE', p_client_ip);
  RETURN NEXT;
END
$$;

-- Releases a hold, with its reason.
CREATE FUNCTION audit.hold_release(p_token text, p_hold uuid, p_reason text, p_client_ip inet) RETURNS text
LANGUAGE plpgsql VOLATILE SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS $$
DECLARE
  v app.session_standing := app.session_touch(p_token);
  h audit.legal_hold;
  v_refusal text;
BEGIN
  PERFORM audit.require_durable_commit();
  SELECT l.* INTO h FROM audit.legal_hold l WHERE l.hold_id = p_hold FOR UPDATE;
  v_refusal := CASE
    WHEN v.state <> 'active' THEN 'no-session'
    WHEN v.role <> 'compliance' AND NOT app.is_job(v, 'people') THEN 'not-allowed'
    WHEN v.role <> 'service' AND NOT app.is_fresh(v) THEN 'code-too-old'
    WHEN length(btrim(coalesce(p_reason, ''))) NOT BETWEEN 10 AND 500 THEN 'reason-missing'
    WHEN h.hold_id IS NULL THEN 'no-such-hold'
    WHEN h.released_at IS NOT NULL THEN 'released-already' END;
  IF v_refusal IS NOT NULL THEN RETURN v_refusal; END IF;
  UPDATE audit.legal_hold l SET released_at = v.db_now, released_by = v.account_id, release_reason = btrim(p_reason) WHERE l.hold_id = p_hold;
  PERFORM audit.record_event('LEGAL_HOLD_RELEASED', v.account_id, v.role, v.session_id, NULL,
    jsonb_build_object('hold', p_hold, 'patient_id', h.patient_id, 'reason', btrim(p_reason)), 'DONE', p_client_ip);
  RETURN NULL;
END
$$;

CREATE FUNCTION audit.hold_list(p_token text, p_all boolean)
RETURNS TABLE (hold_id uuid, patient_id uuid, reason text, placed_at timestamptz, placed_by text, released_at timestamptz, released_by text, release_reason text)
LANGUAGE plpgsql VOLATILE SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS $$
DECLARE
  v app.session_standing := app.session_touch(p_token);
BEGIN
  IF v.state <> 'active' OR v.role <> 'compliance' AND NOT app.is_job(v, 'people') THEN RETURN; END IF;
  RETURN QUERY
    SELECT h.hold_id, h.patient_id, h.reason, h.placed_at, p.display_name, h.released_at, r.display_name, h.release_reason
      FROM audit.legal_hold h LEFT JOIN app.account p ON p.id = h.placed_by LEFT JOIN app.account r ON r.id = h.released_by
     WHERE p_all OR h.released_at IS NULL ORDER BY h.placed_at DESC LIMIT 500;
END
$$;

GRANT EXECUTE ON FUNCTION audit.shred_ask(text, uuid, text, inet), audit.shred_confirm(text, uuid, inet), audit.shred_cancel(text, uuid, inet),
  audit.shred_list(text, boolean), audit.shred_unmark(text, text, uuid, inet), audit.destroyed_on(text, uuid), audit.hold_place(text, uuid, text, inet),
  audit.hold_release(text, uuid, text, inet), audit.hold_list(text, boolean) TO vigil_app;
GRANT EXECUTE ON FUNCTION audit.destroyed(uuid[]), audit.destroyed_all(text), audit.shred_start(text, uuid), audit.shred_advance(text, uuid, text, jsonb), audit.shred_reapply(text, uuid, timestamptz),
  audit.shred_list(text, boolean), audit.shred_standing(text, uuid[]),
  audit.hold_place(text, uuid, text, inet), audit.hold_release(text, uuid, text, inet), audit.hold_list(text, boolean) TO vigil_worker;

-- ── The door does not open what was destroyed ────────────────────────────────────────────────────────────────────
-- As before, and: a destroyed record is refused with a reason of its own, before a key is asked for.
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
      CASE WHEN v_relation IS NOT NULL THEN p_reason ELSE coalesce(v_reason, 'no-relation') END,
      v_relation, p_client_ip);
  END LOOP;
  IF cardinality(admitted) = 0 THEN denied_reason := coalesce(v_reason, 'no-relation'); END IF;
  RETURN NEXT;
END
$$;

-- As before, and: a destroyed record is not found, also while its tokens are being removed.
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
   WHERE audit.relation_between(v.account_id, c.patient_id, v_rule.relations, v_part) IS NOT NULL
     AND NOT EXISTS (SELECT FROM audit.destroyed_record d WHERE d.patient_id = c.patient_id);
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

-- As before, without destroyed records.
CREATE OR REPLACE FUNCTION audit.my_patients(p_token text, p_limit integer, p_after_attention timestamptz DEFAULT NULL, p_after_id uuid DEFAULT NULL)
RETURNS TABLE (patient_id uuid, attention_at timestamptz)
LANGUAGE plpgsql VOLATILE SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS $$
DECLARE
  v app.session_standing := app.session_touch(p_token);
  v_now timestamptz := app.now();
BEGIN
  IF v.state <> 'active' OR v.role NOT IN ('nurse', 'clinician') THEN RETURN; END IF;
  RETURN QUERY
    SELECT p.id, p.attention_at::timestamptz FROM phi.patient p
     WHERE NOT EXISTS (SELECT FROM audit.destroyed_record d WHERE d.patient_id = p.id)
       AND p.id IN (SELECT r.patient_id FROM phi.care_relationship r
                     WHERE r.starts_at <= v_now AND (r.ends_at IS NULL OR r.ends_at > v_now)
                       AND (r.account_id = v.account_id OR r.care_team_id IN (
                         SELECT m.care_team_id FROM app.care_team_member m
                          WHERE m.account_id = v.account_id AND m.starts_at <= v_now AND (m.ends_at IS NULL OR m.ends_at > v_now))))
       AND (p_after_id IS NULL
         OR (coalesce(p.attention_at, '-infinity'), p.id) < (coalesce(p_after_attention, '-infinity'), p_after_id))
     ORDER BY coalesce(p.attention_at, '-infinity') DESC, p.id DESC LIMIT least(greatest(p_limit, 1), 51);
END
$$;

-- As before, without destroyed records; whoever has no other is told of the one that was.
CREATE OR REPLACE FUNCTION audit.my_records(p_token text) RETURNS TABLE (patient_id uuid, kind text, parts text[])
LANGUAGE plpgsql VOLATILE SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS $$
DECLARE
  v app.session_standing := app.session_touch(p_token);
  v_now timestamptz := app.now();
BEGIN
  IF v.state <> 'active' OR v.role NOT IN ('patient', 'proxy') THEN RETURN; END IF;
  RETURN QUERY SELECT g.patient_id, g.kind, g.parts FROM phi.record_grant g
    WHERE g.account_id = v.account_id AND g.starts_at <= v_now AND (g.ends_at IS NULL OR g.ends_at > v_now)
      AND NOT EXISTS (SELECT FROM audit.destroyed_record d WHERE d.patient_id = g.patient_id)
    ORDER BY (g.kind = 'self') DESC, g.patient_id LIMIT 20;
  IF FOUND THEN RETURN; END IF;
  RETURN QUERY SELECT g.patient_id, g.kind, g.parts FROM phi.record_grant g
    WHERE g.account_id = v.account_id AND g.starts_at <= v_now AND (g.ends_at IS NULL OR g.ends_at > v_now)
    ORDER BY (g.kind = 'self') DESC, g.patient_id LIMIT 1;
END
$$;

-- As before, without destroyed records.
CREATE OR REPLACE FUNCTION audit.billing_patients(p_token text, p_limit integer, p_after_at timestamptz DEFAULT NULL, p_after_id uuid DEFAULT NULL)
RETURNS TABLE (patient_id uuid, newest_claim_at timestamptz)
LANGUAGE plpgsql VOLATILE SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS $$
DECLARE
  v app.session_standing := app.session_touch(p_token);
BEGIN
  IF v.state <> 'active' OR v.role <> 'billing' THEN RETURN; END IF;
  RETURN QUERY
    SELECT q.id, q.newest FROM (
      SELECT c.patient_id AS id, coalesce(max(c.submitted_at), '-infinity')::timestamptz AS newest FROM phi.claim c
        WHERE NOT EXISTS (SELECT FROM audit.destroyed_record d WHERE d.patient_id = c.patient_id)
        GROUP BY c.patient_id) q
     WHERE p_after_id IS NULL OR (q.newest, q.id) < (coalesce(p_after_at, '-infinity'), p_after_id)
     ORDER BY q.newest DESC, q.id DESC LIMIT least(greatest(p_limit, 1), 51);
END
$$;
RESET ROLE;
SET LOCAL ROLE audit_owner;
REVOKE CREATE ON SCHEMA audit FROM audit_gate;
RESET ROLE;

-- ── What the job may do ──────────────────────────────────────────────────────────────────────────────────────────
-- It counts rows, and takes tokens away: those of the row, and those that earlier versions of the row were kept with. It
-- sees ciphertexts of earlier versions only, whose keys are gone by then.
SET LOCAL ROLE phi_owner;
DO $$
DECLARE
  t text;
BEGIN
  FOR t IN SELECT c.relname FROM pg_class c WHERE c.relnamespace = 'phi'::regnamespace AND c.relkind = 'r'
             AND c.relname NOT IN ('patient', 'search_token') LOOP
    EXECUTE format('GRANT SELECT (id, patient_id) ON phi.%I TO phi_job_shred', t);
  END LOOP;
END
$$;
GRANT SELECT ("row"), UPDATE ("row") ON phi.row_history TO phi_job_shred;

-- What is written by this job is NULL in the place of a token.
CREATE FUNCTION phi.guard_shredding() RETURNS trigger LANGUAGE plpgsql SET search_path = pg_catalog, pg_temp AS $$
BEGIN
  IF EXISTS (SELECT FROM jsonb_each(to_jsonb(NEW)) n JOIN jsonb_each(to_jsonb(OLD)) o USING (key)
      WHERE n.value IS DISTINCT FROM o.value AND n.value <> 'null') THEN
    RAISE EXCEPTION 'this job takes tokens away, and nothing else' USING ERRCODE = '23514';
  END IF;
  RETURN NEW;
END
$$;
CREATE TRIGGER guard_shredding BEFORE UPDATE ON phi.patient FOR EACH ROW WHEN (current_user = 'phi_job_shred') EXECUTE FUNCTION phi.guard_shredding();
CREATE TRIGGER guard_shredding BEFORE UPDATE ON phi.observation FOR EACH ROW WHEN (current_user = 'phi_job_shred') EXECUTE FUNCTION phi.guard_shredding();

-- As before, and this job too may take tokens out.
CREATE OR REPLACE FUNCTION phi.guard_history() RETURNS trigger LANGUAGE plpgsql SET search_path = pg_catalog, pg_temp AS $$
BEGIN
  IF to_jsonb(NEW) - 'row' IS DISTINCT FROM to_jsonb(OLD) - 'row' THEN
    RAISE EXCEPTION 'an earlier version of a row is not changed' USING ERRCODE = '23514';
  END IF;
  IF current_user IN ('phi_job_reindex', 'phi_job_shred') AND NEW."row" = phi.without_tokens(OLD."row") THEN
    RETURN NEW;
  END IF;
  IF current_user <> 'phi_job_rotate' THEN
    RAISE EXCEPTION 'an earlier version of a row is not changed' USING ERRCODE = '23514';
  END IF;
  PERFORM phi.assert_reencrypted(OLD."row", NEW."row");
  RETURN NEW;
END
$$;
RESET ROLE;
