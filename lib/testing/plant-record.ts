import { randomUUID } from 'node:crypto'
import type { RecordClient } from '#lib/phi/types.ts'
import { models, type Model } from '#lib/phi/registry.ts'

/** Plain columns that a row of each model cannot do without. */
const needed: Readonly<
  Record<string, (of: { patientId: string; actorId: string; parentId: string }) => object>
> = {
  PatientIdentifier: () => ({}),
  PatientContact: () => ({}),
  Coverage: () => ({ status: 'active' }),
  Encounter: () => ({ status: 'finished', startedAt: at }),
  Condition: () => ({}),
  AllergyIntolerance: () => ({}),
  MedicationRequest: () => ({ status: 'active' }),
  Immunization: () => ({ status: 'completed' }),
  DiagnosticReport: () => ({ status: 'final' }),
  Observation: () => ({ kind: 'laboratory', status: 'final' }),
  Procedure: () => ({ status: 'completed' }),
  NoteVersion: ({ actorId, parentId }) => ({
    noteId: parentId, class: 'clinical', number: 1, status: 'draft', authorId: actorId, writtenAt: at,
  }), // prettier-ignore
  DocumentReference: () => ({ status: 'current' }),
  Claim: () => ({ status: 'active' }),
  ClaimLine: ({ parentId }) => ({ claimId: parentId, lineNumber: 1 }),
  ExplanationOfBenefit: () => ({ status: 'active' }),
  Payment: () => ({ status: 'active', paidAt: at }),
}
const at = new Date('2026-03-01T10:00:00Z')

export type Planted = { model: string; id: string; field: string; value: unknown }

/**
 * Writes one row of every model of a record, with a value of its own in every encrypted field.
 * @param textOf a text that exists nowhere else, for the n-th text value
 */
export async function plantRecord(
  record: RecordClient,
  patientId: string,
  actorId: string,
  textOf: (n: number) => string,
): Promise<Planted[]> {
  const planted: Planted[] = []
  const create = (model: Model, data: object) =>
    (record as unknown as Record<string, { create: (args: object) => Promise<unknown> }>)[
      model.delegate
    ]?.create({
      data,
      select: { id: true },
    })
  const valuesOf = (model: Model, id: string) =>
    Object.fromEntries(
      [...model.encrypted.values()].map(({ name, cell }) => {
        const value = valueFor(cell.type, textOf(planted.length), planted.length)
        planted.push({ model: model.name, id, field: name, value })
        return [name, value]
      }),
    )
  const note = await record.note.create({
    data: { patientId, class: 'clinical', status: 'draft', authorId: actorId, authoredAt: at },
    select: { id: true },
  })
  const claim = await record.claim.create({ data: { patientId, status: 'active' }, select: { id: true } })
  for (const [name, plain] of Object.entries(needed)) {
    const model = models.get(name)
    if (!model) throw new Error(`no model ${name}`)
    const id = randomUUID()
    const parentId = name === 'ClaimLine' ? claim.id : note.id
    await create(model, { id, patientId, ...plain({ patientId, actorId, parentId }), ...valuesOf(model, id) })
  }
  const patient = models.get('Patient')
  if (patient)
    await record.patient.update({
      where: { id: patientId },
      data: valuesOf(patient, patientId),
      select: { id: true },
    })
  return planted
}

function valueFor(type: string, text: string, n: number): unknown {
  switch (type) {
    case 'number':
      return 700_000_000_000 + n * 7919
    case 'date':
      return `18${String(10 + (n % 80))}-07-19`
    case 'json':
      return [{ planted: text }]
    case 'bytes':
      return new TextEncoder().encode(text)
    default:
      return text
  }
}
