-- How long the logs are kept, and how a month leaves the database: asked for by one person, confirmed by another, never before
-- its time or under a legal hold, and only once an archive of it was read back and found to be what was sealed. Leaves and
-- checkpoints stay, so that every proof that was ever handed out goes on to hold.
SET LOCAL ROLE audit_owner;

CREATE INDEX seal_leaf_accessed_at_idx ON audit.seal_leaf USING brin (accessed_at);

-- The newest row counts. Six years is the least that 45 CFR 164.316(b)(2)(i) allows; ASTM E2147 asks for ten.
CREATE TABLE audit.retention_policy (
  policy_id integer GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
  years integer NOT NULL CHECK (years BETWEEN 6 AND 100),
  set_at timestamptz NOT NULL DEFAULT clock_timestamp(),
  set_by uuid,
  confirmed_by uuid,
  CHECK (set_by <> confirmed_by),
  CHECK (num_nulls(set_by, confirmed_by) IN (0, 2))
);
INSERT INTO audit.retention_policy (years) VALUES (10);

CREATE TABLE audit.retention_request (
  request_id uuid PRIMARY KEY DEFAULT gen_random_uuid(),
  kind text NOT NULL CHECK (kind IN ('policy', 'archive')),
  years integer CHECK (years BETWEEN 6 AND 100),
  -- the first day of the month that is to leave
  month date CHECK (month = date_trunc('month', month::timestamp)::date),
  state text NOT NULL DEFAULT 'requested' CHECK (state IN ('requested', 'confirmed', 'done')),
  requested_at timestamptz NOT NULL,
  requested_by uuid NOT NULL,
  expires_at timestamptz NOT NULL,
  confirmed_at timestamptz,
  confirmed_by uuid,
  done_at timestamptz,
  CHECK ((kind = 'policy') = (years IS NOT NULL) AND (kind = 'archive') = (month IS NOT NULL)),
  -- two persons, whatever a function says
  CHECK (confirmed_by <> requested_by),
  CHECK ((state = 'requested') = (confirmed_by IS NULL) AND (confirmed_by IS NULL) = (confirmed_at IS NULL)),
  CHECK ((state = 'done') = (done_at IS NOT NULL))
);

-- A month that left. What is in its file is proven by the checkpoint that the file carries.
CREATE TABLE audit.trail_archive (
  archive_id uuid PRIMARY KEY DEFAULT gen_random_uuid(),
  request_id uuid NOT NULL UNIQUE REFERENCES audit.retention_request (request_id),
  month date NOT NULL,
  incarnation integer NOT NULL REFERENCES audit.seal_incarnation (incarnation),
  -- leaves from this one on, up to and without that one; among them may be some of the months beside
  first_leaf bigint NOT NULL CHECK (first_leaf >= 0),
  end_leaf bigint NOT NULL,
  tree_size bigint NOT NULL,
  patient_rows bigint NOT NULL CHECK (patient_rows >= 0),
  security_rows bigint NOT NULL CHECK (security_rows >= 0),
  file_name text NOT NULL CHECK (file_name ~ '^[a-z0-9][a-z0-9.-]{5,99}$'),
  file_sha256 bytea NOT NULL CHECK (octet_length(file_sha256) = 32),
  -- SHA-256 over the leaf hashes of the month's rows, in their order
  content_digest bytea NOT NULL CHECK (octet_length(content_digest) = 32),
  state text NOT NULL DEFAULT 'detached' CHECK (state IN ('detached', 'dropped', 'restoring', 'restored')),
  detached_at timestamptz NOT NULL,
  changed_at timestamptz NOT NULL,
  CHECK (end_leaf >= first_leaf AND tree_size >= end_leaf)
);
CREATE UNIQUE INDEX trail_archive_one_per_month ON audit.trail_archive (month) WHERE state <> 'restored';

CREATE FUNCTION audit.guard_retention_request() RETURNS trigger LANGUAGE plpgsql SET search_path = pg_catalog, pg_temp AS $$
BEGIN
  IF TG_OP <> 'UPDATE' OR (NEW.request_id, NEW.kind, NEW.years, NEW.month, NEW.requested_at, NEW.requested_by, NEW.expires_at)
       IS DISTINCT FROM (OLD.request_id, OLD.kind, OLD.years, OLD.month, OLD.requested_at, OLD.requested_by, OLD.expires_at)
     OR OLD.confirmed_by IS NOT NULL AND (NEW.confirmed_by, NEW.confirmed_at) IS DISTINCT FROM (OLD.confirmed_by, OLD.confirmed_at)
     OR NOT ((OLD.state, NEW.state) IN (('requested', 'confirmed'), ('requested', 'done'), ('confirmed', 'done'))) THEN
    RAISE EXCEPTION 'this is no step of a request' USING ERRCODE = '42501';
  END IF;
  RETURN NEW;
END
$$;
CREATE FUNCTION audit.guard_trail_archive() RETURNS trigger LANGUAGE plpgsql SET search_path = pg_catalog, pg_temp AS $$
BEGIN
  IF TG_OP <> 'UPDATE' OR to_jsonb(NEW) - '{state,changed_at}'::text[] IS DISTINCT FROM to_jsonb(OLD) - '{state,changed_at}'::text[]
     OR NOT ((OLD.state, NEW.state) IN (('detached', 'dropped'), ('detached', 'restoring'), ('dropped', 'restoring'), ('restoring', 'restoring'), ('restoring', 'restored'))) THEN
    RAISE EXCEPTION 'what was archived stays written down' USING ERRCODE = '42501';
  END IF;
  RETURN NEW;
END
$$;
CREATE TRIGGER append_only BEFORE UPDATE OR DELETE ON audit.retention_policy FOR EACH ROW EXECUTE FUNCTION audit.refuse_change();
CREATE TRIGGER guard_retention_request BEFORE UPDATE OR DELETE ON audit.retention_request FOR EACH ROW EXECUTE FUNCTION audit.guard_retention_request();
CREATE TRIGGER guard_trail_archive BEFORE UPDATE OR DELETE ON audit.trail_archive FOR EACH ROW EXECUTE FUNCTION audit.guard_trail_archive();
DO $$
DECLARE
  t text;
BEGIN
  FOREACH t IN ARRAY ARRAY['retention_policy', 'retention_request', 'trail_archive'] LOOP
    EXECUTE format('CREATE TRIGGER append_only_truncate BEFORE TRUNCATE ON audit.%I FOR EACH STATEMENT EXECUTE FUNCTION audit.refuse_change()', t);
    EXECUTE format('GRANT SELECT ON audit.%I TO audit_reader', t);
    EXECUTE format('GRANT SELECT, INSERT ON audit.%I TO audit_gate', t);
  END LOOP;
END
$$;
GRANT UPDATE (state, confirmed_at, confirmed_by, done_at) ON audit.retention_request TO audit_gate;
GRANT UPDATE (state, changed_at) ON audit.trail_archive TO audit_gate;
-- The verifier reads archived months from their files.
GRANT SELECT ON audit.trail_archive TO vigil_sealer;

-- ── Moving partitions; for the functions of the gate below, and granted to nobody else ───────────────────────────
-- Takes a month out of both logs and sets its tables aside, under another name.
CREATE FUNCTION audit.detach_month(p_month date) RETURNS void
LANGUAGE plpgsql VOLATILE SECURITY DEFINER SET search_path = pg_catalog, pg_temp SET lock_timeout = '5s' AS $$
DECLARE
  v_log text;
  v_name text;
BEGIN
  PERFORM pg_advisory_xact_lock(7614, 1);
  FOREACH v_log IN ARRAY ARRAY['patient_phi_audit_log', 'security_event_log'] LOOP
    v_name := v_log || '_' || to_char(p_month, 'YYYYMM');
    CONTINUE WHEN to_regclass('audit.' || v_name) IS NULL;
    EXECUTE format('ALTER TABLE audit.%I DETACH PARTITION audit.%I', v_log, v_name);
    EXECUTE format('ALTER TABLE audit.%I RENAME TO %I', v_name, 'aside_' || v_name);
  END LOOP;
END
$$;

-- Drops what was set aside. False when a record is held of which it has entries.
CREATE FUNCTION audit.drop_month(p_month date) RETURNS boolean
LANGUAGE plpgsql VOLATILE SECURITY DEFINER SET search_path = pg_catalog, pg_temp SET lock_timeout = '5s' AS $$
DECLARE
  v_log text;
  v_name text;
  v_held boolean;
BEGIN
  v_name := 'aside_patient_phi_audit_log_' || to_char(p_month, 'YYYYMM');
  IF to_regclass('audit.' || v_name) IS NOT NULL THEN
    EXECUTE format('SELECT EXISTS (SELECT FROM audit.legal_hold h JOIN audit.%I l ON l.patient_id = h.patient_id WHERE h.released_at IS NULL)', v_name) INTO v_held;
    IF v_held THEN RETURN false; END IF;
  END IF;
  FOREACH v_log IN ARRAY ARRAY['patient_phi_audit_log', 'security_event_log'] LOOP
    EXECUTE format('DROP TABLE IF EXISTS audit.%I', 'aside_' || v_log || '_' || to_char(p_month, 'YYYYMM'));
  END LOOP;
  RETURN true;
END
$$;

-- Makes empty tables for a month that comes back; attached when every row is in them.
CREATE FUNCTION audit.begin_return(p_month date) RETURNS void
LANGUAGE plpgsql VOLATILE SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS $$
DECLARE
  v_log text;
BEGIN
  FOREACH v_log IN ARRAY ARRAY['patient_phi_audit_log', 'security_event_log'] LOOP
    EXECUTE format('DROP TABLE IF EXISTS audit.%I', 'return_' || v_log || '_' || to_char(p_month, 'YYYYMM'));
    EXECUTE format('CREATE TABLE audit.%I (LIKE audit.%I INCLUDING DEFAULTS INCLUDING CONSTRAINTS)', 'return_' || v_log || '_' || to_char(p_month, 'YYYYMM'), v_log);
  END LOOP;
END
$$;

-- Puts rows back. Each is taken from the very text that its leaf is the hash of, so that nothing else can come in this way.
-- p_rows: [{"index", "data"}]
CREATE FUNCTION audit.return_rows(p_month date, p_incarnation integer, p_rows jsonb) RETURNS integer
LANGUAGE plpgsql VOLATILE SECURITY DEFINER SET search_path = pg_catalog, pg_temp SET timezone = 'UTC' AS $$
DECLARE
  v_log text;
  v_count integer := 0;
  v_added integer;
BEGIN
  IF EXISTS (
    SELECT FROM jsonb_to_recordset(p_rows) AS r (index bigint, data text)
      LEFT JOIN audit.seal_leaf f ON f.incarnation = p_incarnation AND f.leaf_index = r.index
     WHERE f.leaf_hash IS DISTINCT FROM sha256('\x00'::bytea || convert_to(r.data, 'UTF8'))
       OR f.accessed_at < p_month::timestamp AT TIME ZONE 'UTC' OR f.accessed_at >= (p_month + interval '1 month') AT TIME ZONE 'UTC') THEN
    RAISE EXCEPTION 'a row is not what was sealed' USING ERRCODE = '23514';
  END IF;
  FOREACH v_log IN ARRAY ARRAY['patient_phi_audit_log', 'security_event_log'] LOOP
    EXECUTE format('INSERT INTO audit.%I SELECT t.* FROM jsonb_to_recordset($1) AS r (index bigint, data text), jsonb_populate_record(NULL::audit.%I, r.data::jsonb) t WHERE r.data::jsonb ->> ''log'' = %L',
      'return_' || v_log || '_' || to_char(p_month, 'YYYYMM'), v_log, v_log) USING p_rows;
    GET DIAGNOSTICS v_added = ROW_COUNT;
    v_count := v_count + v_added;
  END LOOP;
  RETURN v_count;
END
$$;

-- Attaches what came back. How many rows each log got.
CREATE FUNCTION audit.end_return(p_month date, OUT patient_rows bigint, OUT security_rows bigint)
LANGUAGE plpgsql VOLATILE SECURITY DEFINER SET search_path = pg_catalog, pg_temp SET lock_timeout = '5s' AS $$
DECLARE
  v_log text;
  v_name text;
BEGIN
  PERFORM pg_advisory_xact_lock(7614, 1);
  EXECUTE format('SELECT count(*) FROM audit.%I', 'return_patient_phi_audit_log_' || to_char(p_month, 'YYYYMM')) INTO patient_rows;
  EXECUTE format('SELECT count(*) FROM audit.%I', 'return_security_event_log_' || to_char(p_month, 'YYYYMM')) INTO security_rows;
  FOREACH v_log IN ARRAY ARRAY['patient_phi_audit_log', 'security_event_log'] LOOP
    v_name := v_log || '_' || to_char(p_month, 'YYYYMM');
    EXECUTE format('ALTER TABLE audit.%I RENAME TO %I', 'return_' || v_name, v_name);
    EXECUTE format('ALTER TABLE audit.%I ATTACH PARTITION audit.%I FOR VALUES FROM (%L) TO (%L)', v_log, v_name,
      p_month::timestamp AT TIME ZONE 'UTC', (p_month + interval '1 month') AT TIME ZONE 'UTC');
    EXECUTE format('CREATE TRIGGER append_only_truncate BEFORE TRUNCATE ON audit.%I FOR EACH STATEMENT EXECUTE FUNCTION audit.refuse_change()', v_name);
    EXECUTE format('DROP TABLE IF EXISTS audit.%I', 'aside_' || v_name);
  END LOOP;
END
$$;
GRANT EXECUTE ON FUNCTION audit.detach_month(date), audit.drop_month(date), audit.begin_return(date), audit.return_rows(date, integer, jsonb),
  audit.end_return(date) TO audit_gate;

-- ── The steps ────────────────────────────────────────────────────────────────────────────────────────────────────
GRANT CREATE ON SCHEMA audit TO audit_gate;
SET LOCAL ROLE audit_gate;

CREATE FUNCTION audit.retention_years() RETURNS integer
LANGUAGE sql STABLE SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS $$
  SELECT p.years FROM audit.retention_policy p ORDER BY p.policy_id DESC LIMIT 1
$$;

-- Months that the logs have partitions for, oldest first.
CREATE FUNCTION audit.attached_months() RETURNS SETOF date
LANGUAGE sql STABLE SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS $$
  SELECT DISTINCT to_date(right(c.relname, 6), 'YYYYMM') FROM pg_inherits i JOIN pg_class c ON c.oid = i.inhrelid
   WHERE i.inhparent IN ('audit.patient_phi_audit_log'::regclass, 'audit.security_event_log'::regclass) AND c.relname ~ '_[0-9]{6}$' ORDER BY 1
$$;

-- Why a month may not leave; NULL when it may. By the real clock, as the trail itself.
CREATE FUNCTION audit.archive_obstacle(p_month date) RETURNS text
LANGUAGE sql STABLE SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS $$
  SELECT CASE
    WHEN p_month IS NULL OR NOT p_month IN (SELECT audit.attached_months()) THEN 'no-such-month'
    WHEN (p_month + interval '1 month') AT TIME ZONE 'UTC' > clock_timestamp() - make_interval(years => audit.retention_years()) THEN 'too-young'
    WHEN EXISTS (SELECT FROM audit.attached_months() m WHERE m < p_month) THEN 'not-the-oldest'
    WHEN EXISTS (SELECT FROM audit.legal_hold h WHERE h.released_at IS NULL AND EXISTS (SELECT FROM audit.patient_phi_audit_log l
      WHERE l.patient_id = h.patient_id AND l.accessed_at >= p_month::timestamp AT TIME ZONE 'UTC' AND l.accessed_at < (p_month + interval '1 month') AT TIME ZONE 'UTC')) THEN 'legal-hold' END
$$;

CREATE FUNCTION audit.note_retention_refusal(v app.session_standing, p_step text, p_detail jsonb, p_reason text, p_client_ip inet) RETURNS void
LANGUAGE sql VOLATILE SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS $$
  SELECT audit.record_event('RETENTION_REFUSED', v.account_id, v.role, v.session_id, NULL, jsonb_build_object('step', p_step, 'reason', p_reason) || p_detail, 'REFUSED', p_client_ip)
$$;

-- One person asks: for another number of years, or for a month to leave. Valid for 24 hours.
CREATE FUNCTION audit.retention_ask(p_token text, p_kind text, p_years integer, p_month date, p_client_ip inet) RETURNS TABLE (request_id uuid, refusal text)
LANGUAGE plpgsql VOLATILE SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS $$
DECLARE
  v app.session_standing := app.session_touch(p_token);
  v_detail jsonb := jsonb_strip_nulls(jsonb_build_object('kind', p_kind, 'years', p_years, 'month', to_char(p_month, 'YYYY-MM')));
BEGIN
  PERFORM audit.require_durable_commit();
  refusal := coalesce(audit.shred_refusal(v), CASE
    WHEN p_kind = 'policy' AND coalesce(p_years, 0) NOT BETWEEN 6 AND 100 THEN 'too-few-years'
    WHEN p_kind = 'archive' THEN audit.archive_obstacle(p_month)
    WHEN p_kind IS DISTINCT FROM 'policy' THEN 'no-such-request' END);
  IF refusal IS NOT NULL THEN
    PERFORM audit.note_retention_refusal(v, 'request', v_detail, refusal, p_client_ip);
    RETURN NEXT; RETURN;
  END IF;
  INSERT INTO audit.retention_request (kind, years, month, requested_at, requested_by, expires_at)
  VALUES (p_kind, CASE WHEN p_kind = 'policy' THEN p_years END, CASE WHEN p_kind = 'archive' THEN p_month END, v.db_now, v.account_id, v.db_now + interval '24 hours')
  RETURNING retention_request.request_id INTO request_id;
  PERFORM audit.record_event('RETENTION_REQUESTED', v.account_id, v.role, v.session_id, NULL, v_detail || jsonb_build_object('request', request_id), 'DONE', p_client_ip);
  RETURN NEXT;
END
$$;

-- Another person confirms. A number of years counts from now on; a month is archived next, by the job.
CREATE FUNCTION audit.retention_confirm(p_token text, p_kind text, p_request uuid, p_client_ip inet) RETURNS TABLE (years integer, month date, refusal text)
LANGUAGE plpgsql VOLATILE SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS $$
DECLARE
  v app.session_standing := app.session_touch(p_token);
  r audit.retention_request;
BEGIN
  PERFORM audit.require_durable_commit();
  SELECT q.* INTO r FROM audit.retention_request q WHERE q.request_id = p_request AND q.kind = p_kind FOR UPDATE;
  refusal := coalesce(audit.shred_refusal(v), CASE
    WHEN r.request_id IS NULL THEN 'no-such-request'
    WHEN r.requested_by = v.account_id THEN 'same-person'
    WHEN r.state <> 'requested' THEN 'not-open'
    WHEN r.expires_at <= v.db_now THEN 'expired'
    WHEN r.kind = 'archive' THEN audit.archive_obstacle(r.month) END);
  IF refusal IS NOT NULL THEN
    PERFORM audit.note_retention_refusal(v, 'confirmation', jsonb_build_object('request', p_request), refusal, p_client_ip);
    RETURN NEXT; RETURN;
  END IF;
  years := r.years;
  month := r.month;
  UPDATE audit.retention_request q SET state = CASE r.kind WHEN 'policy' THEN 'done' ELSE 'confirmed' END, confirmed_at = v.db_now, confirmed_by = v.account_id,
    done_at = CASE r.kind WHEN 'policy' THEN v.db_now END WHERE q.request_id = p_request;
  PERFORM audit.record_event('RETENTION_CONFIRMED', v.account_id, v.role, v.session_id, r.requested_by,
    jsonb_build_object('request', p_request), 'DONE', p_client_ip);
  IF r.kind = 'policy' THEN
    INSERT INTO audit.retention_policy (years, set_by, confirmed_by) VALUES (r.years, r.requested_by, v.account_id);
    PERFORM audit.record_event('RETENTION_POLICY_CHANGED', v.account_id, v.role, v.session_id, NULL, jsonb_build_object('years', r.years, 'request', p_request), 'DONE', p_client_ip);
  END IF;
  RETURN NEXT;
END
$$;

CREATE FUNCTION audit.retention_job(p_token text) RETURNS app.session_standing
LANGUAGE plpgsql VOLATILE SET search_path = pg_catalog, pg_temp AS $$
DECLARE
  v app.session_standing := app.session_touch(p_token);
BEGIN
  PERFORM audit.require_durable_commit();
  IF NOT app.is_job(v, 'people') THEN
    RAISE EXCEPTION 'only the operator on the server carries this out' USING ERRCODE = '42501';
  END IF;
  RETURN v;
END
$$;

-- Takes a confirmed month out of the logs, once its archive was read back. p_found is what was read: incarnation, first_leaf,
-- end_leaf, tree_size, file, sha256, digest. The digest is over the leaf hashes that the file's rows lead to, and must be that over
-- the leaves that are sealed: whoever has no true archive cannot know it without having every row.
CREATE FUNCTION audit.archive_detach(p_token text, p_request uuid, p_found jsonb) RETURNS text
LANGUAGE plpgsql VOLATILE SECURITY DEFINER SET search_path = pg_catalog, pg_temp SET timezone = 'UTC' AS $$
DECLARE
  v app.session_standing := audit.retention_job(p_token);
  r audit.retention_request;
  v_from timestamptz;
  v_to timestamptz;
  v_patient_rows bigint;
  v_security_rows bigint;
  v_leaves bigint;
  v_digest bytea;
  v_refusal text;
  v_archive uuid;
BEGIN
  SELECT q.* INTO r FROM audit.retention_request q WHERE q.request_id = p_request AND q.kind = 'archive' FOR UPDATE;
  v_from := r.month::timestamp AT TIME ZONE 'UTC';
  v_to := (r.month + interval '1 month') AT TIME ZONE 'UTC';
  v_refusal := CASE
    WHEN r.request_id IS NULL THEN 'no-such-request'
    WHEN r.state <> 'confirmed' THEN 'not-confirmed'
    ELSE audit.archive_obstacle(r.month) END;
  IF v_refusal IS NULL THEN
    SELECT count(*) INTO v_patient_rows FROM audit.patient_phi_audit_log l WHERE l.accessed_at >= v_from AND l.accessed_at < v_to;
    SELECT count(*) INTO v_security_rows FROM audit.security_event_log l WHERE l.accessed_at >= v_from AND l.accessed_at < v_to;
    SELECT count(*), sha256(coalesce(string_agg(f.leaf_hash, ''::bytea ORDER BY f.leaf_index), ''::bytea)) INTO v_leaves, v_digest FROM audit.seal_leaf f
     WHERE f.incarnation = (p_found ->> 'incarnation')::integer AND f.accessed_at >= v_from AND f.accessed_at < v_to
       AND f.leaf_index >= (p_found ->> 'first_leaf')::bigint AND f.leaf_index < (p_found ->> 'end_leaf')::bigint;
    v_refusal := CASE
      WHEN (p_found ->> 'incarnation')::integer IS DISTINCT FROM (SELECT max(i.incarnation) FROM audit.seal_incarnation i) THEN 'another-tree'
      WHEN NOT EXISTS (SELECT FROM audit.checkpoint c JOIN audit.anchor_receipt a USING (incarnation, tree_size)
        WHERE c.incarnation = (p_found ->> 'incarnation')::integer AND c.tree_size = (p_found ->> 'tree_size')::bigint) THEN 'not-anchored'
      WHEN v_leaves <> v_patient_rows + v_security_rows OR v_digest IS DISTINCT FROM decode(p_found ->> 'digest', 'hex') THEN 'not-what-was-sealed' END;
  END IF;
  IF v_refusal IS NOT NULL THEN
    PERFORM audit.note_retention_refusal(v, 'archive', jsonb_build_object('request', p_request), v_refusal, NULL);
    RETURN v_refusal;
  END IF;
  INSERT INTO audit.trail_archive (request_id, month, incarnation, first_leaf, end_leaf, tree_size, patient_rows, security_rows, file_name, file_sha256, content_digest, detached_at, changed_at)
  VALUES (p_request, r.month, (p_found ->> 'incarnation')::integer, (p_found ->> 'first_leaf')::bigint, (p_found ->> 'end_leaf')::bigint, (p_found ->> 'tree_size')::bigint,
    v_patient_rows, v_security_rows, p_found ->> 'file', decode(p_found ->> 'sha256', 'hex'), v_digest, v.db_now, v.db_now) RETURNING archive_id INTO v_archive;
  PERFORM audit.detach_month(r.month);
  UPDATE audit.retention_request q SET state = 'done', done_at = v.db_now WHERE q.request_id = p_request;
  PERFORM audit.record_event('AUDIT_MONTH_ARCHIVED', v.account_id, v.role, v.session_id, NULL,
    jsonb_build_object('archive', v_archive, 'month', to_char(r.month, 'YYYY-MM'), 'patientRows', v_patient_rows, 'securityRows', v_security_rows, 'file', p_found ->> 'file',
      'sha256', p_found ->> 'sha256', 'digest', p_found ->> 'digest', 'incarnation', p_found -> 'incarnation', 'firstLeaf', p_found -> 'first_leaf', 'endLeaf', p_found -> 'end_leaf'), 'DONE', NULL);
  RETURN NULL;
END
$$;

-- Drops the tables of a month that were set aside 30 days ago or longer, once its archive was read back again.
CREATE FUNCTION audit.archive_drop(p_token text, p_archive uuid, p_digest text) RETURNS text
LANGUAGE plpgsql VOLATILE SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS $$
DECLARE
  v app.session_standing := audit.retention_job(p_token);
  a audit.trail_archive;
  v_refusal text;
BEGIN
  SELECT t.* INTO a FROM audit.trail_archive t WHERE t.archive_id = p_archive FOR UPDATE;
  v_refusal := CASE
    WHEN a.archive_id IS NULL OR a.state <> 'detached' THEN 'nothing-set-aside'
    WHEN a.detached_at > v.db_now - interval '30 days' THEN 'too-early'
    WHEN a.content_digest IS DISTINCT FROM decode(p_digest, 'hex') THEN 'not-what-was-sealed'
    WHEN NOT audit.drop_month(a.month) THEN 'legal-hold' END;
  IF v_refusal IS NOT NULL THEN
    PERFORM audit.note_retention_refusal(v, 'drop', jsonb_build_object('archive', p_archive), v_refusal, NULL);
    RETURN v_refusal;
  END IF;
  UPDATE audit.trail_archive t SET state = 'dropped', changed_at = v.db_now WHERE t.archive_id = p_archive;
  PERFORM audit.record_event('AUDIT_MONTH_DROPPED', v.account_id, v.role, v.session_id, NULL,
    jsonb_build_object('archive', p_archive, 'month', to_char(a.month, 'YYYY-MM')), 'DONE', NULL);
  RETURN NULL;
END
$$;

-- A person asks for a month to come back. NULL, or why not: only into the tree that it was sealed in.
CREATE FUNCTION audit.archive_return_ask(p_token text, p_month date, p_client_ip inet) RETURNS TABLE (archive_id uuid, refusal text)
LANGUAGE plpgsql VOLATILE SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS $$
DECLARE
  v app.session_standing := app.session_touch(p_token);
  a audit.trail_archive;
BEGIN
  PERFORM audit.require_durable_commit();
  SELECT t.* INTO a FROM audit.trail_archive t WHERE t.month = p_month AND t.state <> 'restored' FOR UPDATE;
  refusal := coalesce(audit.shred_refusal(v), CASE
    WHEN a.archive_id IS NULL THEN 'no-such-archive'
    WHEN a.incarnation <> (SELECT max(i.incarnation) FROM audit.seal_incarnation i) THEN 'another-tree' END);
  IF refusal IS NOT NULL THEN
    PERFORM audit.note_retention_refusal(v, 'restore', jsonb_strip_nulls(jsonb_build_object('month', to_char(p_month, 'YYYY-MM'))), refusal, p_client_ip);
    RETURN NEXT; RETURN;
  END IF;
  archive_id := a.archive_id;
  UPDATE audit.trail_archive t SET state = 'restoring', changed_at = v.db_now WHERE t.archive_id = a.archive_id;
  PERFORM audit.begin_return(a.month);
  PERFORM audit.record_event('AUDIT_MONTH_RESTORE_ASKED', v.account_id, v.role, v.session_id, NULL,
    jsonb_build_object('archive', a.archive_id, 'month', to_char(a.month, 'YYYY-MM')), 'DONE', p_client_ip);
  RETURN NEXT;
END
$$;

CREATE FUNCTION audit.archive_return_rows(p_token text, p_archive uuid, p_rows jsonb) RETURNS integer
LANGUAGE plpgsql VOLATILE SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS $$
DECLARE
  v app.session_standing := audit.retention_job(p_token);
  a audit.trail_archive;
BEGIN
  SELECT t.* INTO a FROM audit.trail_archive t WHERE t.archive_id = p_archive AND t.state = 'restoring' FOR UPDATE;
  IF a.archive_id IS NULL OR jsonb_array_length(p_rows) > 2000 THEN
    RAISE EXCEPTION 'nobody asked for this month' USING ERRCODE = '42501';
  END IF;
  RETURN audit.return_rows(a.month, a.incarnation, p_rows);
END
$$;

CREATE FUNCTION audit.archive_return_end(p_token text, p_archive uuid) RETURNS void
LANGUAGE plpgsql VOLATILE SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS $$
DECLARE
  v app.session_standing := audit.retention_job(p_token);
  a audit.trail_archive;
  v_rows record;
BEGIN
  SELECT t.* INTO a FROM audit.trail_archive t WHERE t.archive_id = p_archive AND t.state = 'restoring' FOR UPDATE;
  IF a.archive_id IS NULL THEN
    RAISE EXCEPTION 'nobody asked for this month' USING ERRCODE = '42501';
  END IF;
  SELECT * INTO v_rows FROM audit.end_return(a.month);
  IF (v_rows.patient_rows, v_rows.security_rows) IS DISTINCT FROM (a.patient_rows, a.security_rows) THEN
    RAISE EXCEPTION 'rows are missing' USING ERRCODE = '23514';
  END IF;
  UPDATE audit.trail_archive t SET state = 'restored', changed_at = v.db_now WHERE t.archive_id = p_archive;
  PERFORM audit.record_event('AUDIT_MONTH_RESTORED', v.account_id, v.role, v.session_id, NULL,
    jsonb_build_object('archive', p_archive, 'month', to_char(a.month, 'YYYY-MM')), 'DONE', NULL);
END
$$;

-- ── How it stands ────────────────────────────────────────────────────────────────────────────────────────────────
-- Whole months after this one that both logs have a place for, and when the first one comes that they have none for.
CREATE FUNCTION audit.partition_standing() RETURNS TABLE (months_ahead integer, ends_at timestamptz)
LANGUAGE plpgsql STABLE SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS $$
DECLARE
  v_month date := date_trunc('month', clock_timestamp() AT TIME ZONE 'UTC')::date;
BEGIN
  months_ahead := -1;
  WHILE months_ahead < 60 AND (SELECT count(*) = 2 FROM pg_inherits i JOIN pg_class c ON c.oid = i.inhrelid
      WHERE i.inhparent IN ('audit.patient_phi_audit_log'::regclass, 'audit.security_event_log'::regclass) AND right(c.relname, 7) = '_' || to_char(v_month, 'YYYYMM')) LOOP
    months_ahead := months_ahead + 1;
    v_month := (v_month + interval '1 month')::date;
  END LOOP;
  ends_at := v_month::timestamp AT TIME ZONE 'UTC';
  RETURN NEXT;
END
$$;

-- Years, months in the database, what may leave, and what left; for the operator and for compliance officers.
CREATE FUNCTION audit.retention_status(p_token text)
RETURNS TABLE (month date, state text, patient_rows bigint, security_rows bigint, obstacle text, file_name text, file_sha256 text, content_digest text, archive_id uuid,
  incarnation integer, changed_at timestamptz)
LANGUAGE plpgsql VOLATILE SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS $$
DECLARE
  v app.session_standing := app.session_touch(p_token);
BEGIN
  IF v.state <> 'active' OR v.role <> 'compliance' AND NOT app.is_job(v, 'people') THEN RETURN; END IF;
  RETURN QUERY
    SELECT m, 'attached', NULL::bigint, NULL::bigint, audit.archive_obstacle(m), NULL, NULL, NULL, NULL::uuid, NULL::integer, NULL::timestamptz FROM audit.attached_months() m
    UNION ALL
    SELECT t.month, t.state, t.patient_rows, t.security_rows, NULL, t.file_name, encode(t.file_sha256, 'hex'), encode(t.content_digest, 'hex'), t.archive_id, t.incarnation, t.changed_at
      FROM audit.trail_archive t WHERE t.state <> 'restored'
    ORDER BY 1, 2;
END
$$;

-- Requests that wait for the second person, or to be carried out.
CREATE FUNCTION audit.retention_requests(p_token text)
RETURNS TABLE (request_id uuid, kind text, years integer, month date, state text, requested_by text, expires_at timestamptz)
LANGUAGE plpgsql VOLATILE SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS $$
DECLARE
  v app.session_standing := app.session_touch(p_token);
BEGIN
  IF v.state <> 'active' OR v.role NOT IN ('compliance', 'admin') AND NOT app.is_job(v, 'people') THEN RETURN; END IF;
  RETURN QUERY SELECT q.request_id, q.kind, q.years, q.month, q.state, a.display_name, q.expires_at FROM audit.retention_request q LEFT JOIN app.account a ON a.id = q.requested_by
    WHERE q.state = 'confirmed' OR q.state = 'requested' AND q.expires_at > v.db_now ORDER BY q.requested_at LIMIT 100;
END
$$;

GRANT EXECUTE ON FUNCTION audit.retention_ask(text, text, integer, date, inet), audit.retention_confirm(text, text, uuid, inet), audit.archive_return_ask(text, date, inet),
  audit.retention_years(), audit.partition_standing(), audit.retention_status(text) TO vigil_app;
GRANT EXECUTE ON FUNCTION audit.archive_detach(text, uuid, jsonb), audit.archive_drop(text, uuid, text), audit.archive_return_rows(text, uuid, jsonb),
  audit.archive_return_end(text, uuid), audit.retention_years(), audit.retention_status(text), audit.retention_requests(text), audit.partition_standing() TO vigil_worker;
SET LOCAL ROLE audit_owner;
REVOKE CREATE ON SCHEMA audit FROM audit_gate;
RESET ROLE;
