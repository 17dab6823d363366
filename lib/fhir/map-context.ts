import type { ResourceType, Resources } from './check-resource.ts'
import type { Reference } from './schema/datatypes.ts'

/** What a mapper may ask about the world outside its resource. */
export type MapContext = {
  /** The row that the resource itself becomes, and the patient's. */
  id: string
  patientId: string
  /** The id of a row that hangs on this one; `part` is stable from import to import (`telecom[0]`). */
  partId: (part: string) => string
  /**
   * The row behind a reference, when there will be one: in these files or already in the record, and of this
   * patient where rows have a patient. A database would refuse anything else.
   */
  rowId: (reference: Reference | undefined, type: ResourceType) => string | null
  /** The resource behind a reference, when it is contained in this one or lies in these files. */
  resource: <T extends ResourceType>(reference: Reference | undefined, type: T) => Resources[T] | null
}
