-- That each leaf belongs to a tree that was begun is asked once for all leaves of a batch. A foreign key asks for every leaf, which
-- was a third of the database's work in writing them. Trees are never deleted (append_only), which is the key's other half.
SET LOCAL ROLE audit_owner;

CREATE FUNCTION audit.guard_seal_leaves() RETURNS trigger LANGUAGE plpgsql SET search_path = pg_catalog, pg_temp AS $$
BEGIN
  IF EXISTS (SELECT FROM new_leaves n WHERE NOT EXISTS (SELECT FROM audit.seal_incarnation i WHERE i.incarnation = n.incarnation)) THEN
    RAISE EXCEPTION 'a leaf belongs to a tree that was begun' USING ERRCODE = '23503';
  END IF;
  RETURN NULL;
END
$$;
CREATE TRIGGER of_a_tree AFTER INSERT ON audit.seal_leaf REFERENCING NEW TABLE AS new_leaves
  FOR EACH STATEMENT EXECUTE FUNCTION audit.guard_seal_leaves();
ALTER TABLE audit.seal_leaf DROP CONSTRAINT seal_leaf_incarnation_fkey;

RESET ROLE;
