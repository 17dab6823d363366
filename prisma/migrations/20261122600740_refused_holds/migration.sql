-- Writes down who was refused when they tried to place or to release a legal hold, which is what a destruction waits for; and bounds what
-- the application may report as an event of its own.
SET LOCAL ROLE audit_owner;
GRANT CREATE ON SCHEMA audit TO audit_gate;
RESET ROLE;
SET LOCAL ROLE audit_gate;

-- As before, and: a refusal is an event.
CREATE OR REPLACE FUNCTION audit.hold_place(p_token text, p_patient uuid, p_reason text, p_client_ip inet) RETURNS TABLE (hold_id uuid, refusal text)
LANGUAGE plpgsql VOLATILE SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS $$
DECLARE
  v app.session_standing := app.session_touch(p_token);
BEGIN
  PERFORM audit.require_durable_commit();
  PERFORM audit.lock_retention(p_patient);
  refusal := CASE
    WHEN v.state <> 'active' THEN 'no-session'
    WHEN v.role <> 'compliance' AND NOT app.is_job(v, 'people') THEN 'not-allowed'
    WHEN v.role <> 'service' AND NOT app.is_fresh(v) THEN 'code-too-old'
    WHEN length(btrim(coalesce(p_reason, ''))) NOT BETWEEN 10 AND 500 THEN 'reason-missing'
    WHEN NOT EXISTS (SELECT FROM phi.patient p WHERE p.id = p_patient) THEN 'no-such-patient'
    WHEN p_patient = ANY (audit.destroyed(ARRAY[p_patient])) THEN 'destroyed-already' END;
  IF refusal IS NOT NULL THEN
    PERFORM audit.record_event('LEGAL_HOLD_PLACED', v.account_id, v.role, v.session_id, NULL,
      jsonb_build_object('patient_id', p_patient, 'refusal', refusal), 'REFUSED', p_client_ip);
    RETURN NEXT; RETURN;
  END IF;
  INSERT INTO audit.legal_hold (patient_id, reason, placed_at, placed_by) VALUES (p_patient, btrim(p_reason), v.db_now, v.account_id)
    RETURNING legal_hold.hold_id INTO hold_id;
  PERFORM audit.record_event('LEGAL_HOLD_PLACED', v.account_id, v.role, v.session_id, NULL,
    jsonb_build_object('hold', hold_id, 'patient_id', p_patient, 'reason', btrim(p_reason)), 'DONE', p_client_ip);
  RETURN NEXT;
END
$$;

CREATE OR REPLACE FUNCTION audit.hold_release(p_token text, p_hold uuid, p_reason text, p_client_ip inet) RETURNS text
LANGUAGE plpgsql VOLATILE SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS $$
DECLARE
  v app.session_standing := app.session_touch(p_token);
  h audit.legal_hold;
  v_refusal text;
BEGIN
  PERFORM audit.require_durable_commit();
  SELECT l.* INTO h FROM audit.legal_hold l WHERE l.hold_id = p_hold FOR UPDATE;
  v_refusal := CASE
    WHEN v.state <> 'active' THEN 'no-session'
    WHEN v.role <> 'compliance' AND NOT app.is_job(v, 'people') THEN 'not-allowed'
    WHEN v.role <> 'service' AND NOT app.is_fresh(v) THEN 'code-too-old'
    WHEN length(btrim(coalesce(p_reason, ''))) NOT BETWEEN 10 AND 500 THEN 'reason-missing'
    WHEN h.hold_id IS NULL THEN 'no-such-hold'
    WHEN h.released_at IS NOT NULL THEN 'released-already' END;
  IF v_refusal IS NOT NULL THEN
    PERFORM audit.record_event('LEGAL_HOLD_RELEASED', v.account_id, v.role, v.session_id, NULL,
      jsonb_strip_nulls(jsonb_build_object('hold', p_hold, 'patient_id', h.patient_id, 'refusal', v_refusal)), 'REFUSED', p_client_ip);
    RETURN v_refusal;
  END IF;
  UPDATE audit.legal_hold l SET released_at = v.db_now, released_by = v.account_id, release_reason = btrim(p_reason) WHERE l.hold_id = p_hold;
  PERFORM audit.record_event('LEGAL_HOLD_RELEASED', v.account_id, v.role, v.session_id, NULL,
    jsonb_build_object('hold', p_hold, 'patient_id', h.patient_id, 'reason', btrim(p_reason)), 'DONE', p_client_ip);
  RETURN NULL;
END
$$;

-- As before, and: no more than an event holds.
CREATE OR REPLACE FUNCTION audit.security_event(p_token text, p_event text, p_detail jsonb, p_client_ip inet DEFAULT NULL) RETURNS void
LANGUAGE plpgsql VOLATILE SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS $$
DECLARE
  v app.session_standing := app.session_standing_of(p_token);
BEGIN
  IF p_event NOT IN ('AREA_REFUSED', 'DECRYPTION_FAILED') THEN
    RAISE EXCEPTION 'this event is not the application''s to report' USING ERRCODE = '42501';
  END IF;
  IF length(p_detail::text) > 2000 THEN
    RAISE EXCEPTION 'this is more than an event holds' USING ERRCODE = '22023';
  END IF;
  PERFORM audit.record_event(p_event, v.account_id, v.role, v.session_id, NULL, p_detail, CASE p_event WHEN 'AREA_REFUSED' THEN 'REFUSED' ELSE 'DONE' END, p_client_ip);
END
$$;

RESET ROLE;
SET LOCAL ROLE audit_owner;
REVOKE CREATE ON SCHEMA audit FROM audit_gate;
RESET ROLE;
