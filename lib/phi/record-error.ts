import 'server-only'

import { VigilError } from '#lib/errors.ts'

/*
 * What the door throws besides AuditUnavailable, KeysUnavailable and RecordUnavailable. Texts are made of names from
 * the schema, never of values: Prisma's and Postgres' own errors quote both and are dropped at the door.
 */

/** The database or Prisma refused an operation. */
export class RecordError extends VigilError {
  override readonly name = 'RecordError'
  readonly publicText = 'This could not be saved or found. Nothing was changed.'
  readonly model: string
  /** Prisma's code (`P2002`), a SQLSTATE (`42501`), or `VALIDATION`, `VALUE`, `UNKNOWN` */
  readonly code: string

  constructor(model: string, code: string) {
    super(`${model}: ${code}`)
    this.model = model
    this.code = code
  }
}

/** A call that the door cannot make safe; no SQL was sent. A mistake in our own code. */
export class RefusedQuery extends VigilError {
  override readonly name = 'RefusedQuery'
  readonly publicText = 'Vigil refused to do this. Nothing was opened or changed.'
  readonly model: string

  /** @param rule one sentence with names of models and fields at most */
  constructor(model: string, rule: string) {
    super(`${model}: ${rule}`)
    this.model = model
  }
}

/** A field was named that the admitted view does not declare; no SQL was sent. */
export class UndeclaredField extends VigilError {
  override readonly name = 'UndeclaredField'
  readonly publicText = 'Vigil refused to do this. Nothing was opened or changed.'
  readonly model: string
  readonly field: string

  constructor(model: string, field: string, view: string) {
    super(`${model}.${field} is not a field of the view ${view}`)
    this.model = model
    this.field = field
  }
}

/** A cell does not open: altered, moved, or its key is gone. Nothing of the result is handed out. */
export class CellUnreadable extends VigilError {
  override readonly name = 'CellUnreadable'
  readonly publicText =
    'A part of this record cannot be opened, so none of it is shown. The people who run Vigil have been told.'
  readonly model: string
  readonly field: string
  readonly rowId: string
  readonly patientId: string
  /** code of lib/crypto, such as `NOT_AUTHENTIC` */
  readonly code: string

  constructor(of: { model: string; field: string; rowId: string; patientId: string; code: string }) {
    super(`${of.model}.${of.field} of row ${of.rowId}: ${of.code}`)
    this.model = of.model
    this.field = of.field
    this.rowId = of.rowId
    this.patientId = of.patientId
    this.code = of.code
  }
}
