-- Remembers what verifications looked at and found, who asked for one, how far the one that runs is, and how the
-- places outside this database stand that hold what was signed. Sizes, times and ids; nothing of any patient.
SET LOCAL ROLE audit_owner;

ALTER TABLE audit.verification
  -- leaves that were taken as verified before
  ADD COLUMN since_size bigint NOT NULL DEFAULT 0 CHECK (since_size >= 0),
  -- leaves that were held against their rows
  ADD COLUMN checked bigint CHECK (checked >= 0),
  ADD COLUMN cause text NOT NULL DEFAULT 'operator' CHECK (cause IN ('operator', 'first', 'nightly', 'weekly', 'restore', 'request')),
  -- anchors that gave no answer
  ADD COLUMN unreached text[] NOT NULL DEFAULT '{}';
GRANT INSERT (since_size, checked, cause, unreached) ON audit.verification TO vigil_sealer;

-- The first hundred findings of a verification, so that they can be read where they are needed.
CREATE TABLE audit.verification_finding (
  verification_id bigint NOT NULL REFERENCES audit.verification (id),
  ordinal integer NOT NULL CHECK (ordinal BETWEEN 1 AND 100),
  kind text NOT NULL CHECK (kind ~ '^[A-Z_]{3,40}$'),
  leaf_index bigint,
  log_id uuid,
  detail text NOT NULL CHECK (length(detail) <= 500),
  PRIMARY KEY (verification_id, ordinal)
);
CREATE TRIGGER append_only BEFORE UPDATE OR DELETE ON audit.verification_finding FOR EACH ROW EXECUTE FUNCTION audit.refuse_change();
CREATE TRIGGER append_only_truncate BEFORE TRUNCATE ON audit.verification_finding FOR EACH STATEMENT EXECUTE FUNCTION audit.refuse_change();
GRANT SELECT ON audit.verification_finding TO vigil_sealer, audit_gate, audit_reader;
GRANT INSERT ON audit.verification_finding TO vigil_sealer;

-- Verifications that are asked for, run, or have run: their state, where audit.verification has only results.
CREATE TABLE audit.verification_run (
  id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
  mode text NOT NULL CHECK (mode IN ('full', 'since')),
  cause text NOT NULL CHECK (cause IN ('first', 'nightly', 'weekly', 'restore', 'request')),
  requested_by uuid,
  requested_at timestamptz NOT NULL DEFAULT clock_timestamp(),
  started_at timestamptz,
  -- the last sign of life: a run without one for two minutes is taken over
  beat_at timestamptz,
  done_leaves bigint,
  total_leaves bigint,
  finished_at timestamptz,
  verification_id bigint REFERENCES audit.verification (id),
  -- name of the error, where it broke off
  failure text CHECK (length(failure) <= 100)
);
-- One at a time.
CREATE UNIQUE INDEX ON audit.verification_run ((true)) WHERE finished_at IS NULL;
GRANT SELECT, INSERT, UPDATE ON audit.verification_run TO audit_gate;

-- How each place outside stands that the sealer hands checkpoints to: a witness, a bucket, the file.
CREATE TABLE audit.anchor_standing (
  anchor text PRIMARY KEY CHECK (length(anchor) BETWEEN 1 AND 200),
  kind text NOT NULL CHECK (kind IN ('file', 'witness', 'bucket')),
  asked_at timestamptz NOT NULL DEFAULT clock_timestamp(),
  -- when it last confirmed a checkpoint, and of how many leaves
  kept_at timestamptz,
  kept_size bigint,
  failing_since timestamptz,
  failure text CHECK (failure IN ('away', 'differs'))
);
-- What counts as published: the newest checkpoint that the file and enough witnesses hold.
CREATE TABLE audit.publication (
  is_newest boolean PRIMARY KEY DEFAULT true CHECK (is_newest),
  incarnation integer NOT NULL,
  tree_size bigint NOT NULL,
  witnesses integer NOT NULL CHECK (witnesses >= 0),
  quorum integer NOT NULL CHECK (quorum BETWEEN 0 AND witnesses),
  published_at timestamptz NOT NULL DEFAULT clock_timestamp()
);
GRANT SELECT, INSERT, UPDATE, DELETE ON audit.anchor_standing, audit.publication TO audit_gate;

GRANT CREATE ON SCHEMA audit TO audit_gate;
RESET ROLE;
SET LOCAL ROLE audit_gate;

-- As before, but a look at a part never makes good what a look at the whole found, and a sample is no progress.
CREATE OR REPLACE FUNCTION audit.seal_status()
RETURNS TABLE (incarnation integer, tree_size bigint, sealed_at timestamptz, anchored_size bigint, oldest_unsealed_at timestamptz,
  verified_size bigint, verified_at timestamptz, verified_ok boolean)
LANGUAGE plpgsql STABLE SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS $$
DECLARE
  c audit.checkpoint;
BEGIN
  SELECT k.* INTO c FROM audit.checkpoint k ORDER BY k.incarnation DESC, k.tree_size DESC LIMIT 1;
  incarnation := c.incarnation;
  tree_size := c.tree_size;
  sealed_at := c.sealed_at;
  SELECT max(r.tree_size) INTO anchored_size FROM audit.anchor_receipt r WHERE r.incarnation = c.incarnation;
  SELECT least(
    (SELECT l.accessed_at FROM audit.patient_phi_audit_log l
      WHERE (l.tx_id, l.seq) > (coalesce(c.tx_id, '0'::xid8), coalesce(c.seq, 0)) ORDER BY l.tx_id, l.seq LIMIT 1),
    (SELECT l.accessed_at FROM audit.security_event_log l
      WHERE (l.tx_id, l.seq) > (coalesce(c.tx_id, '0'::xid8), coalesce(c.seq, 0)) ORDER BY l.tx_id, l.seq LIMIT 1)
  ) INTO oldest_unsealed_at;
  SELECT v.tree_size, v.finished_at INTO verified_size, verified_at
    FROM audit.verification v WHERE v.incarnation = c.incarnation AND v.mode <> 'sample' ORDER BY v.id DESC LIMIT 1;
  SELECT bool_and(v.ok) INTO verified_ok FROM audit.verification v
   WHERE v.incarnation = c.incarnation AND v.id >= coalesce(
     (SELECT max(f.id) FROM audit.verification f WHERE f.incarnation = c.incarnation AND f.mode = 'full'), 0);
  RETURN NEXT;
END
$$;

-- ── Verifications: asked for by people, due by themselves, run by the sealer's process ───────────────────────────
-- A compliance officer asks for one now. Answers requested, running (there is one already) or refused.
CREATE FUNCTION audit.request_verification(p_token text, p_mode text, p_client_ip inet) RETURNS text
LANGUAGE plpgsql VOLATILE SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS $$
DECLARE
  v app.session_standing := app.session_touch(p_token);
BEGIN
  IF p_mode IS NULL OR p_mode NOT IN ('full', 'since') THEN
    RAISE EXCEPTION 'unknown kind of verification' USING ERRCODE = '22023';
  END IF;
  IF v.state <> 'active' OR v.role <> 'compliance' THEN
    PERFORM audit.record_event('AUDIT_VERIFICATION_REQUESTED', v.account_id, v.role, v.session_id, NULL,
      jsonb_build_object('mode', p_mode), 'REFUSED', p_client_ip);
    RETURN 'refused';
  END IF;
  INSERT INTO audit.verification_run (mode, cause, requested_by) VALUES (p_mode, 'request', v.account_id) ON CONFLICT DO NOTHING;
  IF NOT FOUND THEN RETURN 'running'; END IF;
  PERFORM audit.record_event('AUDIT_VERIFICATION_REQUESTED', v.account_id, v.role, v.session_id, NULL,
    jsonb_build_object('mode', p_mode), 'DONE', p_client_ip);
  RETURN 'requested';
END
$$;

-- The run to do now, taken by whoever asks first: one that was asked for, one that was broken off, or one that is due. Due
-- are a look at everything when there was none of this tree, a week after the last, and a day after one that found something;
-- and otherwise, a day after the last, a look at what was sealed since.
CREATE FUNCTION audit.take_verification() RETURNS TABLE (id bigint, mode text, cause text)
LANGUAGE plpgsql VOLATILE SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS $$
DECLARE
  s record;
  v_full timestamptz;
  v_mode text;
  v_cause text;
BEGIN
  SELECT * INTO s FROM audit.seal_status();
  IF coalesce(s.tree_size, 0) <= 1 THEN RETURN; END IF;
  IF NOT EXISTS (SELECT 1 FROM audit.verification_run r WHERE r.finished_at IS NULL) THEN
    SELECT max(f.finished_at) INTO v_full FROM audit.verification f WHERE f.incarnation = s.incarnation AND f.mode = 'full';
    IF v_full IS NULL THEN
      v_mode := 'full';
      v_cause := CASE WHEN s.incarnation = 1 THEN 'first' ELSE 'restore' END;
    ELSIF v_full < clock_timestamp() - interval '7 days' THEN
      v_mode := 'full';
      v_cause := 'weekly';
    ELSIF s.verified_at < clock_timestamp() - interval '24 hours' THEN
      v_mode := CASE WHEN s.verified_ok THEN 'since' ELSE 'full' END;
      v_cause := 'nightly';
    END IF;
    IF v_mode IS NULL THEN RETURN; END IF;
    INSERT INTO audit.verification_run (mode, cause) VALUES (v_mode, v_cause) ON CONFLICT DO NOTHING;
  END IF;
  RETURN QUERY
    UPDATE audit.verification_run r SET started_at = clock_timestamp(), beat_at = clock_timestamp(), done_leaves = 0, total_leaves = s.tree_size
     WHERE r.id = (SELECT o.id FROM audit.verification_run o WHERE o.finished_at IS NULL
                      AND (o.beat_at IS NULL OR o.beat_at < clock_timestamp() - interval '2 minutes') FOR UPDATE SKIP LOCKED)
    RETURNING r.id, r.mode, r.cause;
END
$$;

-- How far it is.
CREATE FUNCTION audit.beat_verification(p_id bigint, p_done bigint, p_total bigint) RETURNS void
LANGUAGE sql VOLATILE SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS $$
  UPDATE audit.verification_run SET beat_at = clock_timestamp(), done_leaves = p_done, total_leaves = p_total
   WHERE id = p_id AND finished_at IS NULL
$$;

-- Ends a run: with the result that it has, or with the name of what broke it off.
CREATE FUNCTION audit.end_verification(p_id bigint, p_verification bigint, p_failure text) RETURNS void
LANGUAGE sql VOLATILE SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS $$
  UPDATE audit.verification_run SET finished_at = clock_timestamp(), verification_id = p_verification, failure = left(p_failure, 100)
   WHERE id = p_id AND finished_at IS NULL
$$;

-- ── Anchors ──────────────────────────────────────────────────────────────────────────────────────────────────────
-- The sealer tells how a place outside answered: kept so many leaves (no failure), away, or differs. When one begins to fail,
-- and when it answers again, that is an event.
CREATE FUNCTION audit.note_anchor(p_anchor text, p_kind text, p_size bigint, p_failure text) RETURNS void
LANGUAGE plpgsql VOLATILE SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS $$
DECLARE
  v_before audit.anchor_standing;
BEGIN
  SELECT * INTO v_before FROM audit.anchor_standing WHERE anchor = p_anchor FOR UPDATE;
  INSERT INTO audit.anchor_standing (anchor, kind, kept_at, kept_size, failing_since, failure)
    VALUES (p_anchor, p_kind, CASE WHEN p_failure IS NULL THEN clock_timestamp() END, CASE WHEN p_failure IS NULL THEN p_size END,
      CASE WHEN p_failure IS NOT NULL THEN clock_timestamp() END, p_failure)
  ON CONFLICT (anchor) DO UPDATE SET asked_at = clock_timestamp(),
    kept_at = CASE WHEN p_failure IS NULL THEN clock_timestamp() ELSE anchor_standing.kept_at END,
    kept_size = CASE WHEN p_failure IS NULL THEN p_size ELSE anchor_standing.kept_size END,
    failing_since = CASE WHEN p_failure IS NULL THEN NULL ELSE coalesce(anchor_standing.failing_since, clock_timestamp()) END,
    failure = p_failure;
  IF p_failure IS NOT NULL AND p_failure IS DISTINCT FROM v_before.failure THEN
    PERFORM audit.record_event('ANCHOR_FAILED', NULL, NULL, NULL, NULL,
      jsonb_build_object('anchor', p_anchor, 'why', p_failure), 'DONE', NULL);
  ELSIF p_failure IS NULL AND v_before.failure IS NOT NULL THEN
    PERFORM audit.record_event('ANCHOR_ANSWERED', NULL, NULL, NULL, NULL,
      jsonb_build_object('anchor', p_anchor, 'tree_size', p_size, 'failing_since', v_before.failing_since), 'DONE', NULL);
  END IF;
END
$$;

-- Places that are not configured any more are forgotten; what they confirmed stays in audit.anchor_receipt.
CREATE FUNCTION audit.keep_anchors(p_anchors text[]) RETURNS void
LANGUAGE sql VOLATILE SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS $$
  DELETE FROM audit.anchor_standing WHERE anchor <> ALL (p_anchors)
$$;

CREATE FUNCTION audit.note_publication(p_incarnation integer, p_size bigint, p_witnesses integer, p_quorum integer) RETURNS void
LANGUAGE sql VOLATILE SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS $$
  INSERT INTO audit.publication (incarnation, tree_size, witnesses, quorum) VALUES (p_incarnation, p_size, p_witnesses, p_quorum)
  ON CONFLICT (is_newest) DO UPDATE SET incarnation = excluded.incarnation, tree_size = excluded.tree_size, witnesses = excluded.witnesses,
    quorum = excluded.quorum, published_at = clock_timestamp()
$$;

-- What is wrong with the places outside, for readiness, the doctor and the overview.
CREATE FUNCTION audit.anchor_status()
RETURNS TABLE (anchor text, kind text, asked_at timestamptz, kept_at timestamptz, kept_size bigint, failing_since timestamptz, failure text)
LANGUAGE sql STABLE SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS $$
  SELECT a.anchor, a.kind, a.asked_at, a.kept_at, a.kept_size, a.failing_since, a.failure FROM audit.anchor_standing a ORDER BY a.kind, a.anchor
$$;

-- ── The page that shows it ───────────────────────────────────────────────────────────────────────────────────────
-- All that a compliance officer is shown of the seal, in one answer; that it was opened is written down first.
CREATE FUNCTION audit.open_integrity(p_token text, p_client_ip inet) RETURNS jsonb
LANGUAGE plpgsql VOLATILE SECURITY DEFINER SET search_path = pg_catalog, pg_temp SET timezone = 'UTC' AS $$
DECLARE
  v app.session_standing := app.session_touch(p_token);
  s record;
BEGIN
  PERFORM audit.require_durable_commit();
  IF v.state <> 'active' OR v.role <> 'compliance' THEN
    PERFORM audit.record_event('AUDIT_INTEGRITY_OPENED', v.account_id, v.role, v.session_id, NULL, '{}', 'REFUSED', p_client_ip);
    RETURN NULL;
  END IF;
  PERFORM audit.record_event('AUDIT_INTEGRITY_OPENED', v.account_id, v.role, v.session_id, NULL, '{}', 'DONE', p_client_ip);
  SELECT * INTO s FROM audit.seal_status();
  RETURN jsonb_build_object(
    'status', to_jsonb(s),
    'stale', coalesce(s.oldest_unsealed_at < clock_timestamp() - interval '60 seconds', false),
    'publication', (SELECT to_jsonb(p) FROM audit.publication p WHERE p.incarnation = s.incarnation),
    'incarnations', coalesce((SELECT jsonb_agg(to_jsonb(i) ORDER BY i.incarnation DESC) FROM audit.seal_incarnation i), '[]'),
    'checkpoints', coalesce((SELECT jsonb_agg(to_jsonb(c) ORDER BY c.tree_size DESC) FROM
      (SELECT k.tree_size, encode(k.root, 'base64') AS root, k.sealed_at,
         (SELECT coalesce(jsonb_agg(r.anchor ORDER BY r.anchor), '[]') FROM audit.anchor_receipt r
           WHERE r.incarnation = k.incarnation AND r.tree_size = k.tree_size) AS kept_by
         FROM audit.checkpoint k WHERE k.incarnation = s.incarnation ORDER BY k.tree_size DESC LIMIT 10) c), '[]'),
    'anchors', coalesce((SELECT jsonb_agg(to_jsonb(a)) FROM audit.anchor_status() a), '[]'),
    'run', (SELECT to_jsonb(r) FROM (SELECT o.id, o.mode, o.cause, o.requested_at, o.started_at, o.beat_at, o.done_leaves, o.total_leaves,
       o.beat_at < clock_timestamp() - interval '2 minutes' AS silent FROM audit.verification_run o WHERE o.finished_at IS NULL) r),
    'broken_off', (SELECT to_jsonb(r) FROM (SELECT o.mode, o.finished_at, o.failure FROM audit.verification_run o
       WHERE o.finished_at IS NOT NULL ORDER BY o.id DESC LIMIT 1) r WHERE r.failure IS NOT NULL),
    'verifications', coalesce((SELECT jsonb_agg(to_jsonb(w) ORDER BY w.id DESC) FROM
      (SELECT f.id, f.incarnation, f.mode, f.cause, f.tree_size, f.since_size, f.checked, f.ok, f.findings, f.sealed_through, f.unreached,
         f.started_at, f.finished_at FROM audit.verification f ORDER BY f.id DESC LIMIT 20) w), '[]'),
    'findings', coalesce((SELECT jsonb_agg(to_jsonb(n) ORDER BY n.ordinal) FROM audit.verification_finding n
       WHERE n.verification_id = (SELECT max(f.id) FROM audit.verification f WHERE NOT f.ok AND f.incarnation = s.incarnation)
         AND s.verified_ok IS FALSE), '[]'));
END
$$;

GRANT EXECUTE ON FUNCTION audit.request_verification(text, text, inet), audit.open_integrity(text, inet) TO vigil_app;
GRANT EXECUTE ON FUNCTION audit.take_verification(), audit.beat_verification(bigint, bigint, bigint), audit.end_verification(bigint, bigint, text),
  audit.note_anchor(text, text, bigint, text), audit.keep_anchors(text[]), audit.note_publication(integer, bigint, integer, integer) TO vigil_sealer;
GRANT EXECUTE ON FUNCTION audit.anchor_status() TO vigil_app, vigil_worker, vigil_sealer, vigil_audit;
RESET ROLE;
SET LOCAL ROLE audit_owner;
REVOKE CREATE ON SCHEMA audit FROM audit_gate;
RESET ROLE;
