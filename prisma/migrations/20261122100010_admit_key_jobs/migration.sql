-- Lets jobs on keys through the door, each to what its work needs and to nothing else, and gives the trail a place for
-- digests of the ciphertexts that a change wrote.

-- ── Digests of cells in the trail ────────────────────────────────────────────────────────────────────────────────
SET LOCAL ROLE audit_owner;
-- {"<row id>": {"<column id>": "<keyed digest>" | null}}: which ciphertext each changed cell holds from now on; null where
-- the value was taken away. An old ciphertext put back into its cell opens, and this is what tells it.
ALTER TABLE audit.patient_phi_audit_log ADD COLUMN cell_digests jsonb CHECK (cell_digests IS NULL OR outcome = 'EFFECT');
GRANT INSERT (cell_digests) ON audit.patient_phi_audit_log TO audit_gate;
GRANT CREATE ON SCHEMA audit TO audit_gate;

SET LOCAL ROLE audit_gate;
DROP FUNCTION audit.effect(uuid, text, text, text[], text[], uuid);
-- Writes that a change is made, in the change's own transaction. Whoever calls it was admitted in a committed one.
-- p_cells: digests by row and column, as they stand in the trail; nothing else fits into it.
CREATE FUNCTION audit.effect(p_patient uuid, p_action text, p_model text, p_fields text[], p_plain_fields text[], p_row uuid, p_cells jsonb DEFAULT NULL) RETURNS void
LANGUAGE plpgsql VOLATILE SECURITY DEFINER SET search_path = pg_catalog, pg_temp SET plan_cache_mode = force_generic_plan AS $$
DECLARE
  v_request uuid := CASE WHEN current_setting('vigil.request', true) ~ '^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$' THEN current_setting('vigil.request', true)::uuid END;
  v_now timestamptz := clock_timestamp();
  v_role text := current_setting('role');
  v audit.patient_phi_audit_log;
BEGIN
  PERFORM audit.require_durable_commit();
  SELECT l.* INTO v FROM audit.patient_phi_audit_log l
   WHERE l.request_id = v_request AND l.accessed_at > v_now - interval '15 seconds' AND l.accessed_at <= v_now AND l.patient_id = p_patient
     AND l.outcome = 'ALLOWED' AND l.action_type IN ('CREATE', 'UPDATE', 'DELETE') AND l.db_role = v_role
     AND l.tx_id IS DISTINCT FROM pg_current_xact_id_if_assigned() LIMIT 1;
  IF v.log_id IS NULL THEN
    RAISE EXCEPTION 'no committed admission for this change' USING ERRCODE = '42501';
  END IF;
  IF p_action NOT IN ('CREATE', 'UPDATE', 'DELETE') OR p_model !~ '^[A-Za-z]{1,40}$'
     OR NOT (to_jsonb(coalesce(p_fields, '{}')) <@ coalesce(v.changed_fields -> p_model, '[]'))
     -- names only: nothing that could be a value gets into the trail
     OR EXISTS (SELECT FROM unnest(p_plain_fields) f WHERE f !~ '^[A-Za-z]{1,40}$')
     -- ids, names of columns and digests of one length; the whole text is looked at at once, which is cheap
     OR p_cells::text !~ '^\{("[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}": \{("[a-z0-9.-]{1,80}": ("[A-Za-z0-9_-]{16}"|null)(, )?)*\}(, )?)*\}$'
     OR length(p_cells::text) > 2000000 THEN
    RAISE EXCEPTION 'the change goes beyond its admission' USING ERRCODE = '42501';
  END IF;
  INSERT INTO audit.patient_phi_audit_log (actor_user_id, actor_role, db_role, on_behalf_of, session_id, request_id, patient_id, action_type,
    view, resource_type, resource_id, changed_fields, purpose, outcome, reason, relation, client_ip, cell_digests)
  VALUES (v.actor_user_id, v.actor_role, v.db_role, v.on_behalf_of, v.session_id, v.request_id, p_patient, p_action,
    v.view, p_model, p_row, jsonb_build_object(p_model, to_jsonb(coalesce(p_fields, '{}')) || to_jsonb(coalesce(p_plain_fields, '{}'))),
    v.purpose, 'EFFECT', NULL, v.relation, v.client_ip, p_cells);
END
$$;
GRANT EXECUTE ON FUNCTION audit.effect(uuid, text, text, text[], text[], uuid, jsonb)
  TO phi_patient, phi_proxy, phi_nurse, phi_clinician, phi_billing, phi_billing_identity, phi_job_import, phi_owner,
     phi_job_rotate, phi_job_reindex, phi_job_shred;
GRANT EXECUTE ON FUNCTION audit.has_admission(text), audit.admitted(text), audit.admitted_for_write(text, text, text), audit.actor()
  TO phi_job_rotate, phi_job_reindex, phi_job_shred;
RESET ROLE;
SET LOCAL ROLE audit_owner;
REVOKE CREATE ON SCHEMA audit FROM audit_gate;
RESET ROLE;

-- ── Service sessions ─────────────────────────────────────────────────────────────────────────────────────────────
SET LOCAL ROLE app_owner;
CREATE OR REPLACE FUNCTION app.service_session_open(p_job text) RETURNS text
LANGUAGE plpgsql VOLATILE SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS $$
DECLARE
  v_account uuid;
  v_session uuid := gen_random_uuid();
  v_token text := replace(gen_random_uuid()::text || gen_random_uuid()::text, '-', '');
  v_email_token bytea := sha256(convert_to('service:' || p_job, 'UTF8'));
  v_now timestamptz := app.now();
  -- what the trail and the patient's list of who looked call the job
  v_name text := CASE p_job
    WHEN 'import' THEN 'Record import'
    WHEN 'people' THEN 'Operator on the server'
    WHEN 'key-rotation' THEN 'Renewal of encryption keys'
    WHEN 'search-index' THEN 'Renewal of the search index'
    WHEN 'key-shredding' THEN 'Destruction of encryption keys'
  END;
BEGIN
  IF session_user <> 'vigil_worker' OR v_name IS NULL THEN
    RAISE EXCEPTION 'only the worker may open a service session' USING ERRCODE = '42501';
  END IF;
  SELECT id INTO v_account FROM app.account WHERE email_token = v_email_token;
  IF v_account IS NULL THEN
    INSERT INTO app.account (id, role, display_name, job_title, email_sealed, email_token, status)
    VALUES (gen_random_uuid(), 'service', v_name,
            CASE p_job WHEN 'people' THEN 'Command line' ELSE 'Automatic job' END, 'phi1.00000000.' || repeat('A', 40), v_email_token, 'active')
    ON CONFLICT (email_token) DO NOTHING;
    SELECT id INTO v_account FROM app.account WHERE email_token = v_email_token;
  END IF;
  INSERT INTO app.session (id, token_hash, account_id, role, method, opened_at, second_factor_at, last_active_at, expires_at)
  VALUES (v_session, sha256(convert_to(v_token, 'UTF8')), v_account, 'service', 'service', v_now, v_now, v_now, v_now + interval '12 hours');
  PERFORM audit.record_event('SERVICE_SESSION_OPENED', v_account, 'service', v_session, v_account, jsonb_build_object('job', p_job), 'DONE', NULL);
  RETURN v_token;
END
$$;
RESET ROLE;

-- ── The gate for the three roles: as for every other ─────────────────────────────────────────────────────────────
SET LOCAL ROLE phi_owner;
DO $$
DECLARE
  t text;
  k text;
  r text;
  model text;
  v_ciphertext text;
BEGIN
  FOR t IN SELECT c.relname FROM pg_class c WHERE c.relnamespace = 'phi'::regnamespace AND c.relkind = 'r' LOOP
    model := CASE WHEN t IN ('search_token', 'row_history') THEN NULL ELSE replace(initcap(replace(t, '_', ' ')), ' ', '') END;
    k := CASE WHEN t = 'patient' THEN 'id' ELSE 'patient_id' END;
    FOREACH r IN ARRAY ARRAY['phi_job_rotate', 'phi_job_reindex', 'phi_job_shred'] LOOP
      EXECUTE format('CREATE POLICY %I ON phi.%I FOR SELECT TO %I USING ((SELECT audit.has_admission(%L)) AND %I = ANY ((SELECT audit.admitted(%L))::uuid[]))', 'gate_select_' || r, t, r, r, k, r);
      EXECUTE format('CREATE POLICY %I ON phi.%I FOR INSERT TO %I WITH CHECK (%I = ANY ((SELECT audit.admitted_for_write(%L, %L, ''CREATE''))::uuid[]))', 'gate_insert_' || r, t, r, k, r, model);
      EXECUTE format('CREATE POLICY %I ON phi.%I FOR UPDATE TO %I USING (%I = ANY ((SELECT audit.admitted(%L))::uuid[])) WITH CHECK (%I = ANY ((SELECT audit.admitted_for_write(%L, %L, ''UPDATE''))::uuid[]))', 'gate_update_' || r, t, r, k, r, k, r, model);
      EXECUTE format('CREATE POLICY %I ON phi.%I FOR DELETE TO %I USING (%I = ANY ((SELECT audit.admitted_for_write(%L, %L, ''DELETE''))::uuid[]))', 'gate_delete_' || r, t, r, k, r, model);
    END LOOP;
    -- Re-encryption reads ids, references and ciphertexts, and writes ciphertexts alone.
    SELECT string_agg(quote_ident(a.attname), ', ' ORDER BY a.attnum) INTO v_ciphertext FROM pg_attribute a
     WHERE a.attrelid = format('phi.%I', t)::regclass AND a.attnum > 0 AND NOT a.attisdropped AND a.atttypid = 'phi.ciphertext'::regtype;
    IF v_ciphertext IS NOT NULL THEN
      EXECUTE format('GRANT SELECT (id, %s%s) ON phi.%I TO phi_job_rotate', CASE WHEN t = 'patient' THEN '' ELSE 'patient_id, ' END, v_ciphertext, t);
      EXECUTE format('GRANT UPDATE (%s) ON phi.%I TO phi_job_rotate', v_ciphertext, t);
    END IF;
  END LOOP;
END
$$;
GRANT USAGE ON TYPE phi.ciphertext TO phi_job_rotate, phi_job_reindex;

-- Earlier versions of rows hold ciphertexts too.
GRANT SELECT (id, patient_id, table_name, row_id, "row"), UPDATE ("row") ON phi.row_history TO phi_job_rotate;

-- Renewing tokens: the values that they are made of, and the tokens themselves.
GRANT SELECT (id, mrn, family_name, given_name, preferred_name, birth_date, mrn_token), UPDATE (mrn_token) ON phi.patient TO phi_job_reindex;
GRANT SELECT (id, patient_id, kind, value) ON phi.patient_contact TO phi_job_reindex;
GRANT SELECT (id, patient_id, code, code_token), UPDATE (code_token) ON phi.observation TO phi_job_reindex;
GRANT SELECT (patient_id, column_id, key_version, row_id), INSERT, DELETE ON phi.search_token TO phi_job_reindex;

-- Shredding takes tokens away, and reads no value, not even as ciphertext.
GRANT SELECT (id, mrn_token), UPDATE (mrn_token) ON phi.patient TO phi_job_shred;
GRANT SELECT (id, patient_id, code_token), UPDATE (code_token) ON phi.observation TO phi_job_shred;
GRANT SELECT (patient_id, column_id, key_version, row_id), DELETE ON phi.search_token TO phi_job_shred;
RESET ROLE;
