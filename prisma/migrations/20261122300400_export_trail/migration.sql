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
