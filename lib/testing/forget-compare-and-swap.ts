import type pg from 'pg'
import { resealStatements, type ResealStatements } from '#lib/phi/rotate/reseal-unit.ts'

/**
 * The control: the same engine without its one idea. Puts a function beside phi.reseal that writes what was made of the value
 * that was read, whatever stands there by now, and takes away the two guards that would refuse it. On a database that is
 * thrown away afterwards.
 */
export async function forgetCompareAndSwap(superuser: pg.Client): Promise<ResealStatements> {
  await superuser.query(`
    CREATE OR REPLACE FUNCTION phi.assert_reencrypted(p_old jsonb, p_new jsonb) RETURNS void
    LANGUAGE sql IMMUTABLE SET search_path = pg_catalog, pg_temp AS 'SELECT';
    CREATE OR REPLACE FUNCTION phi.reseal_blindly(p_table text, p_model text, p_fields jsonb, p_rows jsonb) RETURNS TABLE (changed_rows integer, changed_cells integer)
    LANGUAGE plpgsql VOLATILE SET search_path = pg_catalog, pg_temp AS $$
    DECLARE
      v_record text;
      v_set text;
    BEGIN
      SELECT string_agg(format('%I text', c), ', '), string_agg(format('%1$I = coalesce(n.%1$I, t.%1$I)', c), ', ')
        INTO v_record, v_set FROM unnest(phi.ciphertext_columns(p_table)) c;
      -- time between reading and writing, as a busy machine gives it: what is lost in it is certain then, not luck
      PERFORM pg_sleep(0.2);
      PERFORM audit.effect(r.patient, 'UPDATE', p_model, '{}', '{}', NULL) FROM jsonb_to_recordset(p_rows) AS r (patient uuid) GROUP BY r.patient;
      EXECUTE format('UPDATE phi.%I t SET %s FROM jsonb_to_recordset($1) AS r (id uuid, new jsonb)
        CROSS JOIN LATERAL jsonb_to_record(r.new) AS n (%s) WHERE t.id = r.id', p_table, v_set, v_record) USING p_rows;
      GET DIAGNOSTICS changed_rows = ROW_COUNT;
      SELECT sum((SELECT count(*) FROM jsonb_object_keys(r -> 'new'))) INTO changed_cells FROM jsonb_array_elements(p_rows) r;
      RETURN NEXT;
    END
    $$;
    REVOKE EXECUTE ON FUNCTION phi.reseal_blindly(text, text, jsonb, jsonb) FROM PUBLIC;
    GRANT EXECUTE ON FUNCTION phi.reseal_blindly(text, text, jsonb, jsonb) TO phi_job_rotate;`)
  return {
    ...resealStatements,
    write: 'SELECT changed_rows, changed_cells FROM phi.reseal_blindly($1, $2, $3::jsonb, $4::jsonb)',
  }
}
