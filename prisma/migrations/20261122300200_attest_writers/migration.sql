-- Lets the processes that write the trail vouch for their rows, so that a row is protected from the moment it is written and
-- not only from the moment it is sealed: whoever edits, deletes or puts in a row before the sealer comes is found.
--
-- A process tells the database, in the statement that writes and for its transaction alone, who it is, the number of this
-- call, up to which number its calls are settled, and the inner and outer pad of an HMAC key that it made for this one
-- call (RFC 2104). The key comes from a secret that no database has and from what the process asked for: a call
-- made out to somebody else has another key. The triggers below compute each row's MAC; nobody can supply one.
SET LOCAL ROLE audit_owner;

DO $$
DECLARE
  t text;
BEGIN
  FOREACH t IN ARRAY ARRAY['patient_phi_audit_log', 'security_event_log'] LOOP
    EXECUTE format($f$ALTER TABLE audit.%I
      -- the process, one id for each life of it
      ADD COLUMN writer_id uuid,
      -- number of the call, from 1 and without gaps; all rows of a call have the same
      ADD COLUMN writer_seq bigint,
      -- the calls below this number are answered: from here on each has its rows, or is named as void
      ADD COLUMN writer_settled bigint,
      -- earlier calls that are not one row of the patients' log: 12v was rolled back, 13=4 wrote four
      ADD COLUMN writer_notes text CHECK (length(writer_notes) <= 4000 AND writer_notes ~ '^[0-9]+(v|=[0-9]+)(,[0-9]+(v|=[0-9]+))*$'),
      -- fingerprint of the secret
      ADD COLUMN writer_key text CHECK (writer_key ~ '^[0-9a-f]{8}$'),
      ADD COLUMN row_mac bytea CHECK (octet_length(row_mac) = 32),
      ADD CONSTRAINT attested_whole CHECK (num_nulls(writer_id, writer_seq, writer_settled, writer_key, row_mac) IN (0, 5))$f$, t);
  END LOOP;
END
$$;

-- vigil.attestation: writer|seq|settled|notes|fingerprint|inner|outer|inner|outer, the pads for rows of the patients' log
-- first and those for security events second. All columns of the row go into its MAC (HMAC-SHA-256), in the order of their names.
CREATE FUNCTION audit.attest_access() RETURNS trigger
LANGUAGE plpgsql SET search_path = pg_catalog, pg_temp AS $$
DECLARE
  a text[] := string_to_array(nullif(current_setting('vigil.attestation', true), ''), '|');
BEGIN
  IF a IS NULL THEN RETURN NEW; END IF;
  NEW.writer_id := a[1];
  NEW.writer_seq := a[2];
  NEW.writer_settled := a[3];
  NEW.writer_notes := nullif(a[4], '');
  NEW.writer_key := a[5];
  NEW.row_mac := sha256(decode(a[7], 'base64') || sha256(decode(a[6], 'base64') || convert_to(json_build_array(
    to_char(NEW.accessed_at AT TIME ZONE 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS.US"Z"'), NEW.action_type, NEW.actor_role, NEW.actor_user_id::text,
    NEW.break_glass_id::text, NEW.cell_digests, NEW.changed_fields, NEW.client_ip, NEW.db_pid::text, NEW.db_role, NEW.db_user, NEW.log_id::text,
    NEW.on_behalf_of::text, NEW.outcome, NEW.patient_id::text, NEW.purpose, NEW.reason, NEW.relation, NEW.request_id::text, NEW.resource_id::text,
    NEW.resource_type, NEW.seq::text, NEW.session_id::text, NEW.tx_id::text, NEW.view,
    NEW.writer_id::text, NEW.writer_key, NEW.writer_notes, NEW.writer_seq::text, NEW.writer_settled::text)::text, 'UTF8')));
  RETURN NEW;
END
$$;
CREATE TRIGGER attest BEFORE INSERT ON audit.patient_phi_audit_log FOR EACH ROW EXECUTE FUNCTION audit.attest_access();

CREATE FUNCTION audit.attest_event() RETURNS trigger
LANGUAGE plpgsql SET search_path = pg_catalog, pg_temp AS $$
DECLARE
  a text[] := string_to_array(nullif(current_setting('vigil.attestation', true), ''), '|');
BEGIN
  IF a IS NULL THEN RETURN NEW; END IF;
  NEW.writer_id := a[1];
  NEW.writer_seq := a[2];
  NEW.writer_settled := a[3];
  NEW.writer_notes := nullif(a[4], '');
  NEW.writer_key := a[5];
  NEW.row_mac := sha256(decode(a[9], 'base64') || sha256(decode(a[8], 'base64') || convert_to(json_build_array(
    to_char(NEW.accessed_at AT TIME ZONE 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS.US"Z"'), NEW.actor_role, NEW.actor_user_id::text, NEW.client_ip,
    NEW.db_pid::text, NEW.db_user, NEW.detail, NEW.event_type, NEW.log_id::text, NEW.outcome, NEW.request_id::text, NEW.seq::text,
    NEW.session_id::text, NEW.subject_account_id::text, NEW.tx_id::text,
    NEW.writer_id::text, NEW.writer_key, NEW.writer_notes, NEW.writer_seq::text, NEW.writer_settled::text)::text, 'UTF8')));
  RETURN NEW;
END
$$;
CREATE TRIGGER attest BEFORE INSERT ON audit.security_event_log FOR EACH ROW EXECUTE FUNCTION audit.attest_event();

-- From here on every row of the patients' log is vouched for by the process that caused it.
INSERT INTO audit.security_event_log (event_type, detail, outcome) VALUES ('WRITERS_ATTESTED', '{}', 'DONE');

GRANT CREATE ON SCHEMA audit TO audit_gate;
SET LOCAL ROLE audit_gate;

-- Told in the statement that writes, for its transaction alone. Null, so that it can stand inside an argument and is
-- therefore evaluated before the function that the argument is for.
CREATE FUNCTION audit.attest(p_attestation text) RETURNS text
LANGUAGE plpgsql VOLATILE SET search_path = pg_catalog, pg_temp AS $$
BEGIN
  PERFORM set_config('vigil.attestation', p_attestation, true);
  RETURN NULL;
END
$$;

-- A process says that its calls are settled, when no further call of its own does.
CREATE FUNCTION audit.settle_writer(p_attestation text) RETURNS void
LANGUAGE plpgsql VOLATILE SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS $$
BEGIN
  IF coalesce(p_attestation, '') = '' THEN
    RAISE EXCEPTION 'only a writer settles its calls' USING ERRCODE = '42501';
  END IF;
  PERFORM set_config('vigil.attestation', p_attestation, true);
  PERFORM audit.record_event('WRITER_SETTLED', NULL, NULL, NULL, NULL, '{}', 'DONE', NULL);
END
$$;
GRANT EXECUTE ON FUNCTION audit.settle_writer(text) TO vigil_app, vigil_worker;
-- Whoever may write an effect says for which call; it changes nothing but the transaction's own setting.
GRANT EXECUTE ON FUNCTION audit.attest(text) TO vigil_app, vigil_worker, phi_patient, phi_proxy, phi_nurse, phi_clinician, phi_billing,
  phi_billing_identity, phi_job_import, phi_job_rotate, phi_job_reindex, phi_job_shred, phi_owner;
RESET ROLE;
SET LOCAL ROLE audit_owner;
REVOKE CREATE ON SCHEMA audit FROM audit_gate;
RESET ROLE;
