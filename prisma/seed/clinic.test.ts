import { describe, expect, it } from 'vitest'
import { castPatients, portalLogins, staff } from './cast.ts'
import { generateClinic } from './clinic.ts'
import { laboratoryStories } from './stories.ts'

const today = '2026-11-22'
const clinic = generateClinic(today)
const all = clinic.patients.flatMap((patient) => patient.resources)
const ofType = (type: string) => all.filter((resource) => resource.resourceType === type)

describe('the demo clinic', () => {
  it('is the same on every run', () => {
    expect(JSON.stringify(generateClinic(today))).toBe(JSON.stringify(clinic))
  })

  it('has sixty patients with five years of visits, results, charges and payments', () => {
    expect(clinic.patients).toHaveLength(60)
    expect(ofType('Encounter').length).toBeGreaterThan(600)
    expect(ofType('Observation').length).toBeGreaterThan(5000)
    expect(ofType('Claim').length).toBeGreaterThan(600)
    expect(clinic.payments.length).toBeGreaterThan(200)
    const oldest = ofType('Encounter')
      .map((encounter) => (encounter['period'] as { start: string }).start)
      .sort()[0]
    expect(Number(today.slice(0, 4)) - Number(oldest?.slice(0, 4))).toBe(5)
  })

  it('never names two resources alike', () => {
    const names = all.map((resource) => `${resource.resourceType}/${resource.id}`)
    expect(new Set(names).size).toBe(names.length)
  })

  it('gives Maria one new result above its range, collected yesterday', () => {
    const maria = clinic.patients.find(({ person }) => person.key === 'maria-reyes')
    const yesterday = maria?.resources.filter(
      (resource) =>
        resource.resourceType === 'Observation' &&
        String(resource['effectiveDateTime']).startsWith('2026-11-21') &&
        JSON.stringify(resource['category']).includes('laboratory'),
    )
    const flagged = yesterday?.filter((resource) =>
      /"(H|L|HH|LL|A)"/.test(JSON.stringify(resource['interpretation'] ?? '')),
    )
    expect(yesterday).toHaveLength(10)
    expect(flagged).toHaveLength(1)
    expect(flagged?.[0]?.['valueQuantity']).toMatchObject({ value: 5.6, unit: 'mmol/L' })
  })

  it('has notes of every class and state', () => {
    const classes = new Set(clinic.notes.map((note) => note.class))
    expect([...classes].sort()).toEqual(['clinical', 'mental-health', 'psychotherapy', 'substance-use'])
    expect(clinic.notes.some((note) => note.versions.length === 2)).toBe(true)
    expect(
      clinic.notes.filter((note) => note.versions.some((version) => !version.signed)).length,
    ).toBeGreaterThanOrEqual(3)
  })

  it('has corrected, amended and critical results', () => {
    expect(new Set(clinic.corrections.map((result) => result['status']))).toEqual(
      new Set(['corrected', 'amended']),
    )
    const critical = all.filter((resource) =>
      /"(HH|LL)"/.test(JSON.stringify(resource['interpretation'] ?? '')),
    )
    expect(critical.length).toBeGreaterThanOrEqual(5)
    for (const correction of clinic.corrections) {
      expect(
        all.some((resource) => resource.resourceType === 'Observation' && resource.id === correction.id),
      ).toBe(true)
    }
  })

  it('lets nothing happen after today', () => {
    const instants = JSON.stringify(all).match(/20\d\d-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z/g) ?? []
    expect(instants.every((instant) => instant < '2026-11-22T06:00')).toBe(true)
  })

  it('has a cast in which everybody stands for something, on any day', () => {
    expect(new Set(staff.map((member) => member.role))).toEqual(
      new Set(['nurse', 'clinician', 'billing', 'admin', 'compliance']),
    )
    for (const login of portalLogins) {
      expect(castPatients('2031-02-01').some((person) => person.key === login.patient)).toBe(true)
    }
    for (const story of laboratoryStories) {
      expect(castPatients(today).some((person) => person.key === story.patient)).toBe(true)
    }
  })
})
