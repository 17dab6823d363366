import { describe, expect, test } from 'vitest'
import { mapFhir, subject } from '#lib/testing/map-fhir.ts'

const coded = (system: string, code: string, display?: string) => ({
  coding: [{ system, code, ...(display ? { display } : {}) }],
})
const snomed = 'http://snomed.info/sct'

describe('codes', () => {
  test("the words are the source's own, the code that of the preferred system", async () => {
    const code = {
      text: 'Burnt ear',
      coding: [
        { system: 'urn:local', code: 'L1' },
        { system: snomed, code: '39065001', display: 'Burn of ear' },
      ],
    }
    const rows = await mapFhir({ resourceType: 'Condition', id: 'c', subject, code })
    expect(rows.condition).toMatchObject([{ codeSystem: snomed, code: '39065001', display: 'Burnt ear' }])
  })

  test("a code that a person chose is taken before the preferred system's; a code without words is its own words", async () => {
    const code = {
      coding: [
        { system: snomed, code: '1' },
        { system: 'urn:local', code: 'L1', userSelected: true },
      ],
    }
    const rows = await mapFhir(
      { resourceType: 'Condition', id: 'c', subject, code },
      { resourceType: 'Condition', id: 'd', subject },
    )
    expect(rows.condition).toMatchObject([
      { codeSystem: 'urn:local', code: 'L1', display: 'L1' },
      { code: null, display: 'Not stated' },
    ])
  })
})

describe('conditions', () => {
  test.each<[object, object]>([
    [{ onsetDateTime: '2019' }, { onsetText: '2019', onsetAt: new Date('2019-01-01T06:00:00Z') }],
    [{ onsetDateTime: '2019-07-04' }, { onsetText: null, onsetAt: new Date('2019-07-04T05:00:00Z') }],
    [{ onsetAge: { value: 42, unit: 'years' } }, { onsetText: 'age 42 years', onsetAt: null }],
    [
      { onsetRange: { low: { value: 40 }, high: { value: 50, unit: 'years' } } },
      { onsetText: 'age 40–50 years' },
    ],
    [{ onsetString: 'in childhood' }, { onsetText: 'in childhood', onsetAt: null }],
    [
      { onsetPeriod: { start: '2019-07-04T10:00:00Z' } },
      { onsetText: null, onsetAt: new Date('2019-07-04T10:00:00Z') },
    ],
    [{ abatementDateTime: '2020-01-01T00:00:00Z' }, { abatedAt: new Date('2020-01-01T00:00:00Z') }],
    [
      { clinicalStatus: coded('x', 'resolved'), verificationStatus: coded('x', 'confirmed') },
      { clinicalStatus: 'resolved', verificationStatus: 'confirmed' },
    ],
    [{ note: [{ text: 'one' }, {}, { text: 'two' }] }, { note: 'one\n\ntwo' }],
  ])('%j', async (more, expected) => {
    expect((await mapFhir({ resourceType: 'Condition', id: 'c', subject, ...more })).condition).toMatchObject(
      [expected],
    )
  })
})

describe('allergies', () => {
  test('a reaction keeps its words and how bad it was', async () => {
    const rows = await mapFhir({
      resourceType: 'AllergyIntolerance',
      id: 'a',
      patient: subject,
      type: 'allergy',
      category: ['medication', 'food'],
      criticality: 'high',
      code: { text: 'Penicillin' },
      reaction: [{ manifestation: [{ text: 'Anaphylaxis' }, {}], severity: 'severe', onset: '2010' }],
    })
    expect(rows.allergyIntolerance).toMatchObject([
      {
        kind: 'allergy',
        category: 'medication, food',
        criticality: 'high',
        display: 'Penicillin',
        reactions: [{ manifestations: ['Anaphylaxis'], severity: 'severe', onset: '2010' }],
      },
    ])
  })

  test('that none is known is a fact, and not an empty list', async () => {
    const rows = await mapFhir({
      resourceType: 'AllergyIntolerance',
      id: 'a',
      patient: subject,
      code: coded(snomed, '716186003', 'No known allergy'),
    })
    expect(rows.allergyIntolerance).toMatchObject([
      { kind: 'none-known', display: 'No known allergy', reactions: null },
    ])
  })
})

describe('medicines', () => {
  const request = (more: object) => ({
    resourceType: 'MedicationRequest',
    id: 'm',
    status: 'active',
    intent: 'order',
    subject,
    ...more,
  })

  test.each<[string, object[], object]>([
    [
      'coded in the request',
      [
        request({
          medicationCodeableConcept: coded(
            'http://www.nlm.nih.gov/research/umls/rxnorm',
            '314076',
            'Lisinopril',
          ),
        }),
      ],
      { code: '314076', display: 'Lisinopril' },
    ],
    [
      'contained',
      [
        request({
          contained: [{ resourceType: 'Medication', id: 'med', code: { text: 'Axid' } }],
          medicationReference: { reference: '#med' },
        }),
      ],
      { display: 'Axid' },
    ],
    [
      'in the same files',
      [
        { resourceType: 'Medication', id: 'med', code: { text: 'Axid' } },
        request({ medicationReference: { reference: 'Medication/med' } }),
      ],
      { display: 'Axid' },
    ],
    [
      'nowhere, but named',
      [request({ medicationReference: { reference: 'Medication/gone', display: 'Axid 15 mg' } })],
      { display: 'Axid 15 mg', code: null },
    ],
    ['nowhere', [request({ medicationReference: { reference: '#gone' } })], { display: 'Not stated' }],
  ])('%s', async (_where, resources, expected) => {
    expect((await mapFhir(...resources)).medicationRequest).toMatchObject([expected])
  })

  const repeat = (more: object) => ({ timing: { repeat: more } })
  test.each<[object, string | null]>([
    [{ text: '10 mL bid', ...repeat({ frequency: 9 }) }, '10 mL bid'],
    [{ patientInstruction: 'One in the morning' }, 'One in the morning'],
    [
      {
        ...repeat({ frequency: 2, period: 1, periodUnit: 'd' }),
        doseAndRate: [{ doseQuantity: { value: 1 } }],
      },
      '1 dose twice a day',
    ],
    [
      {
        ...repeat({ frequency: 1, period: 1, periodUnit: 'h' }),
        doseAndRate: [{ doseQuantity: { value: 2 } }],
      },
      '2 doses once an hour',
    ],
    [
      {
        ...repeat({ frequency: 1, period: 6, periodUnit: 'h' }),
        asNeededCodeableConcept: { text: 'pain' },
        doseAndRate: [{ doseQuantity: { value: 325, unit: 'mg' } }],
      },
      '325 mg every 6 hours as needed for pain',
    ],
    [
      { ...repeat({ frequency: 1, period: 4, periodMax: 6, periodUnit: 'h' }), asNeededBoolean: true },
      'Every 4–6 hours as needed',
    ],
    [
      {
        ...repeat({ frequency: 3, period: 1, periodUnit: 'd', boundsDuration: { value: 7, code: 'd' } }),
        route: { text: 'Oral' },
        doseAndRate: [{ doseRange: { low: { value: 1 }, high: { value: 2, unit: 'tablets' } } }],
      },
      '1–2 tablets oral 3 times a day for 7 days',
    ],
    [{ timing: { code: { coding: [{ code: 'BID' }] } } }, 'Twice a day'],
    [{ ...repeat({ when: ['HS'], dayOfWeek: ['mon'] }) }, 'At bedtime, on mon'],
    [{ additionalInstruction: [{ text: 'Take with food' }] }, 'Take with food'],
    [{}, null],
  ])('dosage %j reads %j', async (dosage, expected) => {
    expect(
      (await mapFhir(request({ medicationCodeableConcept: { text: 'x' }, dosageInstruction: [dosage] })))
        .medicationRequest[0]?.dosage,
    ).toBe(expected)
  })

  test('refills, quantity, end and reason', async () => {
    const rows = await mapFhir({ resourceType: 'Condition', id: 'c', subject, code: { text: 'Hypertension' } }, request({ medicationCodeableConcept: { text: 'x' }, reasonReference: [{ reference: 'Condition/c' }], dispenseRequest: { numberOfRepeatsAllowed: 0, quantity: { value: 90, unit: 'tablets' }, validityPeriod: { end: '2027-01-01T00:00:00Z' } } })) // prettier-ignore
    expect(rows.medicationRequest).toMatchObject([
      {
        refillsRemaining: 0,
        quantity: '90 tablets',
        reason: 'Hypertension',
        endsAt: new Date('2027-01-01T00:00:00Z'),
      },
    ])
  })
})

test('vaccines: dose of series, words for the date, why one was not given', async () => {
  const vaccine = {
    resourceType: 'Immunization',
    patient: subject,
    vaccineCode: coded('http://hl7.org/fhir/sid/cvx', '140', 'Influenza'),
  }
  const rows = await mapFhir(
    {
      ...vaccine,
      id: 'a',
      status: 'completed',
      occurrenceDateTime: '2020-10-01',
      protocolApplied: [{ doseNumberPositiveInt: 2, seriesDosesPositiveInt: 3 }],
    },
    {
      ...vaccine,
      id: 'b',
      status: 'completed',
      occurrenceString: 'in childhood',
      protocolApplied: [{ doseNumberString: 'booster' }],
    },
    { ...vaccine, id: 'c', status: 'not-done', statusReason: { text: 'Patient objection' } },
  )
  expect(rows.immunization).toMatchObject([
    { occurredAt: new Date('2020-10-01T05:00:00Z'), doseNumber: '2 of 3', code: '140' },
    { occurredAt: null, doseNumber: 'booster', note: 'Given: in childhood' },
    { status: 'not-done', note: 'Patient objection' },
  ])
})

describe('visits', () => {
  test.each([
    ['AMB', 'Office visit'],
    ['EMER', 'Emergency visit'],
    ['IMP', 'Hospital stay'],
    ['VR', 'Telehealth visit'],
    ['ODD', 'Odd class'],
  ])('of class %s are called %s', async (code, kind) => {
    expect(
      (
        await mapFhir({
          resourceType: 'Encounter',
          id: 'e',
          status: 'finished',
          class: { code, display: 'Odd class' },
          subject,
        })
      ).encounter[0]?.kind,
    ).toBe(kind)
  })

  test('name the attending practitioner, the place and the reason', async () => {
    const rows = await mapFhir(
      { resourceType: 'Practitioner', id: 'a', name: [{ text: 'A' }] },
      { resourceType: 'Practitioner', id: 'b', name: [{ text: 'B' }] },
      { resourceType: 'Condition', id: 'c', subject, code: { text: 'Burnt ear' } },
      {
        resourceType: 'Encounter',
        id: 'e',
        status: 'finished',
        subject,
        participant: [
          { individual: { reference: 'Practitioner/a' } },
          { type: [coded('x', 'PPRF')], individual: { reference: 'Practitioner/b' } },
        ],
        reasonReference: [{ reference: 'Condition/c' }],
        serviceProvider: { display: 'Holy Family' },
      },
    )
    expect(rows.encounter).toMatchObject([
      {
        practitionerId: 'Practitioner/b',
        reason: 'Burnt ear',
        location: 'Holy Family',
        kind: null,
        display: null,
      },
    ])
  })
})

describe('reports and documents', () => {
  test('a report brings its results together and keeps its printed form', async () => {
    const rows = await mapFhir(
      {
        resourceType: 'DiagnosticReport',
        id: 'r',
        status: 'amended',
        code: { text: 'CBC' },
        category: [{ coding: [{ code: 'LAB', display: 'Laboratory' }] }],
        subject,
        result: [{ reference: 'Observation/o' }, { reference: 'Observation/elsewhere' }],
        conclusionCode: [{ text: 'Anemia' }],
        issued: '2020-01-02T00:00:00Z',
        presentedForm: [{ contentType: 'application/pdf', data: 'JVBERg==' }],
      },
      { resourceType: 'Observation', id: 'o', status: 'final', code: { text: 'Hb' }, subject },
    )
    expect(rows.observation[0]?.diagnosticReportId).toBe('DiagnosticReport/r')
    expect(rows.diagnosticReport).toMatchObject([
      { status: 'amended', category: 'Laboratory', conclusion: 'Anemia' },
    ])
    expect(rows.documentReference).toMatchObject([
      {
        id: 'DiagnosticReport.presentedForm[0]/r',
        title: 'CBC',
        contentType: 'application/pdf',
        writtenAt: new Date('2020-01-02T00:00:00Z'),
      },
    ])
    expect(Buffer.from(rows.documentReference[0]?.content ?? []).toString()).toBe('%PDF')
  })

  test('a document with several attachments is several rows; an address is kept and not fetched', async () => {
    const rows = await mapFhir({
      resourceType: 'DocumentReference',
      id: 'd',
      status: 'current',
      type: { text: 'Discharge summary' },
      subject,
      author: [{ display: 'Dr. Bone' }, {}],
      content: [
        { attachment: { url: 'http://example.org/x.pdf', title: 'Summary' } },
        { attachment: { data: 'YQ==' } },
      ],
    })
    expect(rows.documentReference).toMatchObject([
      {
        id: 'DocumentReference/d',
        title: 'Summary',
        location: 'http://example.org/x.pdf',
        content: null,
        author: 'Dr. Bone',
        kind: 'Discharge summary',
      },
      { id: 'DocumentReference.content[1]/d', title: 'Discharge summary', location: null },
    ])
  })

  test('a procedure keeps when it was done, in words if need be', async () => {
    const rows = await mapFhir({ resourceType: 'Procedure', id: 'a', status: 'completed', subject, performedPeriod: { start: '2020-01-01T10:00:00Z', end: '2020-01-01T11:00:00Z' } }, { resourceType: 'Procedure', id: 'b', status: 'completed', subject, performedString: 'as a child' }) // prettier-ignore
    expect(rows.procedure).toMatchObject([
      { performedAt: new Date('2020-01-01T10:00:00Z'), performedUntil: new Date('2020-01-01T11:00:00Z') },
      { performedAt: null, note: 'Done: as a child' },
    ])
  })
})
