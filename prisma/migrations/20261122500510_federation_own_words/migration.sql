-- Nobody changes their own rights, by a word of the table or a token that they made either; and a new way in is told of.
SET LOCAL ROLE app_owner;

-- Who changed the table: one's own lines do not change one's own role.
ALTER TABLE app.role_claim ADD COLUMN made_by uuid REFERENCES app.account (id);
CREATE TABLE app.role_claim_removal (
  id uuid PRIMARY KEY DEFAULT gen_random_uuid(),
  role text NOT NULL,
  removed_by uuid NOT NULL REFERENCES app.account (id),
  removed_at timestamptz(3) NOT NULL
);
CREATE INDEX ON app.role_claim_removal (removed_by, role);

CREATE FUNCTION app.made_live_scim_token(p_account uuid) RETURNS boolean
LANGUAGE sql STABLE SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS $$
  SELECT EXISTS (SELECT FROM app.scim_token t WHERE t.made_by = p_account AND t.ended_at IS NULL AND t.expires_at > app.now())
$$;


-- Whether a change of somebody's role would be their own doing: by a word for the new role that they added, or for want of a word
-- for the old one that they removed (and nobody has added since), or by a provisioning token that they made.
CREATE FUNCTION app.is_own_doing(p_account uuid, p_new_role text, p_by text) RETURNS boolean
LANGUAGE sql STABLE SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS $$
  SELECT a.role IS DISTINCT FROM p_new_role AND (
         EXISTS (SELECT FROM app.role_claim c WHERE c.role = p_new_role AND c.made_by = a.id)
      OR EXISTS (SELECT FROM app.role_claim_removal r WHERE r.removed_by = a.id AND r.role = a.role
                  AND NOT EXISTS (SELECT FROM app.role_claim c WHERE c.role = r.role AND c.created_at > r.removed_at AND c.made_by IS DISTINCT FROM a.id))
      OR (p_by = 'scim' AND app.made_live_scim_token(a.id)))
    FROM app.account a WHERE a.id = p_account
$$;

CREATE OR REPLACE FUNCTION app.role_claim_add(p_token text, p_claim_value text, p_role text) RETURNS text
LANGUAGE plpgsql VOLATILE SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS $$
DECLARE
  v app.session_standing := app.administrator_proven(p_token);
BEGIN
  IF (SELECT count(*) FROM app.role_claim) >= 50 THEN RETURN 'too-many'; END IF;
  INSERT INTO app.role_claim (claim_value, role, created_at, made_by) VALUES (p_claim_value, p_role, v.db_now, v.account_id) ON CONFLICT (claim_value) DO NOTHING;
  IF NOT FOUND THEN RETURN 'taken'; END IF;
  PERFORM app.federation_changed(v, NULL, jsonb_build_object('what', 'role-added', 'role', p_role));
  RETURN 'added';
END
$$;

CREATE OR REPLACE FUNCTION app.role_claim_remove(p_token text, p_id uuid) RETURNS text
LANGUAGE plpgsql VOLATILE SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS $$
DECLARE
  v app.session_standing := app.administrator_proven(p_token);
  v_role text;
  v_members uuid[];
  v_member uuid;
BEGIN
  SELECT array_agg(m.account_id) INTO v_members FROM app.scim_member m WHERE m.claim_id = p_id;
  IF v.account_id = ANY (v_members) THEN RETURN 'own'; END IF;
  DELETE FROM app.role_claim c WHERE c.id = p_id RETURNING c.role INTO v_role;
  IF v_role IS NULL THEN RETURN 'gone'; END IF;
  INSERT INTO app.role_claim_removal (role, removed_by, removed_at) VALUES (v_role, v.account_id, v.db_now);
  PERFORM app.federation_changed(v, NULL, jsonb_build_object('what', 'role-removed', 'role', v_role));
  FOREACH v_member IN ARRAY coalesce(v_members, '{}') LOOP PERFORM app.scim_settle(v_member, NULL); END LOOP;
  RETURN 'removed';
END
$$;

CREATE OR REPLACE FUNCTION app.federation_sign_in(p_issuer text, p_subject_hash bytea, p_email_tokens bytea[], p_claims text[], p_is_multi_factor boolean,
  p_age_seconds integer, p_sid_hash bytea, p_ticket_hash bytea, p_client_ip inet) RETURNS TABLE (outcome text, account_id uuid)
LANGUAGE plpgsql VOLATILE SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS $$
DECLARE
  v_now timestamptz := app.now();
  v_identity app.federated_identity;
  v_account app.account;
  v_role text;
BEGIN
  DELETE FROM app.federated_ticket t WHERE t.made_at < v_now - interval '1 day';
  SELECT * INTO v_identity FROM app.federated_identity i WHERE i.issuer = p_issuer AND i.subject_hash = p_subject_hash FOR UPDATE;
  SELECT * INTO v_account FROM app.account a
   WHERE a.id = coalesce(v_identity.account_id, app.account_by_email(p_email_tokens)) AND app.is_staff(a.role) FOR UPDATE;
  outcome := CASE
    WHEN v_account.id IS NULL THEN 'unknown'
    WHEN app.is_emergency_administrator(v_account.id) THEN 'local-only'
    -- the address was given to somebody else meanwhile: they are not who had it
    WHEN v_identity.id IS NULL AND EXISTS (SELECT FROM app.federated_identity i WHERE i.account_id = v_account.id) THEN 'linked-to-another'
    WHEN v_account.status NOT IN ('active', 'invited') OR v_account.ends_at <= v_now THEN 'closed' END;
  IF outcome IS NULL THEN
    SELECT c.role INTO v_role FROM app.role_claim c
     WHERE CASE WHEN p_claims IS NULL THEN c.role = v_account.role ELSE c.claim_value = ANY (p_claims) END ORDER BY c.position LIMIT 1;
    IF v_role IS NULL THEN
      outcome := 'no-role';
      PERFORM app.sessions_end_all(v_account.id, 'role-withdrawn', NULL);
    ELSIF app.is_own_doing(v_account.id, v_role, 'sign-in') THEN outcome := 'own-word';
    ELSIF NOT app.federation_set_role(v_account.id, v_role, 'sign-in', p_client_ip) THEN outcome := 'last-administrator';
    ELSIF NOT p_is_multi_factor AND (v_account.status = 'invited' OR NOT app.has_second_factor(v_account.id)) THEN outcome := 'no-factor';
    END IF;
  END IF;
  IF outcome IS NOT NULL THEN
    PERFORM app.federation_refused(v_account.id, outcome, p_client_ip);
    RETURN NEXT; RETURN;
  END IF;
  IF v_identity.id IS NULL THEN
    INSERT INTO app.federated_identity (account_id, issuer, subject_hash, linked_at, last_used_at)
    VALUES (v_account.id, p_issuer, p_subject_hash, v_now, v_now) RETURNING * INTO v_identity;
    PERFORM audit.record_event('FEDERATION_LINKED', v_account.id, v_role, NULL, v_account.id, jsonb_build_object('identity', v_identity.id), 'DONE', p_client_ip);
    -- A new way in is told of, on the page and by e-mail, like a new passkey (ASVS 5.0 6.3.7).
    PERFORM app.notify(v_account.id, 'provider-linked', v_identity.id);
    IF v_account.last_sign_in_at IS NOT NULL THEN PERFORM app.mail_queue(v_account.id, 'provider-linked'); END IF;
  ELSE
    UPDATE app.federated_identity i SET last_used_at = v_now WHERE i.id = v_identity.id;
  END IF;
  IF v_account.status = 'invited' THEN
    UPDATE app.account a SET status = 'active' WHERE a.id = v_account.id;
    UPDATE app.invitation n SET used_at = v_now WHERE n.account_id = v_account.id AND n.used_at IS NULL;
  END IF;
  INSERT INTO app.federated_ticket (ticket_hash, identity_id, account_id, sid_hash, is_multi_factor, authenticated_at, made_at)
  VALUES (p_ticket_hash, v_identity.id, v_account.id, p_sid_hash, p_is_multi_factor, v_now - greatest(p_age_seconds, 0) * interval '1 second', v_now);
  outcome := CASE WHEN p_is_multi_factor THEN 'session' ELSE 'second-factor' END;
  account_id := v_account.id;
  RETURN NEXT;
END
$$;

CREATE OR REPLACE FUNCTION app.scim_settle(p_account uuid, p_client_ip inet) RETURNS void
LANGUAGE plpgsql VOLATILE SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS $$
DECLARE
  v_now timestamptz := app.now();
  v_actor uuid := app.federation_account();
  v_user app.scim_user;
  v_account app.account;
  v_role text;
  v_open boolean;
BEGIN
  SELECT * INTO v_account FROM app.account a WHERE a.id = p_account AND app.is_staff(a.role) FOR UPDATE;
  SELECT * INTO v_user FROM app.scim_user u WHERE u.account_id = v_account.id;
  IF v_user.account_id IS NULL OR app.is_emergency_administrator(p_account) THEN RETURN; END IF;
  v_role := CASE WHEN v_user.is_role_by_group
    THEN (SELECT c.role FROM app.scim_member m JOIN app.role_claim c ON c.id = m.claim_id WHERE m.account_id = p_account ORDER BY c.position LIMIT 1)
    ELSE v_account.role END;
  v_open := v_user.is_active AND v_role IS NOT NULL;
  IF (v_role IS NOT NULL AND app.is_own_doing(p_account, v_role, 'scim'))
     OR (v_open <> (v_account.status <> 'deactivated') AND app.made_live_scim_token(p_account)) THEN
    RAISE EXCEPTION 'nobody changes their own rights, by a token or a word of theirs either' USING ERRCODE = '55006';
  END IF;
  IF v_role IS NOT NULL AND NOT app.federation_set_role(p_account, v_role, 'scim', p_client_ip) THEN
    RAISE EXCEPTION 'the last administrator cannot leave' USING ERRCODE = '55000';
  END IF;
  IF NOT v_open AND v_account.status <> 'deactivated' THEN
    IF app.is_last_administrator(p_account) THEN RAISE EXCEPTION 'the last administrator cannot leave' USING ERRCODE = '55000'; END IF;
    UPDATE app.account a SET status = 'deactivated', deactivated_at = v_now WHERE a.id = p_account RETURNING a.deactivated_at INTO v_account.deactivated_at;
    UPDATE app.scim_user u SET closed_at = v_account.deactivated_at WHERE u.account_id = p_account;
    PERFORM app.sessions_end_all(p_account, 'account-deactivated', NULL);
    UPDATE app.invitation n SET used_at = v_now WHERE n.account_id = p_account AND n.used_at IS NULL;
    PERFORM audit.record_event('ACCOUNT_DEACTIVATED', v_actor, 'service', NULL, p_account, '{"by":"scim"}', 'DONE', p_client_ip);
  ELSIF v_open AND v_account.status = 'deactivated' AND v_user.closed_at = v_account.deactivated_at THEN
    UPDATE app.account a SET deactivated_at = NULL, status = CASE
      WHEN app.has_second_factor(a.id) OR EXISTS (SELECT FROM app.federated_identity i WHERE i.account_id = a.id) THEN 'active' ELSE 'invited' END
     WHERE a.id = p_account;
    UPDATE app.scim_user u SET closed_at = NULL WHERE u.account_id = p_account;
    PERFORM audit.record_event('ACCOUNT_REACTIVATED', v_actor, 'service', NULL, p_account, '{"by":"scim"}', 'DONE', p_client_ip);
  END IF;
END
$$;
RESET ROLE;
