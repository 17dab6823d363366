-- Makes the table of explanations: for each member of staff, patient and day, what documented care stands behind the accesses.
-- Hedda et al. (PMC5977720) and Fabbri & LeFevre (arXiv 1109.6880) found that most accesses explain themselves; whoever looks
-- at the rest first looks at little.
SET LOCAL ROLE audit_owner;

CREATE TABLE audit.access_explanation (
  actor_id uuid NOT NULL,
  patient_id uuid NOT NULL,
  -- of the accesses, in UTC, as the partitions of the trail are
  day date NOT NULL,
  -- E1 to E9 (lib/watch/explain); an empty list is written down too: somebody looked, and found nothing
  tags text[] NOT NULL CHECK (tags <@ ARRAY['E1', 'E2', 'E3', 'E4', 'E5', 'E6', 'E7', 'E8', 'E9']),
  -- true when one of E1 to E8 holds: emergency access (E9) is said, and excuses nothing
  is_explained boolean NOT NULL,
  explained_at timestamptz NOT NULL DEFAULT clock_timestamp(),
  PRIMARY KEY (actor_id, patient_id, day),
  CHECK (is_explained = (tags && ARRAY['E1', 'E2', 'E3', 'E4', 'E5', 'E6', 'E7', 'E8']))
);
CREATE INDEX ON audit.access_explanation (day) WHERE NOT is_explained;

-- Care is documented after the fact too, so a row may be found explained later; it never goes.
CREATE TRIGGER append_only BEFORE DELETE ON audit.access_explanation FOR EACH ROW EXECUTE FUNCTION audit.refuse_change();
CREATE TRIGGER append_only_truncate BEFORE TRUNCATE ON audit.access_explanation FOR EACH STATEMENT EXECUTE FUNCTION audit.refuse_change();
GRANT SELECT ON audit.access_explanation TO audit_gate, audit_watch, audit_reader;
GRANT INSERT (actor_id, patient_id, day, tags, is_explained), UPDATE (tags, is_explained, explained_at) ON audit.access_explanation TO audit_gate;
RESET ROLE;
