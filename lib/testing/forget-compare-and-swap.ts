import type pg from 'pg'
import { resealStatements, type ResealStatements } from '#lib/phi/rotate/reseal-unit.ts'

/** Whoever holds this advisory lock holds up a rotation between its reading and its writing. */
const betweenReadingAndWriting = 47_0047

/** The statements of a rotation that waits, between reading and writing, while `held` is held: as it is, and without its one idea. */
export type HeldRotation = {
  readonly comparing: ResealStatements
  /** writes what was made of the value that was read, whatever stands there by now */
  readonly blindly: ResealStatements
  /** from now on a rotation waits before it writes results */
  hold(): Promise<void>
  /** whether one waits */
  isWaiting(): Promise<boolean>
  /** lets it write */
  letGo(): Promise<void>
}

/**
 * The control: the same engine, stopped where a busy machine might stop it, so that what is lost there is certain and not luck.
 * Takes away the two guards that would refuse a blind write. On a database that is thrown away afterwards.
 */
export async function forgetCompareAndSwap(superuser: pg.Client): Promise<HeldRotation> {
  await superuser.query(`
    CREATE OR REPLACE FUNCTION phi.assert_reencrypted(p_old jsonb, p_new jsonb) RETURNS void
    LANGUAGE sql IMMUTABLE SET search_path = pg_catalog, pg_temp AS 'SELECT';
    CREATE OR REPLACE FUNCTION phi.reseal_held(p_table text, p_model text, p_fields jsonb, p_rows jsonb) RETURNS TABLE (changed_rows integer, changed_cells integer)
    LANGUAGE plpgsql VOLATILE SET search_path = pg_catalog, pg_temp AS $$
    BEGIN
      IF p_table = 'observation' THEN PERFORM pg_advisory_xact_lock_shared(${betweenReadingAndWriting}); END IF;
      RETURN QUERY SELECT r.changed_rows, r.changed_cells FROM phi.reseal(p_table, p_model, p_fields, p_rows) r;
    END
    $$;
    CREATE OR REPLACE FUNCTION phi.reseal_blindly(p_table text, p_model text, p_fields jsonb, p_rows jsonb) RETURNS TABLE (changed_rows integer, changed_cells integer)
    LANGUAGE plpgsql VOLATILE SET search_path = pg_catalog, pg_temp AS $$
    DECLARE
      v_record text;
      v_set text;
    BEGIN
      SELECT string_agg(format('%I text', c), ', '), string_agg(format('%1$I = coalesce(n.%1$I, t.%1$I)', c), ', ')
        INTO v_record, v_set FROM unnest(phi.ciphertext_columns(p_table)) c;
      IF p_table = 'observation' THEN PERFORM pg_advisory_xact_lock_shared(${betweenReadingAndWriting}); END IF;
      PERFORM audit.effect(r.patient, 'UPDATE', p_model, '{}', '{}', NULL) FROM jsonb_to_recordset(p_rows) AS r (patient uuid) GROUP BY r.patient;
      EXECUTE format('UPDATE phi.%I t SET %s FROM jsonb_to_recordset($1) AS r (id uuid, new jsonb)
        CROSS JOIN LATERAL jsonb_to_record(r.new) AS n (%s) WHERE t.id = r.id', p_table, v_set, v_record) USING p_rows;
      GET DIAGNOSTICS changed_rows = ROW_COUNT;
      SELECT sum((SELECT count(*) FROM jsonb_object_keys(r -> 'new'))) INTO changed_cells FROM jsonb_array_elements(p_rows) r;
      RETURN NEXT;
    END
    $$;
    REVOKE EXECUTE ON FUNCTION phi.reseal_held(text, text, jsonb, jsonb), phi.reseal_blindly(text, text, jsonb, jsonb) FROM PUBLIC;
    GRANT EXECUTE ON FUNCTION phi.reseal_held(text, text, jsonb, jsonb), phi.reseal_blindly(text, text, jsonb, jsonb) TO phi_job_rotate;
    GRANT EXECUTE ON FUNCTION pg_advisory_xact_lock_shared(bigint) TO phi_job_rotate;`)
  return {
    comparing: { ...resealStatements, write: writeBy('reseal_held') },
    blindly: { ...resealStatements, write: writeBy('reseal_blindly') },
    async hold() {
      await superuser.query('SELECT pg_advisory_lock($1)', [betweenReadingAndWriting])
    },
    async isWaiting() {
      const { rowCount } = await superuser.query(
        `SELECT FROM pg_locks WHERE locktype = 'advisory' AND classid = 0 AND objid = $1 AND objsubid = 1 AND NOT granted
            AND database = (SELECT oid FROM pg_database WHERE datname = current_database())`,
        [betweenReadingAndWriting],
      )
      return rowCount === 1
    },
    async letGo() {
      await superuser.query('SELECT pg_advisory_unlock($1)', [betweenReadingAndWriting])
    },
  }
}

const writeBy = (name: string): string =>
  `SELECT changed_rows, changed_cells FROM phi.${name}($1, $2, $3::jsonb, $4::jsonb)`
