-- Makes the watching: what a job learns of a day of accesses, what it keeps of it, and what compliance officers do with the cases.
-- The job gets ids, times, distances in days and keyed tokens compared to yes or no; no value of a record, sealed or not.

-- ── Jobs by name, in a table: whoever adds one adds a row ────────────────────────────────────────────────────────
SET LOCAL ROLE app_owner;
CREATE TABLE app.service_job (
  job text PRIMARY KEY CHECK (job ~ '^[a-z][a-z-]{1,39}$'),
  -- what the trail and the patient's list of who looked call it
  display_name text NOT NULL,
  job_title text NOT NULL
);
INSERT INTO app.service_job (job, display_name, job_title) VALUES
  ('import', 'Record import', 'Automatic job'),
  ('people', 'Operator on the server', 'Command line'),
  ('key-rotation', 'Renewal of encryption keys', 'Automatic job'),
  ('search-index', 'Renewal of the search index', 'Automatic job'),
  ('key-shredding', 'Destruction of encryption keys', 'Automatic job'),
  ('watch', 'Watching over accesses', 'Automatic job');

CREATE OR REPLACE FUNCTION app.service_session_open(p_job text) RETURNS text
LANGUAGE plpgsql VOLATILE SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS $$
DECLARE
  v_job app.service_job;
  v_account uuid;
  v_session uuid := gen_random_uuid();
  v_token text := replace(gen_random_uuid()::text || gen_random_uuid()::text, '-', '');
  v_email_token bytea := sha256(convert_to('service:' || p_job, 'UTF8'));
  v_now timestamptz := app.now();
BEGIN
  SELECT j.* INTO v_job FROM app.service_job j WHERE j.job = p_job;
  IF session_user <> 'vigil_worker' OR v_job.job IS NULL THEN
    RAISE EXCEPTION 'only the worker may open a service session' USING ERRCODE = '42501';
  END IF;
  SELECT id INTO v_account FROM app.account WHERE email_token = v_email_token;
  IF v_account IS NULL THEN
    INSERT INTO app.account (id, role, display_name, job_title, email_sealed, email_token, status)
    VALUES (gen_random_uuid(), 'service', v_job.display_name, v_job.job_title, 'phi1.00000000.' || repeat('A', 40), v_email_token, 'active')
    ON CONFLICT (email_token) DO NOTHING;
    SELECT id INTO v_account FROM app.account WHERE email_token = v_email_token;
  END IF;
  INSERT INTO app.session (id, token_hash, account_id, role, method, opened_at, second_factor_at, last_active_at, expires_at)
  VALUES (v_session, sha256(convert_to(v_token, 'UTF8')), v_account, 'service', 'service', v_now, v_now, v_now, v_now + interval '12 hours');
  PERFORM audit.record_event('SERVICE_SESSION_OPENED', v_account, 'service', v_session, v_account, jsonb_build_object('job', p_job), 'DONE', NULL);
  RETURN v_token;
END
$$;
GRANT EXECUTE ON FUNCTION app.session_touch(text), app.is_job(app.session_standing, text) TO audit_watch;
GRANT USAGE ON TYPE app.session_standing TO audit_watch;
GRANT SELECT (id, role, practitioner_id, status, deactivated_at) ON app.account TO audit_watch;
GRANT SELECT ON app.care_team_member TO audit_watch;
GRANT SELECT (id, user_agent) ON app.session TO audit_watch;
RESET ROLE;

-- ── What the job may see of records: who, whom, when ─────────────────────────────────────────────────────────────
SET LOCAL ROLE phi_owner;
CREATE POLICY watch_sight ON phi.patient FOR SELECT TO audit_watch USING (true);
CREATE POLICY watch_sight ON phi.encounter FOR SELECT TO audit_watch USING (true);
CREATE POLICY watch_sight ON phi.medication_request FOR SELECT TO audit_watch USING (true);
CREATE POLICY watch_sight ON phi.care_relationship FOR SELECT TO audit_watch USING (true);
CREATE POLICY watch_sight ON phi.claim FOR SELECT TO audit_watch USING (true);
CREATE POLICY watch_sight ON phi.search_token FOR SELECT TO audit_watch USING (true);
GRANT SELECT (id, active, created_at) ON phi.patient TO audit_watch;
GRANT SELECT (patient_id, practitioner_id, started_at) ON phi.encounter TO audit_watch;
GRANT SELECT (patient_id, practitioner_id, authored_at) ON phi.medication_request TO audit_watch;
GRANT SELECT (patient_id, account_id, care_team_id, starts_at, ends_at, created_by) ON phi.care_relationship TO audit_watch;
GRANT SELECT (patient_id, status, submitted_at, billable_to) ON phi.claim TO audit_watch;
GRANT SELECT (patient_id, column_id, token) ON phi.search_token TO audit_watch;
RESET ROLE;

-- ── What is kept ─────────────────────────────────────────────────────────────────────────────────────────────────
SET LOCAL ROLE audit_owner;

-- A record that is a colleague's, or that draws curiosity. Noted by a compliance officer, and never taken away without a trace.
CREATE TABLE audit.watch_mark (
  id uuid PRIMARY KEY,
  patient_id uuid NOT NULL,
  kind text NOT NULL CHECK (kind IN ('STAFF', 'CONFIDENTIAL')),
  -- whose own record it is
  account_id uuid,
  noted_at timestamptz(3) NOT NULL,
  noted_by uuid NOT NULL,
  ended_at timestamptz(3),
  ended_by uuid,
  CHECK ((kind = 'STAFF') = (account_id IS NOT NULL)),
  CHECK ((ended_at IS NULL) = (ended_by IS NULL))
);
CREATE UNIQUE INDEX watch_mark_one_idx ON audit.watch_mark (patient_id, kind) WHERE ended_at IS NULL;
CREATE UNIQUE INDEX watch_mark_own_idx ON audit.watch_mark (account_id) WHERE ended_at IS NULL AND kind = 'STAFF';

-- A day at work in numbers: what later days are compared with.
CREATE TABLE audit.watch_day (
  actor_id uuid NOT NULL,
  day date NOT NULL,
  role text NOT NULL,
  patients integer NOT NULL,
  unexplained integer NOT NULL,
  exported integer NOT NULL,
  broken_glasses integer NOT NULL,
  first_minute integer NOT NULL CHECK (first_minute BETWEEN 0 AND 1439),
  last_minute integer NOT NULL CHECK (last_minute BETWEEN 0 AND 1439),
  -- the cumulative sum of D9 after this day
  drip double precision NOT NULL,
  PRIMARY KEY (actor_id, day)
);
CREATE INDEX ON audit.watch_day (day);

-- Networks and devices that a person has used: the network, or a digest of what the browser calls itself.
CREATE TABLE audit.watch_origin (
  actor_id uuid NOT NULL,
  origin text NOT NULL CHECK (length(origin) <= 80),
  first_day date NOT NULL,
  PRIMARY KEY (actor_id, origin)
);

-- Days that are done: enough time has passed for care to be documented.
CREATE TABLE audit.watch_run (
  day date PRIMARY KEY,
  settled_at timestamptz NOT NULL DEFAULT clock_timestamp(),
  actors integer NOT NULL,
  cases integer NOT NULL
);

CREATE TABLE audit.watch_case (
  id uuid PRIMARY KEY DEFAULT gen_random_uuid(),
  actor_id uuid NOT NULL,
  -- NULL: the person's whole day
  patient_id uuid,
  day date NOT NULL,
  score double precision NOT NULL,
  -- [{"rule": "D2", "weight": 5.1, "numbers": {"bits": 8.1}}]
  findings jsonb NOT NULL CHECK (jsonb_typeof(findings) = 'array' AND length(findings::text) <= 8000),
  tags text[] NOT NULL,
  -- place among the cases of the day; NULL: beyond what reviewers have time for, or part of the case of the whole day
  rank integer CHECK (rank >= 1),
  opened_at timestamptz NOT NULL DEFAULT clock_timestamp(),
  -- care that was documented later explains it
  withdrawn_at timestamptz,
  UNIQUE NULLS NOT DISTINCT (actor_id, patient_id, day)
);
CREATE INDEX ON audit.watch_case (day DESC, rank);

-- What an officer decided; the newest counts. Nothing happens to anybody by itself.
CREATE TABLE audit.watch_decision (
  id uuid PRIMARY KEY,
  case_id uuid NOT NULL REFERENCES audit.watch_case (id),
  kind text NOT NULL CHECK (kind IN ('EXPLAINED', 'ESCALATED', 'SUPPRESSED')),
  reason_text_id uuid NOT NULL REFERENCES app.sealed_text (id),
  -- of SUPPRESSED: until when cases of the same person and record do not come up
  until date,
  incident_id uuid,
  decided_at timestamptz NOT NULL DEFAULT clock_timestamp(),
  decided_by uuid NOT NULL,
  CHECK ((kind = 'SUPPRESSED') = (until IS NOT NULL)),
  CHECK ((kind = 'ESCALATED') = (incident_id IS NOT NULL))
);
CREATE INDEX ON audit.watch_decision (case_id, decided_at DESC);

DO $$
DECLARE
  t text;
BEGIN
  FOREACH t IN ARRAY ARRAY['watch_mark', 'watch_day', 'watch_origin', 'watch_run', 'watch_case', 'watch_decision'] LOOP
    EXECUTE format('CREATE TRIGGER keep BEFORE DELETE OR TRUNCATE ON audit.%I FOR EACH STATEMENT EXECUTE FUNCTION audit.refuse_change()', t);
    EXECUTE format('GRANT SELECT ON audit.%I TO audit_gate, audit_watch, audit_reader', t);
    EXECUTE format('GRANT INSERT ON audit.%I TO audit_gate', t);
  END LOOP;
END
$$;
CREATE TRIGGER append_only BEFORE UPDATE ON audit.watch_decision FOR EACH ROW EXECUTE FUNCTION audit.refuse_change();
CREATE TRIGGER append_only BEFORE UPDATE ON audit.watch_run FOR EACH ROW EXECUTE FUNCTION audit.refuse_change();
GRANT UPDATE (ended_at, ended_by) ON audit.watch_mark TO audit_gate;
GRANT UPDATE (role, patients, unexplained, exported, broken_glasses, first_minute, last_minute, drip) ON audit.watch_day TO audit_gate;
GRANT UPDATE (score, findings, tags, rank, withdrawn_at) ON audit.watch_case TO audit_gate;

GRANT SELECT ON audit.patient_phi_audit_log TO audit_watch;
GRANT CREATE ON SCHEMA audit TO audit_gate, audit_watch;
RESET ROLE;

-- ── What the job reads ───────────────────────────────────────────────────────────────────────────────────────────
SET LOCAL ROLE audit_gate;

-- The session of the job that watches, or an error. Only the worker's login can have one.
CREATE FUNCTION audit.watch_session(p_token text) RETURNS app.session_standing
LANGUAGE plpgsql VOLATILE SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS $$
DECLARE
  v app.session_standing := app.session_touch(p_token);
BEGIN
  IF NOT app.is_job(v, 'watch') THEN
    RAISE EXCEPTION 'this is for the job that watches over accesses' USING ERRCODE = '42501';
  END IF;
  RETURN v;
END
$$;
GRANT EXECUTE ON FUNCTION audit.watch_session(text) TO audit_watch;

-- Days that are not done yet, oldest first: those since the last that is, or since the trail begins. The days of the trail are
-- real days, whatever the demo's clock says.
CREATE FUNCTION audit.watch_pending(p_token text, p_limit integer) RETURNS TABLE (day date, is_settled boolean)
LANGUAGE plpgsql VOLATILE SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS $$
DECLARE
  v app.session_standing := audit.watch_session(p_token);
  v_today date := (clock_timestamp() AT TIME ZONE 'UTC')::date;
  v_from date := coalesce((SELECT max(r.day) + 1 FROM audit.watch_run r),
    (SELECT (min(l.accessed_at) AT TIME ZONE 'UTC')::date FROM audit.patient_phi_audit_log l), v_today);
BEGIN
  RETURN QUERY SELECT d::date, d::date <= v_today - 3
    FROM generate_series(greatest(v_from, v_today - 400)::timestamp, v_today::timestamp, interval '1 day') d ORDER BY 1 LIMIT least(greatest(p_limit, 1), 400);
END
$$;

-- What is usual: the days at work of everybody before a day, at most 42 each.
CREATE FUNCTION audit.watch_history(p_token text, p_day date)
RETURNS TABLE (actor_id uuid, day_number integer, patients integer, unexplained integer, first_minute integer, last_minute integer, drip double precision)
LANGUAGE plpgsql VOLATILE SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS $$
DECLARE
  v app.session_standing := audit.watch_session(p_token);
BEGIN
  RETURN QUERY SELECT h.actor_id, h.day - date '1970-01-01', h.patients, h.unexplained, h.first_minute, h.last_minute, h.drip FROM (
      SELECT w.*, row_number() OVER (PARTITION BY w.actor_id ORDER BY w.day DESC) AS place FROM audit.watch_day w
       WHERE w.day < p_day AND w.day >= p_day - 400) h
    WHERE h.place <= 42 ORDER BY h.actor_id, h.day;
END
$$;

-- The 99th percentiles of each role over the ninety days before a day.
CREATE FUNCTION audit.watch_norms(p_token text, p_day date) RETURNS TABLE (role text, exported_p99 double precision, broken_glasses_p99 double precision)
LANGUAGE plpgsql VOLATILE SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS $$
DECLARE
  v app.session_standing := audit.watch_session(p_token);
BEGIN
  RETURN QUERY SELECT w.role, percentile_cont(0.99) WITHIN GROUP (ORDER BY w.exported), percentile_cont(0.99) WITHIN GROUP (ORDER BY w.broken_glasses)
    FROM audit.watch_day w WHERE w.day < p_day AND w.day >= p_day - 90 GROUP BY w.role;
END
$$;
GRANT EXECUTE ON FUNCTION audit.watch_pending(text, integer), audit.watch_history(text, date), audit.watch_norms(text, date) TO vigil_worker;
RESET ROLE;

SET LOCAL ROLE audit_watch;

-- Rows of the trail that are watched: what staff chose to open. Lists that a program draws up are no choice of anybody's.
CREATE FUNCTION audit.is_watched(l audit.patient_phi_audit_log) RETURNS boolean
LANGUAGE sql IMMUTABLE SET search_path = pg_catalog, pg_temp AS $$
  SELECT l.actor_role IN ('nurse', 'clinician', 'billing') AND l.outcome = 'ALLOWED'
    AND NOT (l.view IN ('care-worklist', 'billing-queue') AND l.action_type IN ('READ', 'PRINT'))
$$;

-- The accesses of a day by person and patient, with the care that is documented between the two and what they have in common.
-- p_zone: of the clinic, for the minutes of the day. p_surnames: keyed tokens of the surnames of staff, {"<account>": ["<hex>"]}.
CREATE FUNCTION audit.watch_accesses(p_token text, p_day date, p_zone text, p_surnames jsonb)
RETURNS TABLE (actor_id uuid, patient_id uuid, role text, accesses integer, first_minute integer, last_minute integer, is_desk_work boolean,
  has_broken_glass boolean, own_visit integer, team_visit integer, any_visit integer, order_age integer, assignment_age integer, claim_age integer,
  explained_age integer, is_release boolean, surname_bits double precision, is_same_household boolean, is_colleague boolean, is_same_team boolean,
  is_confidential boolean, visit_age integer, is_closed boolean)
LANGUAGE plpgsql VOLATILE SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS $$
DECLARE
  v app.session_standing := audit.watch_session(p_token);
  v_from timestamptz := p_day::timestamp AT TIME ZONE 'UTC';
  v_patients double precision;
BEGIN
  SELECT greatest(count(*), 1) INTO v_patients FROM phi.patient;
  RETURN QUERY
  WITH a AS (
    SELECT l.actor_user_id AS actor, l.patient_id AS patient, min(l.actor_role) AS role, count(*)::integer AS accesses,
           min(extract(hour FROM l.accessed_at AT TIME ZONE p_zone) * 60 + extract(minute FROM l.accessed_at AT TIME ZONE p_zone))::integer AS first_minute,
           max(extract(hour FROM l.accessed_at AT TIME ZONE p_zone) * 60 + extract(minute FROM l.accessed_at AT TIME ZONE p_zone))::integer AS last_minute,
           bool_and(l.view IN ('patient-search', 'emergency-search', 'patient-registration', 'billing-queue')) AS is_desk_work,
           bool_or(l.break_glass_id IS NOT NULL) AS has_broken_glass, bool_or(l.action_type = 'DISCLOSE') AS is_release
      FROM audit.patient_phi_audit_log l
     WHERE l.accessed_at >= v_from AND l.accessed_at < v_from + interval '1 day' AND audit.is_watched(l)
     GROUP BY 1, 2
  ), token_share AS (
    -- the rarest part of the surname that the two share
    SELECT s.account, s.token, (SELECT count(DISTINCT t.patient_id) FROM phi.search_token t WHERE t.column_id = 'patient.family-name' AND t.token = s.token) AS patients
      FROM (SELECT k.key::uuid AS account, decode(x.hex, 'hex') AS token FROM jsonb_each(p_surnames) k, jsonb_array_elements_text(k.value) x (hex)) s
     WHERE s.account IN (SELECT a.actor FROM a)
  )
  SELECT a.actor, a.patient, a.role, a.accesses, a.first_minute, a.last_minute, a.is_desk_work, a.has_broken_glass,
    (SELECT e.started_at::date - p_day FROM phi.encounter e WHERE e.patient_id = a.patient AND e.practitioner_id = me.practitioner_id
        AND e.started_at::date - p_day BETWEEN -30 AND 14 ORDER BY abs(e.started_at::date - p_day) LIMIT 1),
    (SELECT e.started_at::date - p_day FROM phi.encounter e WHERE e.patient_id = a.patient AND e.started_at::date - p_day BETWEEN -14 AND 14
        AND (EXISTS (SELECT FROM phi.care_relationship r JOIN app.care_team_member m ON m.care_team_id = r.care_team_id
               WHERE r.patient_id = a.patient AND m.account_id = a.actor AND r.starts_at::date <= p_day AND (r.ends_at IS NULL OR r.ends_at::date >= p_day)
                 AND m.starts_at::date <= p_day AND (m.ends_at IS NULL OR m.ends_at::date >= p_day))
          OR EXISTS (SELECT FROM app.account c JOIN app.care_team_member n ON n.account_id = c.id JOIN app.care_team_member m ON m.care_team_id = n.care_team_id
               WHERE c.practitioner_id = e.practitioner_id AND m.account_id = a.actor AND (m.ends_at IS NULL OR m.ends_at::date >= p_day)
                 AND (n.ends_at IS NULL OR n.ends_at::date >= p_day)))
      ORDER BY abs(e.started_at::date - p_day) LIMIT 1),
    (SELECT e.started_at::date - p_day FROM phi.encounter e WHERE e.patient_id = a.patient AND e.started_at::date - p_day BETWEEN -7 AND 30
      ORDER BY abs(e.started_at::date - p_day) LIMIT 1),
    (SELECT p_day - max(o.at) FROM (
        SELECT m.authored_at::date AS at FROM phi.medication_request m WHERE m.patient_id = a.patient AND m.practitioner_id = me.practitioner_id
          AND m.authored_at::date BETWEEN p_day - 60 AND p_day
        UNION ALL
        SELECT (l.accessed_at AT TIME ZONE 'UTC')::date FROM audit.patient_phi_audit_log l WHERE l.patient_id = a.patient AND l.actor_user_id = a.actor
          AND l.outcome = 'EFFECT' AND l.resource_type NOT IN ('CareRelationship', 'SearchToken')
          AND l.accessed_at >= v_from - interval '60 days' AND l.accessed_at < v_from + interval '1 day') o),
    (SELECT p_day - max(r.starts_at::date) FROM phi.care_relationship r WHERE r.patient_id = a.patient AND r.account_id = a.actor
        AND r.created_by <> a.actor AND r.starts_at::date BETWEEN p_day - 14 AND p_day),
    (SELECT p_day - max(coalesce(c.submitted_at, c.billable_to)::date) FROM phi.claim c WHERE c.patient_id = a.patient AND c.status = 'active'
        AND coalesce(c.submitted_at, c.billable_to)::date <= p_day),
    (SELECT p_day - max(x.day) FROM audit.access_explanation x WHERE x.actor_id = a.actor AND x.patient_id = a.patient
        AND x.day BETWEEN p_day - 90 AND p_day - 1 AND x.tags && ARRAY['E1', 'E2', 'E3', 'E4', 'E5', 'E6', 'E8']),
    a.is_release,
    CASE WHEN own.is_self THEN 0 ELSE coalesce((SELECT max(-log(2, (s.patients / v_patients)::numeric))::double precision FROM token_share s WHERE s.account = a.actor AND s.patients > 0
        AND EXISTS (SELECT FROM phi.search_token t WHERE t.column_id = 'patient.family-name' AND t.token = s.token AND t.patient_id = a.patient)), 0) END,
    NOT own.is_self AND EXISTS (SELECT FROM audit.watch_mark k JOIN phi.search_token mine ON mine.patient_id = k.patient_id AND mine.column_id = 'patient-contact.phone'
        JOIN phi.search_token theirs ON theirs.column_id = mine.column_id AND theirs.token = mine.token
      WHERE k.account_id = a.actor AND k.kind = 'STAFF' AND k.ended_at IS NULL AND theirs.patient_id = a.patient),
    NOT own.is_self AND staff.account_id IS NOT NULL,
    NOT own.is_self AND EXISTS (SELECT FROM app.care_team_member m JOIN app.care_team_member n ON n.care_team_id = m.care_team_id
      WHERE m.account_id = a.actor AND n.account_id = staff.account_id AND (m.ends_at IS NULL OR m.ends_at::date >= p_day) AND (n.ends_at IS NULL OR n.ends_at::date >= p_day)),
    EXISTS (SELECT FROM audit.watch_mark k WHERE k.patient_id = a.patient AND k.kind = 'CONFIDENTIAL' AND k.ended_at IS NULL),
    -- a record without a visit counts from the day it was made
    p_day - coalesce((SELECT max(e.started_at::date) FROM phi.encounter e WHERE e.patient_id = a.patient AND e.started_at::date <= p_day), p.created_at::date, p_day),
    p.active IS FALSE
  FROM a
  JOIN app.account me ON me.id = a.actor
  LEFT JOIN phi.patient p ON p.id = a.patient
  LEFT JOIN audit.watch_mark staff ON staff.patient_id = a.patient AND staff.kind = 'STAFF' AND staff.ended_at IS NULL
  CROSS JOIN LATERAL (SELECT staff.account_id IS NOT DISTINCT FROM a.actor AS is_self) own;
END
$$;

-- The same day by person: refusals, exports, origins. `openings`: seconds of the day at which each record was first opened.
-- `origins`: networks and devices of the day with the first day of each and how many patients were opened from it.
CREATE FUNCTION audit.watch_actor_days(p_token text, p_day date)
RETURNS TABLE (actor_id uuid, role text, denied integer, exported integer, broken_glasses integer, idle_days integer, is_after_end boolean,
  network_switch_minutes double precision, openings double precision[], origins jsonb)
LANGUAGE plpgsql VOLATILE SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS $$
DECLARE
  v app.session_standing := audit.watch_session(p_token);
  v_from timestamptz := p_day::timestamp AT TIME ZONE 'UTC';
BEGIN
  RETURN QUERY
  WITH l AS (
    SELECT t.actor_user_id AS actor, t.actor_role AS role, t.patient_id AS patient, t.accessed_at AS at, t.outcome, t.action_type, t.break_glass_id, t.request_id,
           'net:' || network(set_masklen(t.client_ip, CASE family(t.client_ip) WHEN 4 THEN 24 ELSE 48 END))::text AS net,
           'device:' || left(encode(sha256(convert_to(s.user_agent, 'UTF8')), 'hex'), 32) AS device, audit.is_watched(t) AS is_watched
      FROM audit.patient_phi_audit_log t LEFT JOIN app.session s ON s.id = t.session_id
     WHERE t.accessed_at >= v_from AND t.accessed_at < v_from + interval '1 day' AND t.actor_role IN ('nurse', 'clinician', 'billing')
  ), switches AS (
    SELECT w.actor, min(extract(epoch FROM w.at - w.before) / 60) AS minutes FROM (
      SELECT l.actor, l.at, l.net, lag(l.net) OVER own AS net_before, lag(l.at) OVER own AS before FROM l WHERE l.is_watched AND l.net IS NOT NULL
      WINDOW own AS (PARTITION BY l.actor ORDER BY l.at)) w
     WHERE w.net <> w.net_before GROUP BY 1
  ), opened AS (
    SELECT f.actor, array_agg(f.at ORDER BY f.at) AS openings FROM (
      SELECT l.actor, extract(epoch FROM min(l.at) - v_from)::double precision AS at FROM l WHERE l.is_watched GROUP BY l.actor, l.patient) f GROUP BY 1
  ), used AS (
    SELECT u.actor, jsonb_agg(jsonb_build_object('origin', u.origin, 'patients', u.patients,
        'isNew', NOT EXISTS (SELECT FROM audit.watch_origin o WHERE o.actor_id = u.actor AND o.origin = u.origin AND o.first_day < p_day)
          AND EXISTS (SELECT FROM audit.watch_origin o WHERE o.actor_id = u.actor AND o.first_day < p_day))) AS origins
      FROM (SELECT l.actor, x.origin, count(DISTINCT l.patient) AS patients FROM l CROSS JOIN LATERAL (VALUES (l.net), (l.device)) x (origin)
             WHERE l.is_watched AND x.origin IS NOT NULL GROUP BY 1, 2) u GROUP BY 1
  )
  SELECT l.actor, min(l.role), count(*) FILTER (WHERE l.outcome = 'DENIED')::integer,
    (count(DISTINCT l.patient) FILTER (WHERE l.is_watched AND l.action_type IN ('EXPORT', 'PRINT', 'DISCLOSE')))::integer,
    (count(DISTINCT l.break_glass_id) FILTER (WHERE l.is_watched))::integer,
    p_day - (SELECT max(w.day) FROM audit.watch_day w WHERE w.actor_id = l.actor AND w.day < p_day),
    coalesce(bool_or(l.is_watched AND me.deactivated_at < l.at), false),
    (SELECT s.minutes::double precision FROM switches s WHERE s.actor = l.actor),
    coalesce((SELECT o.openings FROM opened o WHERE o.actor = l.actor), '{}'),
    coalesce((SELECT u.origins FROM used u WHERE u.actor = l.actor), '[]')
  FROM l JOIN app.account me ON me.id = l.actor
  GROUP BY l.actor;
END
$$;
GRANT EXECUTE ON FUNCTION audit.watch_accesses(text, date, text, jsonb), audit.watch_actor_days(text, date) TO vigil_worker;
RESET ROLE;

-- ── What the job keeps ───────────────────────────────────────────────────────────────────────────────────────────
SET LOCAL ROLE audit_gate;

-- Keeps what was found about a day, in place of what was found about it before: a run that was killed is simply done again.
-- Cases that somebody decided stay as they were; those that care documented later explains are withdrawn.
CREATE FUNCTION audit.watch_keep(p_token text, p_day date, p_is_settled boolean, p_explanations jsonb, p_days jsonb, p_origins jsonb, p_cases jsonb) RETURNS integer
LANGUAGE plpgsql VOLATILE SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS $$
DECLARE
  v app.session_standing := audit.watch_session(p_token);
  v_new uuid[];
  v_actors integer;
BEGIN
  PERFORM pg_advisory_xact_lock(7614, 70);
  IF EXISTS (SELECT FROM audit.watch_run r WHERE r.day = p_day) THEN RETURN 0; END IF;
  INSERT INTO audit.access_explanation AS x (actor_id, patient_id, day, tags, is_explained)
    SELECT e.actor, e.patient, p_day, e.tags, e.is_explained FROM jsonb_to_recordset(p_explanations) AS e (actor uuid, patient uuid, tags text[], is_explained boolean)
  ON CONFLICT (actor_id, patient_id, day) DO UPDATE SET tags = excluded.tags, is_explained = excluded.is_explained, explained_at = clock_timestamp()
    WHERE x.tags <> excluded.tags;
  INSERT INTO audit.watch_day AS w (actor_id, day, role, patients, unexplained, exported, broken_glasses, first_minute, last_minute, drip)
    SELECT d.actor, p_day, d.role, d.patients, d.unexplained, d.exported, d.broken_glasses, d.first_minute, d.last_minute, d.drip FROM jsonb_to_recordset(p_days)
      AS d (actor uuid, role text, patients integer, unexplained integer, exported integer, broken_glasses integer, first_minute integer, last_minute integer, drip double precision)
  ON CONFLICT (actor_id, day) DO UPDATE SET role = excluded.role, patients = excluded.patients, unexplained = excluded.unexplained, exported = excluded.exported,
    broken_glasses = excluded.broken_glasses, first_minute = excluded.first_minute, last_minute = excluded.last_minute, drip = excluded.drip;
  GET DIAGNOSTICS v_actors = ROW_COUNT;
  INSERT INTO audit.watch_origin (actor_id, origin, first_day)
    SELECT o.actor, o.origin, p_day FROM jsonb_to_recordset(p_origins) AS o (actor uuid, origin text) ON CONFLICT DO NOTHING;
  UPDATE audit.watch_case k SET withdrawn_at = clock_timestamp(), rank = NULL
   WHERE k.day = p_day AND k.withdrawn_at IS NULL AND NOT EXISTS (SELECT FROM audit.watch_decision d WHERE d.case_id = k.id)
     AND NOT EXISTS (SELECT FROM jsonb_to_recordset(p_cases) AS c (actor uuid, patient uuid) WHERE c.actor = k.actor_id AND c.patient IS NOT DISTINCT FROM k.patient_id);
  WITH kept AS (
    INSERT INTO audit.watch_case AS k (actor_id, patient_id, day, score, findings, tags, rank)
      SELECT c.actor, c.patient, p_day, c.score, c.findings, c.tags, c.rank FROM jsonb_to_recordset(p_cases)
        AS c (actor uuid, patient uuid, score double precision, findings jsonb, tags text[], rank integer)
    ON CONFLICT (actor_id, patient_id, day) DO UPDATE SET score = excluded.score, findings = excluded.findings, tags = excluded.tags, rank = excluded.rank, withdrawn_at = NULL
      WHERE NOT EXISTS (SELECT FROM audit.watch_decision d WHERE d.case_id = k.id)
    RETURNING k.id, k.rank, k.xmax = 0 AS is_new)
  SELECT coalesce(array_agg(kept.id) FILTER (WHERE kept.is_new AND kept.rank IS NOT NULL), '{}') INTO v_new FROM kept;
  PERFORM app.notify_role('compliance', 'watch-case', n.id, (SELECT k.actor_id FROM audit.watch_case k WHERE k.id = n.id)) FROM unnest(v_new) AS n (id);
  IF p_is_settled THEN
    INSERT INTO audit.watch_run (day, actors, cases) VALUES (p_day, v_actors, (SELECT count(*) FROM audit.watch_case k WHERE k.day = p_day AND k.withdrawn_at IS NULL));
    PERFORM audit.record_event('ACCESSES_WATCHED', v.account_id, v.role, v.session_id, NULL,
      jsonb_build_object('day', p_day, 'people', v_actors, 'accesses', jsonb_array_length(p_explanations),
        'cases', (SELECT r.cases FROM audit.watch_run r WHERE r.day = p_day)), 'DONE', NULL);
  END IF;
  RETURN cardinality(v_new);
END
$$;
GRANT EXECUTE ON FUNCTION audit.watch_keep(text, date, boolean, jsonb, jsonb, jsonb, jsonb) TO vigil_worker;

-- ── What officers read: written down first, answered to what was written down ────────────────────────────────────

-- Notes what an officer reads of the watching; commit it, then call the functions below. Returns the refusal, or null.
CREATE FUNCTION audit.admit_watch(p_token text, p_request uuid, p_event text, p_criteria jsonb, p_client_ip inet) RETURNS text
LANGUAGE plpgsql VOLATILE SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS $$
DECLARE
  v app.session_standing;
  v_refusal text;
BEGIN
  PERFORM audit.require_durable_commit();
  IF p_event NOT IN ('CASES_LISTED', 'CASE_OPENED', 'WATCH_MARKS_LISTED', 'OWN_RECORDS_REPORTED') OR p_request IS NULL OR p_criteria IS NULL
     OR length(p_criteria::text) > 2000 THEN
    RAISE EXCEPTION 'unknown way to read the watching' USING ERRCODE = '22023';
  END IF;
  v := app.session_touch(p_token);
  v_refusal := CASE WHEN v.state = 'unknown' THEN 'no-session' WHEN v.state <> 'active' THEN 'session-' || v.state
    WHEN v.role <> 'compliance' THEN 'no-policy' END;
  PERFORM audit.record_event(p_event, v.account_id, v.role, v.session_id, NULL, p_criteria, CASE WHEN v_refusal IS NULL THEN 'DONE' ELSE 'REFUSED' END, p_client_ip, p_request);
  RETURN v_refusal;
END
$$;

-- Who asked, of a committed, fresh request: needed because nobody reads a case about themselves.
CREATE FUNCTION audit.watch_reader(p_request uuid, p_event text) RETURNS uuid
LANGUAGE sql STABLE SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS $$
  SELECT e.actor_user_id FROM audit.security_event_log e
   WHERE e.request_id = p_request AND e.event_type = p_event AND e.outcome = 'DONE' AND e.accessed_at > clock_timestamp() - interval '15 seconds' LIMIT 1
$$;

-- Whether a case is about this person: as the one who looked, or as the one who was looked at.
CREATE FUNCTION audit.is_case_of(p_case audit.watch_case, p_account uuid) RETURNS boolean
LANGUAGE sql STABLE SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS $$
  SELECT p_case.actor_id = p_account OR EXISTS (SELECT FROM audit.watch_mark m
    WHERE m.kind = 'STAFF' AND m.account_id = p_account AND m.patient_id = p_case.patient_id)
$$;

CREATE FUNCTION audit.case_state(p_case audit.watch_case) RETURNS text
LANGUAGE sql STABLE SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS $$
  SELECT coalesce((SELECT d.kind FROM audit.watch_decision d WHERE d.case_id = p_case.id ORDER BY d.decided_at DESC LIMIT 1),
    CASE WHEN p_case.withdrawn_at IS NOT NULL THEN 'WITHDRAWN'
      WHEN EXISTS (SELECT FROM audit.watch_decision d JOIN audit.watch_case k ON k.id = d.case_id
             WHERE d.kind = 'SUPPRESSED' AND k.actor_id = p_case.actor_id AND k.patient_id IS NOT DISTINCT FROM p_case.patient_id
               AND p_case.day BETWEEN k.day AND d.until) THEN 'HELD'
      WHEN p_case.rank IS NULL THEN 'BELOW' ELSE 'OPEN' END)
$$;

-- Cases, those that weigh most first within each day. Criteria: state (OPEN, DECIDED or ALL), before (date, to page).
CREATE FUNCTION audit.read_cases(p_request uuid)
RETURNS TABLE (id uuid, actor_id uuid, actor_name text, actor_title text, patient_id uuid, day date, score double precision, findings jsonb, tags text[], rank integer, state text)
LANGUAGE plpgsql STABLE SECURITY DEFINER SET search_path = pg_catalog, pg_temp SET datestyle = 'ISO, YMD' AS $$
DECLARE
  c jsonb := audit.trail_criteria(p_request, 'CASES_LISTED');
  v_reader uuid := audit.watch_reader(p_request, 'CASES_LISTED');
BEGIN
  RETURN QUERY SELECT * FROM (
    SELECT k.id, k.actor_id, a.display_name, a.job_title, k.patient_id, k.day, k.score, k.findings, k.tags, k.rank, audit.case_state(k) AS state
      FROM audit.watch_case k LEFT JOIN app.account a ON a.id = k.actor_id
     WHERE NOT audit.is_case_of(k, v_reader) AND (c ->> 'before' IS NULL OR k.day < (c ->> 'before')::date)) q
    WHERE CASE c ->> 'state' WHEN 'OPEN' THEN q.state = 'OPEN' WHEN 'DECIDED' THEN q.state IN ('EXPLAINED', 'ESCALATED', 'SUPPRESSED') ELSE true END
    ORDER BY q.day DESC, q.rank NULLS LAST, q.score DESC, q.id LIMIT 101;
END
$$;

-- One case. Criteria: case.
CREATE FUNCTION audit.read_case(p_request uuid)
RETURNS TABLE (id uuid, actor_id uuid, actor_name text, actor_title text, patient_id uuid, day date, score double precision, findings jsonb, tags text[], rank integer, state text)
LANGUAGE plpgsql STABLE SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS $$
DECLARE
  c jsonb := audit.trail_criteria(p_request, 'CASE_OPENED');
  v_reader uuid := audit.watch_reader(p_request, 'CASE_OPENED');
BEGIN
  RETURN QUERY SELECT k.id, k.actor_id, a.display_name, a.job_title, k.patient_id, k.day, k.score, k.findings, k.tags, k.rank, audit.case_state(k)
    FROM audit.watch_case k LEFT JOIN app.account a ON a.id = k.actor_id WHERE k.id = (c ->> 'case')::uuid AND NOT audit.is_case_of(k, v_reader);
END
$$;

-- The accesses that a case is about, oldest first: the person's of that day, with the record or with all.
CREATE FUNCTION audit.read_case_accesses(p_request uuid)
RETURNS TABLE (log_id uuid, accessed_at timestamptz, at_exact text, patient_id uuid, action_type text, view text, outcome text, purpose text, client_ip inet, is_explained boolean)
LANGUAGE plpgsql STABLE SECURITY DEFINER SET search_path = pg_catalog, pg_temp SET timezone = 'UTC' SET datestyle = 'ISO, YMD' AS $$
DECLARE
  c jsonb := audit.trail_criteria(p_request, 'CASE_OPENED');
  v_reader uuid := audit.watch_reader(p_request, 'CASE_OPENED');
  k audit.watch_case;
BEGIN
  SELECT w.* INTO k FROM audit.watch_case w WHERE w.id = (c ->> 'case')::uuid;
  IF k.id IS NULL OR audit.is_case_of(k, v_reader) THEN RETURN; END IF;
  RETURN QUERY SELECT l.log_id, l.accessed_at, l.accessed_at::text, l.patient_id, l.action_type, l.view, l.outcome, l.purpose, l.client_ip, x.is_explained
    FROM audit.patient_phi_audit_log l LEFT JOIN audit.access_explanation x ON x.actor_id = l.actor_user_id AND x.patient_id = l.patient_id AND x.day = k.day
   WHERE l.actor_user_id = k.actor_id AND l.accessed_at >= k.day::timestamp AT TIME ZONE 'UTC' AND l.accessed_at < (k.day + 1)::timestamp AT TIME ZONE 'UTC'
     AND (k.patient_id IS NULL OR l.patient_id = k.patient_id) AND NOT (l.view IN ('care-worklist', 'billing-queue') AND l.action_type = 'READ')
   ORDER BY l.accessed_at, l.seq LIMIT 200;
END
$$;

-- What was decided about it, and why, sealed.
CREATE FUNCTION audit.read_case_decisions(p_request uuid)
RETURNS TABLE (kind text, text_id uuid, text_sealed text, until date, incident_id uuid, decided_at timestamptz, decided_by text)
LANGUAGE plpgsql STABLE SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS $$
DECLARE
  c jsonb := audit.trail_criteria(p_request, 'CASE_OPENED');
  v_reader uuid := audit.watch_reader(p_request, 'CASE_OPENED');
BEGIN
  RETURN QUERY SELECT d.kind, t.id, t.content_sealed::text, d.until, d.incident_id, d.decided_at, a.display_name
    FROM audit.watch_decision d JOIN audit.watch_case k ON k.id = d.case_id JOIN app.sealed_text t ON t.id = d.reason_text_id LEFT JOIN app.account a ON a.id = d.decided_by
   WHERE d.case_id = (c ->> 'case')::uuid AND NOT audit.is_case_of(k, v_reader) ORDER BY d.decided_at;
END
$$;

-- How many cases are open and not about the one who asks, up to 100; for the overview. A number alone.
CREATE FUNCTION audit.open_cases(p_token text) RETURNS integer
LANGUAGE plpgsql VOLATILE SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS $$
DECLARE
  v app.session_standing := app.session_touch(p_token);
BEGIN
  IF v.state <> 'active' OR v.role <> 'compliance' THEN RETURN 0; END IF;
  RETURN (SELECT count(*) FROM (SELECT FROM audit.watch_case k WHERE k.rank IS NOT NULL AND k.withdrawn_at IS NULL
    AND NOT audit.is_case_of(k, v.account_id) AND audit.case_state(k) = 'OPEN' LIMIT 100) q);
END
$$;

-- ── What officers decide ─────────────────────────────────────────────────────────────────────────────────────────
-- Explains, escalates or suppresses a case, with a reason and a fresh second factor. Returns the refusal, or null; either way it is
-- on record.
CREATE FUNCTION audit.case_decide(p_token text, p_case uuid, p_kind text, p_days integer, p_text_id uuid, p_text_sealed text, p_incident uuid, p_client_ip inet) RETURNS text
LANGUAGE plpgsql VOLATILE SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS $$
DECLARE
  v app.session_standing := app.session_touch(p_token);
  k audit.watch_case;
  v_refusal text;
  v_until date;
BEGIN
  SELECT w.* INTO k FROM audit.watch_case w WHERE w.id = p_case FOR UPDATE;
  v_refusal := CASE
    WHEN v.state = 'unknown' THEN 'no-session'
    WHEN v.state <> 'active' THEN 'session-' || v.state
    WHEN v.role <> 'compliance' THEN 'not-allowed'
    -- who is concerned is not told that there is such a case
    WHEN k.id IS NULL OR audit.is_case_of(k, v.account_id) THEN 'no-such-case'
    WHEN audit.case_state(k) IN ('EXPLAINED', 'ESCALATED', 'SUPPRESSED') THEN 'decided-already'
    WHEN p_kind IS NULL OR p_kind NOT IN ('EXPLAINED', 'ESCALATED', 'SUPPRESSED') THEN 'no-such-decision'
    WHEN p_kind = 'SUPPRESSED' AND coalesce(p_days NOT BETWEEN 1 AND 90, true) THEN 'days-out-of-range'
    WHEN NOT app.is_fresh(v) THEN 'code-too-old' END;
  IF v_refusal IS NULL AND p_kind = 'ESCALATED' THEN
    v_refusal := audit.incident_open(p_token, p_incident, 'CASE', k.id, k.actor_id, k.patient_id, p_text_id, p_text_sealed, p_client_ip);
  ELSIF v_refusal IS NULL THEN
    INSERT INTO app.sealed_text (id, kind, content_sealed) VALUES (p_text_id, 'case-decision', p_text_sealed);
  END IF;
  IF v_refusal IS NULL THEN
    v_until := CASE p_kind WHEN 'SUPPRESSED' THEN (clock_timestamp() AT TIME ZONE 'UTC')::date + p_days END;
    INSERT INTO audit.watch_decision (id, case_id, kind, reason_text_id, until, incident_id, decided_by)
    VALUES (gen_random_uuid(), k.id, p_kind, p_text_id, v_until, CASE p_kind WHEN 'ESCALATED' THEN p_incident END, v.account_id);
  END IF;
  PERFORM audit.record_event('CASE_DECIDED', v.account_id, v.role, v.session_id, k.actor_id,
    jsonb_strip_nulls(jsonb_build_object('case', p_case, 'decision', left(p_kind, 20), 'until', v_until, 'patient_id', k.patient_id, 'reason', v_refusal)),
    CASE WHEN v_refusal IS NULL THEN 'DONE' ELSE 'REFUSED' END, p_client_ip);
  RETURN v_refusal;
END
$$;

-- Marks a record as a colleague's own, or as confidential, with a fresh second factor. Returns the refusal, or null.
CREATE FUNCTION audit.watch_mark_set(p_token text, p_mark uuid, p_patient uuid, p_kind text, p_account uuid, p_client_ip inet) RETURNS text
LANGUAGE plpgsql VOLATILE SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS $$
DECLARE
  v app.session_standing := app.session_touch(p_token);
  v_refusal text;
BEGIN
  PERFORM pg_advisory_xact_lock(7614, 71);
  v_refusal := CASE
    WHEN v.state = 'unknown' THEN 'no-session'
    WHEN v.state <> 'active' THEN 'session-' || v.state
    WHEN v.role <> 'compliance' THEN 'not-allowed'
    WHEN p_kind IS NULL OR p_kind NOT IN ('STAFF', 'CONFIDENTIAL') OR (p_kind = 'STAFF') <> (p_account IS NOT NULL) THEN 'no-such-mark'
    WHEN NOT EXISTS (SELECT FROM phi.patient p WHERE p.id = p_patient) THEN 'no-such-patient'
    WHEN p_account IS NOT NULL AND NOT EXISTS (SELECT FROM app.account a WHERE a.id = p_account AND a.role NOT IN ('patient', 'proxy', 'service')) THEN 'no-such-person'
    WHEN EXISTS (SELECT FROM audit.watch_mark m WHERE m.ended_at IS NULL AND m.kind = p_kind AND (m.patient_id = p_patient OR m.account_id = p_account)) THEN 'marked-already'
    WHEN NOT app.is_fresh(v) THEN 'code-too-old' END;
  IF v_refusal IS NULL THEN
    INSERT INTO audit.watch_mark (id, patient_id, kind, account_id, noted_at, noted_by) VALUES (p_mark, p_patient, p_kind, p_account, v.db_now, v.account_id);
  END IF;
  PERFORM audit.record_event('WATCH_MARK_SET', v.account_id, v.role, v.session_id, p_account,
    jsonb_strip_nulls(jsonb_build_object('mark', p_mark, 'kind', left(p_kind, 20), 'patient_id', p_patient, 'reason', v_refusal)),
    CASE WHEN v_refusal IS NULL THEN 'DONE' ELSE 'REFUSED' END, p_client_ip);
  RETURN v_refusal;
END
$$;

-- Ends a mark, with a fresh second factor: the person left, or nobody is curious any more. Nobody ends the mark of their own record.
CREATE FUNCTION audit.watch_mark_end(p_token text, p_mark uuid, p_client_ip inet) RETURNS text
LANGUAGE plpgsql VOLATILE SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS $$
DECLARE
  v app.session_standing := app.session_touch(p_token);
  m audit.watch_mark;
  v_refusal text;
BEGIN
  SELECT w.* INTO m FROM audit.watch_mark w WHERE w.id = p_mark FOR UPDATE;
  v_refusal := CASE
    WHEN v.state = 'unknown' THEN 'no-session'
    WHEN v.state <> 'active' THEN 'session-' || v.state
    WHEN v.role <> 'compliance' THEN 'not-allowed'
    WHEN m.id IS NULL OR m.ended_at IS NOT NULL THEN 'no-such-mark'
    WHEN m.account_id = v.account_id THEN 'your-own'
    WHEN NOT app.is_fresh(v) THEN 'code-too-old' END;
  IF v_refusal IS NULL THEN
    UPDATE audit.watch_mark SET ended_at = v.db_now, ended_by = v.account_id WHERE id = p_mark;
  END IF;
  PERFORM audit.record_event('WATCH_MARK_ENDED', v.account_id, v.role, v.session_id, m.account_id,
    jsonb_strip_nulls(jsonb_build_object('mark', p_mark, 'kind', m.kind, 'patient_id', m.patient_id, 'reason', v_refusal)),
    CASE WHEN v_refusal IS NULL THEN 'DONE' ELSE 'REFUSED' END, p_client_ip);
  RETURN v_refusal;
END
$$;

-- Marks that hold.
CREATE FUNCTION audit.read_watch_marks(p_request uuid) RETURNS TABLE (id uuid, patient_id uuid, kind text, account_name text, noted_at timestamptz, noted_by text)
LANGUAGE plpgsql STABLE SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS $$
DECLARE
  c jsonb := audit.trail_criteria(p_request, 'WATCH_MARKS_LISTED');
BEGIN
  RETURN QUERY SELECT m.id, m.patient_id, m.kind, a.display_name, m.noted_at::timestamptz, b.display_name
    FROM audit.watch_mark m LEFT JOIN app.account a ON a.id = m.account_id LEFT JOIN app.account b ON b.id = m.noted_by
   WHERE m.ended_at IS NULL ORDER BY m.kind DESC, a.display_name, m.noted_at DESC LIMIT 501;
END
$$;

-- Staff who opened their own record with their staff login, in the last ninety days. Whether that is allowed is the clinic's rule to make.
CREATE FUNCTION audit.read_own_records(p_request uuid) RETURNS TABLE (actor_name text, actor_title text, patient_id uuid, day date, accesses bigint, changes bigint)
LANGUAGE plpgsql STABLE SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS $$
DECLARE
  c jsonb := audit.trail_criteria(p_request, 'OWN_RECORDS_REPORTED');
BEGIN
  RETURN QUERY SELECT a.display_name, a.job_title, m.patient_id, (l.accessed_at AT TIME ZONE 'UTC')::date, count(*) FILTER (WHERE l.outcome = 'ALLOWED'), count(*) FILTER (WHERE l.outcome = 'EFFECT')
    FROM audit.watch_mark m JOIN app.account a ON a.id = m.account_id
    JOIN audit.patient_phi_audit_log l ON l.patient_id = m.patient_id AND l.actor_user_id = m.account_id AND l.accessed_at > clock_timestamp() - interval '90 days'
   WHERE m.kind = 'STAFF' AND m.ended_at IS NULL AND l.outcome IN ('ALLOWED', 'EFFECT')
   GROUP BY 1, 2, 3, 4 ORDER BY 4 DESC, 1 LIMIT 200;
END
$$;

GRANT EXECUTE ON FUNCTION audit.admit_watch(text, uuid, text, jsonb, inet), audit.read_cases(uuid), audit.read_case(uuid), audit.read_case_accesses(uuid),
  audit.read_case_decisions(uuid), audit.open_cases(text), audit.case_decide(text, uuid, text, integer, uuid, text, uuid, inet),
  audit.watch_mark_set(text, uuid, uuid, text, uuid, inet), audit.watch_mark_end(text, uuid, inet), audit.read_watch_marks(uuid), audit.read_own_records(uuid) TO vigil_app;
RESET ROLE;
SET LOCAL ROLE audit_owner;
REVOKE CREATE ON SCHEMA audit FROM audit_gate, audit_watch;
RESET ROLE;
