-- Remembers rotations of data keys, so that one that was interrupted goes on instead of beginning anew: whoever got a
-- key after it began has been served already.

CREATE TABLE keys.data_key_rotation (
  id          bigint      GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
  -- one owner, or all of them
  owner_id    text        CHECK (length(owner_id) BETWEEN 1 AND 256),
  -- a key whose making stands behind this entry of key_event is new enough; a number, because a clock may jump
  after_event bigint      NOT NULL,
  started_at  timestamptz NOT NULL DEFAULT clock_timestamp(),
  ended_at    timestamptz
);
-- Two that begin at once are one.
CREATE UNIQUE INDEX data_key_rotation_one_open ON keys.data_key_rotation (coalesce(owner_id, '')) WHERE ended_at IS NULL;

GRANT SELECT ON keys.data_key_rotation TO vigil_keys;
GRANT INSERT (owner_id, after_event) ON keys.data_key_rotation TO vigil_keys;
GRANT UPDATE (ended_at) ON keys.data_key_rotation TO vigil_keys;

CREATE FUNCTION keys.guard_data_key_rotation() RETURNS trigger
LANGUAGE plpgsql SET search_path = pg_catalog AS $$
BEGIN
  IF OLD.ended_at IS NOT NULL THEN
    RAISE EXCEPTION 'a rotation that has ended stays ended' USING ERRCODE = 'check_violation';
  END IF;
  NEW.ended_at := clock_timestamp();
  RETURN NEW;
END
$$;
CREATE TRIGGER guard_data_key_rotation BEFORE UPDATE ON keys.data_key_rotation
  FOR EACH ROW EXECUTE FUNCTION keys.guard_data_key_rotation();
CREATE TRIGGER refuse_delete BEFORE DELETE ON keys.data_key_rotation
  FOR EACH ROW EXECUTE FUNCTION keys.refuse_change();
CREATE TRIGGER refuse_truncate BEFORE TRUNCATE ON keys.data_key_rotation EXECUTE FUNCTION keys.refuse_change();

REVOKE EXECUTE ON FUNCTION keys.guard_data_key_rotation() FROM PUBLIC;
