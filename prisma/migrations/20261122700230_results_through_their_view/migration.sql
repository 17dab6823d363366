-- Binds the columns of results and vital signs that stand in the clear to the views that are for them. Sealed columns are bound by the fields
-- that were admitted; these were not: with raw SQL, whoever might record a vital sign, during an emergency too, could sign a result off,
-- take it back, or enter one that no laboratory sent.
SET LOCAL ROLE phi_owner;

-- People enter vital signs; results come by the import.
CREATE POLICY entered_by_hand ON phi.observation AS RESTRICTIVE FOR INSERT TO phi_nurse, phi_clinician
  WITH CHECK (kind = 'vital-signs' AND reviewed_at IS NULL AND corrected_at IS NULL);

-- A result is signed off through the view of results, a vital sign withdrawn through that of its entry, and neither has more done to it.
CREATE FUNCTION phi.result_through_its_view() RETURNS trigger LANGUAGE plpgsql SET search_path = pg_catalog, pg_temp AS $$
BEGIN
  IF NEW.corrected_at IS DISTINCT FROM OLD.corrected_at OR NEW.kind <> OLD.kind OR NOT coalesce(CASE OLD.kind
       WHEN 'laboratory' THEN NEW.status = OLD.status AND OLD.patient_id = ANY (audit.admitted_through(current_user::text, '{chart-results}'))
       WHEN 'vital-signs' THEN NEW.reviewed_at IS NOT DISTINCT FROM OLD.reviewed_at AND NEW.reviewed_by IS NOT DISTINCT FROM OLD.reviewed_by
         AND OLD.patient_id = ANY (audit.admitted_through(current_user::text, '{vitals-entry}')) END, false) THEN
    RAISE EXCEPTION 'this is not changed through this view' USING ERRCODE = '42501';
  END IF;
  RETURN NEW;
END
$$;
CREATE TRIGGER result_through_its_view BEFORE UPDATE OF status, reviewed_at, reviewed_by, corrected_at ON phi.observation FOR EACH ROW
  WHEN (current_user IN ('phi_nurse', 'phi_clinician')) EXECUTE FUNCTION phi.result_through_its_view();

-- Whether anything of a patient's waits for a look goes with the signing off.
CREATE FUNCTION phi.attention_through_results() RETURNS trigger LANGUAGE plpgsql SET search_path = pg_catalog, pg_temp AS $$
BEGIN
  IF NOT OLD.id = ANY (audit.admitted_through(current_user::text, '{chart-results}')) THEN
    RAISE EXCEPTION 'this is not changed through this view' USING ERRCODE = '42501';
  END IF;
  RETURN NEW;
END
$$;
CREATE TRIGGER attention_through_results BEFORE UPDATE OF attention_at ON phi.patient FOR EACH ROW
  WHEN (current_user IN ('phi_nurse', 'phi_clinician')) EXECUTE FUNCTION phi.attention_through_results();

REVOKE EXECUTE ON FUNCTION phi.result_through_its_view(), phi.attention_through_results() FROM PUBLIC;
RESET ROLE;
