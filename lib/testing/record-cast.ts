import { randomUUID } from 'node:crypto'
import type pg from 'pg'
import { env } from '#lib/env.ts'
import { initialiseKeyStore } from '#lib/keys/initialise-key-store.ts'
import { closeProcessKeyStore } from '#lib/keys/process-key-store.ts'
import { endPools } from '#lib/db/pools.ts'
import { asService } from '#lib/phi/service-actor.ts'
import type { Access, RecordClient } from '#lib/phi/types.ts'
import { withRecord } from '#lib/phi/with-record.ts'
import { brandActor, type Actor } from '#lib/policy/actor.ts'
import type { PersonRole } from '#lib/policy/roles.ts'
import { makeDoorCast, type Cast, type CastMember } from './door-cast.ts'

/** The cast with a key store, and with patients whose cells really open. */
export type RecordCast = {
  cast: Cast
  actors: Record<PersonRole, Actor>
  actorOf(member: CastMember): Actor
  /** Makes a patient through the product's own door, cared for by `carer` when one is given. */
  addPatient(names?: Partial<PatientNames>, carer?: Actor): Promise<string>
  /** Runs work on patients as the import job, which may read and write all of a record. */
  change<T>(
    patients: readonly string[],
    work: (record: RecordClient) => Promise<T>,
    access?: Partial<Access>,
  ): Promise<T>
  /** What stands in the database, seen past every safeguard. */
  raw<R extends pg.QueryResultRow>(text: string, values?: unknown[]): Promise<R[]>
  close(): Promise<void>
}

type PatientNames = { familyName: string; givenName: string; birthDate: string; mrn: string }

export async function makeRecordCast(): Promise<RecordCast> {
  const cast = await makeDoorCast()
  await initialiseKeyStore(env)

  const actorOf = (member: CastMember): Actor =>
    brandActor({
      accountId: member.accountId,
      role: member.role,
      displayName: '',
      sessionToken: member.token,
      clientIp: '10.0.0.7',
    })

  const addPatient = async (names: Partial<PatientNames> = {}, carer?: Actor): Promise<string> => {
    const id = randomUUID()
    await asService('import', (actor) =>
      granted(actor, { view: 'import', action: 'CREATE', patients: [id] }, async (record) => {
        await record.patient.create({
          data: { id, familyName: 'Example', ...names },
          select: { id: true },
        })
        if (!carer) return
        await record.careRelationship.create({
          data: { patientId: id, accountId: carer.accountId, startsAt: new Date(Date.now() - 86_400_000) },
          select: { id: true },
        })
      }),
    )
    return id
  }

  return {
    cast,
    actorOf,
    actors: Object.fromEntries(
      Object.entries(cast.people).map(([role, member]) => [role, actorOf(member)]),
    ) as Record<PersonRole, Actor>,
    addPatient,
    change: (patients, work, access = {}) =>
      asService('import', (actor) =>
        granted(actor, { view: 'import', action: 'UPDATE', patients, ...access }, work),
      ),
    raw: async <R extends pg.QueryResultRow>(text: string, values: unknown[] = []) =>
      (await cast.sql.superuser.query<R>(text, values)).rows,
    close: async () => {
      await endPools()
      await closeProcessKeyStore()
      await cast.close()
    },
  }
}

/** The value of a unit that must have been admitted. */
export async function granted<T>(
  actor: Actor,
  access: Access,
  work: (record: RecordClient) => Promise<T>,
): Promise<T> {
  const outcome = await withRecord(actor, access, work)
  if (outcome.kind === 'denied') throw new Error(`denied: ${outcome.reason}`)
  return outcome.value
}
