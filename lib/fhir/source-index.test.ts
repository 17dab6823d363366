import { describe, expect, test } from 'vitest'
import { inFolder } from '#lib/testing/map-fhir.ts'
import { groupByPatient } from './patient-groups.ts'
import { SourceIndex } from './source-index.ts'

const indexed = (files: Record<string, unknown>) =>
  inFolder(async (write) => {
    const index = new SourceIndex('here')
    for (const [name, content] of Object.entries(files)) await index.addFile(write(name, content))
    const { groups, withoutPatient } = groupByPatient(index)
    return {
      index,
      withoutPatient: Object.fromEntries(withoutPatient),
      groups: groups.map((group) => [
        group.patient?.id ?? `elsewhere ${group.elsewhere?.systems.join()} ${group.elsewhere?.id}`,
        group.resources.map((one) => one.id),
      ]),
    }
  })
const condition = (id: string, subject: object) => ({ resourceType: 'Condition', id, subject })
const bundle = (...entry: object[]) => ({ resourceType: 'Bundle', type: 'batch', entry })

describe('bringing together what belongs to one patient', () => {
  test.each<[string, Record<string, unknown>]>([
    ['by the bundle\'s urn', { 'a.json': bundle({ fullUrl: 'urn:uuid:1', resource: { resourceType: 'Patient', id: 'p' } }, { resource: condition('c', { reference: 'urn:uuid:1' }) }) }],
    ['by a urn in another file', { 'a.json': bundle({ resource: condition('c', { reference: 'urn:uuid:1' }) }), 'b.json': bundle({ fullUrl: 'urn:uuid:1', resource: { resourceType: 'Patient', id: 'p' } }) }],
    ['by a relative reference', { 'a.json': condition('c', { reference: 'Patient/p' }), 'b.ndjson': '{"resourceType":"Patient","id":"p"}' }],
    ['by a versioned reference', { 'a.json': condition('c', { reference: 'Patient/p/_history/3' }), 'b.json': { resourceType: 'Patient', id: 'p' } }],
    ['by an absolute one', { 'a.json': condition('c', { reference: 'https://a.example/fhir/Patient/p' }), 'b.json': bundle({ fullUrl: 'https://a.example/fhir/Patient/p', resource: { resourceType: 'Patient', id: 'p' } }) }],
    ['relative to the entry\'s server', { 'a.json': bundle({ fullUrl: 'https://a.example/Patient/p', resource: { resourceType: 'Patient', id: 'p' } }, { fullUrl: 'https://a.example/Condition/c', resource: condition('c', { reference: 'Patient/p' }) }) }],
    ['by a conditional reference', { 'a.json': condition('c', { reference: 'Patient?identifier=urn:x%7C7' }), 'b.json': { resourceType: 'Patient', id: 'p', identifier: [{ system: 'urn:x', value: '7' }] } }],
    ['by a logical one', { 'a.json': condition('c', { identifier: { system: 'urn:x', value: '7' } }), 'b.json': { resourceType: 'Patient', id: 'p', identifier: [{ system: 'urn:x', value: '7' }] } }],
  ])('%s', async (_how, files) => {
    expect(await indexed(files)).toMatchObject({ groups: [['p', ['c']]], withoutPatient: {} })
  }) // prettier-ignore

  test('the same id on two servers is two people, and each resource stays with its own', async () => {
    const server = (base: string, id: string) =>
      bundle(
        { fullUrl: `${base}/Patient/1`, resource: { resourceType: 'Patient', id: '1' } },
        { fullUrl: `${base}/Condition/${id}`, resource: condition(id, { reference: 'Patient/1' }) },
      )
    expect(
      (
        await indexed({
          'a.json': server('https://a.example', 'x'),
          'b.json': server('https://b.example', 'y'),
        })
      ).groups,
    ).toEqual([
      ['1', ['x']],
      ['1', ['y']],
    ])
  })

  test("the same urn in two bundles means each bundle's own", async () => {
    const own = (id: string) =>
      bundle(
        { fullUrl: 'urn:uuid:1', resource: { resourceType: 'Patient', id } },
        { resource: condition(`c-${id}`, { reference: 'urn:uuid:1' }) },
      )
    expect((await indexed({ 'a.json': own('p'), 'b.json': own('q') })).groups).toEqual([
      ['p', ['c-p']],
      ['q', ['c-q']],
    ])
  })

  test('an unknown patient is looked for in the record later; a group or nothing is counted', async () => {
    const lines: object[] = [
      condition('c', { reference: 'Patient/p' }),
      condition('d', { reference: 'Group/g' }),
      condition('e', { display: 'somebody' }),
      condition('f', { reference: 'urn:uuid:9' }),
      { resourceType: 'Observation', id: 'g', status: 'final', code: {} },
    ]
    expect(await indexed({ 'a.ndjson': lines.map((line) => JSON.stringify(line)).join('\n') })).toMatchObject(
      { groups: [['elsewhere here p', ['c']]], withoutPatient: { Condition: 3, Observation: 1 } },
    )
  })
})

describe('what counts', () => {
  test('of a resource that is there twice, the one that was read last', async () => {
    const { index } = await indexed({
      'a.json': { resourceType: 'Organization', id: 'o', name: 'first' },
      'b.json': { resourceType: 'Organization', id: 'o', name: 'second' },
    })
    expect([...index.all()].map((one) => one.path.at(-6))).toEqual(['b'])
  })

  test('of a broken file, nothing, whatever stood before the fault', async () => {
    await inFolder(async (write) => {
      const index = new SourceIndex('here')
      await expect(
        index.addFile(write('a.ndjson', '{"resourceType":"Patient","id":"p"}\n{"resourceType":"Goal"}\n{')),
      ).rejects.toThrow('line 3')
      expect([index.size, index.skippedTypes.size]).toEqual([0, 0])
    })
  })

  test("a resource without an id has the same one in every run: its identifier's, or its content's", async () => {
    const files = {
      'a.ndjson':
        '{"resourceType":"Patient","identifier":[{"system":"s","value":"1"}],"active":true}\n{"resourceType":"Organization","name":"x"}',
    }
    const ids = async () => [...(await indexed(files)).index.all()].map((one) => one.id)
    const first = await ids()
    expect(first).toEqual(['identifier:s|1', expect.stringMatching(/^content:/)])
    expect(await ids()).toEqual(first)
  })
})
