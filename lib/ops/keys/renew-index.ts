import 'server-only'

import { setTimeout as sleep } from 'node:timers/promises'
import {
  accountIndexCensus,
  removeAccountTokens,
  renewAccountTokens,
} from '#lib/auth/renew-account-tokens.ts'
import { nowMilliseconds } from '#lib/clock.ts'
import { Refused } from '#lib/errors.ts'
import type { KeyStore } from '#lib/keys/key-store.ts'
import { indexCensus } from '#lib/phi/reindex/index-census.ts'
import { removeTokens } from '#lib/phi/reindex/remove-tokens.ts'
import { renewCodes } from '#lib/phi/reindex/renew-codes.ts'
import { renewNames } from '#lib/phi/reindex/renew-names.ts'
import { walkPatients, type Walk } from '#lib/phi/reindex/walk-patients.ts'
import { reportCells } from '#lib/phi/rotate/report-cells.ts'
import { throttle } from '#lib/phi/rotate/throttle.ts'
import type { UnreadableCell } from '#lib/phi/rotate/types.ts'
import { asService } from '#lib/phi/service-actor.ts'

/** What is to be found no longer: values without tokens under a version, codes under another, tokens of versions that are gone. */
export type Left = {
  readonly version: number
  readonly codes: boolean
  readonly dead: readonly number[]
}

export type Renewal = {
  readonly keys: KeyStore
  readonly patientsPerSecond: number
  readonly progress?: (what: string, done: number, total: number) => void
}

/** Counting reads whole tables, so it is not done after every unit, and takes no more than a twentieth of the time. */
const countEveryMilliseconds = 1000
const countingShare = 20
/** Passes in a row that change nothing, a second apart: longer than any transaction may say nothing (first migration). */
const idlePassesMax = 60

type Counts = { missing: number; dead: number }

/** Counted in the data: what is left. */
export async function countLeft({ version, codes, dead }: Left): Promise<Counts> {
  const records = await indexCensus(version, dead)
  const accounts = await asService('search-index', (actor) => accountIndexCensus(actor, version, dead))
  return {
    missing: records.namesMissing + (codes ? records.codesMissing : 0) + accounts.missing,
    dead: records.dead + accounts.dead,
  }
}

/**
 * Makes the tokens that are missing, then takes away those of versions that are gone, pass by pass until nothing is left.
 * @param goesOn whether this is still what is to be done; asked before each unit
 * @throws Refused when values do not open whose tokens are missing
 */
export async function renewUntilNothingIsLeft(
  renewal: Renewal,
  left: Left,
  goesOn: () => Promise<boolean>,
): Promise<{ patients: number; accounts: number }> {
  const sum = { patients: 0, accounts: 0 }
  const count = async () => {
    const { missing, dead } = await countLeft(left)
    return missing + dead
  }
  const total = await count()
  const done = watchProgress(renewal, total, count)
  for (let before = total, idle = 0; before > 0 && (await goesOn());) {
    const unreadable = await pass(renewal, left, goesOn, done, sum)
    const present = await count()
    idle = present < before ? 0 : idle + 1
    if (idle >= 2 && unreadable.length > 0) await refuse(unreadable)
    if (idle === idlePassesMax)
      throw new Refused(
        `${present} values or tokens are held by somebody else, or of a record whose destruction was interrupted ("vigil keys shred"): try again later.`,
      )
    if (idle > 0) await sleep(1000)
    before = present
  }
  renewal.progress?.('Search tokens', total, total)
  return sum
}

async function pass(
  { keys, patientsPerSecond }: Renewal,
  left: Left,
  goesOn: () => Promise<boolean>,
  done: () => Promise<void>,
  sum: { patients: number; accounts: number },
): Promise<UnreadableCell[]> {
  const { version, codes, dead } = left
  const common = { throttle: throttle(patientsPerSecond), goesOn, done }
  const walk = async (of: Pick<Walk, 'wanted' | 'unit'>) => {
    const renewed = await walkPatients({ ...common, ...of })
    sum.patients += renewed.owners
    return renewed.unreadable
  }
  const unreadable = [
    ...(await walk({
      wanted: { kind: 'names', version },
      unit: (actor, patients) => renewNames(actor, keys, patients, version),
    })),
  ]
  const accounts = await asService('search-index', (actor) => renewAccountTokens(actor, version))
  sum.accounts += accounts.accounts
  unreadable.push(
    ...accounts.unreadable.map((id) => ({ model: 'Account', column: 'email', rowId: id, ownerId: 'org:main', code: 'KEY_UNKNOWN' })),
  ) // prettier-ignore
  if (codes) {
    unreadable.push(
      ...(await walk({
        wanted: { kind: 'codes', version },
        unit: (actor, patients) => renewCodes(actor, keys, patients, version),
      })),
    )
  }
  // Nothing is taken away as long as something would be found by it alone.
  if (dead.length === 0 || (await countLeft(left)).missing > 0 || !(await goesOn())) return unreadable
  await walk({
    wanted: { kind: 'dead', versions: dead },
    unit: (actor, patients) => removeTokens(actor, patients, dead),
  })
  await asService('search-index', (actor) => removeAccountTokens(actor, dead))
  return unreadable
}

function watchProgress(renewal: Renewal, total: number, count: () => Promise<number>): () => Promise<void> {
  let present = total
  let nextAt = nowMilliseconds() + countEveryMilliseconds
  return async () => {
    const begun = nowMilliseconds()
    if (begun > nextAt) {
      present = await count()
      const ended = nowMilliseconds()
      nextAt = ended + Math.max(countEveryMilliseconds, (ended - begun) * countingShare)
    }
    renewal.progress?.('Search tokens', Math.max(0, total - present), total)
  }
}

async function refuse(unreadable: readonly UnreadableCell[]): Promise<never> {
  await asService('search-index', (actor) => reportCells(actor, unreadable))
  throw new Refused(
    `${unreadable.length} values do not open, so they get no tokens and would be found no longer: "vigil keys verify" names them. The former index key stays in use.`,
  )
}
