-- A keyring per provider, so that keys can move from one to another while people work, in both directions; and a place for
-- the versions of key-encryption keys that a provider does not keep itself. One of the providers is the current one: it
-- wraps whatever is wrapped from now on. Another may still unwrap what it wrapped before.

ALTER TABLE keys.keyring_state
  -- arriving: set up, wraps nothing yet. leaving: wraps nothing any more. former: nothing is left under it.
  ADD COLUMN standing    text    NOT NULL DEFAULT 'current' CHECK (standing IN ('arriving', 'current', 'leaving', 'former')),
  -- no key may be wrapped under a version below this one; raised at the end of a rotation, so that its count stays at 0
  ADD COLUMN version_min integer NOT NULL DEFAULT 1 CHECK (version_min >= 1);
ALTER TABLE keys.keyring_state ALTER COLUMN standing SET DEFAULT 'arriving';
ALTER TABLE keys.keyring_state DROP COLUMN only_row;
ALTER TABLE keys.keyring_state ADD PRIMARY KEY (provider);
CREATE UNIQUE INDEX keyring_state_one_current ON keys.keyring_state (standing) WHERE standing = 'current';

CREATE TABLE keys.keyring_version (
  provider   text        NOT NULL REFERENCES keys.keyring_state (provider),
  version    integer     NOT NULL CHECK (version >= 1),
  state      text        NOT NULL CHECK (state IN ('pending', 'active', 'decrypt_only', 'disabled', 'destroyed')),
  created_at timestamptz NOT NULL,
  -- what the provider calls it; and its bytes under the provider's root where the provider hands them out (KMS)
  key_ref    text        CHECK (length(key_ref) BETWEEN 1 AND 2048),
  wrapped    bytea,
  PRIMARY KEY (provider, version),
  CHECK (wrapped IS NULL OR state <> 'destroyed')
);
CREATE UNIQUE INDEX keyring_version_one_active ON keys.keyring_version (provider) WHERE state = 'active';

ALTER TABLE keys.key_event ADD COLUMN provider text;
ALTER TABLE keys.key_event DROP CONSTRAINT key_event_kind_check;
ALTER TABLE keys.key_event ADD CONSTRAINT key_event_kind_check
  CHECK (kind IN ('CREATED', 'STATE_CHANGED', 'REWRAPPED', 'KEYRING_CHANGED', 'KEYRING_VERSION_CREATED', 'KEYRING_VERSION_CHANGED'));

GRANT INSERT (standing, version_min) ON keys.keyring_state TO vigil_keys;
GRANT UPDATE (standing, version_min) ON keys.keyring_state TO vigil_keys;
GRANT SELECT ON keys.keyring_version TO vigil_keys;
GRANT INSERT (provider, version, state, created_at, key_ref, wrapped) ON keys.keyring_version TO vigil_keys;
GRANT UPDATE (state, key_ref, wrapped) ON keys.keyring_version TO vigil_keys;

CREATE OR REPLACE FUNCTION keys.guard_keyring_state() RETURNS trigger
LANGUAGE plpgsql SET search_path = pg_catalog AS $$
BEGIN
  IF TG_OP = 'INSERT' THEN
    -- All keyrings of an installation have one id: every wrapped key is bound to it, and stays so when it moves.
    IF EXISTS (SELECT FROM keys.keyring_state s
                WHERE s.keyring_id <> NEW.keyring_id OR s.environment <> NEW.environment) THEN
      RAISE EXCEPTION 'the keyring belongs to another installation' USING ERRCODE = 'check_violation';
    END IF;
    RETURN NEW;
  END IF;
  IF NEW.serial < OLD.serial THEN
    RAISE EXCEPTION 'the keyring serial never falls' USING ERRCODE = 'check_violation';
  END IF;
  IF NEW.version_min < OLD.version_min THEN
    RAISE EXCEPTION 'the least version that wraps never falls' USING ERRCODE = 'check_violation';
  END IF;
  IF NEW.standing <> OLD.standing AND NOT (
    (OLD.standing = 'arriving' AND NEW.standing IN ('current', 'former'))
    OR (OLD.standing = 'current' AND NEW.standing = 'leaving')
    OR (OLD.standing = 'leaving' AND NEW.standing IN ('current', 'former'))
    OR (OLD.standing = 'former' AND NEW.standing = 'arriving')
  ) THEN
    RAISE EXCEPTION 'a provider that is % cannot become %', OLD.standing, NEW.standing USING ERRCODE = 'check_violation';
  END IF;
  IF NEW.standing = 'former' AND OLD.standing <> 'former' AND EXISTS (
    SELECT FROM keys.data_key d WHERE d.provider = NEW.provider AND d.wrapped IS NOT NULL
  ) THEN
    RAISE EXCEPTION 'keys are still wrapped by this provider' USING ERRCODE = 'check_violation';
  END IF;
  RETURN NEW;
END
$$;
DROP TRIGGER guard_keyring_state ON keys.keyring_state;
CREATE TRIGGER guard_keyring_state BEFORE INSERT OR UPDATE ON keys.keyring_state
  FOR EACH ROW EXECUTE FUNCTION keys.guard_keyring_state();

-- One provider wraps, at the end of every transaction.
CREATE FUNCTION keys.require_current_provider() RETURNS trigger
LANGUAGE plpgsql SET search_path = pg_catalog AS $$
BEGIN
  IF NOT EXISTS (SELECT FROM keys.keyring_state WHERE standing = 'current') THEN
    RAISE EXCEPTION 'one provider must be the current one' USING ERRCODE = 'check_violation';
  END IF;
  RETURN NULL;
END
$$;
CREATE CONSTRAINT TRIGGER require_current_provider AFTER INSERT OR UPDATE ON keys.keyring_state
  DEFERRABLE INITIALLY DEFERRED FOR EACH ROW EXECUTE FUNCTION keys.require_current_provider();

CREATE TRIGGER refuse_delete BEFORE DELETE ON keys.keyring_state
  FOR EACH ROW EXECUTE FUNCTION keys.refuse_change();

CREATE FUNCTION keys.guard_keyring_version() RETURNS trigger
LANGUAGE plpgsql SET search_path = pg_catalog AS $$
BEGIN
  -- pending → active → decrypt_only ⇄ disabled → destroyed
  IF NEW.state <> OLD.state AND NOT (
    (OLD.state = 'pending' AND NEW.state IN ('active', 'destroyed'))
    OR (OLD.state = 'active' AND NEW.state = 'decrypt_only')
    OR (OLD.state = 'decrypt_only' AND NEW.state = 'disabled')
    OR (OLD.state = 'disabled' AND NEW.state IN ('decrypt_only', 'destroyed'))
  ) THEN
    RAISE EXCEPTION 'a version that is % cannot become %', OLD.state, NEW.state USING ERRCODE = 'check_violation';
  END IF;
  IF NEW.provider <> OLD.provider OR NEW.version <> OLD.version OR NEW.created_at <> OLD.created_at THEN
    RAISE EXCEPTION 'what a version is called never changes' USING ERRCODE = 'check_violation';
  END IF;
  IF NEW.wrapped IS NULL AND OLD.wrapped IS NOT NULL AND NEW.state <> 'destroyed' THEN
    RAISE EXCEPTION 'only a destroyed version loses its bytes' USING ERRCODE = 'check_violation';
  END IF;
  RETURN NEW;
END
$$;
CREATE TRIGGER guard_keyring_version BEFORE UPDATE ON keys.keyring_version
  FOR EACH ROW EXECUTE FUNCTION keys.guard_keyring_version();
CREATE TRIGGER refuse_delete BEFORE DELETE ON keys.keyring_version
  FOR EACH ROW EXECUTE FUNCTION keys.refuse_change();
CREATE TRIGGER refuse_truncate BEFORE TRUNCATE ON keys.keyring_version EXECUTE FUNCTION keys.refuse_change();

-- A destroyed version can come back in no other way either: no key in use may be left under it.
CREATE FUNCTION keys.log_keyring_version() RETURNS trigger
LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog AS $$
BEGIN
  IF TG_OP = 'INSERT' THEN
    INSERT INTO keys.key_event (kind, provider, kek_version, state_after)
    VALUES ('KEYRING_VERSION_CREATED', NEW.provider, NEW.version, NEW.state);
  ELSE
    INSERT INTO keys.key_event (kind, provider, kek_version, state_before, state_after)
    VALUES ('KEYRING_VERSION_CHANGED', NEW.provider, NEW.version, OLD.state, NEW.state);
  END IF;
  PERFORM pg_notify('vigil_keys', '');
  RETURN NULL;
END
$$;
CREATE TRIGGER log_keyring_version AFTER INSERT OR UPDATE ON keys.keyring_version
  FOR EACH ROW EXECUTE FUNCTION keys.log_keyring_version();

CREATE OR REPLACE FUNCTION keys.log_keyring_state() RETURNS trigger
LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog AS $$
BEGIN
  INSERT INTO keys.key_event (kind, provider, serial, kek_version, state_before, state_after)
  VALUES ('KEYRING_CHANGED', NEW.provider, NEW.serial, NEW.version_min,
          CASE WHEN TG_OP = 'UPDATE' THEN OLD.standing END, NEW.standing);
  PERFORM pg_notify('vigil_keys', '');
  RETURN NULL;
END
$$;

-- A key is wrapped by the current provider, and under no version below the least: a process that looked before a rotation
-- or a move ended, and writes after it, is refused here. The lock makes the two wait for one another, so that a count of 0
-- stays 0.
CREATE FUNCTION keys.guard_wrapping() RETURNS trigger
LANGUAGE plpgsql SET search_path = pg_catalog AS $$
DECLARE
  v_standing text;
  v_min      integer;
BEGIN
  IF TG_OP = 'UPDATE' AND (NEW.wrapped IS NULL OR (
    NEW.wrapped IS NOT DISTINCT FROM OLD.wrapped AND NEW.kek_version = OLD.kek_version AND NEW.provider = OLD.provider
  )) THEN
    RETURN NEW;
  END IF;
  SELECT s.standing, s.version_min INTO v_standing, v_min
    FROM keys.keyring_state s WHERE s.provider = NEW.provider FOR SHARE;
  IF v_standing IS DISTINCT FROM 'current' THEN
    RAISE EXCEPTION 'keys are not wrapped by this provider now' USING ERRCODE = 'check_violation', CONSTRAINT = 'wrapped_by_current';
  END IF;
  IF NEW.kek_version < v_min THEN
    RAISE EXCEPTION 'keys are no longer wrapped under this version' USING ERRCODE = 'check_violation', CONSTRAINT = 'wrapped_by_current';
  END IF;
  RETURN NEW;
END
$$;
CREATE TRIGGER guard_wrapping BEFORE INSERT OR UPDATE OF provider, kek_version, wrapped ON keys.data_key
  FOR EACH ROW EXECUTE FUNCTION keys.guard_wrapping();

REVOKE EXECUTE ON ALL FUNCTIONS IN SCHEMA keys FROM PUBLIC;
