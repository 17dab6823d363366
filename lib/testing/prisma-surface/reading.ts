import { call, id, refused, right, type Stage, type SurfaceArea } from './case.ts'

const results = (stage: Stage, args: object, operation = 'findMany') =>
  call(stage.record, 'observation', operation, args)
const own = ({ patient }: Stage) => ({ where: { patientId: patient, display: undefined } })
const list = (stage: Stage, args: object) =>
  results(stage, {
    ...own(stage),
    take: 10,
    orderBy: { effectiveAt: 'asc' },
    select: { display: true },
    ...args,
  })
const first = { display: 'result 1' }
const every = [{ display: 'result 1' }, { display: 'result 2' }, { display: 'result 3' }]
const display = { select: { display: true } }

export const reading: SurfaceArea = {
  title: 'Reading',
  cases: [
    right('findUnique({ where, select })', 'sent as findFirst: Prisma would merge those of one tick, and they may be of two units', first, (stage) => results(stage, { where: { id: stage.results[0] }, ...display }, 'findUnique')),
    right('findUniqueOrThrow({ where, select })', 'the same; without the row Prisma’s P2025', first, (stage) => results(stage, { where: { id: stage.results[0] }, ...display }, 'findUniqueOrThrow')),
    right('findFirst({ where, orderBy, cursor, take, skip, distinct, select })', 'opened', first, (stage) => results(stage, { ...own(stage), orderBy: { effectiveAt: 'asc' }, cursor: { id: stage.results[0] }, take: 1, skip: 0, distinct: ['id'], ...display }, 'findFirst')),
    right('findFirstOrThrow({ where, orderBy, cursor, take, skip, distinct, select })', 'opened', first, (stage) => results(stage, { ...own(stage), orderBy: { effectiveAt: 'asc' }, cursor: { id: stage.results[0] }, take: 1, skip: 0, distinct: ['id'], ...display }, 'findFirstOrThrow')),
    right('findMany({ where, orderBy, cursor, take, skip, distinct, select })', 'opened; a list needs take, from 1 to 500', [{ display: 'result 2' }], (stage) => list(stage, { cursor: { id: stage.results[0] }, skip: 1, take: 1, distinct: ['id'] })),
    right('findMany({ take: -1 })', 'the last', [{ display: 'result 3' }], (stage) => list(stage, { take: -1 })),
    right('findMany({ cursor: { patientId_id } })', 'a compound key of plain columns', [{ display: 'result 3' }], (stage) => list(stage, { cursor: { patientId_id: { patientId: stage.patient, id: stage.results[2] } } })),
    right('count({ where, take, skip })', 'plain columns and indexes may be counted by', 2, (stage) => results(stage, { ...own(stage), take: 2 }, 'count')),
    refused('count({ select })', 'counts by column say which cells are filled', (stage) => results(stage, { ...own(stage), select: { display: true } }, 'count')),
    refused('count({ cursor })', 'a page is not counted', (stage) => results(stage, { ...own(stage), cursor: { id: stage.results[0] } }, 'count')),
    refused('count({ orderBy })', 'a number has no order', (stage) => results(stage, { ...own(stage), orderBy: { effectiveAt: 'asc' } }, 'count')),
    refused('findMany() without take', 'a list has a limit', (stage) => list(stage, { take: undefined })),
    refused('findMany({ take: 501 })', 'a list has a limit', (stage) => list(stage, { take: 501 })),
    refused('findMany() without select', 'the fields are named: a new column must not come along by itself', (stage) => list(stage, { select: undefined })),
    refused('findMany({ include })', 'the same', (stage) => list(stage, { include: { encounter: true } })),
    refused('findMany({ omit })', 'the same', (stage) => list(stage, { omit: { note: true } })),
    refused('findFirst({ include })', 'the same', (stage) => results(stage, { include: { encounter: true } }, 'findFirst')),
    refused('findFirst({ omit })', 'the same', (stage) => results(stage, { omit: { note: true }, ...display }, 'findFirst')),
    refused('findFirstOrThrow({ include })', 'the same', (stage) => results(stage, { include: { encounter: true } }, 'findFirstOrThrow')),
    refused('findFirstOrThrow({ omit })', 'the same', (stage) => results(stage, { omit: { note: true }, ...display }, 'findFirstOrThrow')),
    refused('findUnique({ include })', 'the same', (stage) => results(stage, { where: { id: stage.results[0] }, include: { encounter: true } }, 'findUnique')),
    refused('findUnique({ omit })', 'the same', (stage) => results(stage, { where: { id: stage.results[0] }, omit: { note: true }, ...display }, 'findUnique')),
    refused('findUniqueOrThrow({ include })', 'the same', (stage) => results(stage, { where: { id: stage.results[0] }, include: { encounter: true } }, 'findUniqueOrThrow')),
    refused('findUniqueOrThrow({ omit })', 'the same', (stage) => results(stage, { where: { id: stage.results[0] }, omit: { note: true }, ...display }, 'findUniqueOrThrow')),
    refused('findUnique({ where: {} })', 'names no row', (stage) => results(stage, { where: { id: undefined }, ...display }, 'findUnique')),
    refused('findMany({ relationLoadStrategy })', 'one way of loading is enough to check', (stage) => list(stage, { relationLoadStrategy: 'join' })),
    refused('findMany({ somethingNew })', 'an argument that nobody has thought about', (stage) => list(stage, { somethingNew: true })),
    right('select: a plain field, a sealed one, neither id nor owner', 'id and owner are added for opening and taken off again', every, (stage) => list(stage, {})),
    right('select: a sealed field of each type', 'opened as its type', [{ display: 'result 1', valueNumber: 1.5, components: [{ n: 1 }], note: null }], (stage) => list(stage, { take: 1, select: { display: true, valueNumber: true, components: true, note: true } })),
    right('select: a relation with its own select', 'opened at every level, each row with its own patient’s key', { display: 'visit', observations: every }, (stage) => call(stage.record, 'encounter', 'findUnique', { where: { id: stage.encounter }, select: { display: true, observations: { take: 5, orderBy: { effectiveAt: 'asc' }, select: { display: true } } } })),
    right('select: a relation with where, orderBy, cursor, take, skip, distinct', 'checked like a call of its own', { observations: [{ display: 'result 2' }] }, (stage) => call(stage.record, 'encounter', 'findUnique', { where: { id: stage.encounter }, select: { observations: { where: { status: 'final' }, orderBy: { effectiveAt: 'asc' }, cursor: { id: stage.results[0] }, take: 1, skip: 1, distinct: ['id'], select: { display: true } } } })),
    right('select: the parent of a child', 'opened', { encounter: { display: 'visit' } }, (stage) => results(stage, { where: { id: stage.results[0] }, select: { encounter: { select: { display: true } } } }, 'findUnique')),
    refused('select: a relation as true', 'it needs a select of its own', (stage) => list(stage, { select: { encounter: true } })),
    refused('select: a relation with include or omit', 'the same', (stage) => list(stage, { select: { encounter: { include: { patient: true } } } })),
    refused('select: a list of children without take', 'a list has a limit', (stage) => list(stage, { select: { encounter: { select: { observations: id } } } })),
    refused('select: _count', 'it counts what the gate may not show', (stage) => list(stage, { select: { _count: true } })),
    refused('select: a token column', 'tokens are the layer’s own', (stage) => list(stage, { select: { codeToken: true } })),
    refused('select: a field that the view does not declare', 'minimum necessary', (stage) => stage.records.change([stage.patient], (record) => record.observation.findMany({ take: 1, select: { note: true } }), { action: 'READ', fields: { Observation: ['display'] } })),
    refused('select: a model outside of the record, by a relation', 'accounts, history and tokens are not reached', (stage) => list(stage, { select: { practitioner: { select: { accounts: { take: 1, ...id } } } } })),
    right('orderBy: a plain field; of a relation; a list', 'sorted by the database', every, (stage) => list(stage, { orderBy: [{ encounter: { startedAt: 'asc' } }, { effectiveAt: 'asc' }] })),
    right('orderBy: { field: { sort, nulls } }', 'sorted by the database', every, (stage) => list(stage, { orderBy: [{ issuedAt: { sort: 'asc', nulls: 'last' } }, { effectiveAt: 'asc' }] })),
    right('orderBy: the number of children', 'no value is looked at', [{ display: 'visit' }], (stage) => call(stage.record, 'encounter', 'findMany', { where: { id: stage.encounter }, take: 1, orderBy: { observations: { _count: 'desc' } }, ...display })),
    refused('orderBy: a sealed field', 'the order of ciphertexts means nothing', (stage) => list(stage, { orderBy: { display: 'asc' } })),
    refused('orderBy: a sealed field of a relation', 'the same', (stage) => list(stage, { orderBy: { patient: { familyName: 'asc' } } })),
    refused('orderBy: a token column', 'tokens are the layer’s own', (stage) => list(stage, { orderBy: { codeToken: 'asc' } })),
    refused('orderBy: _relevance', 'full text of ciphertexts', (stage) => list(stage, { orderBy: { _relevance: { fields: ['display'], search: 'x', sort: 'asc' } } })),
    refused('cursor: a sealed field', 'a cursor names a row by plain columns', (stage) => list(stage, { cursor: { display: 'x' } })),
    refused('distinct: a sealed field', 'equal values have different ciphertexts', (stage) => list(stage, { distinct: ['display'] })),
    refused('aggregate({ _count, _avg, _sum, _min, _max })', 'the database cannot compute with ciphertext', (stage) => call(stage.extended, 'observation', 'aggregate', { _count: true, _min: { display: true } })),
    refused('aggregate({ where, orderBy, cursor, take, skip })', 'the same', (stage) => call(stage.extended, 'observation', 'aggregate', { where: {}, take: 1, _count: true })),
    refused('groupBy({ by, where, orderBy, having, take, skip, _count, _avg, _sum, _min, _max })', 'the same', (stage) => call(stage.extended, 'observation', 'groupBy', { by: ['display'], having: { display: { contains: 'x' } }, _count: true })),
    refused('findUnique(…).encounter(): the fluent interface', 'what a find returns is a plain promise', async (stage) => {
      const found = call(stage.record, 'observation', 'findUnique', { where: { id: stage.results[0] }, ...id })
      await found
      if ('encounter' in found) return 'there is a way on'
      throw new Error('not a function')
    }),
  ],
} // prettier-ignore
