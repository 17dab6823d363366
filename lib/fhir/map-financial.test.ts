import { describe, expect, test } from 'vitest'
import { mapFhir, subject } from '#lib/testing/map-fhir.ts'
import { serviceCategories } from './service-category.ts'

const usd = (value: number) => ({ value, currency: 'USD' })
const service = (system: string, code: string, display: string) => ({
  coding: [{ system, code, display }],
  text: display,
})
const cpt = 'http://www.ama-assn.org/go/cpt'
const visit = (code: string) => ({
  resourceType: 'Encounter',
  id: 'e',
  status: 'finished',
  class: { code },
  subject,
})
const claim = (more: object) => ({
  resourceType: 'Claim',
  id: 'c',
  status: 'active',
  patient: subject,
  ...more,
})
const type = (code: string) => ({ coding: [{ code }] })

describe('what billing reads of a charge', () => {
  const inVisit = { encounter: [{ reference: 'Encounter/e' }] }
  test.each<[string, object[], string]>([
    ['an office visit', [visit('AMB'), claim({ item: [inVisit] })], 'Office visit'],
    ['an emergency', [visit('EMER'), claim({ item: [inVisit] })], 'Emergency visit'],
    ['a stay', [visit('IMP'), claim({ item: [inVisit] })], 'Hospital service'],
    ['a pharmacy claim', [visit('EMER'), claim({ type: type('pharmacy'), item: [inVisit] })], 'Pharmacy'],
    ['teeth', [claim({ type: type('oral'), item: [{}] })], 'Dental service'],
    ['a vaccine by its code', [claim({ item: [{ productOrService: service('http://hl7.org/fhir/sid/cvx', '140', 'Influenza') }] })], 'Immunization service'],
    ['a vaccine that is pointed to', [{ resourceType: 'Immunization', id: 'i', status: 'completed', vaccineCode: { text: 'x' }, patient: subject }, claim({ supportingInfo: [{ sequence: 1, valueReference: { reference: 'Immunization/i' } }], item: [{ informationSequence: [1] }] })], 'Immunization service'],
    ['a test by its LOINC code', [claim({ item: [{ productOrService: service('http://loinc.org', '2823-3', 'Potassium') }] })], 'Laboratory service'],
    ['a test by its CPT code', [claim({ item: [{ productOrService: service(cpt, '80048', 'Basic metabolic panel') }] })], 'Laboratory service'],
    ['imaging', [claim({ item: [{ productOrService: service(cpt, '71046', 'Chest x-ray') }] })], 'Imaging service'],
    ['talk therapy', [claim({ item: [{ productOrService: service(cpt, '90834', 'Psychotherapy') }] })], 'Other service'],
    ['a visit by its CPT code in a hospital', [visit('IMP'), claim({ item: [{ ...inVisit, productOrService: service(cpt, '99213', 'Office visit') }] })], 'Hospital service'],
    ['a procedure', [claim({ item: [{ procedureSequence: [1], productOrService: service('http://snomed.info/sct', '1', 'Colonoscopy') }] })], 'Procedure'],
    ['whatever else', [claim({ item: [{ productOrService: { text: 'Opioid counselling' } }] })], 'Other service'],
  ])('%s', async (_what, resources, expected) => {
    const [line] = (await mapFhir(...resources)).claimLine
    expect(line?.serviceCategory).toBe(expected)
    expect(serviceCategories).toContain(line?.serviceCategory)
  }) // prettier-ignore

  test('clinical words and codes stay in their own columns', async () => {
    const [line] = (
      await mapFhir(
        claim({
          item: [
            { productOrService: service('http://snomed.info/sct', '162864005', 'Obesity'), net: usd(1) },
          ],
        }),
      )
    ).claimLine
    expect(line).toMatchObject({
      serviceCategory: 'Other service',
      billingCode: null,
      serviceCode: '162864005',
      serviceDisplay: 'Obesity',
    })
  })
})

describe('money of a claim', () => {
  test('an item that repeats a diagnosis is no charge, and the one line without an amount takes what is left', async () => {
    const rows = await mapFhir(
      { resourceType: 'Condition', id: 'd', subject, code: service('http://snomed.info/sct', '1', 'Sinusitis') },
      claim({ identifier: [{ value: 'RCL-1' }], insurance: [{ focal: true, coverage: { display: 'Medicare' } }], diagnosis: [{ diagnosisReference: { reference: 'Condition/d' } }], total: usd(930.67), billablePeriod: { start: '2020-01-01T00:00:00Z' }, item: [{ sequence: 1 }, { sequence: 2, net: usd(140.52) }, { sequence: 3, diagnosisSequence: [1] }, { sequence: 4, unitPrice: usd(221.71667), quantity: { value: 3 } }] }),
    )
    expect(rows.claim).toMatchObject([{ total: 930.67, currency: 'USD', payerName: 'Medicare', claimNumber: 'RCL-1', diagnosisCodes: [{ code: '1', display: 'Sinusitis' }] }])
    expect(rows.claimLine.map(({ id, lineNumber, net, servicedAt }) => [id, lineNumber, net, servicedAt?.toISOString()])).toEqual([
      ['Claim.item[1]/c', 1, 125, '2020-01-01T00:00:00.000Z'],
      ['Claim.item[2]/c', 2, 140.52, '2020-01-01T00:00:00.000Z'],
      ['Claim.item[4]/c', 3, 665.15, '2020-01-01T00:00:00.000Z'],
    ])
  }) // prettier-ignore

  test('with two lines unpriced nothing is made up', async () => {
    expect(
      (await mapFhir(claim({ total: usd(100), item: [{ sequence: 1 }, { sequence: 2 }] }))).claimLine.map(
        (line) => line.net,
      ),
    ).toEqual([null, null])
  })

  test("the payer is the coverage's, also when that is contained", async () => {
    const coverage = {
      resourceType: 'Coverage',
      id: 'cov',
      status: 'active',
      beneficiary: subject,
      payor: [{ display: 'Acme' }],
    }
    const rows = await mapFhir(
      claim({
        contained: [coverage],
        insurance: [{ coverage: { reference: '#cov', display: 'other words' } }],
      }),
    )
    expect(rows.claim[0]?.payerName).toBe('Acme')
  })
})

describe('what the insurer decided', () => {
  const benefit = (more: object) => ({
    resourceType: 'ExplanationOfBenefit',
    id: 'b',
    status: 'active',
    patient: subject,
    created: '2020-01-05',
    ...more,
  })
  const amount = (code: string, value: number) => ({ category: { coding: [{ code }] }, amount: usd(value) })

  test('totals are taken as stated, and what the patient owes is the sum of its kinds', async () => {
    const rows = await mapFhir(
      claim({}),
      benefit({
        claim: { reference: 'Claim/c' },
        outcome: 'complete',
        total: [
          amount('submitted', 300),
          amount('eligible', 200.1),
          amount('benefit', 150),
          amount('copay', 30.1),
          amount('deductible', 20.2),
        ],
        payment: { amount: usd(150), date: '2020-01-09', identifier: { value: 'EFT-1' } },
      }),
    )
    expect(rows.explanationOfBenefit).toMatchObject([
      {
        claimId: 'Claim/c',
        outcome: 'complete',
        submitted: 300,
        allowed: 200.1,
        insurerPaid: 150,
        patientResponsibility: 50.3,
        currency: 'USD',
      },
    ])
    expect(rows.payment).toMatchObject([
      {
        id: 'ExplanationOfBenefit.payment/b',
        claimId: 'Claim/c',
        payer: 'insurer',
        amount: 150,
        reference: 'EFT-1',
        paidAt: new Date('2020-01-09T06:00:00Z'),
      },
    ])
  })

  test('without totals the items are summed, by the names of Blue Button', async () => {
    const item = (allowed: number, paid: number) => ({
      adjudication: [
        amount('https://bluebutton.cms.gov/resources/variables/line_alowd_chrg_amt', allowed),
        amount('https://bluebutton.cms.gov/resources/variables/line_nch_pmt_amt', paid),
      ],
    })
    const rows = await mapFhir(benefit({ item: [item(100.1, 80), item(50.2, 40)] }))
    expect(rows.explanationOfBenefit).toMatchObject([
      { allowed: 150.3, insurerPaid: 120, submitted: null, patientResponsibility: null },
    ])
  })

  test('a payment of nothing is none', async () => {
    expect((await mapFhir(benefit({ payment: { amount: usd(0) } }))).payment).toEqual([])
  })
})
