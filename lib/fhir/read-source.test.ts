import { describe, expect, test } from 'vitest'
import { inFolder } from '#lib/testing/map-fhir.ts'
import { readSource } from './read-source.ts'
import { SourceFault } from './source-fault.ts'

const readAll = (name: string, content: unknown) =>
  inFolder(async (write) => {
    const found = []
    for await (const { resourceType, where, line, fullUrl } of readSource(write(name, content)))
      found.push({ resourceType, where, line, fullUrl })
    return found
  })
const faultOf = async (name: string, content: unknown) => {
  const error: unknown = await readAll(name, content).catch((caught: unknown) => caught)
  if (!(error instanceof SourceFault)) throw new Error('no fault was found')
  return { where: error.where, why: error.why }
}
const entry = (resourceType: string) => ({ fullUrl: `urn:uuid:${resourceType}`, resource: { resourceType } })

describe('reading a source file', () => {
  test.each(['transaction', 'batch', 'collection', 'searchset', 'document'])(
    'takes the entries of a %s bundle',
    async (type) => {
      const found = await readAll('a.json', {
        resourceType: 'Bundle',
        type,
        entry: [entry('Patient'), entry('Observation'), { fullUrl: 'urn:x' }],
      })
      expect(found.map((one) => one.resourceType)).toEqual(['Patient', 'Observation'])
    },
  )

  test('does not mind in which order a bundle names its parts', async () => {
    expect(
      await readAll('a.json', { entry: [entry('Patient')], type: 'collection', resourceType: 'Bundle' }),
    ).toHaveLength(1)
  })

  test('takes a single resource, with a byte order mark and any line ends', async () => {
    expect(await readAll('a.json', '\ufeff{\r\n"resourceType": "Patient"\r\n}\r\n')).toEqual([
      { resourceType: 'Patient', where: 'line 1', line: 1, fullUrl: null },
    ])
  })

  test('takes NDJSON line by line: blank lines, no end of the last line, a bundle in a line', async () => {
    const bundle = JSON.stringify({ resourceType: 'Bundle', type: 'batch', entry: [entry('Condition')] })
    const found = await readAll(
      'a.ndjson',
      `{"resourceType":"Patient"}\n\n${bundle}\n  {"resourceType":"Claim"}`,
    )
    expect(found.map(({ resourceType, line }) => [resourceType, line])).toEqual([
      ['Patient', 1],
      ['Condition', 3],
      ['Claim', 4],
    ])
  })

  test('a List is a resource like any other, though it has entries', async () => {
    expect(await readAll('a.json', { resourceType: 'List', entry: [{ item: {} }] })).toMatchObject([
      { resourceType: 'List' },
    ])
  })

  test.each<[string, string, unknown, string, RegExp]>([
    ['an empty file', 'a.json', '', 'line 1', /empty/],
    ['an empty NDJSON file', 'a.ndjson', '\n\n', 'line 1', /empty/],
    ['no resource', 'a.json', [], 'line 1', /not a FHIR resource/],
    ['no resource type', 'a.json', { id: 'x' }, 'line 1', /resourceType is missing/],
    ['an entry without a resource type', 'a.json', { resourceType: 'Bundle', type: 'batch', entry: [{ resource: {} }] }, 'entry[0].resource (line 1)', /resourceType is missing/],
    ['a history', 'a.json', { resourceType: 'Bundle', type: 'history', entry: [] }, 'type (line 1)', /not an import/],
    ['a deletion', 'a.json', { resourceType: 'Bundle', type: 'batch', entry: [{ request: { method: 'DELETE', url: 'Patient/1' } }] }, 'entry[0].request.method (line 1)', /asks to delete/],
    ['an entry that is no object', 'a.json', { resourceType: 'Bundle', type: 'batch', entry: [entry('Patient'), 7] }, 'entry (line 1)', /not a list of objects/],
    ['a fault between entries', 'a.json', '{"resourceType":"Bundle",\n"type":"batch",\n"entry":[\n{"resource":{"resourceType":"Patient"}}\n{"resource":{"resourceType":"Patient"}}\n]}', 'line 5', /not JSON: a comma/],
    ['a fault in an entry', 'a.json', '{"resourceType":"Bundle","type":"batch","entry":[\n{"resource":\n{"resourceType":"Patient",}}]}', 'entry[0] (line 3)', /not JSON: a name/],
    ['a fault in a line', 'a.ndjson', '{"resourceType":"Patient"}\n{"resourceType":Patient}', 'line 2', /not JSON: a value/],
    ['half a file', 'a.json', '{"resourceType":"Patient",\n"name":[', 'line 2', /ends in the middle/],
    ['another encoding', 'a.json', new Uint8Array([0x7b, 0x22, 0xe9, 0x22, 0x3a, 0x31, 0x7d]), 'line 1', /not UTF-8/],
    ['two values', 'a.json', '{"resourceType":"Patient"}\n{"resourceType":"Patient"}', 'line 2', /follows the end/],
  ])('refuses %s, and says where', async (_what, name, content, where, why) => {
    const fault = await faultOf(name, content)
    expect(fault.where).toBe(where)
    expect(fault.why).toMatch(why)
  }) // prettier-ignore
})
