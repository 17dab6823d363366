import { describe, expect, test } from 'vitest'
import { toIdentity, type IdentityRow } from './identity.ts'

const today = '2026-11-22'
const row = (fields: Partial<IdentityRow> = {}): IdentityRow => ({
  id: '7a3c1f3e-7a9e-4a0b-9f0e-1b2c3d4e5f60',
  familyName: 'Reyes',
  givenName: 'Maria',
  preferredName: null,
  birthDate: '1979-04-02',
  sex: 'female',
  pronouns: null,
  mrn: 'RC-2041180',
  deceasedAt: null,
  ...fields,
})

describe('who a patient is', () => {
  test('is said with the name to use, and the legal name beside it only where it differs', () => {
    expect(toIdentity(row(), today)).toMatchObject({ displayName: 'Maria Reyes', legalName: null })
    expect(toIdentity(row({ preferredName: 'Mari' }), today)).toMatchObject({
      displayName: 'Mari Reyes',
      legalName: 'Maria Reyes',
    })
  })

  test('has the whole age in a chart, also at 92 and in the first weeks', () => {
    expect(toIdentity(row(), today).age).toBe('47')
    expect(toIdentity(row({ birthDate: '1934-01-01' }), today).age).toBe('92')
    expect(toIdentity(row({ birthDate: '2026-11-10' }), today).age).toBe('12 days')
    expect(toIdentity(row({ birthDate: null }), today).age).toBeNull()
  })

  test('keeps the age at death of somebody who died, however much of the date is known', () => {
    expect(toIdentity(row({ deceasedAt: '2020-04-01' }), today)).toMatchObject({
      age: '40',
      deceasedOn: '2020-04-01',
    })
    expect(toIdentity(row({ deceasedAt: '2020-04-02T03:00:00Z' }), today)).toMatchObject({
      deceasedOn: '2020-04-01',
    })
    expect(toIdentity(row({ deceasedAt: 'true' }), today)).toMatchObject({ deceasedOn: '' })
    expect(toIdentity(row({ deceasedAt: 'false' }), today).deceasedOn).toBeNull()
  })
})
