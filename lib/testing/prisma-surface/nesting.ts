import { randomUUID } from 'node:crypto'
import { at, call, canary, id, refused, right, type Stage, type SurfaceArea } from './case.ts'

const child = (display: string) => ({ kind: 'other', status: 'final', effectiveAt: at, display })
const children = { take: 9, select: { display: true } }
/** A new visit with one result `a`, changed by the case; what its results say afterwards. */
const visit = async (stage: Stage, change: (child: string) => object): Promise<unknown> => {
  const made = (await call(stage.record, 'encounter', 'create', {
    data: {
      patientId: stage.patient,
      status: 'finished',
      startedAt: at,
      display: 'visit',
      observations: { create: child('a') },
    },
    select: { id: true, observations: { take: 1, ...id } },
  })) as { id: string; observations: { id: string }[] }
  const observations = change(made.observations[0]?.id ?? '')
  const row = (await call(stage.record, 'encounter', 'update', {
    where: { id: made.id },
    data: { observations },
    select: { observations: children },
  })) as { observations: { display: string }[] }
  return row.observations.map(({ display }) => display).toSorted()
}
/** A new result in a visit, its visit changed by way of the result; what the visit says afterwards. */
const parent = async (stage: Stage, change: object, without = false): Promise<unknown> => {
  const encounter = without ? {} : { encounter: { connect: { id: stage.encounter } } }
  const made = (await call(stage.record, 'observation', 'create', {
    data: { ...child('b'), patient: { connect: { id: stage.patient } }, ...encounter },
    ...id,
  })) as { id: string }
  const row = (await call(stage.record, 'observation', 'update', {
    where: { id: made.id },
    data: { encounter: change },
    select: { encounter: { select: { display: true, reason: true } } },
  })) as { encounter: unknown }
  return row.encounter
}
const newVisit = (stage: Stage, display: string) => ({
  patientId: stage.patient,
  status: 'finished',
  startedAt: at,
  display,
})
const texts = (stage: Stage, change: (first: string) => object) =>
  stage.asAuthor(async (record) => {
    const authorId = stage.records.actors.clinician.accountId
    const text = (number: number) => ({
      number,
      status: 'draft',
      authorId,
      writtenAt: at,
      title: `t ${number}`,
      body: 'b',
    })
    const made = (await call(record, 'note', 'create', {
      data: {
        patientId: stage.patient,
        class: 'clinical',
        status: 'draft',
        authorId,
        authoredAt: at,
        noteVersions: { create: [text(1), text(2)] },
      },
      select: { id: true, noteVersions: { take: 1, orderBy: { number: 'asc' }, ...id } },
    })) as { id: string; noteVersions: { id: string }[] }
    const noteVersions = change(made.noteVersions[0]?.id ?? '')
    const row = (await call(record, 'note', 'update', {
      where: { id: made.id },
      data: { noteVersions },
      select: { noteVersions: { take: 9, select: { title: true } } },
    })) as { noteVersions: { title: string }[] }
    return row.noteVersions.map(({ title }) => title)
  })

export const nesting: SurfaceArea = {
  title: 'Nested writes',
  cases: [
    right('children: create, one or several', 'sealed with the patient of the parent', ['a', 'b', 'c'], (stage) => visit(stage, () => ({ create: [child('b'), child('c')] }))),
    right('children: createMany', 'the same', ['a', 'b', 'c'], (stage) => visit(stage, () => ({ createMany: { data: [child('b'), child('c')] } }))),
    right('children: connectOrCreate that creates', 'becomes create', ['a', 'b'], (stage) => visit(stage, () => ({ connectOrCreate: { where: { id: randomUUID() }, create: child('b') } }))),
    right('children: update', 'the child is found under its parent first', ['b'], (stage) => visit(stage, (row) => ({ update: { where: { id: row }, data: { display: { set: 'b' } } } }))),
    right('children: upsert of both kinds', 'told apart first', ['b', 'c'], (stage) => visit(stage, (row) => ({ upsert: [{ where: { id: row }, update: { display: 'b' }, create: child('x') }, { where: { id: randomUUID() }, update: { display: 'x' }, create: child('c') }] }))),
    right('children: updateMany to null or of plain fields', 'rows are found first', ['a'], (stage) => visit(stage, () => ({ updateMany: { where: { kind: 'other' }, data: { note: null, status: 'amended' } } }))),
    right('children: delete', 'found under its parent first', ['t 2'], (stage) => texts(stage, (row) => ({ delete: { id: row } }))),
    right('children: deleteMany', 'the same', ['t 1'], (stage) => texts(stage, () => ({ deleteMany: { number: 2 } }))),
    right('three levels deep', 'walked through', { notes: [{ noteVersions: [{ title: 'deep' }] }] }, (stage) => call(stage.record, 'encounter', 'create', {
      data: { ...newVisit(stage, 'visit'), notes: { create: { class: 'clinical', status: 'draft', authorId: stage.other, authoredAt: at, noteVersions: { create: { number: 1, status: 'draft', authorId: stage.other, writtenAt: at, title: 'deep', body: 'deep' } } } } },
      select: { notes: { take: 1, select: { noteVersions: { take: 1, select: { title: true } } } } },
    })),
    right('parent: create', 'sealed', { display: 'another', reason: null }, (stage) => parent(stage, { create: newVisit(stage, 'another') }, true)),
    right('parent: connect', 'of the same patient', { display: 'visit', reason: null }, (stage) => parent(stage, { connect: { id: stage.encounter } })),
    right('parent: connectOrCreate', 'told apart first', { display: 'another', reason: null }, (stage) => parent(stage, { connectOrCreate: { where: { id: randomUUID() }, create: newVisit(stage, 'another') } })),
    right('parent: update', 'the parent is found first', { display: 'own', reason: 'why' }, async (stage) => {
      const made = (await call(stage.record, 'encounter', 'create', { data: newVisit(stage, 'own'), ...id })) as { id: string }
      return parent({ ...stage, encounter: made.id }, { update: { reason: 'why' } })
    }),
    right('parent: upsert', 'told apart first', { display: 'own', reason: 'why' }, async (stage) => {
      const made = (await call(stage.record, 'encounter', 'create', { data: newVisit(stage, 'own'), ...id })) as { id: string }
      return parent({ ...stage, encounter: made.id }, { upsert: { update: { reason: 'why' }, create: newVisit(stage, 'x') } })
    }),
    refused('children: updateMany with a value for a sealed field', 'one ciphertext cannot be bound to many rows', (stage) => visit(stage, () => ({ updateMany: { where: {}, data: { display: canary } } }))),
    refused('children: createMany({ skipDuplicates })', 'which rows were left out is not told', (stage) => visit(stage, () => ({ createMany: { data: [child(canary)], skipDuplicates: true } }))),
    refused('children: connect', 'an existing row cannot be hung on another parent', (stage) => visit(stage, () => ({ connect: { id: stage.results[0] } }))),
    refused('children: connectOrCreate of an existing row', 'the same', (stage) => visit(stage, () => ({ connectOrCreate: { where: { id: stage.results[0] }, create: child(canary) } }))),
    refused('children: set', 'the same', (stage) => visit(stage, () => ({ set: [{ id: stage.results[0] }] }))),
    refused('children: disconnect', 'the foreign key is set to null on the child itself', (stage) => visit(stage, (row) => ({ disconnect: { id: row } }))),
    refused('parent: disconnect, where the key carries the patient', 'the foreign key is set to null instead', (stage) => parent(stage, { disconnect: true })),
    refused('parent: delete', 'it is deleted by itself', (stage) => parent(stage, { delete: true })),
    refused('parent: connect to another patient’s row', 'a row belongs to one patient, and so do its parents', async (stage) => {
      const foreign = (await call(stage.record, 'encounter', 'create', { data: { ...newVisit(stage, 'foreign'), patientId: stage.other }, ...id })) as { id: string }
      return parent(stage, { connect: { id: foreign.id } })
    }),
    refused('parent: two operations at once', 'exactly one is taken', (stage) => parent(stage, { connect: { id: stage.encounter }, create: newVisit(stage, canary) })),
    refused('parent: update with a condition', 'nothing needs it', (stage) => parent(stage, { update: { where: { status: 'finished' }, data: { reason: canary } } })),
    refused('one cell changed twice in one call', 'nobody could say which value remains', (stage) => visit(stage, (row) => ({ update: [{ where: { id: row }, data: { display: canary } }, { where: { id: row }, data: { display: canary } }] }))),
  ],
} // prettier-ignore
