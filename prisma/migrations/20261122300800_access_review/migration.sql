-- Reviews of who still needs their access (45 CFR 164.308(a)(4)(ii)(C); NIST SP 800-53 AC-2 j): compliance starts one,
-- somebody else than the person answers for each account, and what nobody answered ends at the deadline by itself. A review
-- takes away and never makes anybody an administrator or a compliance officer.
SET LOCAL ROLE audit_owner;

CREATE TABLE audit.access_review (
  review_id uuid PRIMARY KEY DEFAULT gen_random_uuid(),
  -- privileged: administrators and compliance officers, repeated quarterly; standard: all other staff, repeated yearly
  scope text NOT NULL CHECK (scope IN ('privileged', 'standard')),
  started_at timestamptz NOT NULL,
  -- NULL: begun by itself, because it was time again
  started_by uuid,
  due_at timestamptz NOT NULL,
  -- how many reminders went out
  reminders smallint NOT NULL DEFAULT 0 CHECK (reminders BETWEEN 0 AND 3),
  -- the deadline came, and what was unanswered was ended
  closed_at timestamptz,
  signed_at timestamptz,
  signed_by uuid,
  -- SHA-256 of the result as audit.review_result writes it
  result_digest bytea CHECK (octet_length(result_digest) = 32),
  CHECK (due_at > started_at),
  CHECK (num_nulls(signed_at, signed_by, result_digest) IN (0, 3))
);
CREATE UNIQUE INDEX access_review_one_open ON audit.access_review (scope) WHERE signed_at IS NULL AND closed_at IS NULL;

CREATE TABLE audit.access_review_item (
  item_id uuid PRIMARY KEY DEFAULT gen_random_uuid(),
  review_id uuid NOT NULL REFERENCES audit.access_review (review_id),
  account_id uuid NOT NULL,
  -- role and use when the review began; numbers and names of views, nothing of any patient
  role text NOT NULL,
  evidence jsonb NOT NULL,
  decision text CHECK (decision IN ('keep', 'change', 'revoke')),
  new_role text CHECK (new_role IN ('nurse', 'clinician', 'billing')),
  -- what was written with the answer; a row of app.sealed_text
  note_id uuid REFERENCES app.sealed_text (id),
  decided_at timestamptz,
  -- NULL with a decision: nobody answered, and the deadline did
  decided_by uuid,
  -- gone: the account was closed meanwhile; last: the only one of its role, which nobody may close
  outcome text CHECK (outcome IN ('kept', 'changed', 'revoked', 'gone', 'last')),
  UNIQUE (review_id, account_id),
  -- nobody answers for themselves, whatever a function says
  CHECK (decided_by <> account_id),
  CHECK (num_nulls(decision, decided_at, outcome) IN (0, 3)),
  CHECK ((decision = 'change') IS NOT DISTINCT FROM (new_role IS NOT NULL) OR decision IS NULL AND new_role IS NULL),
  CHECK (decided_by IS NULL OR decision = 'keep' OR note_id IS NOT NULL)
);

-- What was answered and signed stays, for the owner too.
CREATE FUNCTION audit.guard_access_review() RETURNS trigger LANGUAGE plpgsql SET search_path = pg_catalog, pg_temp AS $$
BEGIN
  IF TG_OP <> 'UPDATE' OR OLD.signed_at IS NOT NULL
     OR (NEW.review_id, NEW.scope, NEW.started_at, NEW.started_by, NEW.due_at) IS DISTINCT FROM (OLD.review_id, OLD.scope, OLD.started_at, OLD.started_by, OLD.due_at)
     OR OLD.closed_at IS NOT NULL AND NEW.closed_at IS DISTINCT FROM OLD.closed_at THEN
    RAISE EXCEPTION 'a review stays as it was begun and signed' USING ERRCODE = '42501';
  END IF;
  RETURN NEW;
END
$$;
CREATE FUNCTION audit.guard_access_review_item() RETURNS trigger LANGUAGE plpgsql SET search_path = pg_catalog, pg_temp AS $$
BEGIN
  IF TG_OP <> 'UPDATE'
     OR (NEW.item_id, NEW.review_id, NEW.account_id, NEW.role, NEW.evidence) IS DISTINCT FROM (OLD.item_id, OLD.review_id, OLD.account_id, OLD.role, OLD.evidence)
     OR OLD.decision IS NOT NULL AND (NEW.decision, NEW.new_role, NEW.decided_at, NEW.decided_by, NEW.outcome, NEW.note_id)
          IS DISTINCT FROM (OLD.decision, OLD.new_role, OLD.decided_at, OLD.decided_by, OLD.outcome, OLD.note_id) THEN
    RAISE EXCEPTION 'an answer is given once, and stays' USING ERRCODE = '42501';
  END IF;
  RETURN NEW;
END
$$;
CREATE TRIGGER guard_access_review BEFORE UPDATE OR DELETE ON audit.access_review FOR EACH ROW EXECUTE FUNCTION audit.guard_access_review();
CREATE TRIGGER guard_access_review_item BEFORE UPDATE OR DELETE ON audit.access_review_item FOR EACH ROW EXECUTE FUNCTION audit.guard_access_review_item();
CREATE TRIGGER append_only_truncate BEFORE TRUNCATE ON audit.access_review FOR EACH STATEMENT EXECUTE FUNCTION audit.refuse_change();
CREATE TRIGGER append_only_truncate BEFORE TRUNCATE ON audit.access_review_item FOR EACH STATEMENT EXECUTE FUNCTION audit.refuse_change();

GRANT SELECT, INSERT ON audit.access_review, audit.access_review_item TO audit_gate;
GRANT UPDATE (reminders, closed_at, signed_at, signed_by, result_digest) ON audit.access_review TO audit_gate;
GRANT UPDATE (decision, new_role, note_id, decided_at, decided_by, outcome) ON audit.access_review_item TO audit_gate;
GRANT SELECT ON audit.access_review, audit.access_review_item TO audit_reader;

-- ── What a review needs of accounts, and what it does to them ────────────────────────────────────────────────────
SET LOCAL ROLE app_owner;

CREATE FUNCTION app.review_members(p_roles text[])
RETURNS TABLE (account_id uuid, role text, status text, created_at timestamptz, last_active_at timestamptz, second_factor boolean, teams text[])
LANGUAGE sql STABLE SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS $$
  SELECT a.id, a.role, a.status, a.created_at::timestamptz,
         greatest(a.last_sign_in_at, (SELECT max(s.last_active_at) FROM app.session s WHERE s.account_id = a.id))::timestamptz, a.totp_enrolled_at IS NOT NULL,
         ARRAY(SELECT t.name FROM app.care_team_member m JOIN app.care_team t ON t.id = m.care_team_id
                WHERE m.account_id = a.id AND m.starts_at <= app.now() AND (m.ends_at IS NULL OR m.ends_at > app.now()) ORDER BY t.name)
    FROM app.account a WHERE a.role = ANY (p_roles) AND a.status <> 'deactivated'
$$;

-- Carries an answer out: who loses the account or the role is signed out everywhere. The last working administrator and the
-- last compliance officer stay, because nobody could undo it. p_by: who answered; all NULL when it was the deadline.
CREATE FUNCTION app.review_apply(p_by app.session_standing, p_review uuid, p_account uuid, p_decision text, p_new_role text) RETURNS text
LANGUAGE plpgsql VOLATILE SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS $$
DECLARE
  a app.account;
  v_others integer;
BEGIN
  -- Reviews that end accounts of one role come one after the other: two of them never take the last two at once.
  PERFORM pg_advisory_xact_lock(7614, 8);
  SELECT * INTO a FROM app.account WHERE id = p_account FOR UPDATE;
  IF a.id IS NULL OR a.status = 'deactivated' THEN RETURN 'gone'; END IF;
  IF p_decision = 'keep' THEN RETURN 'kept'; END IF;
  IF a.role IN ('patient', 'proxy', 'service') THEN
    RAISE EXCEPTION 'reviews are of staff' USING ERRCODE = '42501';
  END IF;
  IF a.role IN ('admin', 'compliance') THEN
    SELECT count(*) INTO v_others FROM (SELECT o.id FROM app.account o WHERE o.role = a.role AND o.status = 'active' AND o.id <> a.id ORDER BY o.id FOR UPDATE) x;
    IF v_others = 0 THEN RETURN 'last'; END IF;
  END IF;
  IF p_decision = 'change' THEN
    IF p_new_role NOT IN ('nurse', 'clinician', 'billing') OR p_new_role = a.role THEN
      RAISE EXCEPTION 'a review gives no privileged role' USING ERRCODE = '22023';
    END IF;
    UPDATE app.account SET role = p_new_role WHERE id = p_account;
    PERFORM app.sessions_end_all(p_account, 'role-changed', NULL);
    PERFORM audit.record_event('ROLE_CHANGED', p_by.account_id, p_by.role, p_by.session_id, p_account,
      jsonb_build_object('from', a.role, 'to', p_new_role, 'review', p_review), 'DONE', NULL);
    RETURN 'changed';
  END IF;
  UPDATE app.account SET status = 'deactivated', deactivated_at = app.now() WHERE id = p_account;
  PERFORM app.sessions_end_all(p_account, 'account-deactivated', NULL);
  UPDATE app.invitation SET used_at = app.now() WHERE account_id = p_account AND used_at IS NULL;
  PERFORM audit.record_event('ACCOUNT_DEACTIVATED', p_by.account_id, p_by.role, p_by.session_id, p_account,
    jsonb_build_object('review', p_review), 'DONE', NULL);
  RETURN 'revoked';
END
$$;
GRANT EXECUTE ON FUNCTION app.review_members(text[]), app.review_apply(app.session_standing, uuid, uuid, text, text) TO audit_gate;

RESET ROLE;

-- ── The steps ────────────────────────────────────────────────────────────────────────────────────────────────────
SET LOCAL ROLE audit_owner;
GRANT CREATE ON SCHEMA audit TO audit_gate;
SET LOCAL ROLE audit_gate;

CREATE FUNCTION audit.review_refusal(v app.session_standing) RETURNS text
LANGUAGE sql IMMUTABLE SET search_path = pg_catalog, pg_temp AS $$
  SELECT CASE
    WHEN v.state = 'unknown' THEN 'no-session'
    WHEN v.state <> 'active' THEN 'session-' || v.state
    WHEN v.role <> 'compliance' THEN 'not-allowed'
    WHEN NOT app.is_fresh(v) THEN 'code-too-old' END
$$;

CREATE FUNCTION audit.review_roles(p_scope text) RETURNS text[]
LANGUAGE sql IMMUTABLE SET search_path = pg_catalog, pg_temp AS $$
  SELECT CASE p_scope WHEN 'privileged' THEN ARRAY['admin', 'compliance'] ELSE ARRAY['nurse', 'clinician', 'billing'] END
$$;

-- Begins a review and writes down the evidence as it stands: last use, entries and patients of 90 days, refusals, broken glass,
-- and what the role allows that was never used in that time. For the two functions below.
CREATE FUNCTION audit.review_begin(p_scope text, p_days integer, p_by app.session_standing, p_client_ip inet) RETURNS uuid
LANGUAGE plpgsql VOLATILE SET search_path = pg_catalog, pg_temp AS $$
DECLARE
  v_review uuid;
  v_now timestamptz := app.now();
  v_since timestamptz := clock_timestamp() - interval '90 days';
  v_items integer;
BEGIN
  INSERT INTO audit.access_review (scope, started_at, started_by, due_at) VALUES (p_scope, v_now, p_by.account_id, v_now + make_interval(days => p_days))
    RETURNING review_id INTO v_review;
  INSERT INTO audit.access_review_item (review_id, account_id, role, evidence)
  SELECT v_review, m.account_id, m.role, jsonb_build_object(
      'since', to_char(v_since AT TIME ZONE 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS"Z"'), 'status', m.status,
      'created', to_char(m.created_at AT TIME ZONE 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS"Z"'),
      'lastUse', to_char(greatest(m.last_active_at, u.last_at) AT TIME ZONE 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS"Z"'),
      'entries', coalesce(u.entries, 0), 'patients', coalesce(u.patients, 0), 'refused', coalesce(u.refused, 0), 'brokenGlass', coalesce(u.broken, 0),
      'events', (SELECT count(*) FROM audit.security_event_log e WHERE e.actor_user_id = m.account_id AND e.accessed_at >= v_since),
      'secondFactor', m.second_factor, 'teams', to_jsonb(m.teams),
      'unused', (SELECT coalesce(jsonb_agg(DISTINCT r.view ORDER BY r.view), '[]') FROM audit.policy_rule r WHERE r.role = m.role AND NOT r.view = ANY (coalesce(u.views, '{}'))))
    FROM app.review_members(audit.review_roles(p_scope)) m
    LEFT JOIN LATERAL (
      SELECT max(l.accessed_at) AS last_at, count(*) FILTER (WHERE l.outcome <> 'DENIED') AS entries, count(DISTINCT l.patient_id) FILTER (WHERE l.outcome <> 'DENIED') AS patients,
             count(*) FILTER (WHERE l.outcome = 'DENIED') AS refused, count(DISTINCT l.break_glass_id) AS broken,
             array_agg(DISTINCT l.view) FILTER (WHERE l.outcome <> 'DENIED') AS views
        FROM audit.patient_phi_audit_log l WHERE l.actor_user_id = m.account_id AND l.accessed_at >= v_since) u ON true;
  GET DIAGNOSTICS v_items = ROW_COUNT;
  PERFORM audit.record_event('ACCESS_REVIEW_STARTED', p_by.account_id, p_by.role, p_by.session_id, NULL,
    jsonb_build_object('review', v_review, 'scope', p_scope, 'accounts', v_items, 'days', p_days), 'DONE', p_client_ip);
  RETURN v_review;
END
$$;

-- Starts a review of a scope, with 7 to 60 days to answer.
CREATE FUNCTION audit.review_start(p_token text, p_scope text, p_days integer, p_client_ip inet) RETURNS TABLE (review_id uuid, refusal text)
LANGUAGE plpgsql VOLATILE SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS $$
DECLARE
  v app.session_standing := app.session_touch(p_token);
BEGIN
  PERFORM audit.require_durable_commit();
  PERFORM pg_advisory_xact_lock(7614, 8);
  refusal := coalesce(audit.review_refusal(v), CASE
    WHEN coalesce(p_scope, '') NOT IN ('privileged', 'standard') OR p_days IS NULL OR p_days NOT BETWEEN 7 AND 60 THEN 'not-possible'
    WHEN EXISTS (SELECT FROM audit.access_review r WHERE r.scope = p_scope AND r.signed_at IS NULL AND r.closed_at IS NULL) THEN 'open-already' END);
  IF refusal IS NOT NULL THEN
    PERFORM audit.record_event('ACCESS_REVIEW_REFUSED', v.account_id, v.role, v.session_id, NULL, jsonb_build_object('step', 'start', 'reason', refusal), 'REFUSED', p_client_ip);
    RETURN NEXT; RETURN;
  END IF;
  review_id := audit.review_begin(p_scope, p_days, v, p_client_ip);
  RETURN NEXT;
END
$$;

-- Answers for one account, and carries the answer out. NULL, or why not.
CREATE FUNCTION audit.review_decide(p_token text, p_item uuid, p_decision text, p_new_role text, p_note_id uuid, p_note_sealed text, p_client_ip inet) RETURNS text
LANGUAGE plpgsql VOLATILE SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS $$
DECLARE
  v app.session_standing := app.session_touch(p_token);
  i audit.access_review_item;
  r audit.access_review;
  v_role text;
  v_refusal text;
  v_outcome text;
BEGIN
  PERFORM audit.require_durable_commit();
  -- the order of locks of the deadline below: all reviews, this one, its items
  PERFORM pg_advisory_xact_lock(7614, 8);
  SELECT x.* INTO r FROM audit.access_review x JOIN audit.access_review_item y ON y.review_id = x.review_id WHERE y.item_id = p_item FOR UPDATE OF x;
  SELECT x.* INTO i FROM audit.access_review_item x WHERE x.item_id = p_item FOR UPDATE;
  SELECT a.role INTO v_role FROM app.account a WHERE a.id = i.account_id;
  v_refusal := coalesce(audit.review_refusal(v), CASE
    WHEN i.item_id IS NULL THEN 'no-such-item'
    WHEN i.account_id = v.account_id THEN 'same-person'
    WHEN i.decision IS NOT NULL THEN 'answered-already'
    WHEN r.signed_at IS NOT NULL OR r.closed_at IS NOT NULL OR r.due_at <= v.db_now THEN 'closed'
    WHEN coalesce(p_decision, '') NOT IN ('keep', 'change', 'revoke') OR length(p_note_sealed) > 12000 OR (p_note_id IS NULL) <> (p_note_sealed IS NULL) THEN 'not-possible'
    WHEN p_decision = 'change' AND (coalesce(p_new_role, '') NOT IN ('nurse', 'clinician', 'billing') OR p_new_role = v_role) THEN 'role-missing'
    WHEN p_decision <> 'keep' AND p_note_sealed IS NULL THEN 'note-missing' END);
  IF v_refusal IS NULL THEN
    v_outcome := app.review_apply(v, i.review_id, i.account_id, p_decision, p_new_role);
    IF v_outcome = 'last' THEN v_refusal := 'last-of-role'; END IF;
  END IF;
  IF v_refusal IS NOT NULL THEN
    PERFORM audit.record_event('ACCESS_REVIEW_REFUSED', v.account_id, v.role, v.session_id, i.account_id,
      jsonb_build_object('step', 'answer', 'review', i.review_id, 'reason', v_refusal), 'REFUSED', p_client_ip);
    RETURN v_refusal;
  END IF;
  IF p_note_id IS NOT NULL THEN
    INSERT INTO app.sealed_text (id, kind, content_sealed) VALUES (p_note_id, 'access-review-note', p_note_sealed);
  END IF;
  UPDATE audit.access_review_item x SET decision = p_decision, new_role = CASE WHEN p_decision = 'change' THEN p_new_role END, note_id = p_note_id,
    decided_at = v.db_now, decided_by = v.account_id, outcome = v_outcome WHERE x.item_id = p_item;
  PERFORM audit.record_event('ACCESS_REVIEW_ANSWERED', v.account_id, v.role, v.session_id, i.account_id,
    jsonb_build_object('review', i.review_id, 'decision', p_decision, 'outcome', v_outcome), 'DONE', p_client_ip);
  RETURN NULL;
END
$$;

-- The text that a result is signed as: one line per account, in the order of their ids. A note counts by its id: its
-- ciphertext changes with every renewal of keys.
CREATE FUNCTION audit.review_result(p_review uuid) RETURNS text
LANGUAGE sql STABLE SECURITY DEFINER SET search_path = pg_catalog, pg_temp SET timezone = 'UTC' SET datestyle = 'ISO, YMD' AS $$
  SELECT concat_ws('|', 'vigil-access-review-1', r.review_id, r.scope, r.started_at, r.due_at) || E'\n' || coalesce(string_agg(
      concat_ws('|', i.account_id, i.role, i.decision, coalesce(i.new_role, '-'), i.outcome, coalesce(i.decided_by::text, '-'), i.decided_at, coalesce(i.note_id::text, '-'), i.evidence) || E'\n', '' ORDER BY i.account_id), '')
    FROM audit.access_review r LEFT JOIN audit.access_review_item i ON i.review_id = r.review_id WHERE r.review_id = p_review GROUP BY r.review_id
$$;

-- Signs a result with which every account is answered for. Its digest stands in the security log, and so in the sealed tree.
CREATE FUNCTION audit.review_sign(p_token text, p_review uuid, p_client_ip inet) RETURNS text
LANGUAGE plpgsql VOLATILE SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS $$
DECLARE
  v app.session_standing := app.session_touch(p_token);
  r audit.access_review;
  v_refusal text;
  v_digest bytea;
BEGIN
  PERFORM audit.require_durable_commit();
  SELECT x.* INTO r FROM audit.access_review x WHERE x.review_id = p_review FOR UPDATE;
  v_refusal := coalesce(audit.review_refusal(v), CASE
    WHEN r.review_id IS NULL THEN 'no-such-review'
    WHEN r.signed_at IS NOT NULL THEN 'signed-already'
    WHEN EXISTS (SELECT FROM audit.access_review_item i WHERE i.review_id = p_review AND i.decision IS NULL) THEN 'unanswered' END);
  IF v_refusal IS NOT NULL THEN
    PERFORM audit.record_event('ACCESS_REVIEW_REFUSED', v.account_id, v.role, v.session_id, NULL,
      jsonb_build_object('step', 'signature', 'review', p_review, 'reason', v_refusal), 'REFUSED', p_client_ip);
    RETURN v_refusal;
  END IF;
  v_digest := sha256(convert_to(audit.review_result(p_review), 'UTF8'));
  UPDATE audit.access_review x SET signed_at = v.db_now, signed_by = v.account_id, result_digest = v_digest WHERE x.review_id = p_review;
  PERFORM audit.record_event('ACCESS_REVIEW_SIGNED', v.account_id, v.role, v.session_id, NULL,
    jsonb_build_object('review', p_review, 'digest', encode(v_digest, 'hex'),
      'outcomes', (SELECT jsonb_object_agg(o.outcome, o.n) FROM (SELECT i.outcome, count(*) AS n FROM audit.access_review_item i WHERE i.review_id = p_review GROUP BY 1) o)), 'DONE', p_client_ip);
  RETURN NULL;
END
$$;

-- ── Reading ──────────────────────────────────────────────────────────────────────────────────────────────────────
CREATE FUNCTION audit.review_list(p_token text)
RETURNS TABLE (review_id uuid, scope text, started_at timestamptz, started_by text, due_at timestamptz, closed_at timestamptz, signed_at timestamptz,
  accounts integer, unanswered integer, revoked integer)
LANGUAGE plpgsql VOLATILE SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS $$
DECLARE
  v app.session_standing := app.session_touch(p_token);
BEGIN
  IF v.state <> 'active' OR v.role <> 'compliance' THEN RETURN; END IF;
  RETURN QUERY
    SELECT r.review_id, r.scope, r.started_at, a.display_name, r.due_at, r.closed_at, r.signed_at, count(i.item_id)::integer,
           (count(i.item_id) FILTER (WHERE i.decision IS NULL))::integer, (count(i.item_id) FILTER (WHERE i.outcome = 'revoked'))::integer
      FROM audit.access_review r LEFT JOIN audit.access_review_item i ON i.review_id = r.review_id LEFT JOIN app.account a ON a.id = r.started_by
     GROUP BY r.review_id, a.display_name ORDER BY r.started_at DESC LIMIT 100;
END
$$;

-- One review whole. It tells what people did, so the reading is written down in the same statement.
CREATE FUNCTION audit.review_open(p_token text, p_review uuid, p_client_ip inet)
RETURNS TABLE (scope text, started_at timestamptz, started_by text, due_at timestamptz, closed_at timestamptz, signed_at timestamptz, signed_by text, result_digest text, result_holds boolean, is_open boolean,
  item_id uuid, account_id uuid, display_name text, job_title text, role text, present_role text, present_status text, evidence jsonb,
  decision text, new_role text, note_id uuid, note_sealed text, decided_at timestamptz, decided_by text, outcome text, is_self boolean)
LANGUAGE plpgsql VOLATILE SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS $$
DECLARE
  v app.session_standing := app.session_touch(p_token);
BEGIN
  PERFORM audit.require_durable_commit();
  IF v.state <> 'active' OR v.role <> 'compliance' THEN
    PERFORM audit.record_event('ACCESS_REVIEW_OPENED', v.account_id, v.role, v.session_id, NULL, jsonb_build_object('review', p_review), 'REFUSED', p_client_ip);
    RETURN;
  END IF;
  IF NOT EXISTS (SELECT FROM audit.access_review r WHERE r.review_id = p_review) THEN RETURN; END IF;
  PERFORM audit.record_event('ACCESS_REVIEW_OPENED', v.account_id, v.role, v.session_id, NULL, jsonb_build_object('review', p_review), 'DONE', p_client_ip);
  RETURN QUERY
    SELECT r.scope, r.started_at, sb.display_name, r.due_at, r.closed_at, r.signed_at, sg.display_name, encode(r.result_digest, 'hex'),
           r.result_digest = sha256(convert_to(audit.review_result(r.review_id), 'UTF8')),
           r.signed_at IS NULL AND r.closed_at IS NULL AND r.due_at > v.db_now,
           i.item_id, i.account_id, a.display_name, a.job_title, i.role, a.role, a.status, i.evidence, i.decision, i.new_role, i.note_id, n.content_sealed::text, i.decided_at, d.display_name, i.outcome,
           i.account_id = v.account_id
      FROM audit.access_review r LEFT JOIN audit.access_review_item i ON i.review_id = r.review_id
      LEFT JOIN app.account a ON a.id = i.account_id LEFT JOIN app.account d ON d.id = i.decided_by
      LEFT JOIN app.sealed_text n ON n.id = i.note_id LEFT JOIN app.account sb ON sb.id = r.started_by LEFT JOIN app.account sg ON sg.id = r.signed_by
     WHERE r.review_id = p_review ORDER BY a.display_name, i.account_id LIMIT 2000;
END
$$;

-- ── By itself ────────────────────────────────────────────────────────────────────────────────────────────────────
-- Ends what nobody answered until the deadline, reminds (half-way, three days and one day before), and begins again what a person
-- once began: privileged roles after three months, others after twelve. For the worker; it tells numbers and nothing of anybody.
CREATE FUNCTION audit.review_sweep() RETURNS TABLE (closed integer, revoked integer, reminded integer, begun integer)
LANGUAGE plpgsql VOLATILE SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS $$
DECLARE
  v_nobody app.session_standing;
  v_now timestamptz := app.now();
  r audit.access_review;
  i audit.access_review_item;
  v_outcome text;
  v_stage smallint;
  v_scope text;
BEGIN
  PERFORM audit.require_durable_commit();
  PERFORM pg_advisory_xact_lock(7614, 8);
  closed := 0; revoked := 0; reminded := 0; begun := 0;
  FOR r IN SELECT x.* FROM audit.access_review x WHERE x.signed_at IS NULL AND x.closed_at IS NULL ORDER BY x.review_id FOR UPDATE LOOP
    IF r.due_at <= v_now THEN
      FOR i IN SELECT x.* FROM audit.access_review_item x WHERE x.review_id = r.review_id AND x.decision IS NULL ORDER BY x.item_id FOR UPDATE LOOP
        v_outcome := app.review_apply(v_nobody, r.review_id, i.account_id, 'revoke', NULL);
        UPDATE audit.access_review_item x SET decision = CASE v_outcome WHEN 'last' THEN 'keep' ELSE 'revoke' END, decided_at = v_now, outcome = v_outcome WHERE x.item_id = i.item_id;
        IF v_outcome = 'revoked' THEN revoked := revoked + 1; END IF;
        PERFORM audit.record_event('ACCESS_REVIEW_EXPIRED', NULL, NULL, NULL, i.account_id, jsonb_build_object('review', r.review_id, 'outcome', v_outcome), 'DONE', NULL);
      END LOOP;
      UPDATE audit.access_review x SET closed_at = v_now WHERE x.review_id = r.review_id;
      PERFORM app.notify_role('compliance', 'access-review-closed', r.review_id);
      closed := closed + 1;
    ELSIF EXISTS (SELECT FROM audit.access_review_item x WHERE x.review_id = r.review_id AND x.decision IS NULL) THEN
      v_stage := CASE WHEN v_now >= r.due_at - interval '1 day' THEN 3 WHEN v_now >= r.due_at - interval '3 days' THEN 2
        WHEN v_now >= r.started_at + (r.due_at - r.started_at) / 2 THEN 1 ELSE 0 END;
      IF v_stage > r.reminders THEN
        UPDATE audit.access_review x SET reminders = v_stage WHERE x.review_id = r.review_id;
        PERFORM app.notify_role('compliance', 'access-review-due', r.review_id);
        PERFORM audit.record_event('ACCESS_REVIEW_REMINDED', NULL, NULL, NULL, NULL, jsonb_build_object('review', r.review_id, 'reminder', v_stage,
          'unanswered', (SELECT count(*) FROM audit.access_review_item x WHERE x.review_id = r.review_id AND x.decision IS NULL)), 'DONE', NULL);
        reminded := reminded + 1;
      END IF;
    END IF;
  END LOOP;
  FOREACH v_scope IN ARRAY ARRAY['privileged', 'standard'] LOOP
    IF NOT EXISTS (SELECT FROM audit.access_review x WHERE x.scope = v_scope AND x.signed_at IS NULL AND x.closed_at IS NULL)
       AND (SELECT max(x.started_at) FROM audit.access_review x WHERE x.scope = v_scope)
             <= v_now - (CASE v_scope WHEN 'privileged' THEN interval '3 months' ELSE interval '12 months' END) THEN
      PERFORM app.notify_role('compliance', 'access-review-due', audit.review_begin(v_scope, CASE v_scope WHEN 'privileged' THEN 14 ELSE 30 END, v_nobody, NULL));
      begun := begun + 1;
    END IF;
  END LOOP;
  RETURN NEXT;
END
$$;

GRANT EXECUTE ON FUNCTION audit.review_start(text, text, integer, inet), audit.review_decide(text, uuid, text, text, uuid, text, inet), audit.review_sign(text, uuid, inet),
  audit.review_list(text), audit.review_open(text, uuid, inet) TO vigil_app;
GRANT EXECUTE ON FUNCTION audit.review_sweep() TO vigil_worker;
SET LOCAL ROLE audit_owner;
REVOKE CREATE ON SCHEMA audit FROM audit_gate;
RESET ROLE;
