-- Tells compliance officers of it at once when a verification finds that the trail is not what was sealed, and when somebody
-- outside shows another history than the database has.
SET LOCAL ROLE audit_owner;
GRANT CREATE ON SCHEMA audit TO audit_gate;
RESET ROLE;
SET LOCAL ROLE audit_gate;
CREATE FUNCTION audit.tell_of_findings() RETURNS trigger
LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS $$
BEGIN
  PERFORM app.notify_role('compliance', 'trail-changed', gen_random_uuid());
  RETURN NULL;
END
$$;
CREATE FUNCTION audit.tell_of_other_history() RETURNS trigger
LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS $$
BEGIN
  PERFORM app.notify_role('compliance', 'other-history', gen_random_uuid());
  RETURN NULL;
END
$$;
GRANT EXECUTE ON FUNCTION audit.tell_of_findings(), audit.tell_of_other_history() TO audit_owner;
RESET ROLE;

SET LOCAL ROLE audit_owner;
REVOKE CREATE ON SCHEMA audit FROM audit_gate;
CREATE TRIGGER tell_of_findings AFTER INSERT ON audit.verification
  FOR EACH ROW WHEN (NOT NEW.ok) EXECUTE FUNCTION audit.tell_of_findings();
CREATE TRIGGER tell_of_other_history AFTER UPDATE ON audit.anchor_standing
  FOR EACH ROW WHEN (NEW.failure = 'differs' AND OLD.failure IS DISTINCT FROM 'differs') EXECUTE FUNCTION audit.tell_of_other_history();
REVOKE EXECUTE ON FUNCTION audit.tell_of_findings(), audit.tell_of_other_history() FROM audit_owner;
RESET ROLE;
