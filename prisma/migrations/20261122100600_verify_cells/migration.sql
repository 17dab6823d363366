-- Lets a job compare every ciphertext with the digest that the trail holds of it. Whoever can write the tables can put an
-- old ciphertext back into its own cell, and it opens: only what was written down about the newest one tells.
SET LOCAL ROLE audit_owner;
GRANT CREATE ON SCHEMA audit TO audit_gate;
RESET ROLE;
SET LOCAL ROLE audit_gate;

-- Writes that a change is made, in the change's own transaction. Whoever calls it was admitted in a committed one.
-- p_cells: digests by row and column, as they stand in the trail; nothing else fits into it.
-- As before, and: entries about one patient's cells are numbered in the order in which the changes take place. Without the
-- lock, two changes of a cell could write their entries in one order and their ciphertexts in the other, and the newest
-- digest would be that of a ciphertext which is no longer there. A new row has no earlier digest and waits for nobody.
-- And: nothing is written to a record that is destroyed, by whoever was admitted just before either. Whoever destroys it waits
-- for those who are writing (audit.lock_retention), and whoever comes later finds the mark.
CREATE OR REPLACE FUNCTION audit.effect(p_patient uuid, p_action text, p_model text, p_fields text[], p_plain_fields text[], p_row uuid, p_cells jsonb DEFAULT NULL) RETURNS void
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
  IF v.actor_role <> 'service' OR v.view = 'import' THEN
    PERFORM pg_advisory_xact_lock_shared(audit.lock_key('retention', p_patient));
    IF EXISTS (SELECT FROM audit.destroyed_record d WHERE d.patient_id = p_patient) THEN
      RAISE EXCEPTION 'this record is destroyed' USING ERRCODE = '42501';
    END IF;
  END IF;
  IF p_cells IS NOT NULL AND p_action <> 'CREATE' THEN
    PERFORM pg_advisory_xact_lock(audit.lock_key('cells', p_patient));
  END IF;
  INSERT INTO audit.patient_phi_audit_log (actor_user_id, actor_role, db_role, on_behalf_of, session_id, request_id, patient_id, action_type,
    view, resource_type, resource_id, changed_fields, purpose, outcome, reason, relation, client_ip, cell_digests)
  VALUES (v.actor_user_id, v.actor_role, v.db_role, v.on_behalf_of, v.session_id, v.request_id, p_patient, p_action,
    v.view, p_model, p_row, jsonb_build_object(p_model, to_jsonb(coalesce(p_fields, '{}')) || to_jsonb(coalesce(p_plain_fields, '{}'))),
    v.purpose, 'EFFECT', NULL, v.relation, v.client_ip, p_cells);
END
$$;

-- Ids of all patients, a page at a time, for a job. Ids alone: what they stand for is admitted afterwards.
CREATE FUNCTION audit.all_patients(p_token text, p_after uuid, p_limit integer) RETURNS TABLE (patient_id uuid)
LANGUAGE plpgsql VOLATILE SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS $$
DECLARE
  v app.session_standing := app.session_touch(p_token);
BEGIN
  IF NOT app.is_job(v, 'key-rotation') THEN
    RAISE EXCEPTION 'only a job may list all patients' USING ERRCODE = '42501';
  END IF;
  RETURN QUERY SELECT p.id FROM phi.patient p WHERE p_after IS NULL OR p.id > p_after ORDER BY p.id LIMIT least(greatest(p_limit, 1), 1000);
END
$$;

-- Patients whose record was made, according to the trail, and is not there: nobody can delete one, so it was taken away
-- behind the door. A job cannot be admitted to them.
CREATE FUNCTION audit.lost_patients(p_token text) RETURNS TABLE (patient_id uuid)
LANGUAGE plpgsql VOLATILE SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS $$
DECLARE
  v app.session_standing := app.session_touch(p_token);
BEGIN
  IF NOT app.is_job(v, 'key-rotation') THEN
    RAISE EXCEPTION 'only a job may list all patients' USING ERRCODE = '42501';
  END IF;
  RETURN QUERY SELECT DISTINCT l.patient_id FROM audit.patient_phi_audit_log l
    WHERE l.outcome = 'EFFECT' AND l.action_type = 'CREATE' AND l.resource_type = 'Patient' AND l.cell_digests IS NOT NULL
      AND NOT EXISTS (SELECT FROM phi.patient p WHERE p.id = l.patient_id);
END
$$;

-- The number of patients, for a job's progress.
CREATE FUNCTION audit.count_patients(p_token text) RETURNS bigint
LANGUAGE plpgsql VOLATILE SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS $$
DECLARE
  v app.session_standing := app.session_touch(p_token);
BEGIN
  IF NOT app.is_job(v, 'key-rotation') THEN
    RAISE EXCEPTION 'only a job may count all patients' USING ERRCODE = '42501';
  END IF;
  RETURN (SELECT count(*) FROM phi.patient);
END
$$;

-- Everything that the trail holds about the cells of the patients admitted to this unit, oldest first. Digests only: they
-- are made with a key that the database never has. Asked for in the snapshot in which the cells are read, so that a
-- change is seen with its digest or not at all.
CREATE FUNCTION audit.cell_digests() RETURNS TABLE (patient_id uuid, action_type text, cells jsonb)
LANGUAGE plpgsql STABLE SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS $$
DECLARE
  v_patients uuid[] := audit.admitted('phi_job_rotate');
BEGIN
  IF cardinality(v_patients) = 0 THEN
    RAISE EXCEPTION 'no committed admission for these patients' USING ERRCODE = '42501';
  END IF;
  RETURN QUERY SELECT l.patient_id, l.action_type, l.cell_digests FROM audit.patient_phi_audit_log l
    WHERE l.patient_id = ANY (v_patients) AND l.cell_digests IS NOT NULL ORDER BY l.seq;
END
$$;
GRANT EXECUTE ON FUNCTION audit.cell_digests() TO phi_job_rotate;

-- Writes what a verification found: one row for each cell, and one for the whole run.
CREATE FUNCTION audit.cells_verified(p_token text, p_detail jsonb, p_findings jsonb) RETURNS void
LANGUAGE plpgsql VOLATILE SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS $$
DECLARE
  v app.session_standing := app.session_touch(p_token);
BEGIN
  IF NOT app.is_job(v, 'key-rotation') OR length(p_detail::text) > 2000 OR length(p_findings::text) > 200000 THEN
    RAISE EXCEPTION 'only a job may report about cells' USING ERRCODE = '42501';
  END IF;
  PERFORM audit.record_event('CELLS_VERIFIED', v.account_id, v.role, v.session_id, NULL, p_detail, 'DONE', NULL);
  PERFORM audit.record_event('CELL_EXCHANGED', v.account_id, v.role, v.session_id, NULL,
      jsonb_build_object('kind', f.kind, 'model', f.model, 'column', f."column", 'row_id', f.row_id, 'patient_id', f.patient_id), 'DONE', NULL)
    FROM jsonb_to_recordset(p_findings) AS f (kind text, model text, "column" text, row_id uuid, patient_id uuid);
END
$$;
GRANT EXECUTE ON FUNCTION audit.all_patients(text, uuid, integer), audit.lost_patients(text), audit.count_patients(text),
  audit.cells_verified(text, jsonb, jsonb) TO vigil_worker;

RESET ROLE;
SET LOCAL ROLE audit_owner;
REVOKE CREATE ON SCHEMA audit FROM audit_gate;
RESET ROLE;
