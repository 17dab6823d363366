import { randomUUID } from 'node:crypto'
import { at, call, canary, id, refused, right, type Stage, type SurfaceArea } from './case.ts'

const data = (stage: Stage, display = 'made') => ({
  patientId: stage.patient,
  kind: 'other',
  status: 'final',
  effectiveAt: at,
  display,
})
const select = { select: { display: true, note: true } }
const observation = (stage: Stage, operation: string, args: object) =>
  call(stage.record, 'observation', operation, args)
/** A new row of the case's own, changed by it. */
const changed = async (stage: Stage, change: (row: string) => Promise<unknown>): Promise<unknown> => {
  const { id: row } = (await observation(stage, 'create', {
    data: { ...data(stage), note: 'a note', code: 'c' },
    ...id,
  })) as { id: string }
  const result = await change(row)
  const stored = await observation(stage, 'findUnique', { where: { id: row }, ...select })
  return Array.isArray(result) || (result as { count?: number }).count !== undefined
    ? [stored, result]
    : stored
}
const update = (stage: Stage, given: object, more: object = {}) =>
  changed(stage, (row) => observation(stage, 'update', { where: { id: row, ...more }, data: given, ...id }))
const counted = async (stage: Stage): Promise<unknown> => {
  const note = {
    patientId: stage.patient,
    class: 'clinical',
    status: 'draft',
    authorId: stage.other,
    authoredAt: at,
  }
  const { id: row } = (await call(stage.record, 'note', 'create', { data: note, ...id })) as { id: string }
  const steps = [{ increment: 3 }, { multiply: 2 }, { decrement: 1 }, { divide: 5 }]
  for (const currentVersion of steps)
    await call(stage.record, 'note', 'update', { where: { id: row }, data: { currentVersion }, ...id })
  return call(stage.record, 'note', 'findUnique', { where: { id: row }, select: { currentVersion: true } })
}
const noted = { display: 'made', note: 'a note' }
const draft = (
  stage: Stage,
  work: (record: Stage['record'], text: string, note: string) => Promise<unknown>,
) =>
  stage.asAuthor(async (record) => {
    const authorId = stage.records.actors.clinician.accountId
    const versions = [1, 2].map((number) => ({
      number,
      status: 'draft',
      authorId,
      writtenAt: at,
      title: `t ${number}`,
      body: 'b',
    }))
    const note = (await call(record, 'note', 'create', {
      data: {
        patientId: stage.patient,
        class: 'clinical',
        status: 'draft',
        authorId,
        authoredAt: at,
        noteVersions: { create: versions },
      },
      select: { id: true, noteVersions: { take: 2, orderBy: { number: 'asc' }, ...id } },
    })) as { id: string; noteVersions: { id: string }[] }
    const result = await work(record, note.noteVersions[0]?.id ?? '', note.id)
    return [result, await call(record, 'noteVersion', 'count', { where: { noteId: note.id } })]
  })

/** Arguments that would be taken, for the operations that give rows back. */
const ordinary: Readonly<Record<string, (stage: Stage) => object>> = {
  create: (stage) => ({ data: data(stage), ...id }),
  createManyAndReturn: (stage) => ({ data: [data(stage)], ...id }),
  update: (stage) => ({ where: { id: stage.results[0] }, data: { display: canary }, ...id }),
  updateManyAndReturn: (stage) => ({ where: { id: stage.results[0] }, data: { note: null }, ...id }),
  upsert: (stage) => ({
    where: { id: stage.results[0] },
    create: data(stage),
    update: { display: canary },
    ...id,
  }),
  delete: (stage) => ({ where: { id: stage.results[0] }, ...id }),
}

export const writing: SurfaceArea = {
  title: 'Writing',
  cases: [
    right('create({ data, select })', 'id set, patient found out, sealed, indexed, digests in the trail', { display: 'made' }, (stage) => observation(stage, 'create', { data: data(stage), select: { display: true } })),
    right('createMany({ data })', 'each row sealed for its own place', { count: 2 }, (stage) => observation(stage, 'createMany', { data: [data(stage), data(stage)] })),
    right('createManyAndReturn({ data, select })', 'the same', [{ display: 'made' }], (stage) => observation(stage, 'createManyAndReturn', { data: [data(stage)], select: { display: true } })),
    right('update({ where, data, select })', 'id and patient are read in the same transaction first', { display: 'changed', note: 'a note' }, (stage) => update(stage, { display: 'changed' })),
    right('update({ data: { field: { set } } })', 'as without set', { display: 'changed', note: 'a note' }, (stage) => update(stage, { display: { set: 'changed' } })),
    right('update({ where: { id, …further conditions } })', 'they still decide', { display: 'changed', note: 'a note' }, (stage) => update(stage, { display: 'changed' }, { version: 1 })),
    right('update to null', 'cell and token are cleared; no key is needed', { display: 'made', note: null }, (stage) => update(stage, { note: null })),
    right('update({ data: { plain: { increment, decrement, multiply, divide } } })', 'plain numbers only; a number that is sealed takes a value', { currentVersion: 1 }, counted),
    right('updateMany({ where, data })', 'plain fields, and null for sealed ones', [{ display: 'made', note: null }, { count: 1 }], (stage) => changed(stage, (row) => observation(stage, 'updateMany', { where: { id: row }, data: { note: null, status: 'amended' } }))),
    right('updateManyAndReturn({ where, data, select })', 'the same', [{ display: 'made', note: null }, [{ note: null }]], (stage) => changed(stage, (row) => observation(stage, 'updateManyAndReturn', { where: { id: row }, data: { note: null }, select: { note: true } }))),
    right('upsert({ where, create, update, select }) that creates', 'which branch it is is found out first', { display: 'made' }, (stage) => observation(stage, 'upsert', { where: { id: randomUUID() }, create: data(stage), update: { display: 'not taken' }, select: { display: true } })),
    right('upsert({ where, create, update, select }) that updates', 'the same', { display: 'changed', note: 'a note' }, (stage) => changed(stage, (row) => observation(stage, 'upsert', { where: { id: row }, create: data(stage, 'not taken'), update: { display: 'changed' }, ...id }))),
    right('delete({ where, select })', 'cells, tokens and digests end with the row', [{ title: 't 1' }, 1], (stage) => draft(stage, (record, text) => call(record, 'noteVersion', 'delete', { where: { id: text }, select: { title: true } }))),
    right('deleteMany({ where })', 'the same', [{ count: 2 }, 0], (stage) => draft(stage, (record, _text, note) => call(record, 'noteVersion', 'deleteMany', { where: { noteId: note } }))),
    refused('createMany({ skipDuplicates })', 'which rows were left out is not told, and the trail would name them', (stage) => observation(stage, 'createMany', { data: [data(stage)], skipDuplicates: true })),
    refused('createManyAndReturn({ skipDuplicates })', 'the same', (stage) => observation(stage, 'createManyAndReturn', { data: [data(stage)], skipDuplicates: true, ...id })),
    refused('updateMany({ data: { sealed: value } })', 'one ciphertext cannot be bound to many rows', (stage) => observation(stage, 'updateMany', { where: { id: stage.results[0] }, data: { display: canary } })),
    refused('updateManyAndReturn({ data: { sealed: value } })', 'the same', (stage) => observation(stage, 'updateManyAndReturn', { where: { id: stage.results[0] }, data: { display: canary }, ...id })),
    refused('updateMany({ limit })', 'the trail names the rows, and Prisma would choose them', (stage) => observation(stage, 'updateMany', { where: {}, data: { note: null }, limit: 1 })),
    refused('updateManyAndReturn({ limit })', 'the same', (stage) => observation(stage, 'updateManyAndReturn', { where: {}, data: { note: null }, limit: 1, ...id })),
    refused('deleteMany({ limit })', 'the same', (stage) => observation(stage, 'deleteMany', { where: {}, limit: 1 })),
    ...Object.entries(ordinary).flatMap(([operation, args]) => [
      refused(`${operation}({ include })`, 'the fields are named', (stage) => observation(stage, operation, { ...args(stage), select: undefined, include: { encounter: true } })),
      refused(`${operation}({ omit })`, 'the same', (stage) => observation(stage, operation, { ...args(stage), omit: { note: true } })),
    ]),
    refused('create() without select', 'the fields are named', (stage) => observation(stage, 'create', { data: data(stage, canary) })),
    refused('create for a patient who was not admitted', 'the gate would refuse it, later', (stage) => observation(stage, 'create', { data: { ...data(stage, canary), patientId: randomUUID() }, ...id })),
    refused('create without a patient', 'whose key it is must be said', (stage) => observation(stage, 'create', { data: { ...data(stage, canary), patientId: undefined }, ...id })),
    refused('create with an id that is no UUID', 'cells are bound to the id', (stage) => observation(stage, 'create', { data: { ...data(stage, canary), id: 'row 1' }, ...id })),
    refused('a change of id or patientId', 'a row stays what it is and with whom', (stage) => observation(stage, 'update', { where: { id: stage.results[0] }, data: { patientId: stage.other }, ...id })),
    refused('a token column in data', 'tokens are the layer’s own', (stage) => observation(stage, 'update', { where: { id: stage.results[0] }, data: { codeToken: new Uint8Array(4) }, ...id })),
    refused('a field that is not in the schema', 'its name could be a value in the wrong place', (stage) => observation(stage, 'update', { where: { id: stage.results[0] }, data: { somethingNew: canary }, ...id })),
    refused('update({ where: {} })', 'names no row', (stage) => observation(stage, 'update', { where: { id: undefined }, data: { display: canary }, ...id })),
    right('a value of undefined', 'left out, as if it were not there', noted, (stage) => update(stage, { note: undefined })),
    right('an empty text', 'sealed, padded to 16 bytes', { display: '', note: 'a note' }, (stage) => update(stage, { display: '' })),
    right('text that looks like a ciphertext', 'is text, and sealed', { display: 'phi1.00000001.AAAA', note: 'a note' }, (stage) => update(stage, { display: 'phi1.00000001.AAAA' })),
  ],
} // prettier-ignore
