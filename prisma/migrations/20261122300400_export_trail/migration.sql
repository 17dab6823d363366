-- Makes what the worker keeps of its periodic jobs, and the exports of the trail.

-- ── Periodic jobs ────────────────────────────────────────────────────────────────────────────────────────────────
SET LOCAL ROLE app_owner;

-- When each job last began and how it ended. The row "worker" is the worker's own sign of life.
CREATE TABLE app.job_run (
  name text PRIMARY KEY CHECK (name ~ '^[a-z][a-z0-9.-]{1,60}$'),
  started_at timestamptz(3) NOT NULL,
  -- NULL while it runs, and for ever when its process was killed
  finished_at timestamptz(3),
  -- class of the error that ended it; its text may quote a value, so it is not kept
  error_name text CHECK (length(error_name) BETWEEN 1 AND 100)
);

-- Takes the jobs that are due now: their period is over, or five minutes after they failed, or the worker that had
-- begun them is gone (p_first: the caller has just been elected). Periods are told by app.now(); the sign of life is
-- real time.
CREATE FUNCTION app.jobs_claim(p_names text[], p_seconds integer[], p_first boolean) RETURNS SETOF text
LANGUAGE plpgsql VOLATILE SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS $$
DECLARE
  v_now timestamptz := app.now();
BEGIN
  IF session_user <> 'vigil_worker' THEN
    RAISE EXCEPTION 'jobs are the worker''s' USING ERRCODE = '42501';
  END IF;
  INSERT INTO app.job_run AS j (name, started_at) VALUES ('worker', clock_timestamp())
  ON CONFLICT (name) DO UPDATE SET started_at = excluded.started_at WHERE j.started_at < clock_timestamp() - interval '20 seconds';
  RETURN QUERY
    INSERT INTO app.job_run AS j (name, started_at)
    SELECT d.name, v_now FROM unnest(p_names, p_seconds) AS d (name, seconds)
      LEFT JOIN app.job_run r ON r.name = d.name
     WHERE d.name <> 'worker' AND d.seconds >= 1 AND (r.name IS NULL
        OR r.started_at + make_interval(secs => d.seconds) <= v_now
        OR (p_first AND r.finished_at IS NULL)
        OR (r.error_name IS NOT NULL AND r.started_at + make_interval(secs => least(d.seconds, 300)) <= v_now))
    ON CONFLICT (name) DO UPDATE SET started_at = excluded.started_at, finished_at = NULL, error_name = NULL
    RETURNING j.name;
END
$$;

-- Notes how a job ended.
CREATE FUNCTION app.job_finished(p_name text, p_error text) RETURNS void
LANGUAGE plpgsql VOLATILE SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS $$
BEGIN
  IF session_user <> 'vigil_worker' THEN
    RAISE EXCEPTION 'jobs are the worker''s' USING ERRCODE = '42501';
  END IF;
  UPDATE app.job_run SET finished_at = app.now(), error_name = left(p_error, 100) WHERE name = p_name AND name <> 'worker';
END
$$;
GRANT EXECUTE ON FUNCTION app.jobs_claim(text[], integer[], boolean), app.job_finished(text, text) TO vigil_worker;

-- When the worker was last seen, and which jobs ended in an error when they last ran: names alone.
CREATE FUNCTION app.worker_status() RETURNS TABLE (seen_at timestamptz, failing text[])
LANGUAGE sql STABLE SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS $$
  SELECT (SELECT j.started_at FROM app.job_run j WHERE j.name = 'worker'),
         ARRAY(SELECT j.name FROM app.job_run j WHERE j.error_name IS NOT NULL ORDER BY j.name)
$$;
GRANT EXECUTE ON FUNCTION app.worker_status() TO vigil_app, vigil_worker;
RESET ROLE;

-- ── Exports of the trail ─────────────────────────────────────────────────────────────────────────────────────────
-- A row is a request, its decision, its place in the queue and what became of its file, all in one. The file itself
-- lies sealed in the home, under a key of its own that only app.sealed_text holds.
SET LOCAL ROLE audit_owner;
CREATE TABLE audit.trail_export (
  export_id uuid PRIMARY KEY,
  requested_by uuid NOT NULL,
  requested_at timestamptz(3) NOT NULL,
  format text NOT NULL CHECK (format IN ('ndjson', 'csv', 'pdf', 'fhir', 'evidence')),
  -- a byte order mark at the head of a CSV, for spreadsheets that guess at the encoding otherwise
  byte_order_mark boolean NOT NULL,
  -- as audit.trail_conditions takes them: times, ids and names of fields; the end is no later than the asking
  criteria jsonb NOT NULL,
  reason_text_id uuid NOT NULL UNIQUE REFERENCES app.sealed_text (id),
  -- rows that were there when it was asked for; 100001 stands for more
  rows_counted integer NOT NULL CHECK (rows_counted BETWEEN 0 AND 100001),
  needs_second boolean NOT NULL,
  state text NOT NULL CHECK (state IN ('WAITING', 'QUEUED', 'RUNNING', 'READY', 'EXPIRED', 'CANCELLED', 'REJECTED', 'LAPSED', 'FAILED')),
  decided_by uuid,
  decided_at timestamptz(3),
  -- who works on it until when, and for the how manieth time
  attempt integer NOT NULL DEFAULT 0,
  lease_until timestamptz(3),
  rows_done bigint NOT NULL DEFAULT 0,
  key_text_id uuid REFERENCES app.sealed_text (id),
  file_bytes bigint,
  -- of the file as it is downloaded
  sha256 bytea CHECK (octet_length(sha256) = 32),
  ready_at timestamptz(3),
  expires_at timestamptz(3),
  downloads integer NOT NULL DEFAULT 0,
  ended_at timestamptz(3),
  failure text CHECK (length(failure) BETWEEN 1 AND 100),
  file_removed_at timestamptz(3),
  CHECK (decided_by IS DISTINCT FROM requested_by),
  -- nothing large leaves on one person's word
  CHECK (NOT needs_second OR decided_by IS NOT NULL OR state IN ('WAITING', 'CANCELLED', 'LAPSED')),
  CHECK ((state = 'READY') <= (key_text_id IS NOT NULL AND file_bytes IS NOT NULL AND sha256 IS NOT NULL AND expires_at IS NOT NULL))
);
CREATE INDEX ON audit.trail_export (requested_at DESC);
CREATE INDEX ON audit.trail_export (state) WHERE state IN ('WAITING', 'QUEUED', 'RUNNING', 'READY');

-- What was asked and decided stays written down, and the steps follow each other, for the owner too.
CREATE FUNCTION audit.guard_trail_export() RETURNS trigger LANGUAGE plpgsql SET search_path = pg_catalog, pg_temp AS $$
BEGIN
  IF TG_OP <> 'UPDATE' OR (NEW.export_id, NEW.requested_by, NEW.requested_at, NEW.format, NEW.byte_order_mark, NEW.criteria,
         NEW.reason_text_id, NEW.rows_counted, NEW.needs_second)
       IS DISTINCT FROM (OLD.export_id, OLD.requested_by, OLD.requested_at, OLD.format, OLD.byte_order_mark, OLD.criteria,
         OLD.reason_text_id, OLD.rows_counted, OLD.needs_second)
     OR OLD.decided_by IS NOT NULL AND (NEW.decided_by, NEW.decided_at) IS DISTINCT FROM (OLD.decided_by, OLD.decided_at)
     OR NOT (NEW.state = OLD.state OR (OLD.state, NEW.state) IN (('WAITING', 'QUEUED'), ('WAITING', 'REJECTED'), ('WAITING', 'CANCELLED'),
       ('WAITING', 'LAPSED'), ('QUEUED', 'RUNNING'), ('QUEUED', 'CANCELLED'), ('RUNNING', 'READY'), ('RUNNING', 'CANCELLED'), ('RUNNING', 'FAILED'),
       ('READY', 'EXPIRED'), ('READY', 'CANCELLED'))) THEN
    RAISE EXCEPTION 'this is no step of an export' USING ERRCODE = '42501';
  END IF;
  RETURN NEW;
END
$$;
CREATE TRIGGER guard_trail_export BEFORE UPDATE OR DELETE ON audit.trail_export FOR EACH ROW EXECUTE FUNCTION audit.guard_trail_export();
CREATE TRIGGER guard_trail_export_truncate BEFORE TRUNCATE ON audit.trail_export FOR EACH STATEMENT EXECUTE FUNCTION audit.guard_trail_export();

GRANT SELECT, INSERT ON audit.trail_export TO audit_gate;
GRANT UPDATE (state, decided_by, decided_at, attempt, lease_until, rows_done, key_text_id, file_bytes, sha256, ready_at, expires_at, downloads,
  ended_at, failure, file_removed_at) ON audit.trail_export TO audit_gate;
GRANT SELECT ON audit.trail_export TO audit_reader;
-- For evidence: hashes and where they stand. Of a row they say its id and its time.
GRANT SELECT ON audit.seal_incarnation, audit.seal_leaf, audit.seal_node, audit.checkpoint TO vigil_worker;
GRANT CREATE ON SCHEMA audit TO audit_gate;
RESET ROLE;
SET LOCAL ROLE audit_gate;

-- Why a person may not take this step; NULL when they may.
CREATE FUNCTION audit.export_refusal(v app.session_standing, p_fresh boolean) RETURNS text
LANGUAGE sql IMMUTABLE SET search_path = pg_catalog, pg_temp AS $$
  SELECT CASE
    WHEN v.state = 'unknown' THEN 'no-session'
    WHEN v.state <> 'active' THEN 'session-' || v.state
    WHEN v.role <> 'compliance' THEN 'not-allowed'
    WHEN p_fresh AND NOT app.is_fresh(v) THEN 'code-too-old' END
$$;

-- Asks for an export. Over 100,000 rows, counting what the same person took in the last 24 hours, a second
-- compliance officer has to agree.
-- p_export        a random id made for it
-- p_reason_id, p_reason_sealed  why, sealed by the organisation's key
CREATE FUNCTION audit.export_ask(p_token text, p_export uuid, p_format text, p_byte_order_mark boolean, p_criteria jsonb, p_reason_id uuid,
  p_reason_sealed text, p_client_ip inet) RETURNS TABLE (refusal text, rows_counted integer, state text)
LANGUAGE plpgsql VOLATILE SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS $$
DECLARE
  v app.session_standing := app.session_touch(p_token);
  v_criteria jsonb := p_criteria - ARRAY['limit', 'sort', 'direction', 'after_key', 'after_at', 'after_seq'];
  v_taken bigint;
  v_open integer;
  v_second boolean;
BEGIN
  PERFORM audit.require_durable_commit();
  IF p_export IS NULL OR p_criteria IS NULL OR length(p_criteria::text) > 20000 OR coalesce(p_format, '') NOT IN ('ndjson', 'csv', 'pdf', 'fhir', 'evidence') THEN
    RAISE EXCEPTION 'this is no export' USING ERRCODE = '22023';
  END IF;
  refusal := audit.export_refusal(v, true);
  IF refusal IS NULL THEN
    -- One after the other for each person, so that two small ones at once are not each below the limit.
    PERFORM pg_advisory_xact_lock(uuid_hash_extended(v.account_id, 7614));
    -- What comes after the asking was not counted, so it is not in it.
    v_criteria := v_criteria || jsonb_build_object('to', least((p_criteria ->> 'to')::timestamptz, clock_timestamp()));
    IF (v_criteria ->> 'to')::timestamptz <= (v_criteria ->> 'from')::timestamptz THEN
      rows_counted := 0;
    ELSE
      EXECUTE format('SELECT count(*)::integer FROM (SELECT FROM audit.patient_phi_audit_log l WHERE %s LIMIT 100001) q', audit.trail_conditions(v_criteria))
        INTO rows_counted;
    END IF;
    SELECT coalesce(sum(x.rows_counted), 0), count(*) FILTER (WHERE x.state IN ('WAITING', 'QUEUED', 'RUNNING')) INTO v_taken, v_open
      FROM audit.trail_export x
     WHERE x.requested_by = v.account_id AND x.requested_at > v.db_now - interval '24 hours'
       AND (x.state IN ('WAITING', 'QUEUED', 'RUNNING', 'READY', 'EXPIRED') OR x.downloads > 0) AND NOT (x.needs_second AND x.decided_by IS NOT NULL);
    v_second := rows_counted + v_taken > 100000;
    refusal := CASE
      WHEN v_open >= 3 THEN 'too-many-open'
      WHEN rows_counted = 0 THEN 'nothing-there'
      WHEN p_format = 'pdf' AND rows_counted > 5000 THEN 'too-long-for-pdf'
      WHEN p_format = 'evidence' AND rows_counted > 100000 THEN 'too-long-for-evidence' END;
  END IF;
  IF refusal IS NOT NULL THEN
    PERFORM audit.record_event('TRAIL_EXPORT_REQUESTED', v.account_id, v.role, v.session_id, NULL,
      jsonb_build_object('export', p_export, 'format', p_format, 'criteria', v_criteria, 'reason', refusal), 'REFUSED', p_client_ip);
    RETURN NEXT;
    RETURN;
  END IF;
  state := CASE WHEN v_second THEN 'WAITING' ELSE 'QUEUED' END;
  INSERT INTO app.sealed_text (id, kind, content_sealed) VALUES (p_reason_id, 'export-reason', p_reason_sealed);
  INSERT INTO audit.trail_export (export_id, requested_by, requested_at, format, byte_order_mark, criteria, reason_text_id, rows_counted, needs_second, state)
  VALUES (p_export, v.account_id, v.db_now, p_format, coalesce(p_byte_order_mark, false), v_criteria, p_reason_id, rows_counted, v_second, state);
  PERFORM audit.record_event('TRAIL_EXPORT_REQUESTED', v.account_id, v.role, v.session_id, NULL,
    jsonb_build_object('export', p_export, 'format', p_format, 'criteria', v_criteria, 'rows', rows_counted, 'second', v_second), 'DONE', p_client_ip);
  IF v_second THEN PERFORM app.notify_role('compliance', 'export-waiting', p_export, v.account_id); END IF;
  RETURN NEXT;
END
$$;

-- A second compliance officer agrees, or does not. Nobody decides for themselves; after three days there is nothing to decide any more.
CREATE FUNCTION audit.export_decide(p_token text, p_export uuid, p_agree boolean, p_client_ip inet) RETURNS text
LANGUAGE plpgsql VOLATILE SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS $$
DECLARE
  v app.session_standing := app.session_touch(p_token);
  x audit.trail_export;
  v_refusal text;
  v_event text := CASE WHEN p_agree THEN 'TRAIL_EXPORT_APPROVED' ELSE 'TRAIL_EXPORT_REJECTED' END;
BEGIN
  SELECT * INTO x FROM audit.trail_export t WHERE t.export_id = p_export FOR UPDATE;
  v_refusal := coalesce(audit.export_refusal(v, true), CASE
    WHEN x.export_id IS NULL THEN 'no-such-export'
    WHEN x.requested_by = v.account_id THEN 'own-request'
    WHEN x.state <> 'WAITING' THEN 'decided-already'
    WHEN x.requested_at < v.db_now - interval '3 days' THEN 'lapsed' END);
  IF v_refusal IS NULL THEN
    UPDATE audit.trail_export t SET state = CASE WHEN p_agree THEN 'QUEUED' ELSE 'REJECTED' END, decided_by = v.account_id, decided_at = v.db_now,
           ended_at = CASE WHEN p_agree THEN NULL ELSE v.db_now END
     WHERE t.export_id = p_export;
  END IF;
  PERFORM audit.record_event(v_event, v.account_id, v.role, v.session_id, x.requested_by,
    jsonb_build_object('export', p_export) || CASE WHEN v_refusal IS NULL THEN '{}' ELSE jsonb_build_object('reason', v_refusal) END,
    CASE WHEN v_refusal IS NULL THEN 'DONE' ELSE 'REFUSED' END, p_client_ip);
  RETURN v_refusal;
END
$$;

-- Whoever asked for it takes it back; a file that is there already goes away.
CREATE FUNCTION audit.export_cancel(p_token text, p_export uuid, p_client_ip inet) RETURNS text
LANGUAGE plpgsql VOLATILE SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS $$
DECLARE
  v app.session_standing := app.session_touch(p_token);
  x audit.trail_export;
  v_refusal text;
BEGIN
  SELECT * INTO x FROM audit.trail_export t WHERE t.export_id = p_export FOR UPDATE;
  v_refusal := coalesce(audit.export_refusal(v, false), CASE
    WHEN x.export_id IS NULL OR x.requested_by <> v.account_id THEN 'no-such-export'
    WHEN x.state NOT IN ('WAITING', 'QUEUED', 'RUNNING', 'READY') THEN 'ended-already' END);
  IF v_refusal IS NULL THEN
    UPDATE audit.trail_export t SET state = 'CANCELLED', ended_at = v.db_now, lease_until = NULL WHERE t.export_id = p_export;
  END IF;
  PERFORM audit.record_event('TRAIL_EXPORT_CANCELLED', v.account_id, v.role, v.session_id, NULL,
    jsonb_build_object('export', p_export) || CASE WHEN v_refusal IS NULL THEN '{}' ELSE jsonb_build_object('reason', v_refusal) END,
    CASE WHEN v_refusal IS NULL THEN 'DONE' ELSE 'REFUSED' END, p_client_ip);
  RETURN v_refusal;
END
$$;

-- Exports of the last thirty days, everybody's, the newest first: what was asked and what became of it, no row of the trail.
CREATE FUNCTION audit.export_list(p_token text)
RETURNS TABLE (export_id uuid, is_own boolean, requested_by uuid, requester_name text, requested_at timestamptz, format text, criteria jsonb, reason_id uuid,
  reason_sealed text, rows_counted integer, needs_second boolean, state text, decider_name text, decided_at timestamptz, rows_done bigint,
  file_bytes bigint, sha256 text, ready_at timestamptz, expires_at timestamptz, downloads integer, ended_at timestamptz, failure text)
LANGUAGE plpgsql VOLATILE SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS $$
DECLARE
  v app.session_standing := app.session_touch(p_token);
BEGIN
  IF audit.export_refusal(v, false) IS NOT NULL THEN RETURN; END IF;
  RETURN QUERY
    SELECT x.export_id, x.requested_by = v.account_id, x.requested_by, a.display_name, x.requested_at, x.format, x.criteria, x.reason_text_id, t.content_sealed::text,
           x.rows_counted, x.needs_second,
           -- as it is now, whether or not the worker has come round to writing it down
           CASE WHEN x.state = 'READY' AND x.expires_at <= v.db_now THEN 'EXPIRED'
                WHEN x.state = 'WAITING' AND x.requested_at < v.db_now - interval '3 days' THEN 'LAPSED' ELSE x.state END,
           d.display_name, x.decided_at, x.rows_done, x.file_bytes, encode(x.sha256, 'hex'), x.ready_at, x.expires_at, x.downloads, x.ended_at, x.failure
      FROM audit.trail_export x JOIN app.sealed_text t ON t.id = x.reason_text_id
      LEFT JOIN app.account a ON a.id = x.requested_by LEFT JOIN app.account d ON d.id = x.decided_by
     WHERE x.requested_at > v.db_now - interval '30 days' OR x.state = 'WAITING'
     ORDER BY x.requested_at DESC LIMIT 100;
END
$$;

-- How many exports wait for this officer's word, for the overview.
CREATE FUNCTION audit.exports_waiting(p_token text) RETURNS integer
LANGUAGE plpgsql VOLATILE SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS $$
DECLARE
  v app.session_standing := app.session_touch(p_token);
BEGIN
  IF audit.export_refusal(v, false) IS NOT NULL THEN RETURN 0; END IF;
  RETURN (SELECT count(*)::integer FROM audit.trail_export x
           WHERE x.state = 'WAITING' AND x.requested_by <> v.account_id AND x.requested_at > v.db_now - interval '3 days');
END
$$;

-- Lets whoever asked have the file, until it expires; each time is written down before the first byte.
CREATE FUNCTION audit.export_download(p_token text, p_export uuid, p_client_ip inet)
RETURNS TABLE (refusal text, attempt integer, format text, key_id uuid, key_sealed text, requested_at timestamptz, file_bytes bigint)
LANGUAGE plpgsql VOLATILE SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS $$
DECLARE
  v app.session_standing := app.session_touch(p_token);
  x audit.trail_export;
BEGIN
  PERFORM audit.require_durable_commit();
  SELECT * INTO x FROM audit.trail_export t WHERE t.export_id = p_export FOR UPDATE;
  refusal := coalesce(audit.export_refusal(v, false), CASE
    WHEN x.export_id IS NULL OR x.requested_by <> v.account_id THEN 'no-such-export'
    WHEN x.state = 'READY' AND x.expires_at <= v.db_now THEN 'expired'
    WHEN x.state <> 'READY' THEN 'not-ready' END);
  PERFORM audit.record_event('TRAIL_EXPORT_DOWNLOADED', v.account_id, v.role, v.session_id, NULL,
    jsonb_build_object('export', p_export) || CASE WHEN refusal IS NULL THEN jsonb_build_object('rows', x.rows_done) ELSE jsonb_build_object('reason', refusal) END,
    CASE WHEN refusal IS NULL THEN 'DONE' ELSE 'REFUSED' END, p_client_ip);
  IF refusal IS NULL THEN
    UPDATE audit.trail_export t SET downloads = t.downloads + 1 WHERE t.export_id = p_export;
    attempt := x.attempt;
    format := x.format;
    key_id := x.key_text_id;
    SELECT t.content_sealed INTO key_sealed FROM app.sealed_text t WHERE t.id = x.key_text_id;
    requested_at := x.requested_at;
    file_bytes := x.file_bytes;
  END IF;
  RETURN NEXT;
END
$$;

-- ── The worker's side ────────────────────────────────────────────────────────────────────────────────────────────
CREATE FUNCTION audit.require_worker() RETURNS void
LANGUAGE plpgsql STABLE SET search_path = pg_catalog, pg_temp AS $$
BEGIN
  IF session_user <> 'vigil_worker' THEN
    RAISE EXCEPTION 'exports are the worker''s to make' USING ERRCODE = '42501';
  END IF;
END
$$;

-- Takes the next export, or the one that is named, under a lease of a minute: one that waits, or one whose worker is gone. The third time is the last.
CREATE FUNCTION audit.export_take(p_only uuid DEFAULT NULL)
RETURNS TABLE (export_id uuid, attempt integer, format text, byte_order_mark boolean, criteria jsonb, requester_name text, requested_at timestamptz, rows_counted integer)
LANGUAGE plpgsql VOLATILE SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS $$
DECLARE
  x audit.trail_export;
BEGIN
  PERFORM audit.require_worker();
  LOOP
    SELECT t.* INTO x FROM audit.trail_export t
     WHERE (p_only IS NULL OR t.export_id = p_only) AND (t.state = 'QUEUED' OR t.state = 'RUNNING' AND t.lease_until < app.now())
     ORDER BY t.requested_at LIMIT 1 FOR UPDATE SKIP LOCKED;
    IF x.export_id IS NULL THEN RETURN; END IF;
    EXIT WHEN x.attempt < 3;
    PERFORM audit.export_end_failed(x, 'interrupted');
  END LOOP;
  UPDATE audit.trail_export t SET state = 'RUNNING', attempt = t.attempt + 1, lease_until = app.now() + interval '1 minute', rows_done = 0
   WHERE t.export_id = x.export_id;
  RETURN QUERY SELECT x.export_id, x.attempt + 1, x.format, x.byte_order_mark, x.criteria, a.display_name, x.requested_at, x.rows_counted
    FROM (SELECT) one LEFT JOIN app.account a ON a.id = x.requested_by;
END
$$;

CREATE FUNCTION audit.export_end_failed(x audit.trail_export, p_failure text) RETURNS void
LANGUAGE plpgsql VOLATILE SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS $$
BEGIN
  UPDATE audit.trail_export t SET state = 'FAILED', ended_at = app.now(), lease_until = NULL, failure = left(p_failure, 100) WHERE t.export_id = x.export_id;
  PERFORM audit.record_event('TRAIL_EXPORT_FAILED', NULL, NULL, NULL, x.requested_by, jsonb_build_object('export', x.export_id, 'failure', left(p_failure, 100)), 'DONE', NULL);
END
$$;

-- The export that an attempt still works on: not cancelled, and not taken over by another worker. Its row is locked.
CREATE FUNCTION audit.export_at_work(p_export uuid, p_attempt integer) RETURNS audit.trail_export
LANGUAGE plpgsql VOLATILE SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS $$
DECLARE
  x audit.trail_export;
BEGIN
  PERFORM audit.require_worker();
  SELECT t.* INTO x FROM audit.trail_export t WHERE t.export_id = p_export AND t.attempt = p_attempt AND t.state = 'RUNNING' FOR UPDATE;
  RETURN x;
END
$$;

-- Says how far it is and prolongs the lease. False: stop, it is not wanted any more.
CREATE FUNCTION audit.export_progress(p_export uuid, p_attempt integer, p_rows bigint) RETURNS boolean
LANGUAGE plpgsql VOLATILE SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS $$
DECLARE
  x audit.trail_export := audit.export_at_work(p_export, p_attempt);
BEGIN
  IF x.export_id IS NULL THEN RETURN false; END IF;
  -- More rows than were counted, and nobody agreed to so many.
  IF p_rows > 100000 AND x.decided_by IS NULL THEN
    RAISE EXCEPTION 'this export has more rows than one person may take' USING ERRCODE = '42501';
  END IF;
  UPDATE audit.trail_export t SET rows_done = greatest(t.rows_done, p_rows), lease_until = app.now() + interval '1 minute' WHERE t.export_id = p_export;
  RETURN true;
END
$$;

-- The file is there, whole; it may be downloaded for ten minutes. False: it is not wanted any more.
CREATE FUNCTION audit.export_finish(p_export uuid, p_attempt integer, p_rows bigint, p_bytes bigint, p_sha256 bytea, p_key_id uuid, p_key_sealed text) RETURNS boolean
LANGUAGE plpgsql VOLATILE SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS $$
DECLARE
  x audit.trail_export;
BEGIN
  IF NOT audit.export_progress(p_export, p_attempt, p_rows) THEN RETURN false; END IF;
  x := audit.export_at_work(p_export, p_attempt);
  INSERT INTO app.sealed_text (id, kind, content_sealed) VALUES (p_key_id, 'export-key', p_key_sealed);
  UPDATE audit.trail_export t SET state = 'READY', rows_done = p_rows, file_bytes = p_bytes, sha256 = p_sha256, key_text_id = p_key_id, lease_until = NULL,
         ready_at = app.now(), expires_at = app.now() + interval '10 minutes'
   WHERE t.export_id = p_export;
  PERFORM audit.record_event('TRAIL_EXPORT_READY', NULL, NULL, NULL, x.requested_by,
    jsonb_build_object('export', p_export, 'rows', p_rows, 'bytes', p_bytes, 'sha256', encode(p_sha256, 'hex')), 'DONE', NULL);
  PERFORM app.notify(x.requested_by, 'export-ready', p_export);
  RETURN true;
END
$$;

-- It cannot be made, and trying again would not help. p_failure names the kind of fault, and quotes nothing.
CREATE FUNCTION audit.export_fail(p_export uuid, p_attempt integer, p_failure text) RETURNS void
LANGUAGE plpgsql VOLATILE SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS $$
DECLARE
  x audit.trail_export := audit.export_at_work(p_export, p_attempt);
BEGIN
  IF x.export_id IS NOT NULL THEN PERFORM audit.export_end_failed(x, p_failure); END IF;
END
$$;

-- Ends what is over, and names the files that may stay: those of exports that are ready or being made.
CREATE FUNCTION audit.export_sweep() RETURNS TABLE (export_id uuid, attempt integer)
LANGUAGE plpgsql VOLATILE SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS $$
DECLARE
  x audit.trail_export;
BEGIN
  PERFORM audit.require_worker();
  FOR x IN SELECT t.* FROM audit.trail_export t
            WHERE t.state = 'READY' AND t.expires_at <= app.now() OR t.state = 'WAITING' AND t.requested_at < app.now() - interval '3 days' FOR UPDATE SKIP LOCKED LOOP
    UPDATE audit.trail_export t SET state = CASE x.state WHEN 'READY' THEN 'EXPIRED' ELSE 'LAPSED' END, ended_at = app.now() WHERE t.export_id = x.export_id;
    PERFORM audit.record_event('TRAIL_EXPORT_EXPIRED', NULL, NULL, NULL, x.requested_by,
      jsonb_build_object('export', x.export_id, 'downloads', x.downloads, 'agreed', x.state = 'READY'), 'DONE', NULL);
  END LOOP;
  RETURN QUERY SELECT t.export_id, t.attempt FROM audit.trail_export t WHERE t.state IN ('RUNNING', 'READY');
END
$$;

-- Notes that no file of ended exports is left.
CREATE FUNCTION audit.export_files_removed() RETURNS integer
LANGUAGE plpgsql VOLATILE SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS $$
DECLARE
  v_noted integer;
BEGIN
  PERFORM audit.require_worker();
  UPDATE audit.trail_export t SET file_removed_at = app.now()
   WHERE t.file_removed_at IS NULL AND t.state IN ('EXPIRED', 'CANCELLED', 'FAILED') AND t.ended_at < app.now();
  GET DIAGNOSTICS v_noted = ROW_COUNT;
  RETURN v_noted;
END
$$;

-- Rows of an export that is being made, oldest first, behind a place; only for the attempt that makes it.
CREATE FUNCTION audit.export_rows(p_export uuid, p_attempt integer, p_after_at timestamptz, p_after_seq bigint, p_limit integer)
RETURNS SETOF audit.patient_phi_audit_log
LANGUAGE plpgsql STABLE SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS $$
DECLARE
  v_criteria jsonb;
BEGIN
  PERFORM audit.require_worker();
  SELECT t.criteria INTO v_criteria FROM audit.trail_export t WHERE t.export_id = p_export AND t.attempt = p_attempt AND t.state = 'RUNNING';
  IF v_criteria IS NULL THEN
    RAISE EXCEPTION 'this export is not wanted any more' USING ERRCODE = '42501';
  END IF;
  RETURN QUERY EXECUTE format(
    'SELECT l.* FROM audit.patient_phi_audit_log l WHERE %s AND (l.accessed_at, l.seq) > ($1, $2) ORDER BY l.accessed_at, l.seq LIMIT $3',
    audit.trail_conditions(v_criteria)) USING coalesce(p_after_at, '-infinity'), coalesce(p_after_seq, 0), least(greatest(p_limit, 1), 10000);
END
$$;

GRANT EXECUTE ON FUNCTION audit.export_ask(text, uuid, text, boolean, jsonb, uuid, text, inet), audit.export_decide(text, uuid, boolean, inet),
  audit.export_cancel(text, uuid, inet), audit.export_list(text), audit.exports_waiting(text), audit.export_download(text, uuid, inet) TO vigil_app;
GRANT EXECUTE ON FUNCTION audit.export_take(uuid), audit.export_progress(uuid, integer, bigint),
  audit.export_finish(uuid, integer, bigint, bigint, bytea, uuid, text), audit.export_fail(uuid, integer, text), audit.export_sweep(),
  audit.export_files_removed(), audit.export_rows(uuid, integer, timestamptz, bigint, integer) TO vigil_worker;
RESET ROLE;
SET LOCAL ROLE audit_owner;
REVOKE CREATE ON SCHEMA audit FROM audit_gate;
RESET ROLE;
