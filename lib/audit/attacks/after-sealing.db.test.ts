import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import path from 'node:path'
import { beforeEach, describe, expect, test } from 'vitest'
import { signCheckpoint } from '#lib/merkle/checkpoint.ts'
import { makeSignerKey } from '#lib/merkle/note-key.ts'
import { anchorFile, openFileAnchor } from '#lib/ops/seal/file-anchor.ts'
import { AnchorAway } from '#lib/audit/seal/anchor.ts'
import { Sealer } from '#lib/audit/seal/sealer.ts'
import {
  anchor,
  attack,
  home,
  key,
  kinds,
  seal,
  sealer,
  sealerClient,
  signerOf,
  superuser,
  trailPerTest,
  verify,
  write,
} from '#lib/testing/sealed-trail.ts'

trailPerTest()

describe('what somebody who owns the server may do to sealed entries, and how it is found', () => {
  const middle = `(SELECT log_id FROM audit.seal_leaf WHERE leaf_index = 100)`
  beforeEach(async () => {
    await write(200)
    await seal()
    if (!(await verify()).ok) throw new Error('the trail was not in order to begin with')
  })

  test('editing a row', async () => {
    await attack(`UPDATE audit.patient_phi_audit_log SET actor_role = 'clinician' WHERE log_id = ${middle}`)
    const verdict = await verify()
    expect(verdict.findings).toEqual([expect.objectContaining({ kind: 'ROW_EDITED', leafIndex: 100 })])
    const { rows } = await superuser.query<{ log_id: string }>(`SELECT ${middle} AS log_id`)
    expect(verdict.findings[0]?.logId).toBe(rows[0]?.log_id)
  })

  test('deleting a row', async () => {
    await attack(`DELETE FROM audit.patient_phi_audit_log WHERE log_id = ${middle}`)
    expect((await verify()).findings).toEqual([
      expect.objectContaining({ kind: 'ROW_DELETED', leafIndex: 100 }),
    ])
  })

  test('deleting a row with its leaf, and numbering the leaves anew', async () => {
    await attack(`DELETE FROM audit.patient_phi_audit_log WHERE log_id = ${middle}`)
    await attack('DELETE FROM audit.seal_leaf WHERE leaf_index = 100')
    expect(kinds(await verify())).toEqual(['ROW_DELETED', 'TRUNCATED_OR_ROLLED_BACK'])
    await attack('UPDATE audit.seal_leaf SET leaf_index = leaf_index - 1 WHERE leaf_index > 100')
    expect(kinds(await verify())).toEqual(['TRUNCATED_OR_ROLLED_BACK'])
    // With a leaf of one's own at the end the size fits again, and the roots do not.
    await attack(`INSERT INTO audit.seal_leaf (incarnation, leaf_index, log, log_id, tx_id, seq, format, leaf_hash)
      SELECT incarnation, leaf_index + 1, 'P', gen_random_uuid(), tx_id, seq + 1000, format, leaf_hash FROM audit.seal_leaf ORDER BY leaf_index DESC LIMIT 1`)
    expect(kinds(await verify())).toContain('HISTORY_REWRITTEN')
  })

  test('putting a row among the sealed ones', async () => {
    await attack(`INSERT INTO audit.patient_phi_audit_log SELECT (jsonb_populate_record(NULL::audit.patient_phi_audit_log, to_jsonb(l) || jsonb_build_object('log_id', gen_random_uuid(), 'seq', -1))).*
      FROM audit.patient_phi_audit_log l WHERE l.log_id = ${middle}`)
    const verdict = await verify()
    expect(verdict.findings).toEqual([expect.objectContaining({ kind: 'ROW_INSERTED' })])
  })

  test('giving a row another place in the order', async () => {
    await attack(`UPDATE audit.patient_phi_audit_log SET seq = seq - 50 WHERE log_id = ${middle}`)
    expect((await verify()).findings).toEqual([
      expect.objectContaining({ kind: 'ROW_EDITED', leafIndex: 100 }),
    ])
  })

  test('exchanging two leaves', async () => {
    await attack('UPDATE audit.seal_leaf SET leaf_index = 100000 WHERE leaf_index = 100')
    await attack('UPDATE audit.seal_leaf SET leaf_index = 100 WHERE leaf_index = 101')
    await attack('UPDATE audit.seal_leaf SET leaf_index = 101 WHERE leaf_index = 100000')
    expect(kinds(await verify())).toEqual(expect.arrayContaining(['HISTORY_REWRITTEN', 'REORDERED']))
  })

  test('cutting the tail, with leaves and checkpoints', async () => {
    const before = (await verify()).treeSize
    await write(50)
    await seal()
    await attack(
      `DELETE FROM audit.patient_phi_audit_log WHERE log_id IN (SELECT log_id FROM audit.seal_leaf WHERE leaf_index >= $1)`,
      [before],
    )
    await attack(
      `DELETE FROM audit.security_event_log WHERE log_id IN (SELECT log_id FROM audit.seal_leaf WHERE leaf_index >= $1)`,
      [before],
    )
    await attack('DELETE FROM audit.seal_leaf WHERE leaf_index >= $1', [before])
    await attack('DELETE FROM audit.checkpoint WHERE tree_size > $1', [before])
    expect(kinds(await verify())).toEqual(['TRUNCATED_OR_ROLLED_BACK'])
    // The sealer does not seal on over it.
    await expect(sealer().step()).rejects.toThrow('the anchor holds a tree of')
  })

  /** Deletes all that was sealed, and seals the logs anew with the same key, as its thief could. */
  const resealAll = async (): Promise<void> => {
    for (const table of ['anchor_receipt', 'checkpoint', 'seal_node', 'seal_leaf', 'seal_incarnation'])
      await attack(`DELETE FROM audit.${table}`)
    await seal(
      new Sealer(
        sealerClient,
        signerOf,
        openFileAnchor(anchorFile(mkdtempSync(path.join(tmpdir(), 'vigil-thief-')))),
      ),
    )
  }

  test('editing, and sealing everything anew with the stolen key', async () => {
    await attack(`UPDATE audit.patient_phi_audit_log SET actor_role = 'clinician' WHERE log_id = ${middle}`)
    await resealAll()
    expect(kinds(await verify())).toEqual(['EQUIVOCATION', 'HISTORY_REWRITTEN'])
    await expect(sealer().step()).rejects.toThrow('differ at')
  })

  test('putting an old backup back, and sealing on past the size that was anchored', async () => {
    await write(50)
    await seal()
    await attack(
      `DELETE FROM audit.patient_phi_audit_log WHERE seq > (SELECT max(seq) - 40 FROM audit.patient_phi_audit_log)`,
    )
    await write(200)
    await resealAll()
    expect(kinds(await verify())).toContain('HISTORY_REWRITTEN')
  })

  test('exchanging the key in the database for one’s own', async () => {
    const own = makeSignerKey('clinic.example/audit/test/1')
    for (const table of ['anchor_receipt', 'checkpoint', 'seal_node', 'seal_leaf', 'seal_incarnation'])
      await attack(`DELETE FROM audit.${table}`)
    await seal(
      new Sealer(
        sealerClient,
        () => own,
        openFileAnchor(anchorFile(mkdtempSync(path.join(tmpdir(), 'vigil-thief-')))),
      ),
    )
    expect(kinds(await verify())).toContain('HISTORY_REWRITTEN')
  })

  test('signing two trees of one size, though one of them was shown only later', async () => {
    const { treeSize } = await verify()
    await write(50)
    await seal()
    const root = Buffer.alloc(32, 7)
    await anchor().keep(signCheckpoint({ origin: key.verifier.name, size: treeSize, root }, key))
    expect(kinds(await verify())).toEqual(['EQUIVOCATION', 'HISTORY_REWRITTEN'])
  })

  test('exchanging a root of a subtree, of which proofs are made', async () => {
    await write(300)
    await seal()
    await attack(`UPDATE audit.seal_node SET hash = sha256('x') WHERE level = 8 AND node_index = 1`)
    expect((await verify()).findings).toMatchObject([{ kind: 'HISTORY_REWRITTEN', leafIndex: 256 }])
    await attack('DELETE FROM audit.seal_node WHERE level = 8 AND node_index = 1')
    expect((await verify()).findings).toMatchObject([{ kind: 'HISTORY_REWRITTEN', leafIndex: 256 }])
  })

  test('taking the anchor away', async () => {
    rmSync(anchorFile(home))
    expect(kinds(await verify())).toEqual(['ANCHOR_LOST'])
    // One that only gives no answer is named, and nothing is said of it.
    const away = {
      ...anchor(),
      id: 'witness w',
      all: () => ({
        [Symbol.asyncIterator]: () => ({ next: () => Promise.reject(new AnchorAway('no answer')) }),
      }),
    }
    const verdict = await verify({ kind: 'full' }, [away])
    expect(verdict).toMatchObject({ ok: true, unreached: ['witness w'] })
  })

  test('stopping the sealer', async () => {
    await attack(
      `INSERT INTO audit.security_event_log (event_type, outcome, accessed_at) VALUES ('SIGN_IN_FAILED', 'REFUSED', clock_timestamp() - interval '2 minutes')`,
    )
    await attack(`UPDATE audit.checkpoint SET sealed_at = sealed_at - interval '5 minutes'`)
    expect(kinds(await verify())).toEqual(['SEAL_STALE'])
  })
})
