import 'server-only'

import { appQuery } from '#lib/db/app-database.ts'
import { AuditUnavailable } from '#lib/errors.ts'
import type { Throttle } from '#lib/phi/rotate/throttle.ts'
import { asService } from '#lib/phi/service-actor.ts'
import type { Actor } from '#lib/policy/actor.ts'
import { nothingRenewed, renewedWith, type Renewed } from './types.ts'

/** An admission names no more (audit.admit). */
const patientsMax = 50
/** A session of a job lives 12 hours; a walk over very many patients opens a new one now and then. */
const pagesPerSession = 1000

/** Which patients: those who lack tokens under a version, or those who still have some of versions that are gone. */
export type Wanted =
  | { readonly kind: 'names' | 'codes'; readonly version: number }
  | { readonly kind: 'dead'; readonly versions: readonly number[] }

export type Walk = {
  readonly wanted: Wanted
  readonly throttle: Throttle
  /** whether what is being done is still what is to be done; asked before each unit */
  readonly goesOn: () => Promise<boolean>
  readonly unit: (actor: Actor, patients: readonly string[]) => Promise<Renewed>
  readonly done: () => Promise<void>
}

/** Goes once over all patients who are wanted, in the order of their ids, a unit of work for each fifty. */
export async function walkPatients(walk: Walk): Promise<Renewed> {
  let sum = nothingRenewed
  let after: string | null = null
  let more = true
  while (more) {
    more = await asService('search-index', async (actor) => {
      for (let page = 0; page < pagesPerSession; page += 1) {
        const patients: string[] = await nextPatients(actor, walk.wanted, after)
        after = patients.at(-1) ?? null
        if (after === null || !(await walk.goesOn())) return false
        const unit = () => walk.unit(actor, patients).catch(passOver)
        do {
          sum = renewedWith(sum, await walk.throttle.run(patients.length, unit))
        } while (sum.more)
        await walk.done()
      }
      return true
    })
  }
  return sum
}

/** Faults that the next pass solves: somebody else was at it, or the unit took longer than an admission lives. */
const passing = /\b(40001|40P01|55P03|42501)$/

/** @throws whatever is not passing */
function passOver(error: unknown): Renewed {
  const code = error instanceof Error && 'code' in error ? error.code : undefined
  const cause = error instanceof AuditUnavailable ? error.causeName : undefined
  if (passing.test(typeof code === 'string' ? code : (cause ?? ''))) return nothingRenewed
  throw error
}

async function nextPatients(actor: Actor, wanted: Wanted, after: string | null): Promise<string[]> {
  const rows =
    wanted.kind === 'dead'
      ? await appQuery<{ patient_id: string }>(
          'SELECT patient_id FROM phi.patients_to_unindex($1, $2::integer[], $3::uuid, $4)',
          [actor.sessionToken, wanted.versions, after, patientsMax],
          'worker',
        )
      : await appQuery<{ patient_id: string }>(
          'SELECT patient_id FROM phi.patients_to_index($1, $2, $3, $4::uuid, $5)',
          [actor.sessionToken, wanted.kind, wanted.version, after, patientsMax],
          'worker',
        )
  return rows.map((row) => row.patient_id)
}
