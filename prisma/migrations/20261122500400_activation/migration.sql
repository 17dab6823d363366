-- How patients get their login, and get it back when they lost everything: a code on paper, handed out in the clinic to somebody
-- whose identity was proved there, and used together with the birth date (SP 800-63A-4, on-site attended proofing).
--
-- The desk works inside a unit of work on the patient's record (view portal-access), so that the trail names the patient; what is
-- kept here names accounts alone. A code is not kept at all: only a hash to find it by, and a MAC of the birth date under the
-- code, so that neither this table nor a copy of it says when anybody was born.
SET LOCAL ROLE app_owner;

CREATE TABLE app.activation (
  id uuid PRIMARY KEY DEFAULT gen_random_uuid(),
  account_id uuid NOT NULL REFERENCES app.account (id),
  code_hash bytea NOT NULL UNIQUE CHECK (octet_length(code_hash) = 32),
  birth_check bytea NOT NULL CHECK (octet_length(birth_check) = 32),
  -- by whom, and in which unit of work
  issued_by uuid NOT NULL REFERENCES app.account (id),
  request_id uuid NOT NULL UNIQUE,
  -- the account was made for it
  is_first boolean NOT NULL,
  -- what was seen as proof, by kind: never a number
  documents text[] NOT NULL CHECK (cardinality(documents) BETWEEN 1 AND 5),
  created_at timestamptz(3) NOT NULL,
  expires_at timestamptz(3) NOT NULL,
  -- wrong birth dates so far; the fifth makes the code void
  tries integer NOT NULL DEFAULT 0 CHECK (tries BETWEEN 0 AND 5),
  used_at timestamptz(3),
  voided_at timestamptz(3)
);
CREATE INDEX activation_account_idx ON app.activation (account_id, created_at DESC);
RESET ROLE;

SET LOCAL ROLE audit_owner;
GRANT CREATE ON SCHEMA audit TO audit_gate;
SET LOCAL ROLE audit_gate;

-- Who works at the desk in this request, for one patient and no other: from the committed admission, which the policy gives to
-- those in care of the patient, for a change with a second factor that is younger than five minutes. Raises for anybody else.
CREATE FUNCTION audit.desk(p_patient uuid, p_action text DEFAULT NULL)
RETURNS TABLE (account_id uuid, role text, session_id uuid, request_id uuid, client_ip inet)
LANGUAGE plpgsql STABLE SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS $$
DECLARE
  v_request uuid := CASE WHEN current_setting('vigil.request', true) ~ '^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$' THEN current_setting('vigil.request', true)::uuid END;
  v_now timestamptz := clock_timestamp();
BEGIN
  RETURN QUERY SELECT l.actor_user_id, l.actor_role, l.session_id, l.request_id, l.client_ip FROM audit.patient_phi_audit_log l
   WHERE l.request_id = v_request AND l.accessed_at > v_now - interval '15 seconds' AND l.accessed_at <= v_now
     AND l.patient_id = p_patient AND l.outcome = 'ALLOWED' AND l.view = 'portal-access' AND (p_action IS NULL OR l.action_type = p_action)
     AND l.db_role IN ('phi_nurse', 'phi_clinician') AND l.tx_id IS DISTINCT FROM pg_current_xact_id_if_assigned()
     AND NOT EXISTS (SELECT FROM audit.patient_phi_audit_log o WHERE o.request_id = v_request AND o.patient_id <> p_patient);
  IF NOT FOUND THEN RAISE EXCEPTION 'this request was not admitted to the desk of this patient' USING ERRCODE = '42501'; END IF;
END
$$;

-- The login by which a patient opens their own record; null when there is none.
CREATE FUNCTION audit.own_login(p_patient uuid) RETURNS uuid
LANGUAGE sql STABLE SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS $$
  SELECT g.account_id FROM phi.record_grant g WHERE g.patient_id = p_patient AND g.kind = 'self' AND (g.ends_at IS NULL OR g.ends_at > app.now())
   ORDER BY g.starts_at, g.account_id LIMIT 1
$$;
-- As before, and for somebody whose last day is over: from the moment on that their access ended by itself.
CREATE OR REPLACE FUNCTION audit.leaver_clock(p_token text, p_account_id uuid)
RETURNS TABLE (shut_at timestamptz, event text, allowed_after integer, first_refused_at timestamptz, refused integer)
LANGUAGE plpgsql VOLATILE SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS $$
BEGIN
  PERFORM app.administrator(p_token);
  IF NOT EXISTS (SELECT FROM app.account a WHERE a.id = p_account_id AND a.role NOT IN ('patient', 'proxy', 'service')) THEN RETURN; END IF;
  SELECT x.at, x.what INTO shut_at, event FROM (
    SELECT e.accessed_at AS at, e.event_type AS what FROM audit.security_event_log e
     WHERE e.subject_account_id = p_account_id AND e.event_type IN ('ACCOUNT_DEACTIVATED', 'ROLE_CHANGED') AND e.outcome = 'DONE'
    UNION ALL
    -- an end that was set for a day in the past holds from when it was set
    SELECT greatest(a.ends_at, (SELECT max(e.accessed_at) FROM audit.security_event_log e
                                 WHERE e.subject_account_id = p_account_id AND e.event_type = 'EMPLOYMENT_END_SET' AND e.outcome = 'DONE')), 'EMPLOYMENT_END_SET'
      FROM app.account a WHERE a.id = p_account_id AND a.ends_at <= app.now()) x ORDER BY x.at DESC LIMIT 1;
  IF shut_at IS NULL THEN RETURN; END IF;
  SELECT count(*) FILTER (WHERE l.outcome <> 'DENIED')::integer, min(l.accessed_at) FILTER (WHERE l.outcome = 'DENIED'), count(*) FILTER (WHERE l.outcome = 'DENIED')::integer
    INTO allowed_after, first_refused_at, refused
    FROM audit.patient_phi_audit_log l
   WHERE l.actor_user_id = p_account_id AND l.accessed_at > shut_at
     AND EXISTS (SELECT FROM audit.security_event_log o WHERE o.event_type = 'SESSION_OPENED' AND o.subject_account_id = p_account_id
                   AND o.session_id = l.session_id AND o.accessed_at < shut_at);
  RETURN NEXT;
END
$$;
GRANT EXECUTE ON FUNCTION audit.desk(uuid, text), audit.own_login(uuid) TO app_owner;
SET LOCAL ROLE audit_owner;
REVOKE CREATE ON SCHEMA audit FROM audit_gate;
RESET ROLE;

SET LOCAL ROLE app_owner;
-- What the desk may know of a patient's login: whether there is one, and how far it got. No address, no sign-in of theirs.
CREATE FUNCTION app.desk_login(p_patient uuid)
RETURNS TABLE (account_id uuid, status text, is_set_up boolean, activated boolean, code_issued_at timestamptz, code_expires_at timestamptz, code_state text, code_issued_by text)
LANGUAGE plpgsql STABLE SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS $$
DECLARE
  v_account uuid;
BEGIN
  PERFORM FROM audit.desk(p_patient);
  v_account := audit.own_login(p_patient);
  RETURN QUERY
    SELECT a.id, a.status, a.password_hash IS NOT NULL, a.last_sign_in_at IS NOT NULL, c.created_at::timestamptz, c.expires_at::timestamptz,
           CASE WHEN c.id IS NULL THEN NULL WHEN c.used_at IS NOT NULL THEN 'used' WHEN c.voided_at IS NOT NULL THEN 'void'
                WHEN c.expires_at <= app.now() THEN 'expired' ELSE 'open' END,
           (SELECT b.display_name FROM app.account b WHERE b.id = c.issued_by)
      FROM app.account a LEFT JOIN LATERAL (SELECT * FROM app.activation x WHERE x.account_id = a.id ORDER BY x.created_at DESC, x.id LIMIT 1) c ON true
     WHERE a.id = v_account;
END
$$;

-- Hands out a code: for a new login, or for the one that the patient has, whose codes from before stop working at once. Nothing
-- of an old login ends before the code is used: whoever could only ask for codes could otherwise shut people out.
-- Answers issued, again, taken (the address has a login), no-such-login, or own-record: nobody proves themselves to themselves. A
-- name is readable inside the unit of work alone, so the caller says whether the record bears the name of whoever is at the desk.
CREATE FUNCTION app.activation_issue(p_patient uuid, p_account uuid, p_code_hash bytea, p_birth_check bytea, p_documents text[],
  p_email_sealed text, p_email_tokens bytea[], p_bears_name boolean) RETURNS text
LANGUAGE plpgsql VOLATILE SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS $$
DECLARE
  v_desk record;
  v_known uuid;
  v_account app.account;
  v_now timestamptz := app.now();
BEGIN
  SELECT * INTO v_desk FROM audit.desk(p_patient, 'UPDATE');
  IF NOT coalesce(p_documents <@ ARRAY['passport', 'driver-license', 'state-id', 'insurance-card', 'birth-certificate'], false)
     OR cardinality(p_documents) <> (SELECT count(DISTINCT d) FROM unnest(p_documents) d)
     -- one with a photograph, or two without
     OR NOT (p_documents && ARRAY['passport', 'driver-license', 'state-id'] OR cardinality(p_documents) >= 2) THEN
    RAISE EXCEPTION 'the documents do not prove who somebody is' USING ERRCODE = '22023';
  END IF;
  IF p_bears_name IS NOT FALSE THEN
    PERFORM audit.record_event('ACTIVATION_REFUSED', v_desk.account_id, v_desk.role, v_desk.session_id, audit.own_login(p_patient),
      '{"reason": "own-record"}', 'REFUSED', v_desk.client_ip);
    RETURN 'own-record';
  END IF;
  -- One at a time for each patient, so that two desks do not make two logins.
  PERFORM pg_advisory_xact_lock(7614, hashtext(p_patient::text));
  v_known := audit.own_login(p_patient);
  IF v_known IS NOT NULL THEN
    IF v_known IS DISTINCT FROM p_account THEN RETURN 'no-such-login'; END IF;
    SELECT * INTO v_account FROM app.account a WHERE a.id = v_known AND a.role = 'patient' FOR UPDATE;
    IF v_account.id IS NULL THEN RETURN 'no-such-login'; END IF;
    -- Until somebody has used it, the address can be a slip of the desk's. Afterwards it is the owner's to change.
    IF v_account.password_hash IS NULL AND p_email_sealed IS NOT NULL THEN
      BEGIN
        UPDATE app.account a SET email_sealed = p_email_sealed, email_token = app.token_for(p_email_tokens, false), email_token_even = app.token_for(p_email_tokens, true)
         WHERE a.id = v_known;
      EXCEPTION WHEN unique_violation THEN RETURN 'taken';
      END;
    END IF;
    UPDATE app.activation c SET voided_at = v_now WHERE c.account_id = v_known AND c.used_at IS NULL AND c.voided_at IS NULL;
  ELSE
    BEGIN
      INSERT INTO app.account (id, role, email_sealed, email_token, email_token_even, status)
      VALUES (p_account, 'patient', p_email_sealed, app.token_for(p_email_tokens, false), app.token_for(p_email_tokens, true), 'invited');
    EXCEPTION WHEN unique_violation THEN RETURN 'taken';
    END;
  END IF;
  INSERT INTO app.activation (account_id, code_hash, birth_check, issued_by, request_id, is_first, documents, created_at, expires_at)
  VALUES (p_account, p_code_hash, p_birth_check, v_desk.account_id, v_desk.request_id, v_known IS NULL, p_documents, v_now, v_now + interval '14 days');
  PERFORM audit.record_event('ACTIVATION_ISSUED', v_desk.account_id, v_desk.role, v_desk.session_id, p_account,
    jsonb_build_object('again', v_known IS NOT NULL, 'documents', to_jsonb(p_documents)), 'DONE', v_desk.client_ip);
  IF v_account.password_hash IS NOT NULL THEN
    -- told while the old address and the old sign-in still stand
    PERFORM app.mail_queue(p_account, 'activation-issued');
    PERFORM app.notify(p_account, 'activation-issued', v_desk.request_id);
    -- Whoever is at the desk knows the birth date: that a login in use was handed out again is somebody else's to look at.
    PERFORM app.notify_role('compliance', 'login-handed-out-again', v_desk.request_id, v_desk.account_id);
  END IF;
  RETURN CASE WHEN v_known IS NULL THEN 'issued' ELSE 'again' END;
END
$$;

-- Whether a code is the open one of this patient, and until when: a letter is printed for no other.
CREATE FUNCTION app.activation_expiry(p_patient uuid, p_code_hash bytea) RETURNS timestamptz
LANGUAGE plpgsql STABLE SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS $$
BEGIN
  PERFORM FROM audit.desk(p_patient);
  RETURN (SELECT c.expires_at FROM app.activation c WHERE c.code_hash = p_code_hash AND c.account_id = audit.own_login(p_patient)
            AND c.used_at IS NULL AND c.voided_at IS NULL AND c.expires_at > app.now());
END
$$;

-- The login that this very request was given a code for, and that was made by it: a record is opened to no other from the desk.
CREATE FUNCTION app.is_login_of_request(p_account uuid) RETURNS boolean
LANGUAGE sql STABLE SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS $$
  SELECT EXISTS (SELECT FROM app.activation c JOIN app.account a ON a.id = c.account_id
    WHERE c.account_id = p_account AND c.is_first AND a.role = 'patient' AND a.status = 'invited'
      AND c.request_id::text = current_setting('vigil.request', true))
$$;

-- Takes a code with its birth date, without using it up. Unknown, used, void, too old and the wrong birth date have one answer:
-- null. Each try of a code counts, also when many come at once; the fifth wrong one makes it void.
CREATE FUNCTION app.activation_try(p_code_hash bytea, p_birth_check bytea, p_client_ip inet) RETURNS app.activation
LANGUAGE plpgsql VOLATILE SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS $$
DECLARE
  v app.activation;
  v_now timestamptz := app.now();
  v_why text;
BEGIN
  SELECT * INTO v FROM app.activation c WHERE c.code_hash = p_code_hash FOR UPDATE;
  v_why := CASE WHEN v.id IS NULL THEN 'unknown' WHEN v.used_at IS NOT NULL THEN 'used' WHEN v.voided_at IS NOT NULL THEN 'void'
                -- the owner locked the login since: what was handed out before may be what they locked it for
                WHEN v.created_at <= (SELECT a.locked_at FROM app.account a WHERE a.id = v.account_id) THEN 'void'
                WHEN v.expires_at <= v_now THEN 'expired' WHEN v.birth_check IS DISTINCT FROM p_birth_check THEN 'birth-date' END;
  IF v_why IS NULL THEN RETURN v; END IF;
  -- the same statement whatever is wrong, so that one answer takes as long as another
  UPDATE app.activation c SET tries = CASE WHEN v_why = 'birth-date' THEN c.tries + 1 ELSE c.tries END,
    voided_at = CASE WHEN v_why = 'birth-date' AND c.tries >= 4 THEN v_now ELSE c.voided_at END
   WHERE c.id = v.id;
  PERFORM audit.record_event('ACTIVATION_REFUSED', NULL, NULL, NULL, v.account_id,
    jsonb_build_object('reason', v_why, 'tries', CASE WHEN v_why = 'birth-date' THEN v.tries + 1 ELSE coalesce(v.tries, 0) END), 'REFUSED', p_client_ip);
  RETURN NULL;
END
$$;

-- The first step on the person's side: whose login the code is for, and the address that they will sign in with.
CREATE FUNCTION app.activation_open(p_code_hash bytea, p_birth_check bytea, p_client_ip inet) RETURNS TABLE (account_id uuid, email_sealed text)
LANGUAGE plpgsql VOLATILE SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS $$
DECLARE
  v app.activation := app.activation_try(p_code_hash, p_birth_check, p_client_ip);
BEGIN
  RETURN QUERY SELECT a.id, a.email_sealed::text FROM app.account a WHERE a.id = v.account_id;
END
$$;

-- Uses a code up, with the first password. Of a login that was in use before, everything ends here: sessions, authenticator app,
-- passkeys, recovery codes; and a lock that its owner had set is off, because who they are was proved. A second factor has to
-- be set up next: until then nothing opens.
CREATE FUNCTION app.activation_accept(p_code_hash bytea, p_birth_check bytea, p_password_hash text, p_client_ip inet) RETURNS uuid
LANGUAGE plpgsql VOLATILE SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS $$
DECLARE
  v app.activation;
  v_account app.account;
  v_was_used boolean;
  v_now timestamptz := app.now();
BEGIN
  -- The account first, as the desk does: two who lock in different orders would wait for each other.
  SELECT a.* INTO v_account FROM app.account a JOIN app.activation c ON c.account_id = a.id WHERE c.code_hash = p_code_hash FOR UPDATE OF a;
  v := app.activation_try(p_code_hash, p_birth_check, p_client_ip);
  IF v.id IS NULL OR v_account.role <> 'patient' THEN RETURN NULL; END IF;
  v_was_used := v_account.password_hash IS NOT NULL;
  UPDATE app.activation c SET used_at = v_now WHERE c.id = v.id;
  -- Whatever somebody else may have begun with the old login ends as well: an address that waits to be confirmed, links in letters,
  -- browsers that count as known.
  PERFORM app.factors_clear(v_account.id);
  UPDATE app.invitation i SET used_at = v_now WHERE i.account_id = v_account.id AND i.used_at IS NULL;
  UPDATE app.mail_link l SET used_at = v_now WHERE l.account_id = v_account.id AND l.used_at IS NULL;
  UPDATE app.email_change e SET void_at = v_now WHERE e.account_id = v_account.id AND e.done_at IS NULL AND e.void_at IS NULL;
  DELETE FROM app.known_device d WHERE d.account_id = v_account.id;
  DELETE FROM app.second_step_failure f WHERE f.account_id = v_account.id;
  PERFORM app.throttle_forget(v_account.id);
  UPDATE app.account a SET status = 'invited', locked_at = NULL, deactivated_at = NULL, password_hash = p_password_hash, password_changed_at = v_now
   WHERE a.id = v_account.id;
  PERFORM audit.record_event('ACTIVATION_ACCEPTED', v_account.id, v_account.role, NULL, v_account.id, jsonb_build_object('again', v_was_used), 'DONE', p_client_ip);
  IF v_was_used THEN PERFORM app.mail_queue(v_account.id, 'activation-used'); END IF;
  RETURN v_account.id;
END
$$;

GRANT EXECUTE ON FUNCTION app.desk_login(uuid), app.activation_issue(uuid, uuid, bytea, bytea, text[], text, bytea[], boolean), app.activation_expiry(uuid, bytea),
  app.is_login_of_request(uuid) TO phi_nurse, phi_clinician;
GRANT EXECUTE ON FUNCTION app.activation_open(bytea, bytea, inet), app.activation_accept(bytea, bytea, text, inet) TO vigil_app;

-- ── Invitations are for staff ────────────────────────────────────────────────────────────────────────────────────
-- Until now nobody else was ever invited. From here on patients are, by the desk alone: an administrator's code must not open
-- their login.
CREATE OR REPLACE FUNCTION app.invitation_renew(p_token text, p_account_id uuid, p_invitation_hash bytea) RETURNS boolean
LANGUAGE plpgsql VOLATILE SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS $$
DECLARE
  v app.session_standing := app.administrator_proven(p_token);
BEGIN
  IF NOT EXISTS (SELECT FROM app.account a WHERE a.id = p_account_id AND a.status = 'invited' AND a.role NOT IN ('patient', 'proxy', 'service')) THEN RETURN false; END IF;
  UPDATE app.invitation SET used_at = v.db_now WHERE account_id = p_account_id AND used_at IS NULL;
  INSERT INTO app.invitation (id, account_id, token_hash, expires_at) VALUES (gen_random_uuid(), p_account_id, p_invitation_hash, v.db_now + interval '7 days');
  PERFORM audit.record_event('ACCOUNT_INVITED', v.account_id, v.role, v.session_id, p_account_id, '{"again":true}', 'DONE', NULL);
  PERFORM app.mail_queue(p_account_id, 'invited');
  RETURN true;
END
$$;
-- As before, and the invited person is written to: where to type the code, which the letter does not hold.
CREATE OR REPLACE FUNCTION app.account_invite(p_token text, p_id uuid, p_role text, p_display_name text, p_job_title text, p_email_sealed text,
  p_email_tokens bytea[], p_invitation_hash bytea) RETURNS uuid
LANGUAGE plpgsql VOLATILE SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS $$
DECLARE
  v app.session_standing := app.administrator_proven(p_token);
BEGIN
  IF p_role NOT IN ('nurse', 'clinician', 'billing', 'admin', 'compliance') THEN
    RAISE EXCEPTION 'staff are invited, patients are activated' USING ERRCODE = '22023';
  END IF;
  INSERT INTO app.account (id, role, display_name, job_title, email_sealed, email_token, email_token_even, status)
  VALUES (p_id, p_role, p_display_name, p_job_title, p_email_sealed, app.token_for(p_email_tokens, false), app.token_for(p_email_tokens, true), 'invited');
  INSERT INTO app.invitation (id, account_id, token_hash, expires_at) VALUES (gen_random_uuid(), p_id, p_invitation_hash, v.db_now + interval '7 days');
  PERFORM audit.record_event('ACCOUNT_INVITED', v.account_id, v.role, v.session_id, p_id, jsonb_build_object('role', p_role), 'DONE', NULL);
  PERFORM app.mail_queue(p_id, 'invited');
  RETURN p_id;
END
$$;
CREATE OR REPLACE FUNCTION app.account_reactivate(p_token text, p_account_id uuid) RETURNS boolean
LANGUAGE plpgsql VOLATILE SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS $$
DECLARE
  v app.session_standing := app.administrator_proven(p_token);
BEGIN
  UPDATE app.account a SET status = CASE WHEN app.has_second_factor(a.id) THEN 'active' ELSE 'invited' END, deactivated_at = NULL, ends_at = NULL
   WHERE a.id = p_account_id AND a.status = 'deactivated' AND a.role NOT IN ('patient', 'proxy', 'service');
  IF NOT FOUND THEN RETURN false; END IF;
  PERFORM audit.record_event('ACCOUNT_REACTIVATED', v.account_id, v.role, v.session_id, p_account_id, '{}', 'DONE', NULL);
  RETURN true;
END
$$;
RESET ROLE;

-- ── The record's side ────────────────────────────────────────────────────────────────────────────────────────────
-- The desk opens a record to its patient's new login, and to nobody else's.
SET LOCAL ROLE phi_owner;
GRANT SELECT (id), INSERT (id, patient_id, account_id, kind, parts, starts_at, version, created_at, updated_at) ON phi.record_grant TO phi_nurse, phi_clinician;
CREATE POLICY desk_insert ON phi.record_grant AS RESTRICTIVE FOR INSERT TO phi_nurse, phi_clinician
  WITH CHECK (kind = 'self' AND ends_at IS NULL AND app.is_login_of_request(account_id));
RESET ROLE;
