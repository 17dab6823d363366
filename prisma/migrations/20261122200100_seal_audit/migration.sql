-- Makes the tree that seals both logs: leaves, roots of subtrees, signed checkpoints, and what was handed to anchors.
-- Hashes are computed by the sealer, outside the database, from the rows as they stand; the database only keeps them, and
-- nothing here can be changed or taken away by any login.
SET LOCAL ROLE audit_owner;

-- The order in which rows are sealed. Below the oldest running transaction nothing can appear behind it any more.
CREATE INDEX ON audit.patient_phi_audit_log (tx_id, seq);
CREATE INDEX ON audit.security_event_log (tx_id, seq);

-- One per life of the database: the first, and one more after each acknowledged restore. The first leaf of each is
-- its own description, so that a restore is itself on record.
CREATE TABLE audit.seal_incarnation (
  incarnation integer PRIMARY KEY CHECK (incarnation >= 1),
  origin text NOT NULL UNIQUE,
  -- the public key by which its checkpoints are checked (C2SP signed-note)
  verifier_key text NOT NULL,
  -- RFC 8785 text of leaf 0
  genesis text NOT NULL,
  started_at timestamptz NOT NULL DEFAULT clock_timestamp()
);

-- One leaf per row of the logs, in the order of (tx_id, seq).
CREATE TABLE audit.seal_leaf (
  incarnation integer NOT NULL REFERENCES audit.seal_incarnation (incarnation),
  leaf_index bigint NOT NULL CHECK (leaf_index >= 0),
  -- P: audit.patient_phi_audit_log, S: audit.security_event_log, G: the incarnation itself
  log "char" NOT NULL CHECK (log IN ('P', 'S', 'G')),
  log_id uuid,
  accessed_at timestamptz,
  tx_id xid8,
  seq bigint,
  -- which list of fields was hashed
  format smallint NOT NULL CHECK (format >= 1),
  leaf_hash bytea NOT NULL CHECK (octet_length(leaf_hash) = 32),
  PRIMARY KEY (incarnation, leaf_index),
  CHECK ((log = 'G') = (leaf_index = 0) AND (log = 'G') = (log_id IS NULL) AND (log = 'G') = (seq IS NULL))
);
CREATE INDEX seal_leaf_log_id_idx ON audit.seal_leaf (log_id);

-- Roots of complete subtrees of 2^8, 2^16 and 2^24 leaves: a proof needs a few of them instead of all leaves.
CREATE TABLE audit.seal_node (
  incarnation integer NOT NULL,
  level smallint NOT NULL CHECK (level IN (8, 16, 24)),
  node_index bigint NOT NULL CHECK (node_index >= 0),
  hash bytea NOT NULL CHECK (octet_length(hash) = 32),
  PRIMARY KEY (incarnation, level, node_index)
);

-- What was signed: size, root, and where the sealer goes on from.
CREATE TABLE audit.checkpoint (
  incarnation integer NOT NULL REFERENCES audit.seal_incarnation (incarnation),
  tree_size bigint NOT NULL CHECK (tree_size >= 1),
  root bytea NOT NULL CHECK (octet_length(root) = 32),
  -- roots of the complete subtrees that the size is made of, the largest first
  compact_range bytea NOT NULL CHECK (octet_length(compact_range) % 32 = 0),
  -- the last sealed row; NULL while only the genesis leaf is sealed
  tx_id xid8,
  seq bigint,
  note text NOT NULL,
  -- when the oldest row sealed with it was written: how long it lay unsealed
  oldest_at timestamptz,
  sealed_at timestamptz NOT NULL DEFAULT clock_timestamp(),
  PRIMARY KEY (incarnation, tree_size)
);
CREATE INDEX ON audit.checkpoint (sealed_at DESC);

-- That an anchor outside this database holds a checkpoint.
CREATE TABLE audit.anchor_receipt (
  incarnation integer NOT NULL,
  tree_size bigint NOT NULL,
  anchor text NOT NULL CHECK (length(anchor) BETWEEN 1 AND 200),
  anchored_at timestamptz NOT NULL DEFAULT clock_timestamp(),
  -- what the anchor answered: a witness's cosignature, an object's version
  receipt text,
  PRIMARY KEY (incarnation, tree_size, anchor)
);

-- Results of `vigil audit verify`.
CREATE TABLE audit.verification (
  id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
  incarnation integer NOT NULL,
  mode text NOT NULL CHECK (mode IN ('full', 'since', 'sample')),
  tree_size bigint NOT NULL,
  root bytea,
  ok boolean NOT NULL,
  findings integer NOT NULL CHECK (findings >= 0),
  sealed_through timestamptz,
  started_at timestamptz NOT NULL,
  finished_at timestamptz NOT NULL DEFAULT clock_timestamp()
);

DO $$
DECLARE
  t text;
BEGIN
  FOREACH t IN ARRAY ARRAY['seal_incarnation', 'seal_leaf', 'seal_node', 'checkpoint', 'anchor_receipt', 'verification'] LOOP
    EXECUTE format('CREATE TRIGGER append_only BEFORE UPDATE OR DELETE ON audit.%I FOR EACH ROW EXECUTE FUNCTION audit.refuse_change()', t);
    EXECUTE format('CREATE TRIGGER append_only_truncate BEFORE TRUNCATE ON audit.%I FOR EACH STATEMENT EXECUTE FUNCTION audit.refuse_change()', t);
    EXECUTE format('GRANT SELECT ON audit.%I TO vigil_sealer, audit_gate, audit_reader', t);
  END LOOP;
END
$$;

-- The sealer reads both logs, ids and names of fields alike, because it hashes them; it writes the tree and nothing else.
GRANT SELECT ON audit.patient_phi_audit_log, audit.security_event_log TO vigil_sealer;
GRANT INSERT (incarnation, origin, verifier_key, genesis) ON audit.seal_incarnation TO vigil_sealer;
GRANT INSERT ON audit.seal_leaf, audit.seal_node TO vigil_sealer;
GRANT INSERT (incarnation, tree_size, root, compact_range, tx_id, seq, note, oldest_at) ON audit.checkpoint TO vigil_sealer;
GRANT INSERT (incarnation, tree_size, anchor, receipt) ON audit.anchor_receipt TO vigil_sealer;
GRANT INSERT (incarnation, mode, tree_size, root, ok, findings, sealed_through, started_at) ON audit.verification TO vigil_sealer;

-- ── How it stands, for readiness and for the dashboard ───────────────────────────────────────────────────────────
GRANT CREATE ON SCHEMA audit TO audit_gate;
SET LOCAL ROLE audit_gate;

-- Sizes and times alone: nothing of any row.
CREATE FUNCTION audit.seal_status()
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
  SELECT v.tree_size, v.finished_at, v.ok INTO verified_size, verified_at, verified_ok
    FROM audit.verification v WHERE v.incarnation = c.incarnation ORDER BY v.id DESC LIMIT 1;
  RETURN NEXT;
END
$$;

-- Who checks the trail, or takes proofs out of it, stands in the trail. Numbers, ids and a reason; no row is quoted.
CREATE FUNCTION audit.seal_event(p_event text, p_detail jsonb) RETURNS void
LANGUAGE plpgsql VOLATILE SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS $$
BEGIN
  IF p_event NOT IN ('AUDIT_VERIFIED', 'AUDIT_PROOF_MADE', 'AUDIT_RESTORE_ACKNOWLEDGED') OR length(p_detail::text) > 4000 THEN
    RAISE EXCEPTION 'this event is not the sealer''s to report' USING ERRCODE = '42501';
  END IF;
  PERFORM audit.record_event(p_event, NULL, NULL, NULL, NULL, p_detail, 'DONE', NULL);
END
$$;
GRANT EXECUTE ON FUNCTION audit.seal_event(text, jsonb) TO vigil_sealer;
GRANT EXECUTE ON FUNCTION audit.seal_status() TO vigil_app, vigil_worker, vigil_sealer, vigil_audit;
RESET ROLE;
SET LOCAL ROLE audit_owner;
REVOKE CREATE ON SCHEMA audit FROM audit_gate;
RESET ROLE;
