-- Makes what patients report about accesses, the ledger of disclosures (45 CFR 164.528) and requests for an accounting of it.
--
-- All five tables are a patient's record: their words are ciphertext under the patient's key, every reading and writing goes
-- through the gate. A role of its own, phi_compliance, sees these and nothing else of any record. Whoever is the person that a
-- concern is about does not see it, whatever they may see otherwise: the row policies say so.
SET LOCAL ROLE app_owner;
GRANT EXECUTE ON FUNCTION app.now() TO phi_owner;
RESET ROLE;
SET LOCAL ROLE phi_owner;

-- ── Tables ───────────────────────────────────────────────────────────────────────────────────────────────────────

-- "I don't recognise this": what somebody who may open the record says about one entry of its trail.
CREATE TABLE phi.concern (
  id uuid PRIMARY KEY,
  patient_id uuid NOT NULL REFERENCES phi.patient (id),
  -- the entry of audit.patient_phi_audit_log, and who stands in it: set by trigger, so that nobody names another
  log_id uuid NOT NULL,
  about_account_id uuid,
  reported_by uuid NOT NULL,
  status text NOT NULL DEFAULT 'open',
  reported_at timestamptz(3) NOT NULL,
  due_at timestamptz(3) NOT NULL,
  acknowledged_at timestamptz(3),
  acknowledged_by uuid,
  answered_at timestamptz(3),
  answered_by uuid,
  -- the entry as it was shown to whoever reports it
  entry phi.ciphertext NOT NULL,
  body phi.ciphertext NOT NULL,
  contact phi.ciphertext,
  answer phi.ciphertext,
  version integer NOT NULL DEFAULT 1,
  created_at timestamptz(3) NOT NULL DEFAULT now(),
  created_by uuid NOT NULL DEFAULT audit.actor(),
  updated_at timestamptz(3) NOT NULL DEFAULT now(),
  updated_by uuid NOT NULL DEFAULT audit.actor(),
  UNIQUE (patient_id, id),
  -- told twice, it is still one
  UNIQUE (log_id, reported_by),
  CHECK (status IN ('open', 'acknowledged', 'answered')),
  CHECK ((acknowledged_at IS NULL) = (acknowledged_by IS NULL)),
  CHECK ((status = 'answered') = (answered_at IS NOT NULL) AND (answered_at IS NULL) = (answered_by IS NULL) AND (answered_at IS NULL) = (answer IS NULL)),
  CHECK ((status = 'open') = (acknowledged_at IS NULL)),
  -- nobody answers for themselves
  CHECK (acknowledged_by <> about_account_id),
  CHECK (answered_by <> about_account_id)
);

-- What compliance officers note for each other while they look into a concern; no patient reads it.
CREATE TABLE phi.concern_note (
  id uuid PRIMARY KEY,
  patient_id uuid NOT NULL REFERENCES phi.patient (id),
  concern_id uuid NOT NULL,
  -- as in the concern, by trigger: the row policy asks for it
  about_account_id uuid,
  author_id uuid NOT NULL,
  body phi.ciphertext NOT NULL,
  version integer NOT NULL DEFAULT 1,
  created_at timestamptz(3) NOT NULL DEFAULT now(),
  created_by uuid NOT NULL DEFAULT audit.actor(),
  updated_at timestamptz(3) NOT NULL DEFAULT now(),
  updated_by uuid NOT NULL DEFAULT audit.actor(),
  FOREIGN KEY (patient_id, concern_id) REFERENCES phi.concern (patient_id, id),
  UNIQUE (patient_id, id)
);

-- A disclosure that has to be accounted for: when, to whom, what, why (164.528(b)(2)). The ledger only grows: what was wrong is
-- put right by a row that takes the place of the wrong one, and both stay.
CREATE TABLE phi.disclosure (
  id uuid PRIMARY KEY,
  patient_id uuid NOT NULL REFERENCES phi.patient (id),
  disclosed_at timestamptz(3) NOT NULL,
  -- when it was written down: an accounting is of the ledger as it stood when it was given
  recorded_at timestamptz(3) NOT NULL,
  -- several disclosures to the same recipient for one purpose: the last one, and how many (164.528(b)(3))
  last_disclosed_at timestamptz(3),
  times integer,
  corrects_id uuid,
  -- a correction that says the disclosure never took place
  withdrawn boolean NOT NULL DEFAULT false,
  basis phi.ciphertext NOT NULL,
  recipient_name phi.ciphertext NOT NULL,
  recipient_address phi.ciphertext,
  what phi.ciphertext NOT NULL,
  purpose phi.ciphertext NOT NULL,
  correction_reason phi.ciphertext,
  version integer NOT NULL DEFAULT 1,
  created_at timestamptz(3) NOT NULL DEFAULT now(),
  created_by uuid NOT NULL DEFAULT audit.actor(),
  updated_at timestamptz(3) NOT NULL DEFAULT now(),
  updated_by uuid NOT NULL DEFAULT audit.actor(),
  FOREIGN KEY (patient_id, corrects_id) REFERENCES phi.disclosure (patient_id, id),
  UNIQUE (patient_id, id),
  -- a row is put right once; what was wrong with the correction is put right there
  UNIQUE (corrects_id),
  CHECK (corrects_id <> id),
  CHECK ((corrects_id IS NULL) = (correction_reason IS NULL)),
  CHECK (NOT withdrawn OR corrects_id IS NOT NULL),
  CHECK ((times IS NULL) = (last_disclosed_at IS NULL)),
  CHECK (times BETWEEN 2 AND 100000),
  CHECK (last_disclosed_at > disclosed_at)
);

-- That an agency asked for silence about a disclosure, from when to when (164.528(a)(2)): an oral statement holds for 30 days.
CREATE TABLE phi.disclosure_suspension (
  id uuid PRIMARY KEY,
  patient_id uuid NOT NULL REFERENCES phi.patient (id),
  disclosure_id uuid NOT NULL,
  is_oral boolean NOT NULL,
  starts_at timestamptz(3) NOT NULL,
  ends_at timestamptz(3) NOT NULL,
  authority phi.ciphertext NOT NULL,
  statement phi.ciphertext NOT NULL,
  version integer NOT NULL DEFAULT 1,
  created_at timestamptz(3) NOT NULL DEFAULT now(),
  created_by uuid NOT NULL DEFAULT audit.actor(),
  updated_at timestamptz(3) NOT NULL DEFAULT now(),
  updated_by uuid NOT NULL DEFAULT audit.actor(),
  FOREIGN KEY (patient_id, disclosure_id) REFERENCES phi.disclosure (patient_id, id),
  UNIQUE (patient_id, id),
  CHECK (ends_at > starts_at),
  CHECK (NOT is_oral OR ends_at <= starts_at + interval '30 days')
);

-- That somebody asked for the accounting of a period: 60 days, once 30 more with the reason in writing (164.528(c)(1)).
CREATE TABLE phi.accounting_request (
  id uuid PRIMARY KEY,
  patient_id uuid NOT NULL REFERENCES phi.patient (id),
  requested_by uuid NOT NULL,
  period_from timestamptz(3) NOT NULL,
  period_to timestamptz(3) NOT NULL,
  status text NOT NULL DEFAULT 'open',
  requested_at timestamptz(3) NOT NULL,
  due_at timestamptz(3) NOT NULL,
  extended_at timestamptz(3),
  extended_by uuid,
  provided_at timestamptz(3),
  provided_by uuid,
  extension_reason phi.ciphertext,
  version integer NOT NULL DEFAULT 1,
  created_at timestamptz(3) NOT NULL DEFAULT now(),
  created_by uuid NOT NULL DEFAULT audit.actor(),
  updated_at timestamptz(3) NOT NULL DEFAULT now(),
  updated_by uuid NOT NULL DEFAULT audit.actor(),
  UNIQUE (patient_id, id),
  CHECK (status IN ('open', 'extended', 'provided')),
  CHECK (period_to > period_from AND period_from >= requested_at - interval '6 years 2 days' AND period_to <= requested_at + interval '2 days'),
  CHECK (num_nulls(extended_at, extended_by, extension_reason) IN (0, 3) AND (status <> 'extended' OR extended_at IS NOT NULL)),
  CHECK ((status = 'provided') = (provided_at IS NOT NULL) AND (provided_at IS NULL) = (provided_by IS NULL))
);

CREATE INDEX concern_list_idx ON phi.concern (patient_id, reported_at DESC);
CREATE INDEX concern_due_idx ON phi.concern (due_at) WHERE status <> 'answered';
CREATE INDEX concern_note_concern_idx ON phi.concern_note (concern_id);
CREATE INDEX disclosure_list_idx ON phi.disclosure (patient_id, disclosed_at DESC);
CREATE INDEX disclosure_suspension_disclosure_idx ON phi.disclosure_suspension (disclosure_id);
CREATE INDEX accounting_request_list_idx ON phi.accounting_request (patient_id, requested_at DESC);
CREATE INDEX accounting_request_due_idx ON phi.accounting_request (due_at) WHERE status <> 'provided';

-- ── What the gate itself sees: who, which, when and how far, never a word ────────────────────────────────────────
CREATE POLICY gate_sight ON phi.concern FOR SELECT TO audit_gate USING (true);
CREATE POLICY gate_sight ON phi.accounting_request FOR SELECT TO audit_gate USING (true);
CREATE POLICY gate_sight ON phi.disclosure FOR SELECT TO audit_gate USING (true);
CREATE POLICY gate_sight ON phi.disclosure_suspension FOR SELECT TO audit_gate USING (true);
GRANT SELECT (id, patient_id, status, reported_at, due_at, about_account_id) ON phi.concern TO audit_gate;
GRANT SELECT (id, patient_id, status, requested_at, due_at) ON phi.accounting_request TO audit_gate;
GRANT SELECT (id, patient_id, corrects_id) ON phi.disclosure TO audit_gate;
GRANT SELECT (id, patient_id, disclosure_id, starts_at, ends_at) ON phi.disclosure_suspension TO audit_gate;
RESET ROLE;

SET LOCAL ROLE audit_owner;
GRANT CREATE ON SCHEMA audit TO audit_gate;
RESET ROLE;
SET LOCAL ROLE audit_gate;

-- Who stands in an entry of a patient's trail; no row when the patient's trail has no such entry.
CREATE FUNCTION audit.entry_actor(p_patient uuid, p_log uuid) RETURNS TABLE (actor_id uuid)
LANGUAGE sql STABLE SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS $$
  SELECT l.actor_user_id FROM audit.patient_phi_audit_log l WHERE l.patient_id = p_patient AND l.log_id = p_log AND l.outcome IN ('ALLOWED', 'DENIED') LIMIT 1
$$;

-- Writes the security event of a step with a concern, a disclosure or a request, and tells those who have to know: nobody of
-- what they did themselves, and never the person that a concern is about.
CREATE FUNCTION audit.note_patient_work(p_event text, p_row uuid, p_patient uuid, p_about uuid, p_tell_compliance text, p_tell uuid, p_kind text) RETURNS void
LANGUAGE plpgsql VOLATILE SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS $$
DECLARE
  v_request uuid := CASE WHEN current_setting('vigil.request', true) ~ '^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$' THEN current_setting('vigil.request', true)::uuid END;
  v audit.patient_phi_audit_log;
  v_account uuid;
BEGIN
  SELECT l.* INTO v FROM audit.patient_phi_audit_log l
   WHERE l.request_id = v_request AND l.accessed_at > clock_timestamp() - interval '1 minute' AND l.outcome = 'ALLOWED' AND l.patient_id = p_patient LIMIT 1;
  PERFORM audit.record_event(p_event, v.actor_user_id, v.actor_role, v.session_id, NULL, jsonb_build_object('id', p_row, 'patient_id', p_patient), 'DONE', v.client_ip, v_request);
  IF p_tell_compliance IS NOT NULL THEN
    FOR v_account IN SELECT a.id FROM app.account a WHERE a.role = 'compliance' AND a.status = 'active' AND a.id IS DISTINCT FROM p_about AND a.id IS DISTINCT FROM v.actor_user_id ORDER BY a.id LOOP
      PERFORM app.notify(v_account, p_tell_compliance, p_row);
    END LOOP;
  END IF;
  IF p_tell IS NOT NULL THEN PERFORM app.notify(p_tell, p_kind, p_row); END IF;
END
$$;
GRANT EXECUTE ON FUNCTION audit.entry_actor(uuid, uuid), audit.note_patient_work(text, uuid, uuid, uuid, text, uuid, text) TO phi_owner;

-- What an agency asked for silence about just now: the requests for it, and their disclosures. For the functions below.
CREATE FUNCTION audit.kept_silent(p_patients uuid[]) RETURNS uuid[]
LANGUAGE plpgsql STABLE SECURITY DEFINER SET search_path = pg_catalog, pg_temp SET plan_cache_mode = force_generic_plan AS $$
DECLARE
  v_now timestamptz := app.now();
BEGIN
  RETURN (
    WITH RECURSIVE asked AS (
      SELECT s.id, s.disclosure_id FROM phi.disclosure_suspension s WHERE s.patient_id = ANY (p_patients) AND s.starts_at <= v_now AND s.ends_at > v_now
    ), silent AS (
      SELECT a.disclosure_id AS id FROM asked a
      UNION
      -- what it corrects and what corrects it tell of the same disclosure
      SELECT CASE WHEN d.id = s.id THEN d.corrects_id ELSE d.id END FROM phi.disclosure d JOIN silent s ON d.corrects_id = s.id OR d.id = s.id AND d.corrects_id IS NOT NULL
       WHERE d.patient_id = ANY (p_patients))
    SELECT coalesce(array_agg(k.id), '{}') FROM (SELECT s.id FROM silent s UNION ALL SELECT a.id FROM asked a) k);
END
$$;

-- The same, of the patients that this request was admitted to.
CREATE FUNCTION audit.suspended_disclosures(p_role text) RETURNS uuid[]
LANGUAGE plpgsql STABLE SECURITY DEFINER SET search_path = pg_catalog, pg_temp SET plan_cache_mode = force_generic_plan SET client_min_messages = error AS $$
BEGIN
  RETURN audit.kept_silent(audit.admitted(p_role));
END
$$;
GRANT EXECUTE ON FUNCTION audit.suspended_disclosures(text) TO phi_patient, phi_proxy;
GRANT EXECUTE ON FUNCTION audit.has_admission(text), audit.admitted(text), audit.admitted_for_write(text, text, text),
  audit.effect(uuid, text, text, text[], text[], uuid, jsonb), audit.attest(text), audit.actor() TO phi_compliance;

-- Concerns for a compliance officer, those that are due first: ids and dates alone. What is about themselves is not there.
CREATE FUNCTION audit.concern_queue(p_token text, p_answered boolean, p_limit integer)
RETURNS TABLE (concern_id uuid, patient_id uuid, status text, reported_at timestamptz, due_at timestamptz, is_overdue boolean)
LANGUAGE plpgsql VOLATILE SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS $$
DECLARE
  v app.session_standing := app.session_touch(p_token);
BEGIN
  IF v.state <> 'active' OR v.role <> 'compliance' THEN RETURN; END IF;
  RETURN QUERY SELECT c.id, c.patient_id, c.status, c.reported_at::timestamptz, c.due_at::timestamptz, c.status <> 'answered' AND c.due_at < v.db_now
    FROM phi.concern c
   WHERE c.about_account_id IS DISTINCT FROM v.account_id AND (c.status = 'answered') = p_answered
   ORDER BY CASE WHEN p_answered THEN NULL ELSE c.due_at END, c.reported_at DESC, c.id LIMIT least(greatest(p_limit, 1), 201);
END
$$;

-- Requests for an accounting, those that are due first.
CREATE FUNCTION audit.accounting_queue(p_token text, p_provided boolean, p_limit integer)
RETURNS TABLE (request_id uuid, patient_id uuid, status text, requested_at timestamptz, due_at timestamptz, is_overdue boolean)
LANGUAGE plpgsql VOLATILE SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS $$
DECLARE
  v app.session_standing := app.session_touch(p_token);
BEGIN
  IF v.state <> 'active' OR v.role <> 'compliance' THEN RETURN; END IF;
  RETURN QUERY SELECT r.id, r.patient_id, r.status, r.requested_at::timestamptz, r.due_at::timestamptz, r.status <> 'provided' AND r.due_at < v.db_now
    FROM phi.accounting_request r WHERE (r.status = 'provided') = p_provided
   ORDER BY CASE WHEN p_provided THEN NULL ELSE r.due_at END, r.requested_at DESC, r.id LIMIT least(greatest(p_limit, 1), 201);
END
$$;
GRANT EXECUTE ON FUNCTION audit.concern_queue(text, boolean, integer), audit.accounting_queue(text, boolean, integer) TO vigil_app;

-- Reminds compliance of what is due within a week or overdue. Returns how many things; called by the worker once a day.
CREATE FUNCTION audit.remind_of_patient_work() RETURNS integer
LANGUAGE plpgsql VOLATILE SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS $$
DECLARE
  v_now timestamptz := app.now();
  v_count integer := 0;
  r record;
BEGIN
  FOR r IN SELECT c.id, c.about_account_id AS about, CASE WHEN c.due_at < v_now THEN 'concern-overdue' ELSE 'concern-due' END AS kind
             FROM phi.concern c WHERE c.status <> 'answered' AND c.due_at < v_now + interval '7 days'
           UNION ALL
           SELECT q.id, NULL, CASE WHEN q.due_at < v_now THEN 'accounting-overdue' ELSE 'accounting-due' END
             FROM phi.accounting_request q WHERE q.status <> 'provided' AND q.due_at < v_now + interval '7 days' LOOP
    PERFORM app.notify_role('compliance', r.kind, r.id, r.about);
    v_count := v_count + 1;
  END LOOP;
  RETURN v_count;
END
$$;
GRANT EXECUTE ON FUNCTION audit.remind_of_patient_work() TO vigil_worker;

-- ── "Who looked at my record" ────────────────────────────────────────────────────────────────────────────────────

-- As before, and: also for a download (EXPORT), with the mark of emergency access, and whether the entry is sealed yet.
-- While an agency asks for silence about a disclosure, the entries that it was written down, and silence asked for, wait too:
-- they would tell as much as the disclosure itself (164.528(a)(2)).
DROP FUNCTION audit.who_looked(timestamptz, timestamptz, integer, timestamptz, bigint);
CREATE FUNCTION audit.who_looked(p_from timestamptz, p_to timestamptz, p_limit integer DEFAULT 200, p_before_at timestamptz DEFAULT NULL, p_before_seq bigint DEFAULT NULL, p_log uuid DEFAULT NULL)
RETURNS TABLE (log_id uuid, seq bigint, accessed_at timestamptz, actor_user_id uuid, actor_name text, actor_title text, actor_role text, action_type text, view text,
  changed_fields jsonb, purpose text, outcome text, relation text, is_own boolean, is_emergency boolean)
LANGUAGE plpgsql STABLE SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS $$
DECLARE
  v_actor uuid := audit.actor();
  v_patients uuid[] := audit.trail_patients();
  v_silent uuid[] := audit.kept_silent(v_patients);
BEGIN
  RETURN QUERY
    SELECT l.log_id, l.seq, l.accessed_at, l.actor_user_id, a.display_name, a.job_title, l.actor_role, l.action_type, l.view, l.changed_fields - 'DisclosureSuspension', l.purpose, l.outcome,
           l.relation, l.actor_user_id = v_actor, l.break_glass_id IS NOT NULL
      FROM audit.patient_phi_audit_log l LEFT JOIN app.account a ON a.id = l.actor_user_id
     WHERE l.patient_id = ANY (v_patients) AND l.accessed_at >= p_from AND l.accessed_at < p_to
       AND l.outcome IN ('ALLOWED', 'DENIED') AND NOT coalesce(l.view = 'disclosure-ledger' AND l.resource_id = ANY (v_silent), false)
       AND (p_before_at IS NULL OR (l.accessed_at, l.seq) < (p_before_at, p_before_seq))
       AND (p_log IS NULL OR l.log_id = p_log)
     ORDER BY l.accessed_at DESC, l.seq DESC LIMIT least(greatest(p_limit, 1), 500);
END
$$;

-- The patients whose trail this request was admitted to, in a committed row.
CREATE FUNCTION audit.trail_patients() RETURNS uuid[]
LANGUAGE plpgsql STABLE SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS $$
DECLARE
  v_request uuid := CASE WHEN current_setting('vigil.request', true) ~ '^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$' THEN current_setting('vigil.request', true)::uuid END;
BEGIN
  RETURN (SELECT coalesce(array_agg(l.patient_id), '{}') FROM audit.patient_phi_audit_log l
   WHERE l.request_id = v_request AND l.accessed_at > clock_timestamp() - interval '15 seconds' AND l.outcome = 'ALLOWED'
     AND l.view = 'my-access-log' AND l.action_type IN ('READ', 'EXPORT') AND l.tx_id IS DISTINCT FROM pg_current_xact_id_if_assigned());
END
$$;

-- One entry of the trail of this request's patients as it was sealed: its columns as texts, in the order asked for, with its
-- leaf and the newest checkpoint. For the patient's own proof.
CREATE FUNCTION audit.my_sealed_entry(p_log uuid, p_columns text[])
RETURNS TABLE (texts text[], incarnation integer, leaf_index bigint, leaf_format smallint, leaf_hash bytea, tree_size bigint, note text, verifier_key text)
LANGUAGE plpgsql STABLE SECURITY DEFINER SET search_path = pg_catalog, pg_temp SET timezone = 'UTC' SET datestyle = 'ISO, YMD' SET bytea_output = 'hex' SET extra_float_digits = 1 AS $$
DECLARE
  v_patients uuid[] := audit.trail_patients();
  v_list text;
BEGIN
  -- As the server prints them, which is what was sealed: a cast of an address to text would add its length.
  SELECT string_agg(format('CASE WHEN l.%1$I IS NOT NULL THEN format(''%%s'', l.%1$I) END', a.attname), ', ' ORDER BY c.at) INTO v_list
    FROM unnest(p_columns) WITH ORDINALITY AS c (name, at)
    JOIN pg_attribute a ON a.attrelid = 'audit.patient_phi_audit_log'::regclass AND a.attname = c.name AND a.attnum > 0 AND NOT a.attisdropped;
  IF v_list IS NULL OR cardinality(p_columns) > 100 THEN RETURN; END IF;
  EXECUTE format('SELECT ARRAY[%s] FROM audit.patient_phi_audit_log l WHERE l.patient_id = ANY ($1) AND l.log_id = $2 AND l.outcome IN (''ALLOWED'', ''DENIED'') AND NOT coalesce(l.view = ''disclosure-ledger'' AND l.resource_id = ANY ($3), false)', v_list)
    INTO texts USING v_patients, p_log, audit.kept_silent(v_patients);
  IF texts IS NULL THEN RETURN; END IF;
  SELECT f.incarnation, f.leaf_index, f.format, f.leaf_hash INTO incarnation, leaf_index, leaf_format, leaf_hash
    FROM audit.seal_leaf f WHERE f.log_id = p_log AND f.log = 'P' ORDER BY f.incarnation DESC LIMIT 1;
  SELECT c.tree_size, c.note, i.verifier_key INTO tree_size, note, verifier_key
    FROM audit.checkpoint c JOIN audit.seal_incarnation i ON i.incarnation = c.incarnation
   WHERE c.incarnation = my_sealed_entry.incarnation ORDER BY c.tree_size DESC LIMIT 1;
  RETURN NEXT;
END
$$;

-- Hashes of the tree: of leaves (level 0) or of the kept subtrees above them. They say nothing of any entry, which holds three
-- random numbers; a log of this kind is meant to be shown (RFC 9162).
CREATE FUNCTION audit.seal_hashes(p_incarnation integer, p_level integer, p_from bigint, p_count integer) RETURNS TABLE (hash bytea)
LANGUAGE plpgsql STABLE SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS $$
BEGIN
  IF p_count NOT BETWEEN 1 AND 256 THEN RAISE EXCEPTION 'at most 256 hashes at once' USING ERRCODE = '22023'; END IF;
  IF p_level = 0 THEN
    RETURN QUERY SELECT f.leaf_hash FROM audit.seal_leaf f
      WHERE f.incarnation = p_incarnation AND f.leaf_index >= p_from AND f.leaf_index < p_from + p_count ORDER BY f.leaf_index;
  ELSE
    RETURN QUERY SELECT n.hash FROM audit.seal_node n
      WHERE n.incarnation = p_incarnation AND n.level = p_level AND n.node_index >= p_from AND n.node_index < p_from + p_count ORDER BY n.node_index;
  END IF;
END
$$;
GRANT EXECUTE ON FUNCTION audit.who_looked(timestamptz, timestamptz, integer, timestamptz, bigint, uuid), audit.my_sealed_entry(uuid, text[]),
  audit.seal_hashes(integer, integer, bigint, integer) TO phi_patient, phi_proxy;
RESET ROLE;
SET LOCAL ROLE audit_owner;
REVOKE CREATE ON SCHEMA audit FROM audit_gate;
RESET ROLE;

-- ── What may follow what ─────────────────────────────────────────────────────────────────────────────────────────
SET LOCAL ROLE phi_owner;

-- Fills in what no caller may choose: who reports, about whom, when, until when.
CREATE FUNCTION phi.begin_concern() RETURNS trigger LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS $$
BEGIN
  SELECT e.actor_id INTO NEW.about_account_id FROM audit.entry_actor(NEW.patient_id, NEW.log_id) e;
  IF NOT FOUND THEN RAISE EXCEPTION 'a concern is about an entry of the patient''s own trail' USING ERRCODE = '23514'; END IF;
  NEW.reported_by := audit.actor();
  NEW.status := 'open';
  NEW.reported_at := app.now();
  NEW.due_at := NEW.reported_at + interval '30 days';
  NEW.acknowledged_at := NULL; NEW.acknowledged_by := NULL; NEW.answered_at := NULL; NEW.answered_by := NULL; NEW.answer := NULL;
  RETURN NEW;
END
$$;
CREATE TRIGGER begin_concern BEFORE INSERT ON phi.concern FOR EACH ROW EXECUTE FUNCTION phi.begin_concern();

-- Open, acknowledged, answered: forward only, and what the patient wrote stays as it was written.
CREATE FUNCTION phi.step_concern() RETURNS trigger LANGUAGE plpgsql SET search_path = pg_catalog, pg_temp AS $$
BEGIN
  IF current_user = 'phi_job_rotate' THEN
    PERFORM phi.assert_reencrypted(to_jsonb(OLD), to_jsonb(NEW));
    RETURN NEW;
  END IF;
  IF OLD.status = 'answered' OR NOT ((OLD.status, NEW.status) IN (('open', 'acknowledged'), ('open', 'answered'), ('acknowledged', 'answered')))
     OR (NEW.log_id, NEW.about_account_id, NEW.reported_by, NEW.reported_at, NEW.due_at, NEW.entry, NEW.body, NEW.contact)
       IS DISTINCT FROM (OLD.log_id, OLD.about_account_id, OLD.reported_by, OLD.reported_at, OLD.due_at, OLD.entry, OLD.body, OLD.contact) THEN
    RAISE EXCEPTION 'this is no step of a concern' USING ERRCODE = '23514';
  END IF;
  RETURN NEW;
END
$$;

-- Names who took the step and when, by the database's own clock.
CREATE FUNCTION phi.stamp_concern() RETURNS trigger LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS $$
BEGIN
  IF NEW.status = OLD.status THEN RETURN NEW; END IF;
  NEW.acknowledged_at := coalesce(OLD.acknowledged_at, app.now());
  NEW.acknowledged_by := coalesce(OLD.acknowledged_by, audit.actor());
  IF NEW.status = 'answered' THEN
    NEW.answered_at := app.now();
    NEW.answered_by := audit.actor();
  END IF;
  RETURN NEW;
END
$$;
CREATE TRIGGER concern_1_step BEFORE UPDATE ON phi.concern FOR EACH ROW EXECUTE FUNCTION phi.step_concern();
CREATE TRIGGER concern_2_stamp BEFORE UPDATE ON phi.concern FOR EACH ROW EXECUTE FUNCTION phi.stamp_concern();

CREATE FUNCTION phi.tell_of_concern() RETURNS trigger LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS $$
BEGIN
  IF TG_OP = 'INSERT' THEN
    PERFORM audit.note_patient_work('CONCERN_REPORTED', NEW.id, NEW.patient_id, NEW.about_account_id, 'concern-reported', NULL, NULL);
  ELSIF NEW.status <> OLD.status THEN
    PERFORM audit.note_patient_work(CASE NEW.status WHEN 'answered' THEN 'CONCERN_ANSWERED' ELSE 'CONCERN_ACKNOWLEDGED' END,
      NEW.id, NEW.patient_id, NEW.about_account_id, NULL, CASE NEW.status WHEN 'answered' THEN NEW.reported_by END, 'concern-answered');
  END IF;
  RETURN NULL;
END
$$;
CREATE TRIGGER tell_of_concern AFTER INSERT OR UPDATE ON phi.concern FOR EACH ROW EXECUTE FUNCTION phi.tell_of_concern();

-- Who wrote a note, and whom the concern is about. The concern is read by the author's own eyes: who may not see it may not note.
CREATE FUNCTION phi.begin_concern_note() RETURNS trigger LANGUAGE plpgsql SET search_path = pg_catalog, pg_temp AS $$
BEGIN
  SELECT c.about_account_id INTO NEW.about_account_id FROM phi.concern c WHERE c.id = NEW.concern_id AND c.patient_id = NEW.patient_id;
  IF NOT FOUND THEN RAISE EXCEPTION 'there is no such concern' USING ERRCODE = '23514'; END IF;
  NEW.author_id := audit.actor();
  RETURN NEW;
END
$$;
CREATE TRIGGER begin_concern_note BEFORE INSERT ON phi.concern_note FOR EACH ROW EXECUTE FUNCTION phi.begin_concern_note();

-- What was written into the ledger stays. It is re-encrypted like everything else.
CREATE FUNCTION phi.refuse_ledger_change() RETURNS trigger LANGUAGE plpgsql SET search_path = pg_catalog, pg_temp AS $$
BEGIN
  IF TG_OP = 'UPDATE' AND current_user = 'phi_job_rotate' THEN
    PERFORM phi.assert_reencrypted(to_jsonb(OLD), to_jsonb(NEW));
    RETURN NEW;
  END IF;
  RAISE EXCEPTION 'the ledger only grows: write a row that corrects this one' USING ERRCODE = '23514';
END
$$;
CREATE TRIGGER append_only BEFORE UPDATE OR DELETE ON phi.disclosure FOR EACH ROW EXECUTE FUNCTION phi.refuse_ledger_change();
CREATE TRIGGER append_only BEFORE UPDATE OR DELETE ON phi.disclosure_suspension FOR EACH ROW EXECUTE FUNCTION phi.refuse_ledger_change();
CREATE TRIGGER append_only BEFORE UPDATE OR DELETE ON phi.concern_note FOR EACH ROW EXECUTE FUNCTION phi.refuse_ledger_change();
CREATE TRIGGER append_only_truncate BEFORE TRUNCATE ON phi.disclosure FOR EACH STATEMENT EXECUTE FUNCTION phi.refuse_ledger_change();
CREATE TRIGGER append_only_truncate BEFORE TRUNCATE ON phi.disclosure_suspension FOR EACH STATEMENT EXECUTE FUNCTION phi.refuse_ledger_change();

CREATE FUNCTION phi.begin_disclosure() RETURNS trigger LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS $$
BEGIN
  IF coalesce(NEW.last_disclosed_at, NEW.disclosed_at) > app.now() + interval '5 minutes' THEN
    RAISE EXCEPTION 'a disclosure is recorded after it took place' USING ERRCODE = '23514';
  END IF;
  NEW.recorded_at := app.now();
  PERFORM audit.note_patient_work(CASE WHEN NEW.corrects_id IS NULL THEN 'DISCLOSURE_RECORDED' ELSE 'DISCLOSURE_CORRECTED' END, NEW.id, NEW.patient_id, NULL, NULL, NULL, NULL);
  RETURN NEW;
END
$$;
CREATE TRIGGER begin_disclosure BEFORE INSERT ON phi.disclosure FOR EACH ROW EXECUTE FUNCTION phi.begin_disclosure();

CREATE FUNCTION phi.begin_suspension() RETURNS trigger LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS $$
BEGIN
  NEW.starts_at := app.now();
  PERFORM audit.note_patient_work('DISCLOSURE_SUSPENDED', NEW.disclosure_id, NEW.patient_id, NULL, NULL, NULL, NULL);
  RETURN NEW;
END
$$;
CREATE TRIGGER begin_suspension BEFORE INSERT ON phi.disclosure_suspension FOR EACH ROW EXECUTE FUNCTION phi.begin_suspension();

CREATE FUNCTION phi.begin_accounting() RETURNS trigger LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS $$
BEGIN
  NEW.requested_by := audit.actor();
  NEW.status := 'open';
  NEW.requested_at := app.now();
  NEW.due_at := NEW.requested_at + interval '60 days';
  NEW.extended_at := NULL; NEW.extended_by := NULL; NEW.extension_reason := NULL; NEW.provided_at := NULL; NEW.provided_by := NULL;
  RETURN NEW;
END
$$;
CREATE TRIGGER begin_accounting BEFORE INSERT ON phi.accounting_request FOR EACH ROW EXECUTE FUNCTION phi.begin_accounting();

-- Open, perhaps extended once, provided.
CREATE FUNCTION phi.step_accounting() RETURNS trigger LANGUAGE plpgsql SET search_path = pg_catalog, pg_temp AS $$
BEGIN
  IF current_user = 'phi_job_rotate' THEN
    PERFORM phi.assert_reencrypted(to_jsonb(OLD), to_jsonb(NEW));
    RETURN NEW;
  END IF;
  IF NOT ((OLD.status, NEW.status) IN (('open', 'extended'), ('open', 'provided'), ('extended', 'provided')))
     OR (NEW.requested_by, NEW.period_from, NEW.period_to, NEW.requested_at) IS DISTINCT FROM (OLD.requested_by, OLD.period_from, OLD.period_to, OLD.requested_at)
     OR NEW.status <> 'extended' AND NEW.extension_reason IS DISTINCT FROM OLD.extension_reason THEN
    RAISE EXCEPTION 'this is no step of a request for an accounting' USING ERRCODE = '23514';
  END IF;
  RETURN NEW;
END
$$;
CREATE FUNCTION phi.stamp_accounting() RETURNS trigger LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS $$
BEGIN
  IF NEW.status = OLD.status THEN RETURN NEW; END IF;
  NEW.due_at := OLD.due_at; NEW.extended_at := OLD.extended_at; NEW.extended_by := OLD.extended_by;
  IF NEW.status = 'extended' THEN
    NEW.due_at := OLD.due_at + interval '30 days';
    NEW.extended_at := app.now();
    NEW.extended_by := audit.actor();
  ELSE
    NEW.provided_at := app.now();
    NEW.provided_by := audit.actor();
  END IF;
  RETURN NEW;
END
$$;
CREATE TRIGGER accounting_1_step BEFORE UPDATE ON phi.accounting_request FOR EACH ROW EXECUTE FUNCTION phi.step_accounting();
CREATE TRIGGER accounting_2_stamp BEFORE UPDATE ON phi.accounting_request FOR EACH ROW EXECUTE FUNCTION phi.stamp_accounting();

CREATE FUNCTION phi.tell_of_accounting() RETURNS trigger LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS $$
BEGIN
  IF TG_OP = 'INSERT' THEN
    PERFORM audit.note_patient_work('ACCOUNTING_REQUESTED', NEW.id, NEW.patient_id, NULL, 'accounting-requested', NULL, NULL);
  ELSIF NEW.status <> OLD.status THEN
    PERFORM audit.note_patient_work(CASE NEW.status WHEN 'provided' THEN 'ACCOUNTING_PROVIDED' ELSE 'ACCOUNTING_EXTENDED' END, NEW.id, NEW.patient_id, NULL, NULL,
      NEW.requested_by, CASE NEW.status WHEN 'provided' THEN 'accounting-provided' ELSE 'accounting-extended' END);
  END IF;
  RETURN NULL;
END
$$;
CREATE TRIGGER tell_of_accounting AFTER INSERT OR UPDATE ON phi.accounting_request FOR EACH ROW EXECUTE FUNCTION phi.tell_of_accounting();

-- ── The gate, versions and history: as for every table ───────────────────────────────────────────────────────────
DO $$
DECLARE
  t text;
  k text;
  r text;
  model text;
  v_new boolean;
  v_columns text;
BEGIN
  FOR t IN SELECT c.relname FROM pg_class c WHERE c.relnamespace = 'phi'::regnamespace AND c.relkind = 'r' LOOP
    v_new := t IN ('concern', 'concern_note', 'disclosure', 'disclosure_suspension', 'accounting_request');
    model := CASE WHEN t IN ('search_token', 'row_history') THEN NULL ELSE replace(initcap(replace(t, '_', ' ')), ' ', '') END;
    k := CASE WHEN t = 'patient' THEN 'id' ELSE 'patient_id' END;
    FOREACH r IN ARRAY CASE WHEN v_new THEN ARRAY['phi_compliance', 'phi_patient', 'phi_proxy', 'phi_nurse', 'phi_clinician', 'phi_billing', 'phi_billing_identity',
        'phi_job_import', 'phi_job_rotate', 'phi_job_reindex', 'phi_job_shred'] ELSE ARRAY['phi_compliance'] END LOOP
      EXECUTE format('CREATE POLICY %I ON phi.%I FOR SELECT TO %I USING ((SELECT audit.has_admission(%L)) AND %I = ANY ((SELECT audit.admitted(%L))::uuid[]))', 'gate_select_' || r, t, r, r, k, r);
      EXECUTE format('CREATE POLICY %I ON phi.%I FOR INSERT TO %I WITH CHECK (%I = ANY ((SELECT audit.admitted_for_write(%L, %L, ''CREATE''))::uuid[]))', 'gate_insert_' || r, t, r, k, r, model);
      EXECUTE format('CREATE POLICY %I ON phi.%I FOR UPDATE TO %I USING (%I = ANY ((SELECT audit.admitted(%L))::uuid[])) WITH CHECK (%I = ANY ((SELECT audit.admitted_for_write(%L, %L, ''UPDATE''))::uuid[]))', 'gate_update_' || r, t, r, k, r, k, r, model);
      EXECUTE format('CREATE POLICY %I ON phi.%I FOR DELETE TO %I USING (%I = ANY ((SELECT audit.admitted_for_write(%L, %L, ''DELETE''))::uuid[]))', 'gate_delete_' || r, t, r, k, r, model);
    END LOOP;
    CONTINUE WHEN NOT v_new;
    EXECUTE format('ALTER TABLE phi.%I ENABLE ROW LEVEL SECURITY', t);
    EXECUTE format('ALTER TABLE phi.%I FORCE ROW LEVEL SECURITY', t);
    EXECUTE format('CREATE TRIGGER stamp_version BEFORE INSERT OR UPDATE ON phi.%I FOR EACH ROW EXECUTE FUNCTION phi.stamp_version()', t);
    EXECUTE format('CREATE TRIGGER keep_history AFTER UPDATE OR DELETE ON phi.%I FOR EACH ROW EXECUTE FUNCTION phi.keep_history()', t);
    SELECT string_agg(quote_ident(c), ', ') INTO v_columns FROM unnest(phi.ciphertext_columns(t)) c;
    EXECUTE format('CREATE POLICY census_sight ON phi.%I FOR SELECT TO phi_census USING (true)', t);
    EXECUTE format('GRANT SELECT (patient_id, %s) ON phi.%I TO phi_census', v_columns, t);
    EXECUTE format('GRANT SELECT (id, patient_id, %s), UPDATE (%s) ON phi.%I TO phi_job_rotate', v_columns, v_columns, t);
    EXECUTE format('GRANT SELECT (id, patient_id) ON phi.%I TO phi_job_shred', t);
  END LOOP;
END
$$;

-- ── Who may see and write what ───────────────────────────────────────────────────────────────────────────────────

-- The person that a concern is about neither sees nor touches it, a compliance officer included.
CREATE POLICY not_about_me ON phi.concern AS RESTRICTIVE FOR ALL TO phi_compliance USING (about_account_id IS DISTINCT FROM (SELECT audit.actor()));
CREATE POLICY not_about_me ON phi.concern_note AS RESTRICTIVE FOR ALL TO phi_compliance USING (about_account_id IS DISTINCT FROM (SELECT audit.actor()));
-- A proxy sees what they reported themselves: the patient may have something to say about the proxy.
CREATE POLICY own_report ON phi.concern AS RESTRICTIVE FOR SELECT TO phi_proxy USING (reported_by = (SELECT audit.actor()));
-- While an agency asks for silence, the disclosure is not there.
CREATE POLICY not_suspended_patient ON phi.disclosure AS RESTRICTIVE FOR SELECT TO phi_patient USING (NOT (id = ANY ((SELECT audit.suspended_disclosures('phi_patient'))::uuid[])));
CREATE POLICY not_suspended_proxy ON phi.disclosure AS RESTRICTIVE FOR SELECT TO phi_proxy USING (NOT (id = ANY ((SELECT audit.suspended_disclosures('phi_proxy'))::uuid[])));

GRANT SELECT (id, patient_id, log_id, reported_by, status, reported_at, due_at, acknowledged_at, answered_at, entry, body, contact, answer, version),
  INSERT (id, patient_id, log_id, status, entry, body, contact, version, created_at, updated_at) ON phi.concern TO phi_patient, phi_proxy;
GRANT SELECT (id, patient_id, disclosed_at, recorded_at, last_disclosed_at, times, corrects_id, withdrawn, basis, recipient_name, recipient_address, what, purpose,
  version) ON phi.disclosure TO phi_patient, phi_proxy;
GRANT SELECT (id, patient_id, period_from, period_to, status, requested_at, due_at, extended_at, provided_at, extension_reason, version),
  INSERT (id, patient_id, period_from, period_to, status, version, created_at, updated_at) ON phi.accounting_request TO phi_patient, phi_proxy;

GRANT SELECT, UPDATE (status, answer) ON phi.concern TO phi_compliance;
GRANT SELECT, INSERT (id, patient_id, concern_id, body, version, created_at, updated_at) ON phi.concern_note TO phi_compliance;
GRANT SELECT, INSERT (id, patient_id, disclosed_at, last_disclosed_at, times, corrects_id, withdrawn, basis, recipient_name, recipient_address, what, purpose,
  correction_reason, version, created_at, updated_at) ON phi.disclosure TO phi_compliance;
GRANT SELECT, INSERT (id, patient_id, disclosure_id, is_oral, ends_at, authority, statement, version, created_at, updated_at) ON phi.disclosure_suspension TO phi_compliance;
GRANT SELECT, INSERT (id, patient_id, period_from, period_to, status, version, created_at, updated_at), UPDATE (status, extension_reason) ON phi.accounting_request TO phi_compliance;
GRANT USAGE ON TYPE phi.ciphertext TO phi_compliance;
RESET ROLE;
