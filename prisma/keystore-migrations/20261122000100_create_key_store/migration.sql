-- The key store: a database of its own, so that no backup of the records holds a key to them.
-- It keeps data keys wrapped by the key provider; with this database alone, or with the records alone, nothing opens.
-- Run by vigil_keys_owner, who owns everything here and is not used by a serving process. The serving login is
-- vigil_keys: it may add keys and move them through their states, and it can remove no row of any kind.

GRANT USAGE ON SCHEMA keys TO vigil_keys;

-- One row per version of a key. A destroyed version stays as a row without bytes: it tells a cell that names it
-- apart from one that names nothing, and keeps a shredded owner from quietly getting a new key.
CREATE TABLE keys.data_key (
  purpose     text        NOT NULL CHECK (purpose IN ('data-key', 'index-root', 'identity-root')),
  owner_id    text        NOT NULL CHECK (length(owner_id) BETWEEN 1 AND 256),
  version     integer     NOT NULL CHECK (version >= 1),
  state       text        NOT NULL CHECK (state IN ('pending', 'active', 'decrypt_only', 'disabled', 'destroyed')),
  -- which provider wrapped it, under which version of its key-encryption key
  provider    text        NOT NULL,
  kek_version integer     NOT NULL CHECK (kek_version >= 1),
  wrapped     bytea,
  -- an upper bound is enforced by the application (NIST SP 800-38D §8.3); counts come in batches
  encryptions bigint      NOT NULL DEFAULT 0 CHECK (encryptions >= 0),
  created_at  timestamptz NOT NULL DEFAULT clock_timestamp(),
  PRIMARY KEY (purpose, owner_id, version),
  CHECK ((wrapped IS NULL) = (state = 'destroyed'))
);

-- Two active versions of one key cannot exist, whatever the application does.
CREATE UNIQUE INDEX data_key_one_active ON keys.data_key (purpose, owner_id) WHERE state = 'active';
-- Rotation of the key-encryption key walks the keys still under an older version.
CREATE INDEX data_key_by_kek ON keys.data_key (provider, kek_version, owner_id) WHERE wrapped IS NOT NULL;

-- The highest serial the keyring has ever had: an older copy put back in its place is refused at the next start.
CREATE TABLE keys.keyring_state (
  only_row    boolean     PRIMARY KEY DEFAULT true CHECK (only_row),
  keyring_id  text        NOT NULL,
  environment text        NOT NULL,
  provider    text        NOT NULL,
  serial      bigint      NOT NULL CHECK (serial >= 1),
  updated_at  timestamptz NOT NULL DEFAULT clock_timestamp()
);

-- What happened to keys. Written by triggers alone, so that no change goes without its line.
CREATE TABLE keys.key_event (
  id           bigint      GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
  happened_at  timestamptz NOT NULL DEFAULT clock_timestamp(),
  kind         text        NOT NULL CHECK (kind IN ('CREATED', 'STATE_CHANGED', 'REWRAPPED', 'KEYRING_CHANGED')),
  login        text        NOT NULL DEFAULT session_user,
  purpose      text,
  owner_id     text,
  version      integer,
  state_before text,
  state_after  text,
  kek_version  integer,
  serial       bigint
);
CREATE INDEX key_event_by_owner ON keys.key_event (owner_id, id);

-- Column by column: what identifies a key can never be changed, and counts and states only through the guard below.
GRANT SELECT ON keys.data_key, keys.keyring_state, keys.key_event TO vigil_keys;
GRANT INSERT (purpose, owner_id, version, state, provider, kek_version, wrapped) ON keys.data_key TO vigil_keys;
GRANT UPDATE (state, provider, kek_version, wrapped, encryptions) ON keys.data_key TO vigil_keys;
GRANT INSERT (keyring_id, environment, provider, serial) ON keys.keyring_state TO vigil_keys;
GRANT UPDATE (serial, updated_at) ON keys.keyring_state TO vigil_keys;

CREATE FUNCTION keys.guard_data_key() RETURNS trigger
LANGUAGE plpgsql SET search_path = pg_catalog AS $$
BEGIN
  -- pending → active → decrypt_only ⇄ disabled → destroyed. Whatever is not in use may be destroyed (shredding).
  IF NEW.state <> OLD.state AND NOT (
    (OLD.state = 'pending' AND NEW.state IN ('active', 'destroyed'))
    OR (OLD.state = 'active' AND NEW.state IN ('decrypt_only', 'disabled', 'destroyed'))
    OR (OLD.state = 'decrypt_only' AND NEW.state IN ('disabled', 'destroyed'))
    OR (OLD.state = 'disabled' AND NEW.state IN ('decrypt_only', 'destroyed'))
  ) THEN
    RAISE EXCEPTION 'a key that is % cannot become %', OLD.state, NEW.state USING ERRCODE = 'check_violation';
  END IF;
  IF NEW.encryptions < OLD.encryptions THEN
    RAISE EXCEPTION 'a count of encryptions never falls' USING ERRCODE = 'check_violation';
  END IF;
  RETURN NEW;
END
$$;
CREATE TRIGGER guard_data_key BEFORE UPDATE ON keys.data_key
  FOR EACH ROW EXECUTE FUNCTION keys.guard_data_key();

CREATE FUNCTION keys.guard_keyring_state() RETURNS trigger
LANGUAGE plpgsql SET search_path = pg_catalog AS $$
BEGIN
  IF NEW.serial < OLD.serial THEN
    RAISE EXCEPTION 'the keyring serial never falls' USING ERRCODE = 'check_violation';
  END IF;
  RETURN NEW;
END
$$;
CREATE TRIGGER guard_keyring_state BEFORE UPDATE ON keys.keyring_state
  FOR EACH ROW EXECUTE FUNCTION keys.guard_keyring_state();

-- Runs as its owner, because vigil_keys may not write the log itself. Tells every process to forget the cached key.
CREATE FUNCTION keys.log_data_key() RETURNS trigger
LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog AS $$
BEGIN
  IF TG_OP = 'INSERT' THEN
    INSERT INTO keys.key_event (kind, purpose, owner_id, version, state_after, kek_version)
    VALUES ('CREATED', NEW.purpose, NEW.owner_id, NEW.version, NEW.state, NEW.kek_version);
    RETURN NULL;
  END IF;
  IF NEW.state <> OLD.state THEN
    INSERT INTO keys.key_event (kind, purpose, owner_id, version, state_before, state_after, kek_version)
    VALUES ('STATE_CHANGED', NEW.purpose, NEW.owner_id, NEW.version, OLD.state, NEW.state, NEW.kek_version);
    PERFORM pg_notify('vigil_keys', NEW.owner_id);
  ELSIF NEW.wrapped IS DISTINCT FROM OLD.wrapped OR NEW.kek_version <> OLD.kek_version OR NEW.provider <> OLD.provider THEN
    INSERT INTO keys.key_event (kind, purpose, owner_id, version, state_before, state_after, kek_version)
    VALUES ('REWRAPPED', NEW.purpose, NEW.owner_id, NEW.version, OLD.state, NEW.state, NEW.kek_version);
  END IF;
  RETURN NULL;
END
$$;
CREATE TRIGGER log_data_key AFTER INSERT OR UPDATE ON keys.data_key
  FOR EACH ROW EXECUTE FUNCTION keys.log_data_key();

-- An empty message means: forget them all.
CREATE FUNCTION keys.log_keyring_state() RETURNS trigger
LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog AS $$
BEGIN
  INSERT INTO keys.key_event (kind, serial) VALUES ('KEYRING_CHANGED', NEW.serial);
  PERFORM pg_notify('vigil_keys', '');
  RETURN NULL;
END
$$;
CREATE TRIGGER log_keyring_state AFTER INSERT OR UPDATE ON keys.keyring_state
  FOR EACH ROW EXECUTE FUNCTION keys.log_keyring_state();

-- Rights can be granted by mistake later on; these hold even then, and for the owner too.
CREATE FUNCTION keys.refuse_change() RETURNS trigger
LANGUAGE plpgsql SET search_path = pg_catalog AS $$
BEGIN
  RAISE EXCEPTION '% on %.% is refused', TG_OP, TG_TABLE_SCHEMA, TG_TABLE_NAME USING ERRCODE = 'insufficient_privilege';
END
$$;
CREATE TRIGGER refuse_change BEFORE UPDATE OR DELETE ON keys.key_event
  FOR EACH ROW EXECUTE FUNCTION keys.refuse_change();
CREATE TRIGGER refuse_truncate BEFORE TRUNCATE ON keys.key_event EXECUTE FUNCTION keys.refuse_change();
CREATE TRIGGER refuse_delete BEFORE DELETE ON keys.data_key
  FOR EACH ROW EXECUTE FUNCTION keys.refuse_change();
CREATE TRIGGER refuse_truncate BEFORE TRUNCATE ON keys.data_key EXECUTE FUNCTION keys.refuse_change();
CREATE TRIGGER refuse_truncate BEFORE TRUNCATE ON keys.keyring_state EXECUTE FUNCTION keys.refuse_change();

REVOKE EXECUTE ON ALL FUNCTIONS IN SCHEMA keys FROM PUBLIC;
