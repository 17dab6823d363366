-- Letters by e-mail: sending them, links in them that work once, browsers that are known, and "this wasn't me".
--
-- No letter says anything of a record, and none holds a password, a code or a name. A link's token is made when its letter is
-- written (by the worker, which alone may); only its hash lies here. What a link leads to is decided below.
SET LOCAL ROLE app_owner;
INSERT INTO app.service_job (job, display_name, job_title) VALUES ('mail', 'Letters by e-mail', 'Automatic job');

ALTER TABLE app.mail_outbox
  -- the sign-in that the letter tells of
  ADD COLUMN session_id uuid REFERENCES app.session (id),
  -- another address than the account's own: one that is to be confirmed, or was left
  ADD COLUMN recipient_text_id uuid REFERENCES app.sealed_text (id),
  -- what its link leads to, where that is more than the account
  ADD COLUMN reference uuid,
  -- written and kept where a demo has no way to send it; detail_sealed is the letter then
  ADD COLUMN kept_at timestamptz(3),
  -- what the other server answered last: a number of SMTP (RFC 5321 §4.2) or a system code, never its text
  ADD COLUMN refusal text CHECK (refusal ~ '^[A-Z0-9_]{2,40}$');
CREATE INDEX ON app.mail_outbox (account_id, created_at DESC);

-- Links of letters. What is random and long may be hashed fast (256 bits; ASVS 5.0 6.5.2 asks for 112).
CREATE TABLE app.mail_link (
  token_hash bytea PRIMARY KEY CHECK (octet_length(token_hash) = 32),
  account_id uuid NOT NULL REFERENCES app.account (id),
  mail_id uuid NOT NULL REFERENCES app.mail_outbox (id) ON DELETE CASCADE,
  purpose text NOT NULL CHECK (purpose IN ('not-me', 'recovery', 'new-address')),
  made_at timestamptz(3) NOT NULL,
  expires_at timestamptz(3) NOT NULL,
  used_at timestamptz(3),
  -- for a recovery: how often a second factor was tried with it, and when one was right
  tries integer NOT NULL DEFAULT 0,
  proven_at timestamptz(3)
);
CREATE INDEX ON app.mail_link (account_id, purpose) WHERE used_at IS NULL;
CREATE INDEX ON app.mail_link (mail_id);

-- Browsers in which somebody has signed in, by the hash of a random cookie. One browser can be several people's.
CREATE TABLE app.known_device (
  token_hash bytea NOT NULL CHECK (octet_length(token_hash) = 32),
  account_id uuid NOT NULL REFERENCES app.account (id),
  first_at timestamptz(3) NOT NULL,
  last_at timestamptz(3) NOT NULL,
  PRIMARY KEY (token_hash, account_id)
);
CREATE INDEX ON app.known_device (account_id);

-- Second steps that failed after a right password, in a row: somebody may know the password.
CREATE TABLE app.second_step_failure (
  account_id uuid PRIMARY KEY REFERENCES app.account (id),
  failures integer NOT NULL,
  told_at timestamptz(3)
);

-- ── A locked account ─────────────────────────────────────────────────────────────────────────────────────────────
-- A status of its own, so that everything that asks for an active account refuses it without knowing of it.
ALTER TABLE app.account ADD COLUMN locked_at timestamptz(3);
ALTER TABLE app.account DROP CONSTRAINT account_status_check;
ALTER TABLE app.account ADD CONSTRAINT account_status_check CHECK (status IN ('invited', 'active', 'deactivated', 'locked'));
ALTER TABLE app.account ADD CONSTRAINT account_locked_check CHECK (status <> 'locked' OR locked_at IS NOT NULL);

-- Whatever opens accounts again, a lock stays until somebody has made sure who the person is, and takes it off.
CREATE FUNCTION app.keep_locked() RETURNS trigger
LANGUAGE plpgsql SET search_path = pg_catalog, pg_temp AS $$
BEGIN
  IF NEW.locked_at IS NOT NULL AND NEW.status IN ('active', 'invited') THEN NEW.status := 'locked'; END IF;
  RETURN NEW;
END
$$;
CREATE TRIGGER account_keep_locked BEFORE INSERT OR UPDATE OF status, locked_at ON app.account FOR EACH ROW EXECUTE FUNCTION app.keep_locked();

-- ── What causes letters ──────────────────────────────────────────────────────────────────────────────────────────

-- As app.mail_queue, with what the letter is about.
CREATE FUNCTION app.mail_queue_about(p_account uuid, p_kind text, p_session uuid, p_recipient_text uuid, p_reference uuid) RETURNS uuid
LANGUAGE sql VOLATILE SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS $$
  INSERT INTO app.mail_outbox (account_id, kind, session_id, recipient_text_id, reference, created_at, next_try_at)
  SELECT a.id, p_kind, p_session, p_recipient_text, p_reference, app.now(), app.now() FROM app.account a WHERE a.id = p_account AND a.role <> 'service'
  RETURNING id
$$;

-- Changes of how somebody signs in are told by e-mail as well as on the page: the owner may not be who sits there
-- (SP 800-63B-4 §4.6). Nothing before the first sign-in: that is setting up.
CREATE FUNCTION app.mail_of_notice() RETURNS trigger
LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS $$
BEGIN
  IF NEW.kind IN ('passkey-added', 'passkey-removed', 'totp-added', 'totp-replaced', 'totp-removed', 'recovery-codes-replaced', 'password-changed')
     AND EXISTS (SELECT FROM app.account a WHERE a.id = NEW.account_id AND a.last_sign_in_at IS NOT NULL) THEN
    PERFORM app.mail_queue(NEW.account_id, NEW.kind);
  END IF;
  RETURN NULL;
END
$$;
CREATE TRIGGER notice_mail AFTER INSERT OR UPDATE OF created_at ON app.notice FOR EACH ROW EXECUTE FUNCTION app.mail_of_notice();

-- Notes the browser of a session that has just begun. One that this person was never seen in is told of by e-mail, unless
-- it is the very first sign-in. False when the session is none.
CREATE FUNCTION app.device_note(p_token text, p_device_hash bytea) RETURNS boolean
LANGUAGE plpgsql VOLATILE SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS $$
DECLARE
  v app.session_standing := app.session_standing_of(p_token);
  v_is_new boolean;
BEGIN
  IF v.state <> 'active' OR v.role = 'service' THEN RETURN false; END IF;
  DELETE FROM app.second_step_failure WHERE account_id = v.account_id;
  INSERT INTO app.known_device AS d (token_hash, account_id, first_at, last_at) VALUES (p_device_hash, v.account_id, v.db_now, v.db_now)
  ON CONFLICT (token_hash, account_id) DO UPDATE SET last_at = v.db_now
  RETURNING d.first_at = d.last_at INTO v_is_new;
  IF v_is_new AND v.previous_sign_in_at IS NOT NULL THEN
    PERFORM app.mail_queue_about(v.account_id, 'new-browser', v.session_id, NULL, NULL);
    PERFORM audit.record_event('SIGN_IN_FROM_NEW_BROWSER', v.account_id, v.role, v.session_id, v.account_id, '{}', 'DONE', NULL);
  END IF;
  RETURN true;
END
$$;

-- Counts a second step that failed after a right password. At the third in a row the owner is told, at most once an hour:
-- the password may be known to somebody (ASVS 5.0 6.3.5). For the function that counts failed sign-ins.
CREATE FUNCTION app.second_step_failed(p_account uuid) RETURNS void
LANGUAGE plpgsql VOLATILE SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS $$
DECLARE
  v_now timestamptz := app.now();
  v_failures integer;
BEGIN
  INSERT INTO app.second_step_failure AS f (account_id, failures) SELECT a.id, 1 FROM app.account a WHERE a.id = p_account AND a.status = 'active'
  ON CONFLICT (account_id) DO UPDATE SET failures = f.failures + 1
  RETURNING f.failures INTO v_failures;
  IF v_failures < 3 THEN RETURN; END IF;
  UPDATE app.second_step_failure SET told_at = v_now, failures = 0
   WHERE account_id = p_account AND (told_at IS NULL OR told_at < v_now - interval '1 hour');
  IF FOUND THEN PERFORM app.mail_queue(p_account, 'second-step-failed'); END IF;
END
$$;

-- ── Sending ──────────────────────────────────────────────────────────────────────────────────────────────────────

-- The standing of a caller who may send letters: the job "mail" alone.
CREATE FUNCTION app.mail_session(p_token text) RETURNS app.session_standing
LANGUAGE plpgsql VOLATILE SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS $$
DECLARE
  v app.session_standing := app.session_touch(p_token);
BEGIN
  IF NOT app.is_job(v, 'mail') THEN
    RAISE EXCEPTION 'this is for the job that sends letters' USING ERRCODE = '42501';
  END IF;
  RETURN v;
END
$$;

-- Whether a letter waits to be sent now. Tells nothing of whose.
CREATE FUNCTION app.mail_waits() RETURNS boolean
LANGUAGE sql STABLE SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS $$
  SELECT EXISTS (SELECT FROM app.mail_outbox m WHERE m.sent_at IS NULL AND m.given_up_at IS NULL AND m.next_try_at <= app.now())
$$;

-- Takes one letter for five minutes: whoever is killed over it loses it to the next. Each try waits longer (1 minute to
-- 12 hours); after the ninth, some two days, the letter is given up.
CREATE FUNCTION app.mail_take(p_token text)
RETURNS TABLE (mail_id uuid, account_id uuid, role text, kind text, email_sealed text, recipient_text_id uuid, recipient_sealed text, created_at timestamptz, user_agent text, client_ip inet)
LANGUAGE plpgsql VOLATILE SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS $$
DECLARE
  v app.session_standing := app.mail_session(p_token);
  v_mail app.mail_outbox;
BEGIN
  SELECT m.* INTO v_mail FROM app.mail_outbox m WHERE m.sent_at IS NULL AND m.given_up_at IS NULL AND m.next_try_at <= v.db_now
   ORDER BY m.next_try_at, m.id LIMIT 1 FOR UPDATE SKIP LOCKED;
  IF v_mail.id IS NULL THEN RETURN; END IF;
  UPDATE app.mail_outbox SET next_try_at = v.db_now + interval '5 minutes', tries = tries + 1 WHERE id = v_mail.id;
  RETURN QUERY SELECT v_mail.id, a.id, a.role, v_mail.kind, a.email_sealed::text, t.id, t.content_sealed::text, v_mail.created_at::timestamptz, s.user_agent, s.client_ip
    FROM app.account a LEFT JOIN app.sealed_text t ON t.id = v_mail.recipient_text_id LEFT JOIN app.session s ON s.id = v_mail.session_id
   WHERE a.id = v_mail.account_id;
END
$$;

-- Makes a letter's link. What it leads to follows from the letter's kind; a new link for a recovery ends the one before.
CREATE FUNCTION app.mail_link_make(p_token text, p_mail uuid, p_hash bytea) RETURNS text
LANGUAGE plpgsql VOLATILE SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS $$
DECLARE
  v app.session_standing := app.mail_session(p_token);
  v_mail app.mail_outbox;
  v_purpose text;
BEGIN
  SELECT * INTO v_mail FROM app.mail_outbox WHERE id = p_mail AND sent_at IS NULL AND given_up_at IS NULL;
  IF v_mail.id IS NULL THEN RETURN NULL; END IF;
  v_purpose := CASE v_mail.kind WHEN 'recovery-link' THEN 'recovery' WHEN 'confirm-address' THEN 'new-address' ELSE 'not-me' END;
  UPDATE app.mail_link l SET used_at = v.db_now
   WHERE l.used_at IS NULL AND l.account_id = v_mail.account_id AND (l.mail_id = v_mail.id OR (l.purpose = v_purpose AND v_purpose <> 'not-me'));
  INSERT INTO app.mail_link (token_hash, account_id, mail_id, purpose, made_at, expires_at)
  VALUES (p_hash, v_mail.account_id, v_mail.id, v_purpose, v.db_now,
          v.db_now + CASE v_purpose WHEN 'recovery' THEN interval '30 minutes' WHEN 'new-address' THEN interval '24 hours' ELSE interval '7 days' END);
  RETURN v_purpose;
END
$$;

-- Notes that a letter was taken by the other server; p_letter: or, in a demo without a way to send, kept, sealed.
CREATE FUNCTION app.mail_sent(p_token text, p_mail uuid, p_letter text DEFAULT NULL) RETURNS boolean
LANGUAGE plpgsql VOLATILE SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS $$
DECLARE
  v app.session_standing := app.mail_session(p_token);
BEGIN
  UPDATE app.mail_outbox SET sent_at = v.db_now, refusal = NULL, detail_sealed = p_letter, kept_at = CASE WHEN p_letter IS NOT NULL THEN v.db_now END
   WHERE id = p_mail AND sent_at IS NULL AND given_up_at IS NULL;
  RETURN FOUND;
END
$$;

-- Notes that a letter was not taken: when it is tried again, or that it is given up. Returns which.
CREATE FUNCTION app.mail_failed(p_token text, p_mail uuid, p_refusal text, p_for_good boolean) RETURNS text
LANGUAGE plpgsql VOLATILE SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS $$
DECLARE
  v app.session_standing := app.mail_session(p_token);
  v_mail app.mail_outbox;
BEGIN
  UPDATE app.mail_outbox m SET refusal = p_refusal, given_up_at = CASE WHEN p_for_good OR m.tries >= 9 THEN v.db_now END,
         next_try_at = v.db_now + CASE m.tries WHEN 1 THEN interval '1 minute' WHEN 2 THEN interval '5 minutes' WHEN 3 THEN interval '15 minutes'
                                               WHEN 4 THEN interval '1 hour' WHEN 5 THEN interval '4 hours' ELSE interval '12 hours' END
   WHERE m.id = p_mail AND m.sent_at IS NULL AND m.given_up_at IS NULL;
  SELECT * INTO v_mail FROM app.mail_outbox WHERE id = p_mail;
  IF v_mail.id IS NULL OR v_mail.sent_at IS NOT NULL THEN RETURN 'gone'; END IF;
  IF v_mail.given_up_at IS NULL THEN RETURN 'later'; END IF;
  -- A link that reached nobody is nobody's.
  UPDATE app.mail_link SET used_at = v.db_now WHERE mail_id = p_mail AND used_at IS NULL;
  PERFORM audit.record_event('MAIL_GIVEN_UP', v.account_id, v.role, v.session_id, v_mail.account_id, jsonb_build_object('kind', v_mail.kind, 'refusal', p_refusal), 'DONE', NULL);
  RETURN 'given-up';
END
$$;

-- The letters of an account that a demo kept, the newest first.
CREATE FUNCTION app.mail_kept(p_token text, p_email_tokens bytea[]) RETURNS TABLE (mail_id uuid, kind text, created_at timestamptz, letter_sealed text)
LANGUAGE plpgsql VOLATILE SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS $$
BEGIN
  PERFORM app.mail_session(p_token);
  RETURN QUERY SELECT m.id, m.kind, m.created_at::timestamptz, m.detail_sealed::text FROM app.mail_outbox m
    WHERE m.account_id = app.account_by_email(p_email_tokens) AND m.kept_at IS NOT NULL ORDER BY m.created_at DESC, m.id LIMIT 50;
END
$$;

-- How the outbox stands: numbers alone.
CREATE FUNCTION app.mail_status() RETURNS TABLE (waiting integer, oldest_waiting_at timestamptz, given_up integer, last_refusal text)
LANGUAGE sql STABLE SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS $$
  SELECT (count(*) FILTER (WHERE m.sent_at IS NULL AND m.given_up_at IS NULL))::integer,
         min(m.created_at) FILTER (WHERE m.sent_at IS NULL AND m.given_up_at IS NULL),
         (count(*) FILTER (WHERE m.given_up_at > app.now() - interval '30 days'))::integer,
         (array_agg(m.refusal ORDER BY m.next_try_at DESC) FILTER (WHERE m.refusal IS NOT NULL AND m.sent_at IS NULL))[1]
    FROM app.mail_outbox m WHERE m.created_at > app.now() - interval '90 days'
$$;

-- Throws away what has no use any more. Returns how many rows.
CREATE FUNCTION app.mail_sweep() RETURNS integer
LANGUAGE plpgsql VOLATILE SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS $$
DECLARE
  v_now timestamptz := app.now();
  v_mails integer;
  v_devices integer;
BEGIN
  IF session_user <> 'vigil_worker' THEN
    RAISE EXCEPTION 'jobs are the worker''s' USING ERRCODE = '42501';
  END IF;
  DELETE FROM app.mail_outbox m WHERE coalesce(m.sent_at, m.given_up_at) < v_now - interval '90 days';
  GET DIAGNOSTICS v_mails = ROW_COUNT;
  DELETE FROM app.known_device d WHERE d.last_at < v_now - interval '400 days';
  GET DIAGNOSTICS v_devices = ROW_COUNT;
  RETURN v_mails + v_devices;
END
$$;

-- ── "This wasn't me" ─────────────────────────────────────────────────────────────────────────────────────────────

-- Whether a link still leads anywhere. For the page that it opens; the token is too long to be guessed.
CREATE FUNCTION app.mail_link_open(p_hash bytea, p_purpose text) RETURNS boolean
LANGUAGE sql STABLE SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS $$
  SELECT EXISTS (SELECT FROM app.mail_link l WHERE l.token_hash = p_hash AND l.purpose = p_purpose AND l.used_at IS NULL AND l.expires_at > app.now())
$$;

-- Takes a link, once, in the statement that does what it is for; a dead one leaves an event. NULL: it was not alive.
CREATE FUNCTION app.mail_link_take(p_hash bytea, p_purpose text, p_client_ip inet) RETURNS app.mail_link
LANGUAGE plpgsql VOLATILE SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS $$
DECLARE
  v_link app.mail_link;
BEGIN
  UPDATE app.mail_link l SET used_at = app.now()
   WHERE l.token_hash = p_hash AND l.purpose = p_purpose AND l.used_at IS NULL AND l.expires_at > app.now() RETURNING l.* INTO v_link;
  IF v_link.token_hash IS NULL THEN
    PERFORM audit.record_event('MAIL_LINK_REFUSED', NULL, NULL, NULL, (SELECT l.account_id FROM app.mail_link l WHERE l.token_hash = p_hash),
      jsonb_build_object('purpose', p_purpose), 'REFUSED', p_client_ip);
  END IF;
  RETURN v_link;
END
$$;

-- Whoever holds the letter ends everything that goes on in the account's name, and locks it: no session, no sign-in, no link
-- and no invitation works any more. To open it again somebody has to make sure who the person is. True when it is locked.
CREATE FUNCTION app.account_lock_by_link(p_hash bytea, p_client_ip inet) RETURNS boolean
LANGUAGE plpgsql VOLATILE SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS $$
DECLARE
  v_link app.mail_link := app.mail_link_take(p_hash, 'not-me', p_client_ip);
  v_now timestamptz := app.now();
  v_role text;
  v_kind text;
  v_recipient uuid;
  v_sessions integer;
BEGIN
  IF v_link.token_hash IS NULL THEN RETURN false; END IF;
  SELECT m.kind, m.recipient_text_id INTO v_kind, v_recipient FROM app.mail_outbox m WHERE m.id = v_link.mail_id;
  UPDATE app.account SET locked_at = coalesce(locked_at, v_now), status = CASE status WHEN 'deactivated' THEN status ELSE 'locked' END
   WHERE id = v_link.account_id RETURNING role INTO v_role;
  v_sessions := app.sessions_end_all(v_link.account_id, 'locked', NULL);
  UPDATE app.invitation SET used_at = v_now WHERE account_id = v_link.account_id AND used_at IS NULL;
  UPDATE app.mail_link SET used_at = v_now WHERE account_id = v_link.account_id AND used_at IS NULL;
  DELETE FROM app.known_device WHERE account_id = v_link.account_id;
  PERFORM audit.record_event('ACCOUNT_LOCKED', NULL, NULL, NULL, v_link.account_id, jsonb_build_object('letter', v_kind, 'sessions', v_sessions), 'DONE', p_client_ip);
  -- Administrators see no patients: of one they learn that it happened, and not whose it is.
  IF v_role IN ('patient', 'proxy') THEN PERFORM app.notify_role('admin', 'patient-account-locked', gen_random_uuid(), NULL);
  ELSE PERFORM app.notify_role('admin', 'account-locked', v_link.account_id, v_link.account_id);
  END IF;
  PERFORM app.mail_queue_about(v_link.account_id, 'account-locked', NULL, v_recipient, NULL);
  RETURN true;
END
$$;

GRANT EXECUTE ON FUNCTION app.device_note(text, bytea), app.mail_link_open(bytea, text), app.account_lock_by_link(bytea, inet), app.mail_status() TO vigil_app;
GRANT EXECUTE ON FUNCTION app.mail_waits(), app.mail_take(text), app.mail_link_make(text, uuid, bytea), app.mail_sent(text, uuid, text), app.mail_failed(text, uuid, text, boolean),
  app.mail_kept(text, bytea[]), app.mail_status(), app.mail_sweep() TO vigil_worker;
RESET ROLE;
