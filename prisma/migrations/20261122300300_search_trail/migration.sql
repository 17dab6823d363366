-- Makes searching the trail quick and complete: every criterion, every order, counts that stop in time, activity over time,
-- what the seal says of one entry, and searches that are kept under a name.
-- As before, what is asked is committed as a security event first (audit.admit_trail), and the answers are to the criteria that
-- were committed: the functions here take nothing but the number of that request.
SET LOCAL ROLE audit_owner;

-- Emergency access is rare and asked for often.
CREATE INDEX ON audit.patient_phi_audit_log (accessed_at DESC, seq DESC) WHERE break_glass_id IS NOT NULL;

GRANT CREATE ON SCHEMA audit TO audit_gate;
SET LOCAL ROLE audit_gate;

-- The condition that a search's criteria stand for, as SQL over `l`, a row of audit.patient_phi_audit_log.
--
-- Criteria: from, to (timestamptz, half open, required); patients [uuid]; actor, role, action, view, outcome, purpose (with a
-- minus in front: all but); field; address (CIDR); session; request; emergency, unexplained (true).
-- Only what is asked for becomes a condition, and every value a quoted literal of its own type, so that the planner sees
-- which months and which index answer it.
CREATE FUNCTION audit.trail_conditions(c jsonb) RETURNS text
LANGUAGE plpgsql STABLE SET search_path = pg_catalog, pg_temp SET timezone = 'UTC' SET datestyle = 'ISO, YMD' AS $$
DECLARE
  v_from timestamptz := (c ->> 'from')::timestamptz;
  v_to timestamptz := (c ->> 'to')::timestamptz;
  v_conditions text[];
  v_name text;
  v_column text;
  v_value text;
BEGIN
  IF v_from IS NULL OR v_to IS NULL OR v_to <= v_from OR v_to - v_from > interval '400 days' THEN
    RAISE EXCEPTION 'a search of the trail has a period of at most 400 days' USING ERRCODE = '22023';
  END IF;
  -- What no index finds is looked for row by row: bounded, so that one question cannot hold up everybody's.
  IF v_to - v_from > interval '32 days' AND audit.trail_is_scan(c) THEN
    RAISE EXCEPTION 'without a patient or a person this search is limited to 31 days' USING ERRCODE = '22023';
  END IF;
  v_conditions := ARRAY[format('l.accessed_at >= %L::timestamptz AND l.accessed_at < %L::timestamptz', v_from, v_to)];
  IF jsonb_typeof(c -> 'patients') = 'array' THEN
    v_conditions := v_conditions || CASE jsonb_array_length(c -> 'patients')
      WHEN 1 THEN format('l.patient_id = %L::uuid', (c -> 'patients' ->> 0)::uuid)
      ELSE format('l.patient_id = ANY (%L::uuid[])', ARRAY(SELECT jsonb_array_elements_text(c -> 'patients')::uuid)) END;
  END IF;
  IF c ->> 'actor' IS NOT NULL THEN
    v_conditions := v_conditions || CASE WHEN c ->> 'actor' LIKE '-%'
      THEN format('l.actor_user_id IS DISTINCT FROM %L::uuid', substr(c ->> 'actor', 2)::uuid)
      ELSE format('l.actor_user_id = %L::uuid', (c ->> 'actor')::uuid) END;
  END IF;
  FOR v_name, v_column IN VALUES ('role', 'actor_role'), ('action', 'action_type'), ('view', 'view'), ('outcome', 'outcome'), ('purpose', 'purpose') LOOP
    v_value := c ->> v_name;
    CONTINUE WHEN v_value IS NULL;
    v_conditions := v_conditions || CASE WHEN v_value LIKE '-%'
      THEN format('l.%I IS DISTINCT FROM %L', v_column, substr(v_value, 2))
      ELSE format('l.%I = %L', v_column, v_value) END;
  END LOOP;
  IF c ->> 'field' IS NOT NULL THEN
    v_conditions := v_conditions || format(
      'EXISTS (SELECT FROM jsonb_each(l.changed_fields) f WHERE jsonb_typeof(f.value) = ''array'' AND f.value ? %L)', c ->> 'field');
  END IF;
  IF c ->> 'address' IS NOT NULL THEN
    v_conditions := v_conditions || format('l.client_ip <<= %L::inet', (c ->> 'address')::inet);
  END IF;
  IF c ->> 'session' IS NOT NULL THEN
    v_conditions := v_conditions || format('l.session_id = %L::uuid', (c ->> 'session')::uuid);
  END IF;
  IF c ->> 'request' IS NOT NULL THEN
    v_conditions := v_conditions || format('l.request_id = %L::uuid', (c ->> 'request')::uuid);
  END IF;
  IF (c ->> 'emergency')::boolean THEN
    v_conditions := v_conditions || 'l.break_glass_id IS NOT NULL'::text;
  END IF;
  IF (c ->> 'unexplained')::boolean THEN
    v_conditions := v_conditions || ('EXISTS (SELECT FROM audit.access_explanation x WHERE x.actor_id = l.actor_user_id AND x.patient_id = l.patient_id'
      || ' AND x.day = (l.accessed_at AT TIME ZONE ''UTC'')::date AND NOT x.is_explained)');
  END IF;
  RETURN array_to_string(v_conditions, ' AND ');
END
$$;

-- Whether no index leads to what is asked for: some criterion beside the period, and none of those that have one.
CREATE FUNCTION audit.trail_is_scan(c jsonb) RETURNS boolean
LANGUAGE sql IMMUTABLE SET search_path = pg_catalog, pg_temp AS $$
  SELECT NOT (coalesce(jsonb_typeof(c -> 'patients') = 'array', false) OR coalesce(c ->> 'actor' NOT LIKE '-%', false) OR c ->> 'request' IS NOT NULL
           OR coalesce(c ->> 'outcome' = 'DENIED', false) OR coalesce((c ->> 'emergency')::boolean, false))
     AND (c ?| ARRAY['actor', 'role', 'action', 'view', 'outcome', 'purpose', 'field', 'address', 'session'] OR coalesce((c ->> 'unexplained')::boolean, false))
$$;

DROP FUNCTION audit.read_trail(uuid);

-- One page of an answer. Further criteria: limit (to 201); sort (time, who, role, patient, action, part, outcome, purpose,
-- reason, relation, model, address, session, request, emergency; time when absent), direction (ascending, descending); and
-- where the page begins: after_key (but for time), after_at, after_seq, as the last row of the page before gave them.
-- Within equal keys the newest stand first. An order that no index has is sorted within 31 days.
CREATE FUNCTION audit.read_trail(p_request uuid)
RETURNS TABLE (log_id uuid, seq bigint, accessed_at timestamptz, actor_user_id uuid, actor_name text, actor_title text, actor_role text, patient_id uuid,
  action_type text, view text, resource_type text, resource_id uuid, changed_fields jsonb, purpose text, outcome text, reason text, relation text,
  break_glass_id uuid, client_ip inet, session_id uuid, request_id uuid, on_behalf_of uuid, is_explained boolean, sort_key text)
LANGUAGE plpgsql STABLE SECURITY DEFINER SET search_path = pg_catalog, pg_temp SET timezone = 'UTC' SET datestyle = 'ISO, YMD' AS $$
DECLARE
  c jsonb := audit.trail_criteria(p_request, 'AUDIT_SEARCH');
  v_sort text := coalesce(c ->> 'sort', 'time');
  v_down boolean := coalesce(c ->> 'direction', 'descending') = 'descending';
  v_key text;
  v_type text := 'text';
  v_after text := '';
  v_order text;
BEGIN
  v_key := CASE v_sort
    WHEN 'time' THEN NULL WHEN 'who' THEN 'coalesce(s.display_name, l.actor_role, '''')' WHEN 'role' THEN 'coalesce(l.actor_role, '''')'
    WHEN 'patient' THEN 'l.patient_id' WHEN 'action' THEN 'l.action_type' WHEN 'part' THEN 'l.view' WHEN 'outcome' THEN 'l.outcome'
    WHEN 'purpose' THEN 'coalesce(l.purpose, '''')' WHEN 'reason' THEN 'coalesce(l.reason, '''')' WHEN 'relation' THEN 'coalesce(l.relation, '''')'
    WHEN 'model' THEN 'coalesce(l.resource_type, '''')' WHEN 'address' THEN 'coalesce(l.client_ip, ''0.0.0.0'')'
    WHEN 'session' THEN 'coalesce(l.session_id, ''00000000-0000-0000-0000-000000000000'')' WHEN 'request' THEN 'l.request_id'
    WHEN 'emergency' THEN 'coalesce(l.break_glass_id, ''00000000-0000-0000-0000-000000000000'')' ELSE '?' END;
  IF v_key = '?' OR NOT coalesce(c ->> 'direction', 'descending') IN ('ascending', 'descending') THEN
    RAISE EXCEPTION 'the trail has no such order' USING ERRCODE = '22023';
  END IF;
  IF v_key IS NOT NULL AND (c ->> 'to')::timestamptz - (c ->> 'from')::timestamptz > interval '32 days' THEN
    RAISE EXCEPTION 'only the order of time goes beyond 31 days' USING ERRCODE = '22023';
  END IF;
  v_type := CASE WHEN v_sort IN ('patient', 'session', 'request', 'emergency') THEN 'uuid' WHEN v_sort = 'address' THEN 'inet' ELSE 'text' END;
  IF c ->> 'after_seq' IS NOT NULL THEN
    v_after := CASE WHEN v_key IS NULL THEN format(' AND (l.accessed_at, l.seq) %s (%L::timestamptz, %L::bigint)',
        CASE WHEN v_down THEN '<' ELSE '>' END, (c ->> 'after_at')::timestamptz, (c ->> 'after_seq')::bigint)
      ELSE format(' AND (%1$s %2$s %3$L::%4$s OR (%1$s = %3$L::%4$s AND (l.accessed_at, l.seq) < (%5$L::timestamptz, %6$L::bigint)))',
        v_key, CASE WHEN v_down THEN '<' ELSE '>' END, c ->> 'after_key', v_type, (c ->> 'after_at')::timestamptz, (c ->> 'after_seq')::bigint) END;
  END IF;
  v_order := CASE WHEN v_key IS NULL THEN CASE WHEN v_down THEN 'accessed_at DESC, seq DESC' ELSE 'accessed_at, seq' END
    ELSE format('sort_key %s, accessed_at DESC, seq DESC', CASE WHEN v_down THEN 'DESC' ELSE 'ASC' END) END;
  RETURN QUERY EXECUTE format($query$
    SELECT p.log_id, p.seq, p.accessed_at, p.actor_user_id, a.display_name, a.job_title, p.actor_role, p.patient_id, p.action_type, p.view, p.resource_type,
           p.resource_id, p.changed_fields, p.purpose, p.outcome, p.reason, p.relation, p.break_glass_id, p.client_ip, p.session_id, p.request_id,
           p.on_behalf_of, x.is_explained, p.sort_key::text
      FROM (SELECT l.*, %1$s AS sort_key FROM audit.patient_phi_audit_log l %2$s WHERE %3$s%4$s ORDER BY %5$s LIMIT %6$s) p
      LEFT JOIN app.account a ON a.id = p.actor_user_id
      LEFT JOIN audit.access_explanation x
        ON x.actor_id = p.actor_user_id AND x.patient_id = p.patient_id AND x.day = (p.accessed_at AT TIME ZONE 'UTC')::date
     ORDER BY %7$s$query$,
    coalesce(v_key, 'NULL'), CASE WHEN v_sort = 'who' THEN 'LEFT JOIN app.account s ON s.id = l.actor_user_id' ELSE '' END,
    audit.trail_conditions(c), v_after, replace(replace(v_order, 'accessed_at', 'l.accessed_at'), 'seq', 'l.seq'),
    least(greatest(coalesce((c ->> 'limit')::integer, 50), 1), 201),
    replace(replace(replace(v_order, 'accessed_at', 'p.accessed_at'), 'seq', 'p.seq'), 'sort_key', 'p.sort_key'));
END
$$;

-- How many entries fit, up to ten thousand and one: counting on would cost seconds, and nobody reads them all.
CREATE FUNCTION audit.count_trail(p_request uuid) RETURNS integer
LANGUAGE plpgsql STABLE SECURITY DEFINER SET search_path = pg_catalog, pg_temp SET timezone = 'UTC' SET datestyle = 'ISO, YMD' AS $$
DECLARE
  v_count integer;
BEGIN
  EXECUTE format('SELECT count(*) FROM (SELECT FROM audit.patient_phi_audit_log l WHERE %s LIMIT 10001) capped',
    audit.trail_conditions(audit.trail_criteria(p_request, 'AUDIT_SEARCH'))) INTO v_count;
  RETURN v_count;
END
$$;

-- Entries and refused attempts over time: by the hour to two days, by the day to a hundred, by the month beyond. Intervals begin on
-- the clock of the criteria's zone and are told as that clock showed them; one without entries is left out. Nothing of any row.
CREATE FUNCTION audit.trail_activity(p_request uuid) RETURNS TABLE (unit text, starts_at text, entries bigint, refused bigint)
LANGUAGE plpgsql STABLE SECURITY DEFINER SET search_path = pg_catalog, pg_temp SET timezone = 'UTC' SET datestyle = 'ISO, YMD' AS $$
DECLARE
  c jsonb := audit.trail_criteria(p_request, 'AUDIT_SEARCH');
  v_span interval := (c ->> 'to')::timestamptz - (c ->> 'from')::timestamptz;
  v_unit text := CASE WHEN v_span <= interval '50 hours' THEN 'hour' WHEN v_span <= interval '100 days' THEN 'day' ELSE 'month' END;
BEGIN
  RETURN QUERY EXECUTE format($query$
    SELECT %1$L::text, to_char(g.bucket, 'YYYY-MM-DD"T"HH24:MI'), g.entries, g.refused
      FROM (SELECT date_trunc(%1$L, l.accessed_at AT TIME ZONE %2$L) AS bucket, count(*) AS entries, count(*) FILTER (WHERE l.outcome = 'DENIED') AS refused
              FROM audit.patient_phi_audit_log l WHERE %3$s GROUP BY 1) g ORDER BY g.bucket$query$,
    v_unit, coalesce(c ->> 'zone', 'UTC'), audit.trail_conditions(c));
END
$$;

-- The same over the whole clinic for the days of the period, from the dates of entries alone.
CREATE FUNCTION audit.clinic_activity(p_request uuid) RETURNS TABLE (unit text, starts_at text, entries bigint, refused bigint)
LANGUAGE plpgsql STABLE SECURITY DEFINER SET search_path = pg_catalog, pg_temp SET timezone = 'UTC' SET datestyle = 'ISO, YMD' AS $$
DECLARE
  c jsonb := audit.trail_criteria(p_request, 'AUDIT_SEARCH');
  v_zone text := coalesce(c ->> 'zone', 'UTC');
BEGIN
  IF (c ->> 'to')::timestamptz - (c ->> 'from')::timestamptz > interval '32 days' OR audit.trail_is_scan(c) OR c ?| ARRAY['patients', 'actor', 'request'] THEN
    RAISE EXCEPTION 'the clinic''s activity is told for at most 31 days, and as a whole' USING ERRCODE = '22023';
  END IF;
  RETURN QUERY EXECUTE format($query$
    SELECT 'day'::text, to_char(g.bucket, 'YYYY-MM-DD"T"HH24:MI'), g.entries, coalesce(r.refused, 0)
      FROM (SELECT date_trunc('day', l.accessed_at AT TIME ZONE %1$L) AS bucket, count(*) AS entries
              FROM audit.patient_phi_audit_log l WHERE %2$s GROUP BY 1) g
      LEFT JOIN (SELECT date_trunc('day', l.accessed_at AT TIME ZONE %1$L) AS bucket, count(*) AS refused
              FROM audit.patient_phi_audit_log l WHERE %2$s AND l.outcome = 'DENIED' GROUP BY 1) r USING (bucket) ORDER BY g.bucket$query$,
    v_zone, audit.trail_conditions(c));
END
$$;

DROP FUNCTION audit.read_trail_event(uuid);

-- One entry of the trail, whole, with all rows of the same request and what the same person did within five minutes of it.
-- Criteria: log_id, accessed_at.
CREATE FUNCTION audit.read_trail_event(p_request uuid)
RETURNS TABLE (is_subject boolean, log_id uuid, seq bigint, accessed_at timestamptz, actor_user_id uuid, actor_name text, actor_title text, actor_role text, db_role text,
  patient_id uuid, action_type text, view text, resource_type text, resource_id uuid, changed_fields jsonb, purpose text, outcome text, reason text, relation text,
  break_glass_id uuid, client_ip inet, session_id uuid, request_id uuid, on_behalf_of uuid, db_user text, tx_id text, is_explained boolean, explanation text[])
LANGUAGE plpgsql STABLE SECURITY DEFINER SET search_path = pg_catalog, pg_temp SET timezone = 'UTC' SET datestyle = 'ISO, YMD' AS $$
DECLARE
  c jsonb := audit.trail_criteria(p_request, 'AUDIT_EVENT_OPENED');
  v audit.patient_phi_audit_log;
BEGIN
  SELECT l.* INTO v FROM audit.patient_phi_audit_log l WHERE l.log_id = (c ->> 'log_id')::uuid
     AND l.accessed_at BETWEEN (c ->> 'accessed_at')::timestamptz - interval '1 second' AND (c ->> 'accessed_at')::timestamptz + interval '1 second';
  IF v.log_id IS NULL THEN RETURN; END IF;
  RETURN QUERY
    SELECT p.log_id = v.log_id, p.log_id, p.seq, p.accessed_at, p.actor_user_id, a.display_name, a.job_title, p.actor_role, p.db_role, p.patient_id, p.action_type, p.view,
           p.resource_type, p.resource_id, p.changed_fields, p.purpose, p.outcome, p.reason, p.relation, p.break_glass_id, p.client_ip, p.session_id,
           p.request_id, p.on_behalf_of, p.db_user, p.tx_id::text, x.is_explained, x.tags
      FROM (SELECT l.* FROM audit.patient_phi_audit_log l
             WHERE l.accessed_at BETWEEN v.accessed_at - interval '5 minutes' AND v.accessed_at + interval '5 minutes'
               AND (l.log_id = v.log_id OR l.actor_user_id = v.actor_user_id OR l.request_id = v.request_id)
             ORDER BY (l.log_id = v.log_id) DESC, abs(extract(epoch FROM l.accessed_at - v.accessed_at)), l.seq LIMIT 101) p
      LEFT JOIN app.account a ON a.id = p.actor_user_id
      LEFT JOIN audit.access_explanation x
        ON x.actor_id = p.actor_user_id AND x.patient_id = p.patient_id AND x.day = (p.accessed_at AT TIME ZONE 'UTC')::date
     ORDER BY (p.log_id = v.log_id) DESC, p.accessed_at, p.seq;
END
$$;

-- What the seal says of the entry that was asked for: its leaf, the first checkpoint over it, and whether the last verification
-- that read everything came as far. No row when it is not sealed yet.
CREATE FUNCTION audit.read_trail_seal(p_request uuid)
RETURNS TABLE (leaf_index bigint, leaf_hash text, sealed_at timestamptz, tree_size bigint, verified_size bigint, verified_at timestamptz, verified_ok boolean)
LANGUAGE plpgsql STABLE SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS $$
DECLARE
  c jsonb := audit.trail_criteria(p_request, 'AUDIT_EVENT_OPENED');
BEGIN
  RETURN QUERY
    SELECT f.leaf_index, encode(f.leaf_hash, 'hex'), k.sealed_at, k.tree_size, v.tree_size, v.finished_at, v.ok
      FROM (SELECT s.* FROM audit.seal_leaf s WHERE s.log_id = (c ->> 'log_id')::uuid ORDER BY s.incarnation DESC LIMIT 1) f
      JOIN LATERAL (SELECT n.* FROM audit.checkpoint n WHERE n.incarnation = f.incarnation AND n.tree_size > f.leaf_index
                     ORDER BY n.tree_size LIMIT 1) k ON true
      LEFT JOIN LATERAL (SELECT r.* FROM audit.verification r WHERE r.incarnation = f.incarnation AND r.mode <> 'sample'
                     ORDER BY r.id DESC LIMIT 1) v ON true;
END
$$;

-- How far "there is no such entry" can be relied on: the last verification that read the whole tree or what was new of it.
-- Sizes and times alone.
CREATE FUNCTION audit.trail_assurance() RETURNS TABLE (verified_size bigint, verified_at timestamptz, verified_ok boolean, verified_through timestamptz)
LANGUAGE sql STABLE SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS $$
  SELECT v.tree_size, v.finished_at, v.ok, v.sealed_through FROM audit.verification v WHERE v.mode <> 'sample' ORDER BY v.id DESC LIMIT 1
$$;

GRANT EXECUTE ON FUNCTION audit.read_trail(uuid), audit.count_trail(uuid), audit.trail_activity(uuid), audit.clinic_activity(uuid),
  audit.read_trail_event(uuid), audit.read_trail_seal(uuid), audit.trail_assurance() TO vigil_app;

RESET ROLE;
SET LOCAL ROLE audit_owner;
REVOKE CREATE ON SCHEMA audit FROM audit_gate;
RESET ROLE;

-- ── Searches that are kept under a name ──────────────────────────────────────────────────────────────────────────
SET LOCAL ROLE app_owner;

-- A view is a kept search with a name, both sealed. It belongs to who made it; shared ones are every compliance officer's to
-- run. The web login reaches its short-lived searches directly, and these through the functions alone.
ALTER TABLE app.saved_filter ADD COLUMN is_shared boolean NOT NULL DEFAULT false, ADD COLUMN last_used_at timestamptz(3);
ALTER TABLE app.saved_filter ENABLE ROW LEVEL SECURITY;
CREATE POLICY short_lived ON app.saved_filter TO vigil_app USING (kind <> 'trail-view') WITH CHECK (kind <> 'trail-view' AND NOT is_shared);

CREATE FUNCTION app.trail_view_refusal(v app.session_standing) RETURNS text
LANGUAGE sql IMMUTABLE SET search_path = pg_catalog, pg_temp AS $$
  SELECT CASE WHEN v.state = 'unknown' THEN 'no-session' WHEN v.state <> 'active' THEN 'session-' || v.state WHEN v.role <> 'compliance' THEN 'no-policy' END
$$;

-- Keeps a search under a name. p_id is made by the caller, because name and criteria are bound to it when they are sealed.
CREATE FUNCTION app.trail_view_save(p_token text, p_id uuid, p_sealed text, p_is_shared boolean, p_client_ip inet) RETURNS text
LANGUAGE plpgsql VOLATILE SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS $$
DECLARE
  v app.session_standing := app.session_touch(p_token);
  v_refusal text := app.trail_view_refusal(v);
BEGIN
  IF length(p_sealed) > 20000 THEN
    RAISE EXCEPTION 'this is more than a view holds' USING ERRCODE = '22023';
  END IF;
  IF v_refusal IS NULL THEN
    -- two at once of the same person wait for each other, or both would be the hundredth
    PERFORM pg_advisory_xact_lock(7614, hashtext(v.account_id::text));
    IF (SELECT count(*) FROM app.saved_filter f WHERE f.account_id = v.account_id AND f.kind = 'trail-view') >= 100 THEN v_refusal := 'too-many'; END IF;
  END IF;
  PERFORM audit.record_event('TRAIL_VIEW_SAVED', v.account_id, v.role, v.session_id, NULL,
    jsonb_strip_nulls(jsonb_build_object('view', p_id, 'shared', p_is_shared, 'reason', v_refusal)), CASE WHEN v_refusal IS NULL THEN 'DONE' ELSE 'REFUSED' END, p_client_ip);
  IF v_refusal IS NULL THEN
    INSERT INTO app.saved_filter (id, account_id, kind, content_sealed, is_shared) VALUES (p_id, v.account_id, 'trail-view', p_sealed, p_is_shared);
  END IF;
  RETURN v_refusal;
END
$$;

-- The views that a compliance officer may run: their own, and those that others share.
CREATE FUNCTION app.trail_views(p_token text)
RETURNS TABLE (id uuid, content_sealed text, is_own boolean, is_shared boolean, owner_name text, created_at timestamptz, last_used_at timestamptz)
LANGUAGE plpgsql VOLATILE SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS $$
DECLARE
  v app.session_standing := app.session_touch(p_token);
BEGIN
  IF app.trail_view_refusal(v) IS NOT NULL THEN RETURN; END IF;
  RETURN QUERY SELECT f.id, f.content_sealed::text, f.account_id = v.account_id, f.is_shared, a.display_name, f.created_at::timestamptz, f.last_used_at::timestamptz
    FROM app.saved_filter f JOIN app.account a ON a.id = f.account_id
   WHERE f.kind = 'trail-view' AND (f.account_id = v.account_id OR f.is_shared) ORDER BY f.created_at DESC, f.id LIMIT 200;
END
$$;

-- One view, to be run; when it was is kept. No row when there is none, or it is somebody else's and not shared.
CREATE FUNCTION app.trail_view_open(p_token text, p_id uuid) RETURNS TABLE (content_sealed text)
LANGUAGE plpgsql VOLATILE SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS $$
DECLARE
  v app.session_standing := app.session_touch(p_token);
BEGIN
  IF app.trail_view_refusal(v) IS NOT NULL THEN RETURN; END IF;
  RETURN QUERY UPDATE app.saved_filter f SET last_used_at = app.now()
    WHERE f.id = p_id AND f.kind = 'trail-view' AND (f.account_id = v.account_id OR f.is_shared) RETURNING f.content_sealed::text;
END
$$;

-- Shares a view of one's own, takes it back, or removes it. p_change: share, unshare, remove.
CREATE FUNCTION app.trail_view_change(p_token text, p_id uuid, p_change text, p_client_ip inet) RETURNS text
LANGUAGE plpgsql VOLATILE SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS $$
DECLARE
  v app.session_standing := app.session_touch(p_token);
  v_refusal text := app.trail_view_refusal(v);
BEGIN
  IF p_change NOT IN ('share', 'unshare', 'remove') THEN
    RAISE EXCEPTION 'a view is shared, unshared or removed' USING ERRCODE = '22023';
  END IF;
  IF v_refusal IS NULL AND NOT EXISTS (SELECT FROM app.saved_filter f WHERE f.id = p_id AND f.kind = 'trail-view' AND f.account_id = v.account_id) THEN
    v_refusal := 'no-relation';
  END IF;
  PERFORM audit.record_event('TRAIL_VIEW_CHANGED', v.account_id, v.role, v.session_id, NULL,
    jsonb_strip_nulls(jsonb_build_object('view', p_id, 'change', p_change, 'reason', v_refusal)), CASE WHEN v_refusal IS NULL THEN 'DONE' ELSE 'REFUSED' END, p_client_ip);
  IF v_refusal IS NULL AND p_change = 'remove' THEN
    DELETE FROM app.saved_filter f WHERE f.id = p_id AND f.account_id = v.account_id;
  ELSIF v_refusal IS NULL THEN
    UPDATE app.saved_filter f SET is_shared = (p_change = 'share') WHERE f.id = p_id AND f.account_id = v.account_id;
  END IF;
  RETURN v_refusal;
END
$$;

GRANT EXECUTE ON FUNCTION app.trail_view_save(text, uuid, text, boolean, inet), app.trail_views(text), app.trail_view_open(text, uuid),
  app.trail_view_change(text, uuid, text, inet) TO vigil_app;
RESET ROLE;
