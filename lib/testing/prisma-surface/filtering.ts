import { at, call, canary, refused, right, type Stage, type SurfaceArea } from './case.ts'

const count = (stage: Stage, where: object, model = 'observation') =>
  call(stage.record, model, 'count', {
    where: { AND: [{ [model === 'patient' ? 'id' : 'patientId']: stage.patient }, where] },
  })
const grants = (stage: Stage, parts: object) =>
  call(stage.record, 'recordGrant', 'count', { where: { patientId: stage.patient, parts } })

export const filtering: SurfaceArea = {
  title: 'Filters (where)',
  cases: [
    right('plain: equals, in, notIn, not', 'sent as they are', [3, 3, 0, 0], (stage) => Promise.all([{ equals: 'final' }, { in: ['final'] }, { notIn: ['final'] }, { not: 'final' }].map((status) => count(stage, { status })))),
    right('plain: lt, lte, gt, gte', 'sent as they are', [0, 3, 0, 3], (stage) => Promise.all([{ lt: at }, { lte: new Date('2027-01-01') }, { gt: new Date('2027-01-01') }, { gte: at }].map((effectiveAt) => count(stage, { effectiveAt })))),
    right('plain: contains, startsWith, endsWith, mode', 'sent as they are', [3, 3, 3], (stage) => Promise.all([{ contains: 'IN', mode: 'insensitive' }, { startsWith: 'fi' }, { endsWith: 'al' }].map((status) => count(stage, { status })))),
    right('plain list: has, hasSome, hasEvery, isEmpty', 'sent as they are', [1, 1, 1, 0], (stage) => Promise.all([{ has: 'notes' }, { hasSome: ['notes'] }, { hasEvery: ['notes'] }, { isEmpty: true }].map((parts) => grants(stage, parts)))),
    right('AND, OR, NOT', 'walked through', 3, (stage) => count(stage, { AND: [{ OR: [{ status: 'final' }] }, { NOT: { status: 'draft' } }] })),
    right('a unique key; a compound one', 'spread into its fields', 1, (stage) => count(stage, { id: stage.results[0], AND: [{ patientId_id: { patientId: stage.patient, id: stage.results[0] } }] })),
    right('relation: is, isNot', 'walked through', [3, 0], (stage) => Promise.all([{ is: { status: 'finished' } }, { isNot: { status: 'finished' } }].map((encounter) => count(stage, { encounter })))),
    right('relation: some, every, none', 'walked through', [1, 1, 0], (stage) => Promise.all([{ some: { status: 'final' } }, { every: { status: 'final' } }, { none: { status: 'final' } }].map((observations) => count(stage, { observations }, 'encounter')))),
    right('relation: null', 'rows without one', 0, (stage) => count(stage, { encounter: null })),
    right('indexed: a value, equals', 'rewritten to the keyed token, under every live key', [1, 1], (stage) => Promise.all(['code 1', { equals: 'code 1' }].map((code) => count(stage, { code })))),
    right('indexed: in', 'the same', 2, (stage) => count(stage, { code: { in: ['code 1', 'code 2', 'code 9'] } })),
    right('indexed: null', 'rows without a value', 0, (stage) => count(stage, { code: null })),
    right('indexed and unique: findUnique({ where: { mrn } })', 'found by its token', { givenName: 'Given' }, (stage) => call(stage.record, 'patient', 'findUnique', { where: { mrn: stage.mrn }, select: { givenName: true } })),
    right('indexed, inside a relation', 'walked through', 3, (stage) => count(stage, { patient: { mrn: stage.mrn } })),
    refused('indexed: contains, not, lt and every other', 'a token says only whether two values are equal', (stage) => count(stage, { code: { contains: canary } })),
    refused('indexed: not', 'the same', (stage) => count(stage, { code: { not: canary } })),
    refused('sealed: a value, equals, in', 'there is no index, so nothing could be found', (stage) => count(stage, { display: canary })),
    refused('sealed: contains, startsWith, endsWith, mode', 'the value would be sent in the clear', (stage) => count(stage, { display: { contains: canary, mode: 'insensitive' } })),
    refused('sealed: lt, lte, gt, gte', 'ciphertexts have no order', (stage) => count(stage, { valueNumber: { gt: 1 } })),
    refused('sealed: not, notIn', 'the same as equals', (stage) => count(stage, { display: { notIn: [canary] } })),
    refused('sealed: null', 'which cells are filled is not asked by filter', (stage) => count(stage, { display: null })),
    refused('sealed, inside AND, OR, NOT', 'walked through', (stage) => count(stage, { NOT: [{ OR: [{ display: canary }] }] })),
    refused('sealed, inside a relation', 'walked through', (stage) => count(stage, { encounter: { is: { display: canary } } })),
    refused('sealed JSON: path, string_contains, string_starts_with, string_ends_with, array_contains, array_starts_with, array_ends_with', 'the database cannot look inside', (stage) => count(stage, { components: { path: ['n'], equals: 1 } })),
    refused('a token column', 'tokens are the layer’s own', (stage) => count(stage, { codeToken: new Uint8Array(4) })),
    refused('a reference to another column (fields.display)', 'one side could be ciphertext', (stage) => count(stage, { status: { equals: (stage.extended['observation'] as unknown as { fields: Record<string, unknown> }).fields['display'] } })),
    refused('a filter or an operator that is not known', 'somebody has to think about it first', (stage) => count(stage, { status: { resembles: 'x' } })),
    refused('a field that is not in the schema', 'its name could be a value in the wrong place', (stage) => count(stage, { somethingNew: 'x' })),
    refused('search (full text)', 'somebody has to think about it first', (stage) => count(stage, { status: { search: 'x' } })),
  ],
} // prettier-ignore
