import { describe, expect, test } from 'vitest'
import { allergyWord, type AllergyRow } from './allergy-word.ts'

const row = (display: string, fields: Partial<AllergyRow> = {}): AllergyRow => ({
  kind: 'allergy',
  display,
  criticality: null,
  clinicalStatus: 'active',
  verificationStatus: 'confirmed',
  ...fields,
})

describe('the allergies of a banner', () => {
  test('nobody asked, and somebody asked and there are none, are two texts', () => {
    expect(allergyWord([])).toEqual({ allergies: 'None recorded', allergyAlert: false })
    expect(allergyWord([row('No known allergy', { kind: 'none-known' })])).toEqual({
      allergies: 'No known allergies',
      allergyAlert: false,
    })
  })

  test('the dangerous one is named first and never falls behind "more"', () => {
    const rows = [row('Latex'), row('Cat dander'), row('Mould'), row('Penicillin', { criticality: 'high' })]
    expect(allergyWord(rows)).toEqual({
      allergies: 'Penicillin (high risk), Latex and 2 more',
      allergyAlert: true,
    })
  })

  test('an allergy beside "none known" counts: the list is out of date, the danger is not', () => {
    expect(allergyWord([row('No known allergy', { kind: 'none-known' }), row('Latex')]).allergies).toBe(
      'Latex',
    )
  })

  test('what is over, refuted or a mistake is left out', () => {
    const over = [
      row('A', { clinicalStatus: 'resolved' }),
      row('B', { clinicalStatus: 'inactive' }),
      row('C', { verificationStatus: 'refuted' }),
      row('D', { verificationStatus: 'entered-in-error' }),
    ]
    expect(allergyWord(over).allergies).toBe('None recorded')
    expect(allergyWord([row('E', { clinicalStatus: null, verificationStatus: null })]).allergies).toBe('E')
  })

  test('names what causes it, whatever way the source says it', () => {
    expect(allergyWord([row('Allergy to penicillin', { criticality: 'high' })]).allergies).toBe(
      'Penicillin (high risk)',
    )
    expect(allergyWord([row('ALLERGY TO élan')]).allergies).toBe('Élan')
  })
})
