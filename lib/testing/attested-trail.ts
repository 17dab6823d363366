import { mkdtempSync } from 'node:fs'
import { tmpdir } from 'node:os'
import path from 'node:path'
import pg from 'pg'

import { archiveHeader } from '#lib/audit/archive/archive-line.ts'
import { writeArchive } from '#lib/audit/archive/write-archive.ts'
import { attestationKeyFile, readAttestationKeys } from '#lib/audit/attest/attestation-key.ts'
import { settleWriter } from '#lib/audit/attest/process-writer.ts'
import { beginIncarnation } from '#lib/audit/seal/begin-incarnation.ts'
import type { Verdict, VerifyMode } from '#lib/audit/seal/finding.ts'
import { Sealer } from '#lib/audit/seal/sealer.ts'
import { verifyTrail } from '#lib/audit/seal/verify-trail.ts'
import { now } from '#lib/clock.ts'
import { env } from '#lib/env.ts'
import { readUnverifiedCheckpoint } from '#lib/merkle/checkpoint.ts'
import { makeSignerKey, verifierKey, type SignerKey } from '#lib/merkle/note-key.ts'
import { anchorFile, openFileAnchor } from '#lib/ops/seal/file-anchor.ts'
import { makeRecordCast, type RecordCast } from './record-cast.ts'
import { sealAll } from './seal-all.ts'
import { testDatabase } from './test-database.ts'

/** A trail that the product's own door writes, whose sealer works when it is told to, and that can be attacked. */
export type AttestedTrail = {
  readonly records: RecordCast
  readonly maria: string
  readonly zoe: string
  /** Nadia, who cares for both. */
  open(patients: readonly string[]): Promise<unknown>
  /** Settles what this process wrote, so that nothing of it may be missing from here on. */
  settle(): Promise<void>
  seal(): Promise<void>
  /** Seals what can be sealed now. */
  step(): Promise<number>
  /** Has the whole trail verified, as it stands. */
  verify(mode?: VerifyMode): Promise<Verdict>
  /**
   * Lets all that is sealed leave the logs into an archive, young as it is.
   * @returns the archive's lines; verification reads them from here on, as they stand then
   */
  archive(): Promise<string[]>
  /** Begins another tree, as after a restore that was acknowledged. */
  beginAnotherTree(): Promise<void>
  /**
   * Does something as somebody who owns the server, without triggers, has the whole trail verified, and undoes it.
   * @param attack statements, in their order
   */
  verdictAfter(...attack: readonly string[]): Promise<Verdict>
  close(): Promise<void>
}

/** One cast and one copy of the databases; the rows that the cast itself wrote by hand are not vouched for, and need not be. */
export async function makeAttestedTrail(): Promise<AttestedTrail> {
  const { urls } = await testDatabase()
  const records = await makeRecordCast()
  const nurse = records.actors.nurse
  const superuser = new pg.Client({ connectionString: urls.superuser })
  const sealerClient = new pg.Client({ connectionString: urls.sealer })
  const reader = new pg.Client({ connectionString: urls.sealer })
  await superuser.connect()
  await sealerClient.connect()
  await reader.connect()
  await beginAnew(superuser)
  const maria = await records.addPatient({ familyName: 'Attested', givenName: 'Maria' }, nurse)
  const zoe = await records.addPatient({ familyName: 'Attested', givenName: 'Zoë' }, nurse)
  const key = makeSignerKey('clinic.example/audit/test/1')
  const signerOf = (incarnation: number): SignerKey => ({
    ...key,
    verifier: verifierKey(`clinic.example/audit/test/${incarnation}`, 'ed25519', key.verifier.key),
  })
  const home = mkdtempSync(path.join(tmpdir(), 'vigil-attest-'))
  const anchor = openFileAnchor(anchorFile(home))
  let sealer = new Sealer(sealerClient, signerOf, anchor)
  let tree = 1
  let archived: string[] | undefined
  const verify = (client: pg.Client, mode: VerifyMode = { kind: 'full' }): Promise<Verdict> =>
    verifyTrail(client, signerOf(tree).verifier, [anchor], {
      mode,
      writerKeys: readAttestationKeys(attestationKeyFile(env.home)),
      ...(archived && { archives: { lines: () => linesOf(archived ?? []) } }),
    })

  return {
    records,
    maria,
    zoe,
    open: async (patients) => {
      const { withRecord } = await import('#lib/phi/with-record.ts')
      return withRecord(nurse, { view: 'chart-summary', action: 'READ', patients }, () => Promise.resolve())
    },
    settle: settleWriter,
    seal: async () => {
      await sealAll(sealer, superuser)
    },
    step: () => sealer.step(),
    verify: (mode) => verify(reader, mode),
    archive: async () => {
      const { rows } = await superuser.query<{ month: string }>(
        `SELECT to_char(min(accessed_at) AT TIME ZONE 'UTC', 'YYYY-MM-01') AS month FROM audit.patient_phi_audit_log`,
      )
      const month = rows[0]?.month ?? ''
      const lines = await Array.fromAsync(writeArchive(reader, signerOf(1).verifier, month, now()))
      archived = lines
      const { from, to } = archiveHeader.parse(JSON.parse(lines[0] ?? ''))
      await letLeave(superuser, month, from, to)
      return lines
    },
    beginAnotherTree: async () => {
      tree += 1
      const { origin, size, root } = readUnverifiedCheckpoint((await anchor.newest()) ?? '')
      await beginIncarnation(sealerClient, tree, signerOf(tree), {
        reason: 'A disk was replaced',
        lastAnchored: { origin, size, root: root.toString('base64') },
        restoredSize: size,
      })
      sealer = new Sealer(sealerClient, signerOf, anchor)
    },
    verdictAfter: async (...attack) => {
      await superuser.query('BEGIN')
      try {
        await superuser.query('SET LOCAL session_replication_role = replica')
        for (const statement of attack) await superuser.query(statement)
        return await verify(withinTransaction(superuser))
      } finally {
        await superuser.query('ROLLBACK')
      }
    },
    close: async () => {
      await superuser.end()
      await sealerClient.end()
      await reader.end()
      await records.close()
    },
  }
}

/** From here on every row must be vouched for. */
async function beginAnew(superuser: pg.Client): Promise<void> {
  await superuser.query('SET session_replication_role = replica')
  await superuser.query(`DELETE FROM audit.security_event_log WHERE event_type = 'WRITERS_ATTESTED'`)
  await superuser.query('SET session_replication_role = origin')
  await superuser.query(
    `INSERT INTO audit.security_event_log (event_type, outcome) VALUES ('WRITERS_ATTESTED', 'DONE')`,
  )
}

async function* linesOf(lines: readonly string[]): AsyncGenerator<string, void, undefined> {
  await Promise.resolve()
  yield* lines
}

/** What two persons, the worker and time would have done to a month, at once. */
async function letLeave(superuser: pg.Client, month: string, from: number, to: number): Promise<void> {
  await superuser.query('BEGIN; SET LOCAL session_replication_role = replica')
  const gone: number[] = []
  for (const log of ['patient_phi_audit_log', 'security_event_log']) {
    const { rowCount } = await superuser.query(
      `DELETE FROM audit.${log} l USING audit.seal_leaf f WHERE f.log_id = l.log_id AND f.accessed_at = l.accessed_at
          AND l.accessed_at >= $1::date::timestamp AT TIME ZONE 'UTC' AND l.accessed_at < ($1::date + interval '1 month') AT TIME ZONE 'UTC'`,
      [month],
    )
    gone.push(rowCount ?? 0)
  }
  await superuser.query(
    `INSERT INTO audit.trail_archive (request_id, month, incarnation, first_leaf, end_leaf, tree_size, patient_rows, security_rows, file_name, file_sha256, content_digest, detached_at, changed_at)
     SELECT gen_random_uuid(), $1::date, 1, $2, $3, $3, $4, $5, 'trail-of-a-test', sha256(''), sha256(string_agg(f.leaf_hash, ''::bytea ORDER BY f.leaf_index)), now(), now()
       FROM audit.seal_leaf f WHERE f.incarnation = 1 AND f.leaf_index >= $2 AND f.leaf_index < $3
        AND f.accessed_at >= $1::date::timestamp AT TIME ZONE 'UTC' AND f.accessed_at < ($1::date + interval '1 month') AT TIME ZONE 'UTC'`,
    [month, from, to, ...gone],
  )
  await superuser.query('COMMIT')
}

/** The connection as it is, but for the beginning of a transaction: there is one. Its end takes the attack away. */
function withinTransaction(client: pg.Client): pg.Client {
  const query = (question: unknown, ...rest: unknown[]): unknown => {
    const begins = typeof question === 'string' && question.includes('BEGIN ISOLATION')
    const sent = begins ? question.slice(0, question.indexOf('BEGIN')) : question
    return Reflect.apply(client.query.bind(client), client, [sent, ...rest])
  }
  return new Proxy(client, {
    get: (target, name) => (name === 'query' ? query : (Reflect.get(target, name) as unknown)),
  })
}
