-- Makes the record: every table of patients' data, its row security, its grants and its history.
--
-- Three things hold for each table and are checked against the catalogue by a test:
--  * row security is forced (it binds the owner too) and its gate policies show only patients that were admitted by a
--    committed row of this request; a change also needs its effect row in this very transaction;
--  * what identifies or describes a person is ciphertext, refused by the domain otherwise; what is plain is named
--    with its reason in docs/plaintext-columns.md;
--  * a row hangs on its patient by composite keys: it can never point to another patient's encounter, report or claim.
SET LOCAL ROLE app_owner;
GRANT REFERENCES (id) ON app.practitioner, app.organization TO phi_owner;
RESET ROLE;
SET LOCAL ROLE phi_owner;

-- Whatever does not look like our ciphertext is refused from any client. A domain, because a failed table CHECK
-- prints the whole row into the server's log, and a failed domain prints nothing of it.
CREATE DOMAIN phi.ciphertext AS text CHECK (VALUE ~ '^phi1\.[0-9a-f]{8}\.[A-Za-z0-9_-]{40,}$');

-- ── Tables ───────────────────────────────────────────────────────────────────────────────────────────────────────

-- The person whose record it is (FHIR Patient).
CREATE TABLE phi.patient (
  id uuid PRIMARY KEY,
  active boolean NOT NULL DEFAULT true,
  attention_at timestamptz(3),
  mrn phi.ciphertext,
  mrn_token bytea UNIQUE,
  family_name phi.ciphertext NOT NULL,
  given_name phi.ciphertext,
  preferred_name phi.ciphertext,
  name_prefix phi.ciphertext,
  name_suffix phi.ciphertext,
  birth_date phi.ciphertext,
  sex phi.ciphertext,
  gender_identity phi.ciphertext,
  pronouns phi.ciphertext,
  ssn phi.ciphertext,
  ssn_last_four phi.ciphertext,
  marital_status phi.ciphertext,
  language phi.ciphertext,
  race phi.ciphertext,
  ethnicity phi.ciphertext,
  deceased_at phi.ciphertext,
  source_digest bytea,
  version integer NOT NULL DEFAULT 1,
  created_at timestamptz(3) NOT NULL DEFAULT now(),
  created_by uuid NOT NULL DEFAULT audit.actor(),
  updated_at timestamptz(3) NOT NULL DEFAULT now(),
  updated_by uuid NOT NULL DEFAULT audit.actor()
);

-- A business identifier other than the row id (FHIR Patient.identifier).
CREATE TABLE phi.patient_identifier (
  id uuid PRIMARY KEY,
  patient_id uuid NOT NULL REFERENCES phi.patient (id),
  kind phi.ciphertext NOT NULL,
  system phi.ciphertext,
  value phi.ciphertext NOT NULL,
  source_digest bytea,
  version integer NOT NULL DEFAULT 1,
  created_at timestamptz(3) NOT NULL DEFAULT now(),
  created_by uuid NOT NULL DEFAULT audit.actor(),
  updated_at timestamptz(3) NOT NULL DEFAULT now(),
  updated_by uuid NOT NULL DEFAULT audit.actor(),
  UNIQUE (patient_id, id)
);

-- Phone, e-mail, address or related person (FHIR ContactPoint, Address, RelatedPerson).
CREATE TABLE phi.patient_contact (
  id uuid PRIMARY KEY,
  patient_id uuid NOT NULL REFERENCES phi.patient (id),
  kind phi.ciphertext NOT NULL,
  use phi.ciphertext,
  rank phi.ciphertext,
  value phi.ciphertext,
  address phi.ciphertext,
  person_name phi.ciphertext,
  relationship phi.ciphertext,
  source_digest bytea,
  version integer NOT NULL DEFAULT 1,
  created_at timestamptz(3) NOT NULL DEFAULT now(),
  created_by uuid NOT NULL DEFAULT audit.actor(),
  updated_at timestamptz(3) NOT NULL DEFAULT now(),
  updated_by uuid NOT NULL DEFAULT audit.actor(),
  UNIQUE (patient_id, id)
);

-- Insurance (FHIR Coverage).
CREATE TABLE phi.coverage (
  id uuid PRIMARY KEY,
  patient_id uuid NOT NULL REFERENCES phi.patient (id),
  status text NOT NULL,
  starts_on date,
  ends_on date,
  payer_name phi.ciphertext,
  plan_name phi.ciphertext,
  member_id phi.ciphertext,
  group_number phi.ciphertext,
  kind phi.ciphertext,
  relationship phi.ciphertext,
  subscriber_name phi.ciphertext,
  source_digest bytea,
  version integer NOT NULL DEFAULT 1,
  created_at timestamptz(3) NOT NULL DEFAULT now(),
  created_by uuid NOT NULL DEFAULT audit.actor(),
  updated_at timestamptz(3) NOT NULL DEFAULT now(),
  updated_by uuid NOT NULL DEFAULT audit.actor(),
  UNIQUE (patient_id, id)
);

-- Who cares for the patient, from when to when and why; decides who may open the chart.
CREATE TABLE phi.care_relationship (
  id uuid PRIMARY KEY,
  patient_id uuid NOT NULL REFERENCES phi.patient (id),
  account_id uuid,
  care_team_id uuid,
  starts_at timestamptz(3) NOT NULL,
  ends_at timestamptz(3),
  reason phi.ciphertext,
  version integer NOT NULL DEFAULT 1,
  created_at timestamptz(3) NOT NULL DEFAULT now(),
  created_by uuid NOT NULL DEFAULT audit.actor(),
  updated_at timestamptz(3) NOT NULL DEFAULT now(),
  updated_by uuid NOT NULL DEFAULT audit.actor(),
  UNIQUE (patient_id, id),
  -- one person or one team, and never ended before it began
  CHECK (num_nonnulls(account_id, care_team_id) = 1),
  CHECK (ends_at IS NULL OR ends_at >= starts_at)
);

-- Which portal account may open this record: the patient (self) or a proxy, which parts, until when.
CREATE TABLE phi.record_grant (
  id uuid PRIMARY KEY,
  patient_id uuid NOT NULL REFERENCES phi.patient (id),
  account_id uuid NOT NULL,
  kind text NOT NULL,
  parts text[] NOT NULL,
  starts_at timestamptz(3) NOT NULL,
  ends_at timestamptz(3),
  relationship phi.ciphertext,
  version integer NOT NULL DEFAULT 1,
  created_at timestamptz(3) NOT NULL DEFAULT now(),
  created_by uuid NOT NULL DEFAULT audit.actor(),
  updated_at timestamptz(3) NOT NULL DEFAULT now(),
  updated_by uuid NOT NULL DEFAULT audit.actor(),
  UNIQUE (patient_id, id),
  CHECK (kind IN ('self', 'proxy')),
  CHECK (parts <@ ARRAY['results', 'summary', 'notes', 'billing', 'access-log']),
  CHECK (ends_at IS NULL OR ends_at >= starts_at)
);

-- A visit (FHIR Encounter).
CREATE TABLE phi.encounter (
  id uuid PRIMARY KEY,
  patient_id uuid NOT NULL REFERENCES phi.patient (id),
  status text NOT NULL,
  started_at timestamptz(3),
  ended_at timestamptz(3),
  practitioner_id uuid,
  organization_id uuid,
  kind phi.ciphertext,
  code phi.ciphertext,
  display phi.ciphertext,
  reason phi.ciphertext,
  location phi.ciphertext,
  source_digest bytea,
  version integer NOT NULL DEFAULT 1,
  created_at timestamptz(3) NOT NULL DEFAULT now(),
  created_by uuid NOT NULL DEFAULT audit.actor(),
  updated_at timestamptz(3) NOT NULL DEFAULT now(),
  updated_by uuid NOT NULL DEFAULT audit.actor(),
  FOREIGN KEY (practitioner_id) REFERENCES app.practitioner (id),
  FOREIGN KEY (organization_id) REFERENCES app.organization (id),
  UNIQUE (patient_id, id)
);

-- A problem or diagnosis (FHIR Condition).
CREATE TABLE phi.condition (
  id uuid PRIMARY KEY,
  patient_id uuid NOT NULL REFERENCES phi.patient (id),
  encounter_id uuid,
  clinical_status text,
  verification_status text,
  onset_at timestamptz(3),
  abated_at timestamptz(3),
  recorded_at timestamptz(3),
  category phi.ciphertext,
  severity phi.ciphertext,
  code_system phi.ciphertext,
  code phi.ciphertext,
  display phi.ciphertext NOT NULL,
  onset_text phi.ciphertext,
  note phi.ciphertext,
  source_digest bytea,
  version integer NOT NULL DEFAULT 1,
  created_at timestamptz(3) NOT NULL DEFAULT now(),
  created_by uuid NOT NULL DEFAULT audit.actor(),
  updated_at timestamptz(3) NOT NULL DEFAULT now(),
  updated_by uuid NOT NULL DEFAULT audit.actor(),
  FOREIGN KEY (patient_id, encounter_id) REFERENCES phi.encounter (patient_id, id),
  UNIQUE (patient_id, id)
);

-- An allergy or intolerance, or the recorded fact that there is none (FHIR AllergyIntolerance).
CREATE TABLE phi.allergy_intolerance (
  id uuid PRIMARY KEY,
  patient_id uuid NOT NULL REFERENCES phi.patient (id),
  clinical_status text,
  verification_status text,
  recorded_at timestamptz(3),
  kind phi.ciphertext,
  category phi.ciphertext,
  criticality phi.ciphertext,
  code_system phi.ciphertext,
  code phi.ciphertext,
  display phi.ciphertext NOT NULL,
  reactions phi.ciphertext,
  note phi.ciphertext,
  source_digest bytea,
  version integer NOT NULL DEFAULT 1,
  created_at timestamptz(3) NOT NULL DEFAULT now(),
  created_by uuid NOT NULL DEFAULT audit.actor(),
  updated_at timestamptz(3) NOT NULL DEFAULT now(),
  updated_by uuid NOT NULL DEFAULT audit.actor(),
  UNIQUE (patient_id, id)
);

-- A prescription (FHIR MedicationRequest).
CREATE TABLE phi.medication_request (
  id uuid PRIMARY KEY,
  patient_id uuid NOT NULL REFERENCES phi.patient (id),
  encounter_id uuid,
  practitioner_id uuid,
  status text NOT NULL,
  authored_at timestamptz(3),
  ends_at timestamptz(3),
  intent phi.ciphertext,
  code_system phi.ciphertext,
  code phi.ciphertext,
  display phi.ciphertext NOT NULL,
  dosage phi.ciphertext,
  reason phi.ciphertext,
  refills_remaining phi.ciphertext,
  quantity phi.ciphertext,
  source_digest bytea,
  version integer NOT NULL DEFAULT 1,
  created_at timestamptz(3) NOT NULL DEFAULT now(),
  created_by uuid NOT NULL DEFAULT audit.actor(),
  updated_at timestamptz(3) NOT NULL DEFAULT now(),
  updated_by uuid NOT NULL DEFAULT audit.actor(),
  FOREIGN KEY (patient_id, encounter_id) REFERENCES phi.encounter (patient_id, id),
  FOREIGN KEY (practitioner_id) REFERENCES app.practitioner (id),
  UNIQUE (patient_id, id)
);

-- A vaccination (FHIR Immunization).
CREATE TABLE phi.immunization (
  id uuid PRIMARY KEY,
  patient_id uuid NOT NULL REFERENCES phi.patient (id),
  encounter_id uuid,
  practitioner_id uuid,
  status text NOT NULL,
  occurred_at timestamptz(3),
  code_system phi.ciphertext,
  code phi.ciphertext,
  display phi.ciphertext NOT NULL,
  lot_number phi.ciphertext,
  site phi.ciphertext,
  dose_number phi.ciphertext,
  note phi.ciphertext,
  source_digest bytea,
  version integer NOT NULL DEFAULT 1,
  created_at timestamptz(3) NOT NULL DEFAULT now(),
  created_by uuid NOT NULL DEFAULT audit.actor(),
  updated_at timestamptz(3) NOT NULL DEFAULT now(),
  updated_by uuid NOT NULL DEFAULT audit.actor(),
  FOREIGN KEY (patient_id, encounter_id) REFERENCES phi.encounter (patient_id, id),
  FOREIGN KEY (practitioner_id) REFERENCES app.practitioner (id),
  UNIQUE (patient_id, id)
);

-- A laboratory or other report that groups results (FHIR DiagnosticReport).
CREATE TABLE phi.diagnostic_report (
  id uuid PRIMARY KEY,
  patient_id uuid NOT NULL REFERENCES phi.patient (id),
  encounter_id uuid,
  practitioner_id uuid,
  status text NOT NULL,
  effective_at timestamptz(3),
  issued_at timestamptz(3),
  category phi.ciphertext,
  code_system phi.ciphertext,
  code phi.ciphertext,
  display phi.ciphertext NOT NULL,
  conclusion phi.ciphertext,
  performer phi.ciphertext,
  source_digest bytea,
  version integer NOT NULL DEFAULT 1,
  created_at timestamptz(3) NOT NULL DEFAULT now(),
  created_by uuid NOT NULL DEFAULT audit.actor(),
  updated_at timestamptz(3) NOT NULL DEFAULT now(),
  updated_by uuid NOT NULL DEFAULT audit.actor(),
  FOREIGN KEY (patient_id, encounter_id) REFERENCES phi.encounter (patient_id, id),
  FOREIGN KEY (practitioner_id) REFERENCES app.practitioner (id),
  UNIQUE (patient_id, id)
);

-- A laboratory result, vital sign or other measured fact (FHIR Observation).
CREATE TABLE phi.observation (
  id uuid PRIMARY KEY,
  patient_id uuid NOT NULL REFERENCES phi.patient (id),
  encounter_id uuid,
  diagnostic_report_id uuid,
  practitioner_id uuid,
  kind text NOT NULL,
  status text NOT NULL,
  effective_at timestamptz(3),
  issued_at timestamptz(3),
  corrected_at timestamptz(3),
  reviewed_at timestamptz(3),
  reviewed_by uuid,
  code_token bytea,
  code_system phi.ciphertext,
  code phi.ciphertext,
  display phi.ciphertext NOT NULL,
  value phi.ciphertext,
  value_number phi.ciphertext,
  unit phi.ciphertext,
  interpretation phi.ciphertext,
  reference_low phi.ciphertext,
  reference_high phi.ciphertext,
  reference_text phi.ciphertext,
  components phi.ciphertext,
  previous_value phi.ciphertext,
  method phi.ciphertext,
  performer phi.ciphertext,
  note phi.ciphertext,
  source_digest bytea,
  version integer NOT NULL DEFAULT 1,
  created_at timestamptz(3) NOT NULL DEFAULT now(),
  created_by uuid NOT NULL DEFAULT audit.actor(),
  updated_at timestamptz(3) NOT NULL DEFAULT now(),
  updated_by uuid NOT NULL DEFAULT audit.actor(),
  FOREIGN KEY (patient_id, encounter_id) REFERENCES phi.encounter (patient_id, id),
  FOREIGN KEY (patient_id, diagnostic_report_id) REFERENCES phi.diagnostic_report (patient_id, id),
  FOREIGN KEY (practitioner_id) REFERENCES app.practitioner (id),
  UNIQUE (patient_id, id),
  CHECK (kind IN ('laboratory', 'vital-signs', 'other')),
  CHECK ((reviewed_at IS NULL) = (reviewed_by IS NULL))
);

-- Something that was done (FHIR Procedure).
CREATE TABLE phi.procedure (
  id uuid PRIMARY KEY,
  patient_id uuid NOT NULL REFERENCES phi.patient (id),
  encounter_id uuid,
  status text NOT NULL,
  performed_at timestamptz(3),
  performed_until timestamptz(3),
  code_system phi.ciphertext,
  code phi.ciphertext,
  display phi.ciphertext NOT NULL,
  reason phi.ciphertext,
  note phi.ciphertext,
  source_digest bytea,
  version integer NOT NULL DEFAULT 1,
  created_at timestamptz(3) NOT NULL DEFAULT now(),
  created_by uuid NOT NULL DEFAULT audit.actor(),
  updated_at timestamptz(3) NOT NULL DEFAULT now(),
  updated_by uuid NOT NULL DEFAULT audit.actor(),
  FOREIGN KEY (patient_id, encounter_id) REFERENCES phi.encounter (patient_id, id),
  UNIQUE (patient_id, id)
);

-- A visit note; its text lives in its versions.
CREATE TABLE phi.note (
  id uuid PRIMARY KEY,
  patient_id uuid NOT NULL REFERENCES phi.patient (id),
  encounter_id uuid,
  class text NOT NULL,
  status text NOT NULL,
  author_id uuid NOT NULL,
  authored_at timestamptz(3) NOT NULL,
  signed_at timestamptz(3),
  current_version integer NOT NULL DEFAULT 0,
  source_digest bytea,
  version integer NOT NULL DEFAULT 1,
  created_at timestamptz(3) NOT NULL DEFAULT now(),
  created_by uuid NOT NULL DEFAULT audit.actor(),
  updated_at timestamptz(3) NOT NULL DEFAULT now(),
  updated_by uuid NOT NULL DEFAULT audit.actor(),
  FOREIGN KEY (patient_id, encounter_id) REFERENCES phi.encounter (patient_id, id),
  UNIQUE (patient_id, id),
  UNIQUE (patient_id, id, class),
  CHECK (class IN ('clinical', 'mental-health', 'substance-use', 'psychotherapy')),
  CHECK (status IN ('draft', 'signed', 'amended', 'entered-in-error')),
  CHECK ((status = 'draft') = (signed_at IS NULL))
);

-- One text of a note: a draft of its author, or signed for good.
CREATE TABLE phi.note_version (
  id uuid PRIMARY KEY,
  patient_id uuid NOT NULL REFERENCES phi.patient (id),
  note_id uuid NOT NULL,
  class text NOT NULL,
  number integer NOT NULL,
  status text NOT NULL,
  author_id uuid NOT NULL,
  author_name phi.ciphertext,
  written_at timestamptz(3) NOT NULL,
  signed_at timestamptz(3),
  title phi.ciphertext NOT NULL,
  body phi.ciphertext NOT NULL,
  reason phi.ciphertext,
  source_digest bytea,
  version integer NOT NULL DEFAULT 1,
  created_at timestamptz(3) NOT NULL DEFAULT now(),
  created_by uuid NOT NULL DEFAULT audit.actor(),
  updated_at timestamptz(3) NOT NULL DEFAULT now(),
  updated_by uuid NOT NULL DEFAULT audit.actor(),
  -- the class of a version is the class of its note
  FOREIGN KEY (patient_id, note_id, class) REFERENCES phi.note (patient_id, id, class),
  UNIQUE (patient_id, id),
  UNIQUE (note_id, number),
  CHECK (status IN ('draft', 'signed')),
  CHECK ((status = 'draft') = (signed_at IS NULL)),
  CHECK (number >= 1)
);

-- A document about the patient (FHIR DocumentReference).
CREATE TABLE phi.document_reference (
  id uuid PRIMARY KEY,
  patient_id uuid NOT NULL REFERENCES phi.patient (id),
  encounter_id uuid,
  status text NOT NULL,
  written_at timestamptz(3),
  kind phi.ciphertext,
  title phi.ciphertext,
  content_type phi.ciphertext,
  content phi.ciphertext,
  location phi.ciphertext,
  author phi.ciphertext,
  source_digest bytea,
  version integer NOT NULL DEFAULT 1,
  created_at timestamptz(3) NOT NULL DEFAULT now(),
  created_by uuid NOT NULL DEFAULT audit.actor(),
  updated_at timestamptz(3) NOT NULL DEFAULT now(),
  updated_by uuid NOT NULL DEFAULT audit.actor(),
  FOREIGN KEY (patient_id, encounter_id) REFERENCES phi.encounter (patient_id, id),
  UNIQUE (patient_id, id)
);

-- A claim for money (FHIR Claim). Diagnoses and clinical words are apart from what billing reads.
CREATE TABLE phi.claim (
  id uuid PRIMARY KEY,
  patient_id uuid NOT NULL REFERENCES phi.patient (id),
  encounter_id uuid,
  status text NOT NULL,
  billable_from timestamptz(3),
  billable_to timestamptz(3),
  submitted_at timestamptz(3),
  claim_number phi.ciphertext,
  kind phi.ciphertext,
  payer_name phi.ciphertext,
  total phi.ciphertext,
  currency phi.ciphertext,
  diagnosis_codes phi.ciphertext,
  source_digest bytea,
  version integer NOT NULL DEFAULT 1,
  created_at timestamptz(3) NOT NULL DEFAULT now(),
  created_by uuid NOT NULL DEFAULT audit.actor(),
  updated_at timestamptz(3) NOT NULL DEFAULT now(),
  updated_by uuid NOT NULL DEFAULT audit.actor(),
  FOREIGN KEY (patient_id, encounter_id) REFERENCES phi.encounter (patient_id, id),
  UNIQUE (patient_id, id)
);

-- One charge of a claim.
CREATE TABLE phi.claim_line (
  id uuid PRIMARY KEY,
  patient_id uuid NOT NULL REFERENCES phi.patient (id),
  claim_id uuid NOT NULL,
  line_number integer NOT NULL,
  serviced_at timestamptz(3),
  service_category phi.ciphertext NOT NULL,
  billing_code phi.ciphertext,
  quantity phi.ciphertext,
  unit_price phi.ciphertext,
  net phi.ciphertext,
  service_code phi.ciphertext,
  service_display phi.ciphertext,
  source_digest bytea,
  version integer NOT NULL DEFAULT 1,
  created_at timestamptz(3) NOT NULL DEFAULT now(),
  created_by uuid NOT NULL DEFAULT audit.actor(),
  updated_at timestamptz(3) NOT NULL DEFAULT now(),
  updated_by uuid NOT NULL DEFAULT audit.actor(),
  FOREIGN KEY (patient_id, claim_id) REFERENCES phi.claim (patient_id, id),
  UNIQUE (patient_id, id)
);

-- What the insurer decided about a claim (FHIR ExplanationOfBenefit).
CREATE TABLE phi.explanation_of_benefit (
  id uuid PRIMARY KEY,
  patient_id uuid NOT NULL REFERENCES phi.patient (id),
  claim_id uuid,
  status text NOT NULL,
  created_on timestamptz(3),
  payer_name phi.ciphertext,
  outcome phi.ciphertext,
  submitted phi.ciphertext,
  allowed phi.ciphertext,
  insurer_paid phi.ciphertext,
  patient_responsibility phi.ciphertext,
  currency phi.ciphertext,
  source_digest bytea,
  version integer NOT NULL DEFAULT 1,
  created_at timestamptz(3) NOT NULL DEFAULT now(),
  created_by uuid NOT NULL DEFAULT audit.actor(),
  updated_at timestamptz(3) NOT NULL DEFAULT now(),
  updated_by uuid NOT NULL DEFAULT audit.actor(),
  FOREIGN KEY (patient_id, claim_id) REFERENCES phi.claim (patient_id, id),
  UNIQUE (patient_id, id)
);

-- Money received from the patient or an insurer.
CREATE TABLE phi.payment (
  id uuid PRIMARY KEY,
  patient_id uuid NOT NULL REFERENCES phi.patient (id),
  claim_id uuid,
  status text NOT NULL,
  paid_at timestamptz(3) NOT NULL,
  payer phi.ciphertext,
  method phi.ciphertext,
  amount phi.ciphertext NOT NULL,
  currency phi.ciphertext,
  reference phi.ciphertext,
  source_digest bytea,
  version integer NOT NULL DEFAULT 1,
  created_at timestamptz(3) NOT NULL DEFAULT now(),
  created_by uuid NOT NULL DEFAULT audit.actor(),
  updated_at timestamptz(3) NOT NULL DEFAULT now(),
  updated_by uuid NOT NULL DEFAULT audit.actor(),
  FOREIGN KEY (patient_id, claim_id) REFERENCES phi.claim (patient_id, id),
  UNIQUE (patient_id, id)
);

-- Keyed tokens for exact search (blind indexes).
CREATE TABLE phi.search_token (
  patient_id uuid NOT NULL REFERENCES phi.patient (id),
  column_id text NOT NULL,
  key_version integer NOT NULL,
  token bytea NOT NULL,
  row_id uuid NOT NULL,
  PRIMARY KEY (column_id, key_version, token, row_id)
);
CREATE INDEX search_token_patient_id_idx ON phi.search_token (patient_id);
CREATE INDEX search_token_row_id_idx ON phi.search_token (row_id);

-- Earlier versions of rows, as ciphertext; written by trigger, changed by nobody.
CREATE TABLE phi.row_history (
  id bigint GENERATED BY DEFAULT AS IDENTITY PRIMARY KEY,
  patient_id uuid NOT NULL REFERENCES phi.patient (id),
  table_name text NOT NULL,
  row_id uuid NOT NULL,
  version integer NOT NULL,
  "row" jsonb NOT NULL,
  replaced_at timestamptz(3) NOT NULL DEFAULT now(),
  replaced_by uuid NOT NULL
);
CREATE INDEX row_history_patient_id_table_name_row_id_idx ON phi.row_history (patient_id, table_name, row_id);

CREATE INDEX care_relationship_account_idx ON phi.care_relationship (account_id) WHERE account_id IS NOT NULL;
CREATE INDEX care_relationship_team_idx ON phi.care_relationship (care_team_id) WHERE care_team_id IS NOT NULL;
CREATE INDEX record_grant_account_idx ON phi.record_grant (account_id);
CREATE INDEX observation_list_idx ON phi.observation (patient_id, kind, effective_at DESC);
CREATE INDEX observation_code_idx ON phi.observation (patient_id, code_token, effective_at DESC);
CREATE INDEX note_list_idx ON phi.note (patient_id, authored_at DESC);
CREATE INDEX claim_list_idx ON phi.claim (patient_id, submitted_at DESC);
CREATE INDEX claim_line_claim_idx ON phi.claim_line (claim_id);

-- ── Versions and history (164.312(c)(1)) ─────────────────────────────────────────────────────────────────────────

-- Numbers versions and names who wrote them; what a row is and whose it is can never change.
CREATE FUNCTION phi.stamp_version() RETURNS trigger LANGUAGE plpgsql SET search_path = pg_catalog, pg_temp AS $$
BEGIN
  IF TG_OP = 'INSERT' THEN
    NEW.version := 1;
    NEW.created_at := now();
    NEW.created_by := audit.actor();
  ELSE
    IF NEW.id <> OLD.id OR (to_jsonb(NEW) -> 'patient_id') IS DISTINCT FROM (to_jsonb(OLD) -> 'patient_id') THEN
      RAISE EXCEPTION 'a row keeps its id and its patient' USING ERRCODE = '23514';
    END IF;
    NEW.version := OLD.version + 1;
    NEW.created_at := OLD.created_at;
    NEW.created_by := OLD.created_by;
  END IF;
  NEW.updated_at := now();
  NEW.updated_by := audit.actor();
  RETURN NEW;
END
$$;

CREATE FUNCTION phi.keep_history() RETURNS trigger LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS $$
BEGIN
  INSERT INTO phi.row_history (patient_id, table_name, row_id, version, "row", replaced_by)
  VALUES (coalesce((to_jsonb(OLD) ->> 'patient_id')::uuid, OLD.id), TG_TABLE_NAME, OLD.id, OLD.version, to_jsonb(OLD), audit.actor());
  RETURN NULL;
END
$$;

-- A signed text is for good: amending writes a new version beside it.
CREATE FUNCTION phi.refuse_signed_change() RETURNS trigger LANGUAGE plpgsql SET search_path = pg_catalog, pg_temp AS $$
BEGIN
  RAISE EXCEPTION 'a signed version of a note cannot be changed' USING ERRCODE = '23514';
END
$$;
CREATE TRIGGER signed_for_good BEFORE UPDATE OR DELETE ON phi.note_version
  FOR EACH ROW WHEN (OLD.status = 'signed') EXECUTE FUNCTION phi.refuse_signed_change();

-- Nor can a signed note be made a draft again, which would hide it from its patient and from everybody else in care.
CREATE TRIGGER signed_for_good BEFORE UPDATE ON phi.note
  FOR EACH ROW WHEN (OLD.status <> 'draft' AND (NEW.status = 'draft' OR NEW.current_version < OLD.current_version OR NEW.class <> OLD.class))
  EXECUTE FUNCTION phi.refuse_signed_change();

DO $$
DECLARE
  t text;
BEGIN
  FOR t IN SELECT c.relname FROM pg_class c WHERE c.relnamespace = 'phi'::regnamespace AND c.relkind = 'r'
             AND c.relname NOT IN ('search_token', 'row_history') LOOP
    EXECUTE format('CREATE TRIGGER stamp_version BEFORE INSERT OR UPDATE ON phi.%I FOR EACH ROW EXECUTE FUNCTION phi.stamp_version()', t);
    -- a draft is its author's scratch paper: its versions begin when it is signed
    EXECUTE format('CREATE TRIGGER keep_history AFTER UPDATE OR DELETE ON phi.%I FOR EACH ROW %s EXECUTE FUNCTION phi.keep_history()', t,
      CASE WHEN t IN ('note', 'note_version') THEN 'WHEN (OLD.status <> ''draft'')' ELSE '' END);
  END LOOP;
END
$$;

-- ── The gate ─────────────────────────────────────────────────────────────────────────────────────────────────────

-- One policy per role, because the role has to be a constant: see audit.admitted. The gate's first question stands
-- with the policy for SELECT, which every statement that names a column in a condition is bound by too.
DO $$
DECLARE
  t text;
  k text;
  r text;
  model text;
BEGIN
  FOR t IN SELECT c.relname FROM pg_class c WHERE c.relnamespace = 'phi'::regnamespace AND c.relkind = 'r' LOOP
    model := CASE WHEN t = 'search_token' THEN NULL ELSE replace(initcap(replace(t, '_', ' ')), ' ', '') END;
    k := CASE WHEN t = 'patient' THEN 'id' ELSE 'patient_id' END;
    EXECUTE format('ALTER TABLE phi.%I ENABLE ROW LEVEL SECURITY', t);
    EXECUTE format('ALTER TABLE phi.%I FORCE ROW LEVEL SECURITY', t);
    FOREACH r IN ARRAY ARRAY['phi_patient', 'phi_proxy', 'phi_nurse', 'phi_clinician', 'phi_billing', 'phi_billing_identity', 'phi_job_import'] LOOP
      EXECUTE format('CREATE POLICY %I ON phi.%I FOR SELECT TO %I USING ((SELECT audit.has_admission(%L)) AND %I = ANY ((SELECT audit.admitted(%L))::uuid[]))', 'gate_select_' || r, t, r, r, k, r);
      EXECUTE format('CREATE POLICY %I ON phi.%I FOR INSERT TO %I WITH CHECK (%I = ANY ((SELECT audit.admitted_for_write(%L, %L, ''CREATE''))::uuid[]))', 'gate_insert_' || r, t, r, k, r, model);
      EXECUTE format('CREATE POLICY %I ON phi.%I FOR UPDATE TO %I USING (%I = ANY ((SELECT audit.admitted(%L))::uuid[])) WITH CHECK (%I = ANY ((SELECT audit.admitted_for_write(%L, %L, ''UPDATE''))::uuid[]))', 'gate_update_' || r, t, r, k, r, k, r, model);
      EXECUTE format('CREATE POLICY %I ON phi.%I FOR DELETE TO %I USING (%I = ANY ((SELECT audit.admitted_for_write(%L, %L, ''DELETE''))::uuid[]))', 'gate_delete_' || r, t, r, k, r, model);
    END LOOP;
  END LOOP;
END
$$;

-- The gate's own sight, else everything would be denied in a circle: ids, references and times that decide whether a
-- relation holds, never a value. The catalogue test names exactly these exceptions.
CREATE POLICY gate_sight ON phi.patient FOR SELECT TO audit_gate USING (true);
CREATE POLICY gate_sight ON phi.care_relationship FOR SELECT TO audit_gate USING (true);
CREATE POLICY gate_sight ON phi.record_grant FOR SELECT TO audit_gate USING (true);
CREATE POLICY gate_sight ON phi.search_token FOR SELECT TO audit_gate USING (true);
CREATE POLICY gate_sight ON phi.claim FOR SELECT TO audit_gate USING (true);
GRANT SELECT (id, attention_at) ON phi.patient TO audit_gate;
GRANT SELECT (patient_id, account_id, care_team_id, starts_at, ends_at) ON phi.care_relationship TO audit_gate;
GRANT SELECT (patient_id, account_id, kind, parts, starts_at, ends_at) ON phi.record_grant TO audit_gate;
GRANT SELECT (patient_id, column_id, token) ON phi.search_token TO audit_gate;
GRANT SELECT (patient_id, submitted_at) ON phi.claim TO audit_gate;

-- The history trigger runs as the owner, whom forced row security binds: it may add, and nothing else.
CREATE POLICY history_add ON phi.row_history FOR INSERT TO phi_owner WITH CHECK (true);

-- ── Classes of notes (164.508(a)(2), 42 CFR Part 2) ──────────────────────────────────────────────────────────────

-- A draft is seen by its author alone; psychotherapy notes by their author alone, always; nurses and proxies see
-- clinical notes, clinicians also mental-health and substance-use notes; patients all but psychotherapy.
CREATE POLICY class_patient ON phi.note AS RESTRICTIVE FOR SELECT TO phi_patient USING (class <> 'psychotherapy' AND status <> 'draft');
CREATE POLICY class_proxy ON phi.note AS RESTRICTIVE FOR SELECT TO phi_proxy USING (class = 'clinical' AND status <> 'draft');
CREATE POLICY class_nurse ON phi.note AS RESTRICTIVE FOR SELECT TO phi_nurse
  USING (class = 'clinical' AND (status <> 'draft' OR author_id = (SELECT audit.actor())));
CREATE POLICY class_clinician ON phi.note AS RESTRICTIVE FOR SELECT TO phi_clinician
  USING ((class <> 'psychotherapy' AND status <> 'draft') OR author_id = (SELECT audit.actor()));
CREATE POLICY class_patient ON phi.note_version AS RESTRICTIVE FOR SELECT TO phi_patient USING (class <> 'psychotherapy' AND status <> 'draft');
CREATE POLICY class_proxy ON phi.note_version AS RESTRICTIVE FOR SELECT TO phi_proxy USING (class = 'clinical' AND status <> 'draft');
CREATE POLICY class_nurse ON phi.note_version AS RESTRICTIVE FOR SELECT TO phi_nurse
  USING (class = 'clinical' AND (status <> 'draft' OR author_id = (SELECT audit.actor())));
CREATE POLICY class_clinician ON phi.note_version AS RESTRICTIVE FOR SELECT TO phi_clinician
  USING ((class <> 'psychotherapy' AND status <> 'draft') OR author_id = (SELECT audit.actor()));
-- Nobody writes in another's name, and nurses write clinical notes.
DO $$
DECLARE
  t text;
BEGIN
  FOREACH t IN ARRAY ARRAY['note', 'note_version'] LOOP
    EXECUTE format('CREATE POLICY author_insert ON phi.%I AS RESTRICTIVE FOR INSERT TO phi_nurse, phi_clinician WITH CHECK (author_id = (SELECT audit.actor()))', t);
    EXECUTE format('CREATE POLICY author_update ON phi.%I AS RESTRICTIVE FOR UPDATE TO phi_nurse, phi_clinician USING (author_id = (SELECT audit.actor())) WITH CHECK (author_id = (SELECT audit.actor()))', t);
    EXECUTE format('CREATE POLICY author_delete ON phi.%I AS RESTRICTIVE FOR DELETE TO phi_nurse, phi_clinician USING (author_id = (SELECT audit.actor()) AND status = ''draft'')', t);
    EXECUTE format('CREATE POLICY class_nurse_insert ON phi.%I AS RESTRICTIVE FOR INSERT TO phi_nurse WITH CHECK (class = ''clinical'')', t);
  END LOOP;
END
$$;

-- ── Grants: what a role may touch at all ─────────────────────────────────────────────────────────────────────────

-- Everything but the full social security number, which has a role of its own.
DO $$
DECLARE
  v_columns text;
BEGIN
  SELECT string_agg(quote_ident(a.attname), ', ' ORDER BY a.attnum) INTO v_columns FROM pg_attribute a
   WHERE a.attrelid = 'phi.patient'::regclass AND a.attnum > 0 AND NOT a.attisdropped AND a.attname <> 'ssn';
  EXECUTE format('GRANT SELECT (%s) ON phi.patient TO phi_patient, phi_proxy, phi_nurse, phi_clinician', v_columns);
END
$$;

-- The patient and proxies read; they change nothing here.
GRANT SELECT ON phi.patient_identifier, phi.patient_contact, phi.coverage, phi.record_grant, phi.encounter, phi.condition,
  phi.allergy_intolerance, phi.medication_request, phi.immunization, phi.diagnostic_report, phi.observation, phi.procedure,
  phi.note, phi.note_version, phi.document_reference, phi.claim, phi.claim_line, phi.explanation_of_benefit, phi.payment
  TO phi_patient, phi_proxy;

-- Care: clinical tables, never money.
GRANT SELECT ON phi.patient_identifier, phi.patient_contact, phi.care_relationship, phi.encounter, phi.condition,
  phi.allergy_intolerance, phi.medication_request, phi.immunization, phi.diagnostic_report, phi.observation, phi.procedure,
  phi.note, phi.note_version, phi.document_reference TO phi_nurse, phi_clinician;
GRANT INSERT ON phi.patient, phi.patient_identifier, phi.patient_contact, phi.care_relationship, phi.observation, phi.note,
  phi.note_version TO phi_nurse, phi_clinician;
GRANT UPDATE (ends_at) ON phi.care_relationship TO phi_nurse, phi_clinician;
GRANT UPDATE (attention_at) ON phi.patient TO phi_nurse, phi_clinician;
GRANT UPDATE (status, reviewed_at, reviewed_by, corrected_at, value, value_number, components, previous_value, note) ON phi.observation
  TO phi_nurse, phi_clinician;
GRANT UPDATE (status, signed_at, current_version) ON phi.note TO phi_nurse, phi_clinician;
GRANT UPDATE (status, signed_at, written_at, title, body, reason) ON phi.note_version TO phi_nurse, phi_clinician;
GRANT DELETE ON phi.note_version, phi.note TO phi_nurse, phi_clinician;
-- Tokens are put and taken away, and never compared: what a search finds is told by audit.search alone.
GRANT SELECT (row_id, column_id), INSERT, DELETE ON phi.search_token TO phi_nurse, phi_clinician;

-- Billing: who owes what for which kind of service, and not one clinical word.
GRANT SELECT (id, active, mrn, family_name, given_name, preferred_name, name_prefix, name_suffix, birth_date, ssn_last_four, version)
  ON phi.patient TO phi_billing;
GRANT SELECT ON phi.patient_contact, phi.coverage, phi.explanation_of_benefit, phi.payment TO phi_billing;
GRANT SELECT (id, patient_id, status, billable_from, billable_to, submitted_at, claim_number, kind, payer_name, total, currency, version)
  ON phi.claim TO phi_billing;
GRANT SELECT (id, patient_id, claim_id, line_number, serviced_at, service_category, billing_code, quantity, unit_price, net, version)
  ON phi.claim_line TO phi_billing;
GRANT SELECT (id, family_name, given_name, ssn, ssn_last_four) ON phi.patient TO phi_billing_identity;

-- The import writes what it read from a file; it cannot read history or erase anything but stale search tokens.
GRANT SELECT, INSERT, UPDATE ON phi.patient, phi.patient_identifier, phi.patient_contact, phi.coverage, phi.care_relationship,
  phi.record_grant, phi.encounter, phi.condition, phi.allergy_intolerance, phi.medication_request, phi.immunization,
  phi.diagnostic_report, phi.observation, phi.procedure, phi.note, phi.note_version, phi.document_reference, phi.claim,
  phi.claim_line, phi.explanation_of_benefit, phi.payment TO phi_job_import;
-- Tokens are put and taken away, and never compared: what a search finds is told by audit.search alone.
GRANT SELECT (row_id, column_id), INSERT, DELETE ON phi.search_token TO phi_job_import;
RESET ROLE;
