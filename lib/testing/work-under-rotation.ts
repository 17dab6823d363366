import { randomInt, randomUUID } from 'node:crypto'
import { setTimeout as sleep } from 'node:timers/promises'
import { asService } from '#lib/phi/service-actor.ts'
import type { RecordClient } from '#lib/phi/types.ts'
import { withRecord } from '#lib/phi/with-record.ts'
import { withSearch } from '#lib/phi/with-search.ts'
import type { Actor } from '#lib/policy/actor.ts'

/*
 * People at work on the same rows, with a memory of what they were told was saved. Each of four writers has a column of its own
 * in every row, so that a re-encryption of one column that undid another would show as well; values count up, so that one that is
 * older than the last confirmed one is a lost update.
 */
const columns = ['value', 'note', 'method', 'performer'] as const
type Column = (typeof columns)[number]

/** What was found wrong, and out of how many. */
export type WorkDone = {
  readonly writes: number
  readonly reads: number
  readonly searches: number
  readonly failedWrites: readonly string[]
  readonly failedReads: readonly string[]
  /** a read showed something older than what had been confirmed before it began */
  readonly staleReads: number
}

export type WorkUnderRotation = {
  /** ends the work and waits for what is under way */
  stop(): Promise<WorkDone>
  /** cells that do not hold what was confirmed last; whether or not somebody is writing */
  lostUpdates(): Promise<number>
  /** how many writes have been confirmed so far */
  written(): number
  /** goes on until so much of everything was done, however slow the machine is today; a test's own time is the limit */
  until(enough: Partial<Pick<WorkDone, 'writes' | 'reads' | 'searches'>>): Promise<void>
  /** patients whose record is worked on */
  readonly patients: readonly string[]
}

type Place = { readonly row: string; readonly patient: string; readonly column: Column }
type Standing = { place: Place; issued: number; confirmed: number }

export type WorkOptions = {
  readonly patients: number
  readonly rowsPerPatient: number
  readonly readers?: number
  /** between two steps of each person, in milliseconds */
  readonly pause?: number
  /** before this nobody begins */
  readonly after?: Promise<void>
  /** somebody who may search; then one of the readers looks people up by record number */
  readonly searcher?: Actor
}

/** Makes patients with rows, and sets four writers and as many readers as asked for to work on them. */
export async function workUnderRotation(options: WorkOptions): Promise<WorkUnderRotation> {
  const { readers = 4, pause = 5, after, searcher } = options
  const patients = await makePatients(options)
  const standings = [...patients].flatMap(([patient, { rows }]) =>
    rows.flatMap((row) =>
      columns.map((column) => ({ place: { row, patient, column }, issued: 0, confirmed: 0 })),
    ),
  )
  const done = {
    writes: 0,
    reads: 0,
    searches: 0,
    failedWrites: [] as string[],
    failedReads: [] as string[],
    staleReads: 0,
  }
  let stopped = false
  const pick = <T>(list: readonly T[]): T => list[randomInt(list.length)] as T
  const overAndOver = async (step: () => Promise<void>) => {
    await after
    while (!stopped) {
      await step()
      await sleep(randomInt(pause + 1))
    }
  }

  const write = (actor: Actor, own: readonly Standing[]) => async () => {
    const standing = pick(own)
    const { place } = standing
    standing.issued += 1
    const next = standing.issued
    try {
      await inRecord(actor, 'UPDATE', place.patient, (record) =>
        record.observation.update({
          where: { id: place.row },
          data: { [place.column]: textOf(place, next) },
          select: { id: true },
        }),
      )
      standing.confirmed = next
      done.writes += 1
    } catch (error) {
      // Nobody was told that it was saved. It may have been, or not.
      done.failedWrites.push(nameOf(error))
    }
  }

  const read = (actor: Actor) => async () => {
    const { place } = pick(standings)
    const own = standings.filter((each) => each.place.row === place.row)
    const before = own.map((each) => each.confirmed)
    try {
      const values = await readRow(actor, place)
      done.reads += 1
      own.forEach((each, at) => {
        const shown = numberIn(values[each.place.column], each.place)
        if (shown < (before[at] ?? 0) || shown > each.issued) done.staleReads += 1
      })
    } catch (error) {
      done.failedReads.push(nameOf(error))
    }
  }

  const lookUp = (actor: Actor) => async () => {
    const [patient, { mrn }] = pick([...patients])
    try {
      const outcome = await withSearch(actor, { view: 'patient-search', terms: { mrn } }, (record, found) =>
        record.patient.findMany({ where: { id: { in: found } }, take: 5, select: { familyName: true } }),
      )
      done.searches += 1
      if (outcome.kind !== 'granted' || outcome.patients.join() !== patient)
        done.failedReads.push(`not found: ${outcome.kind}`)
    } catch (error) {
      done.failedReads.push(nameOf(error))
    }
  }

  const writing = columns.map((column) =>
    asService('import', (actor) =>
      overAndOver(
        write(
          actor,
          standings.filter((each) => each.place.column === column),
        ),
      ),
    ),
  )
  const reading = Array.from({ length: readers }, (_, at) =>
    at === 0 && searcher
      ? overAndOver(lookUp(searcher))
      : asService('import', (actor) => overAndOver(read(actor))),
  )

  return {
    patients: [...patients.keys()],
    written: () => done.writes,
    async until({ writes = 0, reads = 0, searches = 0 }) {
      while (done.writes < writes || done.reads < reads || done.searches < searches) await sleep(20)
    },
    async stop() {
      stopped = true
      await Promise.all([...writing, ...reading])
      return done
    },
    lostUpdates: () =>
      asService('import', async (actor) => {
        let lost = 0
        const byRow = Map.groupBy(standings, (each) => each.place.row)
        for (const own of byRow.values()) {
          const [first] = own
          if (!first) continue
          const before = own.map((each) => each.confirmed)
          const values = await readRow(actor, first.place)
          own.forEach((each, at) => {
            if (numberIn(values[each.place.column], each.place) < (before[at] ?? 0)) lost += 1
          })
        }
        return lost
      }),
  }
}

/** What a cell holds: where it belongs and the how-manieth value it is. */
const textOf = ({ row, column }: Place, count: number): string => `${column} of ${row} ${count}`

function numberIn(value: unknown, place: Place): number {
  const text = typeof value === 'string' ? value : ''
  const head = textOf(place, 0).slice(0, -1)
  return text.startsWith(head) ? Number(text.slice(head.length)) : -1
}

const nameOf = (error: unknown): string =>
  error instanceof Error ? `${error.name}: ${error.message}` : 'unknown'

function readRow(actor: Actor, place: Place): Promise<Partial<Record<Column, unknown>>> {
  return inRecord(actor, 'READ', place.patient, async (record) => {
    const row = await record.observation.findUnique({
      where: { id: place.row },
      select: { value: true, note: true, method: true, performer: true },
    })
    return row ?? {}
  })
}

async function inRecord<T>(
  actor: Actor,
  action: 'READ' | 'UPDATE' | 'CREATE',
  patient: string,
  work: (record: RecordClient) => Promise<T>,
): Promise<T> {
  const outcome = await withRecord(actor, { view: 'import', action, patients: [patient] }, work)
  if (outcome.kind === 'denied') throw new Error(`denied: ${outcome.reason}`)
  return outcome.value
}

async function makePatients({ patients: count, rowsPerPatient, searcher }: WorkOptions) {
  const patients = new Map<string, { rows: string[]; mrn: string }>()
  await asService('import', async (actor) => {
    for (let at = 0; at < count; at += 1) {
      const patient = randomUUID()
      const rows = Array.from({ length: rowsPerPatient }, () => randomUUID())
      const mrn = `W${patient.slice(0, 13).replace('-', '')}`.toUpperCase()
      await inRecord(actor, 'CREATE', patient, async (record) => {
        await record.patient.create({
          data: { id: patient, familyName: 'Worked', mrn },
          select: { id: true },
        })
        if (searcher) {
          await record.careRelationship.create({
            data: {
              patientId: patient,
              accountId: searcher.accountId,
              startsAt: new Date(Date.now() - 86_400_000),
            },
            select: { id: true },
          })
        }
        await record.observation.createMany({
          data: rows.map((row) => ({
            id: row,
            patientId: patient,
            kind: 'laboratory',
            status: 'final',
            display: 'Worked',
            code: '1234-5',
            value: textOf({ row, patient, column: 'value' }, 0),
            note: textOf({ row, patient, column: 'note' }, 0),
            method: textOf({ row, patient, column: 'method' }, 0),
            performer: textOf({ row, patient, column: 'performer' }, 0),
          })),
        })
      })
      patients.set(patient, { rows, mrn })
    }
  })
  return patients
}
