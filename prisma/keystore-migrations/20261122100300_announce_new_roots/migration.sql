-- Tells every process of a new root of the blind indexes as it is made: while a root is being replaced, all must store tokens
-- under the next one before anybody looks values up by it. A new data key need not be announced: nobody can have read
-- anything under it yet.

CREATE FUNCTION keys.announce_root() RETURNS trigger
LANGUAGE plpgsql SET search_path = pg_catalog AS $$
BEGIN
  PERFORM pg_notify('vigil_keys', NEW.owner_id);
  RETURN NULL;
END
$$;
CREATE TRIGGER announce_root AFTER INSERT ON keys.data_key
  FOR EACH ROW WHEN (NEW.purpose = 'index-root') EXECUTE FUNCTION keys.announce_root();

-- Two that begin a rotation at once begin one.
CREATE UNIQUE INDEX data_key_one_pending ON keys.data_key (purpose, owner_id) WHERE state = 'pending';

REVOKE EXECUTE ON ALL FUNCTIONS IN SCHEMA keys FROM PUBLIC;
