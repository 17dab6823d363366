import { createHmac, randomBytes } from 'node:crypto'
import type { Call } from '#lib/audit/attest/writer.ts'
import type { QueryConfig } from 'pg'
import type { BenchRow } from './bench-row.ts'
import { actorOf, withBenchClinic, type BenchClinic } from './clinic.ts'
import { comparison, inTurn, throughput } from './rounds.ts'

export const name = 'attest'

const rounds = 9
const roundMilliseconds = 1_500

/** What it costs that processes vouch for their rows: at the door, and when the rows are held against their words. */
export function run(): Promise<BenchRow[]> {
  return withBenchClinic(async (clinic) => [...(await doorRows(clinic)), ...(await checkRows())])
}

/** Admissions as they are, against the same without a number, a key and a MAC; both committed. */
async function doorRows(clinic: BenchClinic): Promise<BenchRow[]> {
  const { openPool } = await import('#lib/db/open-pool.ts')
  const { Connection } = await import('#lib/db/connection.ts')
  const { Writer } = await import('#lib/audit/attest/writer.ts')
  const { admit } = await import('#lib/phi/admit.ts')
  const { rollBack } = await import('#lib/phi/run-unit.ts')
  const { chartAccess } = await import('#lib/records/chart/open-chart.ts')
  const [call, commit] = [
    Reflect.get(Writer.prototype, 'call') as () => Call,
    Reflect.get(Connection.prototype, 'commit') as (config: QueryConfig) => Promise<unknown>,
  ]
  const silent: Call = { attestation: () => '', written: () => undefined, failed: () => undefined }
  const vouch = (whether: boolean): void => {
    Object.assign(Writer.prototype, { call: whether ? call : () => silent })
    Object.assign(Connection.prototype, {
      commit: whether
        ? commit
        : function (this: unknown, { text, values }: QueryConfig) {
            const plain = text.replace('coalesce(audit.attest($12), $1)', '$1')
            if (plain === text) throw new Error('the admission is another statement now')
            return commit.call(this, { name: 'unattested', text: plain, values: values?.slice(0, 11) ?? [] })
          },
    })
  }
  const rows: BenchRow[] = []
  try {
    for (const clients of [1, 8, 32]) {
      const pool = openPool(process.env['DATABASE_URL'] ?? '', { max: clients, pipeline: true })
      pool.on('error', () => undefined)
      const admitOne = async (turn: number): Promise<void> => {
        const connection = await Connection.borrow(pool, 'bench.attest')
        try {
          const access = chartAccess(clinic.patients[turn % clinic.patients.length] ?? '')
          const admission = await admit(connection, actorOf(clinic.nurse, turn), access)
          if (admission.kind === 'denied') throw new Error(admission.reason)
          void rollBack(connection)
        } finally {
          connection.giveBack()
        }
      }
      const side = (whether: boolean) => async () => {
        vouch(whether)
        return throughput(clients, roundMilliseconds, admitOne)
      }
      await side(true)()
      await side(false)()
      const pair = await inTurn(rounds, side(true), side(false))
      rows.push(
        comparison(
          `admissions that are vouched for, ${clients} client${clients === 1 ? '' : 's'}`,
          'admissions/s',
          pair,
          {
            atLeast: 0.75,
          },
        ),
      )
      await pool.end()
    }
  } finally {
    vouch(true)
  }
  return rows
}

/** Every row of the run held against its writer's words, against one bare HMAC over as many bytes. */
async function checkRows(): Promise<BenchRow[]> {
  const { openClient } = await import('#lib/db/open-client.ts')
  const { checkWriters } = await import('#lib/audit/attest/check-writers.ts')
  const { attestationKeyFile, readAttestationKeys } = await import('#lib/audit/attest/attestation-key.ts')
  const { textSettings } = await import('#lib/audit/seal/sealed-log.ts')
  const { env } = await import('#lib/env.ts')
  const client = await openClient(process.env['DATABASE_SEALER_URL'] ?? '', {})
  const key = randomBytes(32)
  const row = randomBytes(900)
  const keys = readAttestationKeys(attestationKeyFile(env.home))
  let size = 0
  try {
    await client.query(`${textSettings}; BEGIN ISOLATION LEVEL REPEATABLE READ READ ONLY`)
    const check = async (): Promise<number> => {
      const start = performance.now()
      const forged: string[] = []
      const { rows } = await checkWriters(
        client,
        keys,
        (kind, _logId, detail) => kind !== 'ROW_UNATTESTED' && forged.push(`${kind}: ${detail}`),
      )
      if (forged.length > 0)
        throw new Error(`${forged.length} rows of the benchmark do not hold: ${forged[0]}`)
      size = rows
      return (rows / (performance.now() - start)) * 1000
    }
    const bare = (): Promise<number> => {
      const start = performance.now()
      for (let at = 0; at < size; at += 1) createHmac('sha256', key).update(row).digest()
      return Promise.resolve((size / (performance.now() - start)) * 1000)
    }
    await check()
    const pair = await inTurn(5, check, bare)
    return [comparison(`rows held against their writers' words, of ${size}`, 'rows/s', pair)]
  } finally {
    await client.end()
  }
}
