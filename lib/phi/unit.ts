import 'server-only'

import { AsyncLocalStorage } from 'node:async_hooks'
import { openCall } from '#lib/audit/attest/process-writer.ts'
import type { Call } from '#lib/audit/attest/writer.ts'
import type { Connection } from '#lib/db/connection.ts'
import { OutsideUnit, onConnection } from '#lib/db/unit-connection.ts'
import type { Action } from '#lib/policy/access.ts'
import { RefusedQuery, UndeclaredField } from './record-error.ts'
import type { FieldsByModel } from './types.ts'

/** What was admitted, in the words of the door. */
export type Admitted = {
  readonly requestId: string
  readonly databaseRole: string
  readonly view: string
  readonly action: Action
  readonly patients: readonly string[]
  /** encrypted fields that may be decrypted or written, by model */
  readonly fields: FieldsByModel
}

const writingActions: readonly Action[] = ['CREATE', 'UPDATE', 'DELETE']

/** Whether a unit admitted for this action may change anything. */
export const isWriting = (action: Action): boolean => writingActions.includes(action)

type FieldSets = ReadonlyMap<string, ReadonlySet<string>>
const knownSets = new WeakMap<FieldsByModel, FieldSets>()

/** The fields of a view as sets, made once per view. */
function setsOf(fields: FieldsByModel): FieldSets {
  const known = knownSets.get(fields)
  if (known) return known
  const sets = new Map(Object.entries(fields).map(([model, names]) => [model, new Set(names)]))
  knownSets.set(fields, sets)
  return sets
}

/** One unit of work: an admission, the connection that serves it, and nothing of any other. */
export class Unit {
  readonly connection: Connection
  readonly admitted: Admitted
  readonly #fields: FieldSets
  readonly #patients: ReadonlySet<string>
  #pending: Promise<unknown> = Promise.resolve()
  #ended = false
  readonly #effects: { readonly call: Call; readonly rows: number }[] = []

  constructor(connection: Connection, admitted: Admitted) {
    this.connection = connection
    this.admitted = admitted
    this.#fields = setsOf(admitted.fields)
    this.#patients = new Set(admitted.patients)
  }

  /** @throws UndeclaredField unless the admitted view declares the encrypted field */
  assertDeclared(model: string, field: string): void {
    if (!this.#fields.get(model)?.has(field)) throw new UndeclaredField(model, field, this.admitted.view)
  }

  /** @throws RefusedQuery for a patient this unit was not admitted to; the database would refuse too, later */
  assertAdmitted(model: string, patient: string): void {
    if (!this.#patients.has(patient))
      throw new RefusedQuery(model, 'this patient was not admitted for this unit of work')
  }

  /** @throws RefusedQuery when a unit that was admitted to look tries to change something */
  assertWriting(model: string): void {
    if (!isWriting(this.admitted.action)) {
      throw new RefusedQuery(model, `a unit admitted for ${this.admitted.action} changes nothing`)
    }
  }

  /**
   * Runs an operation. Where something may be written they run one after the other: a nested write's savepoint must not
   * catch somebody else's statement. Reads are sent as they come.
   */
  run<T>(operation: () => Promise<T>): Promise<T> {
    if (this.#ended) return Promise.reject(new OutsideUnit())
    const turn = isWriting(this.admitted.action) ? this.#pending.then(operation) : operation()
    // Without what the operation gave: a unit can outlive its work (a connection that was opened in it remembers it), and
    // no row of a record should.
    this.#pending = Promise.allSettled([this.#pending, turn]).then(() => undefined)
    return turn
  }

  /**
   * Vouches for the entries that a statement of this unit is about to write.
   * @param effects patient, action, model and row id of each, in their order
   * @returns what the statement tells audit.attest
   */
  attestEffects(effects: readonly (readonly [string, string, string, string | null])[]): string {
    const { requestId, databaseRole } = this.admitted
    const call = openCall(databaseRole.startsWith('phi_job_') ? 'worker' : 'app')
    this.#effects.push({ call, rows: effects.length })
    return call.attestation({ kind: 'effects', requestId, effects })
  }

  /** Says what became of those entries: they stand, or they were rolled back, in part or as a whole. */
  settleEffects(committed: boolean): void {
    for (const { call, rows } of this.#effects.splice(0)) {
      if (committed) call.written(rows)
      else call.failed()
    }
  }

  /** Waits for what was started, and lets nothing more begin. */
  async end(): Promise<void> {
    this.#ended = true
    await this.#pending
  }
}

const current = new AsyncLocalStorage<Unit>()

/** Runs `work` as this unit. */
export function asUnit<T>(unit: Unit, work: () => Promise<T>): Promise<T> {
  return current.run(unit, () => onConnection(unit.connection, work))
}

/**
 * The unit of work that is running.
 * @throws OutsideUnit
 */
export function currentUnit(): Unit {
  const unit = current.getStore()
  if (!unit) throw new OutsideUnit()
  return unit
}
