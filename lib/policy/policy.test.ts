import { describe, expect, test } from 'vitest'
import { printPolicy } from './print-policy.ts'
import { rules } from './rules.ts'
import { viewFields, views, type ViewName } from './views.ts'

describe('the policy as a reviewer reads it', () => {
  test('is the checked-in text, so that every change to it is a readable diff', async () => {
    await expect(printPolicy()).toMatchFileSnapshot('./policy.golden.txt')
  })

  test('takes exactly one decision per role, view and action', () => {
    const keys = rules.map((rule) => `${rule.role} ${rule.view} ${rule.action}`)
    expect(new Set(keys).size).toBe(keys.length)
  })
})

describe('minimum necessary', () => {
  const of = (role: string) => rules.filter((rule) => rule.role === role)
  const models = (role: string) => new Set(of(role).flatMap((rule) => Object.keys(viewFields(rule.view))))
  const fields = (role: string) =>
    new Set(
      of(role).flatMap((rule) =>
        Object.entries(viewFields(rule.view)).flatMap(([m, fs]) => fs.map((f) => `${m}.${f}`)),
      ),
    )

  test('an administrator sees no patient at all', () => {
    expect(of('admin')).toEqual([])
  })

  test('a compliance officer is shown what patients report, the ledger of disclosures, and no other field of any record', () => {
    expect([...models('compliance')].toSorted()).toEqual([
      'AccountingRequest',
      'Concern',
      'ConcernNote',
      'Disclosure',
      'DisclosureSuspension',
    ])
  })

  test('billing reads no clinical model and no clinical words of a claim', () => {
    for (const model of [
      'Observation',
      'Condition',
      'NoteVersion',
      'MedicationRequest',
      'AllergyIntolerance',
      'Procedure',
      'Encounter',
    ]) {
      expect(models('billing')).not.toContain(model)
    }
    for (const field of ['Claim.diagnosisCodes', 'ClaimLine.serviceDisplay', 'ClaimLine.serviceCode']) {
      expect(fields('billing')).not.toContain(field)
    }
  })

  test('nurses and clinicians read no money', () => {
    for (const role of ['nurse', 'clinician']) {
      for (const model of ['Claim', 'ClaimLine', 'ExplanationOfBenefit', 'Payment', 'Coverage'])
        expect(models(role)).not.toContain(model)
    }
  })

  test('the full social security number is read by one view alone, with a fresh second factor', () => {
    const reading = rules.filter(
      (rule) =>
        rule.action === 'READ' &&
        rule.role !== 'service' &&
        viewFields(rule.view)['Patient']?.includes('ssn'),
    )
    expect(reading.map((rule) => [rule.role, rule.view, rule.stepUpSeconds])).toEqual([
      ['billing', 'billing-ssn', 300],
    ])
  })

  test('every view is used by somebody', () => {
    const used = new Set(rules.map((rule) => rule.view))
    expect((Object.keys(views) as ViewName[]).filter((view) => !used.has(view))).toEqual([])
  })
})
