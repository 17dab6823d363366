import { describe, expect, test } from 'vitest'
import { mapFhir, subject } from '#lib/testing/map-fhir.ts'

const usCore = 'http://hl7.org/fhir/us/core/StructureDefinition'
const hl7 = 'http://hl7.org/fhir/StructureDefinition'
const map = async (more: object) => (await mapFhir({ resourceType: 'Patient', id: 'p', ...more })).patient[0]
const typed = (code: string, value: string, more: object = {}) => ({
  type: { coding: [{ code }] },
  value,
  ...more,
})

describe('names', () => {
  test.each<[object[], object]>([
    [
      [{ family: "O'Brien-Quinn", given: ['Siobhán', 'Ann'], prefix: ['Dr.'], suffix: ['III'] }],
      { familyName: "O'Brien-Quinn", givenName: 'Siobhán Ann', namePrefix: 'Dr.', nameSuffix: 'III' },
    ],
    [
      [
        { use: 'old', family: 'Shaw' },
        { use: 'usual', family: 'Baxter' },
      ],
      { familyName: 'Baxter' },
    ],
    [
      [
        { family: 'Shaw', period: { end: '2020' } },
        { use: 'nickname', given: ['Bee'] },
        { family: 'Baxter' },
      ],
      { familyName: 'Baxter', preferredName: 'Bee' },
    ],
    [
      [
        { use: 'maiden', family: 'Shaw' },
        { use: 'official', family: 'Baxter' },
      ],
      { familyName: 'Baxter' },
    ],
    [[{ text: '王秀英' }], { familyName: '王秀英', givenName: null }],
    [[{ given: ['Suharto'] }], { familyName: 'Suharto', givenName: null }],
    [[{ family: '  ', given: ['Ana'] }], { familyName: 'Ana' }],
    [[], { familyName: 'Name not recorded', givenName: null }],
  ])('%j', async (name, expected) => {
    expect(await map({ name })).toMatchObject(expected)
  })
})

describe('identifiers', () => {
  test('the record number is the usual one, the social security number stands alone', async () => {
    const identifier = [
      typed('MR', 'old-1', { use: 'old' }),
      typed('MR', 'second'),
      typed('MR', 'first', { use: 'usual', system: 'a' }),
      { system: 'http://hl7.org/fhir/sid/us-ssn', value: '999-30-7608' },
      typed('DL', 'S99930817', { system: 'dl' }),
      { value: 'untyped' },
      { type: { text: 'Student number' }, value: '7' },
      typed('PPN', ''),
    ]
    const rows = await mapFhir({ resourceType: 'Patient', id: 'p', identifier })
    expect(rows.patient[0]).toMatchObject({ mrn: 'first', ssn: '999-30-7608', ssnLastFour: '7608' })
    expect(rows.patientIdentifier.map(({ kind, value }) => [kind, value])).toEqual([
      ['MR', 'old-1'],
      ['MR', 'second'],
      ['MR', 'first'],
      ['DL', 'S99930817'],
      ['other', 'untyped'],
      ['Student number', '7'],
    ])
    expect(JSON.stringify(rows.patientIdentifier)).not.toContain('7608')
  })

  test('the same identifier twice is one', async () => {
    expect(
      (await mapFhir({ resourceType: 'Patient', id: 'p', identifier: [typed('MR', '1'), typed('MR', '1')] }))
        .patientIdentifier,
    ).toHaveLength(1)
  })
})

describe('what US Core adds', () => {
  test.each<[object[], object]>([
    [
      [
        {
          url: `${usCore}/us-core-race`,
          extension: [
            { url: 'ombCategory', valueCoding: { display: 'Asian' } },
            { url: 'detailed', valueCoding: { display: 'Filipino' } },
          ],
        },
      ],
      { race: 'Asian, Filipino' },
    ],
    [
      [
        {
          url: `${usCore}/us-core-race`,
          extension: [
            { url: 'ombCategory', valueCoding: { display: 'Asian' } },
            { url: 'text', valueString: 'Mixed' },
          ],
        },
      ],
      { race: 'Mixed' },
    ],
    [
      [
        {
          url: `${usCore}/us-core-ethnicity`,
          extension: [{ url: 'text', valueString: 'Not Hispanic or Latino' }],
        },
      ],
      { ethnicity: 'Not Hispanic or Latino' },
    ],
    [[{ url: `${usCore}/us-core-birthsex`, valueCode: 'F' }], { sex: 'female' }],
    [[{ url: `${usCore}/us-core-individual-sex`, valueCoding: { code: '248153007' } }], { sex: 'male' }],
    [
      [{ url: `${usCore}/us-core-genderIdentity`, valueCodeableConcept: { text: 'Non-binary' } }],
      { genderIdentity: 'Non-binary' },
    ],
    [
      [
        {
          url: `${hl7}/individual-genderIdentity`,
          extension: [
            { url: 'value', valueCodeableConcept: { coding: [{ display: 'Identifies as female gender' }] } },
          ],
        },
      ],
      { genderIdentity: 'Identifies as female gender' },
    ],
    [
      [
        {
          url: `${hl7}/individual-pronouns`,
          extension: [{ url: 'value', valueCodeableConcept: { text: 'they/them' } }],
        },
      ],
      { pronouns: 'they/them' },
    ],
    [[{ url: `${usCore}/us-core-race` }, { extension: [] }], { race: null, sex: null }],
  ])('%j', async (extension, expected) => {
    expect(await map({ extension })).toMatchObject(expected)
  })

  test('the administrative gender is taken where it is given', async () => {
    expect(
      (await map({ gender: 'other', extension: [{ url: `${usCore}/us-core-birthsex`, valueCode: 'F' }] }))
        ?.sex,
    ).toBe('other')
  })
})

test.each<[object, object]>([
  [{ birthDate: '1979-04-02' }, { birthDate: '1979-04-02' }],
  [{ birthDate: '1979-04' }, { birthDate: null }],
  [{ deceasedDateTime: '2015' }, { deceasedAt: '2015' }],
  [{ deceasedBoolean: true }, { deceasedAt: 'date not recorded' }],
  [{ deceasedBoolean: false }, { deceasedAt: null }],
  [{ active: false }, { active: false }],
  [{ maritalStatus: { coding: [{ code: 'M', display: 'Married' }] } }, { maritalStatus: 'Married' }],
  [
    {
      communication: [{ language: { text: 'English' } }, { language: { text: 'Spanish' }, preferred: true }],
    },
    { language: 'Spanish' },
  ],
])('%j', async (given, expected) => {
  expect(await map(given)).toMatchObject(expected)
})

describe('ways to reach people', () => {
  test('what is no longer in use is left out; what remains keeps its rank and use', async () => {
    const rows = await mapFhir({
      resourceType: 'Patient',
      id: 'p',
      telecom: [
        { system: 'phone', value: '1', use: 'old' },
        { system: 'phone', value: ' 555 ', use: 'mobile', rank: 1 },
        { system: 'email' },
      ],
      address: [
        { use: 'old', city: 'Mounds' },
        { text: '1 Mill Street, Chicago' },
        { line: ['2 Mill Street'], city: 'Chicago', state: 'IL', postalCode: '60610' },
      ],
      contact: [
        {
          relationship: [{ text: 'Husband' }],
          name: { given: ['Luis'], family: 'Reyes' },
          telecom: [
            { system: 'email', value: 'l@mail.example' },
            { system: 'phone', value: '777' },
          ],
        },
        {},
      ],
    })
    expect(
      rows.patientContact.map(({ kind, use, rank, value, address, personName }) => [
        kind,
        use,
        rank,
        value,
        (address as { lines?: string[] } | null)?.lines,
        personName,
      ]),
    ).toEqual([
      ['phone', 'mobile', 1, '555', undefined, null],
      ['address', null, null, null, ['1 Mill Street, Chicago'], null],
      ['address', null, null, null, ['2 Mill Street'], null],
      ['person', null, null, '777', undefined, 'Luis Reyes'],
      ['email', null, null, 'l@mail.example', undefined, 'Luis Reyes'],
    ])
  })

  test('a related person is one of them, unless no longer active', async () => {
    const person = {
      resourceType: 'RelatedPerson',
      patient: subject,
      name: [{ text: 'Sarah van Putten' }],
      relationship: [{ text: 'niece' }],
      telecom: [{ system: 'phone', value: '888' }],
    }
    const rows = await mapFhir({ ...person, id: 'a' }, { ...person, id: 'b', active: false })
    expect(rows.patientContact).toMatchObject([
      { kind: 'person', personName: 'Sarah van Putten', relationship: 'niece', value: '888' },
    ])
  })
})

test('coverage names payer, plan, member and group', async () => {
  const rows = await mapFhir(
    { resourceType: 'Organization', id: 'acme', name: 'Acme Health Plan' },
    {
      resourceType: 'Coverage',
      id: 'c',
      status: 'active',
      beneficiary: subject,
      payor: [{ reference: 'Organization/acme' }],
      subscriberId: '888',
      identifier: [{ type: { coding: [{ code: 'MB' }] }, value: '999' }],
      period: { start: '2020-01-01', end: '2021' },
      class: [
        { type: { coding: [{ code: 'group' }] }, value: 'xyz' },
        { type: { coding: [{ code: 'plan' }] }, value: 'gold', name: 'Gold Plan' },
      ],
      type: { text: 'PPO' },
      relationship: { text: 'Self' },
      subscriber: subject,
    },
  )
  expect(rows.coverage).toMatchObject([
    {
      payerName: 'Acme Health Plan',
      planName: 'Gold Plan',
      groupNumber: 'xyz',
      memberId: '999',
      kind: 'PPO',
      relationship: 'Self',
      startsOn: new Date('2020-01-01'),
      endsOn: null,
    },
  ])
})
