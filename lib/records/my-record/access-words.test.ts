import { describe, expect, test } from 'vitest'
import { rules } from '#lib/policy/rules.ts'
import { views } from '#lib/policy/views.ts'
import { actorInWords, whatInWords, whyInWords, type AccessActor } from './access-words.ts'

const nurse: AccessActor = { name: 'Nadia Osei', title: 'Registered nurse', role: 'nurse', relation: 'care', isOwn: false } // prettier-ignore

describe('what was done', () => {
  test('reads as a sentence for every rule of the policy, without a technical word', () => {
    for (const { view, action } of rules)
      for (const refused of [true, false])
        for (const reader of ['self', 'proxy'] as const) {
          const text = whatInWords(view, action, refused, reader)
          expect(text).toMatch(/^[A-Z][^{}]+$/)
          expect(text).not.toContain(view)
          if (reader === 'proxy') expect(text).not.toMatch(/\byour?\b/)
        }
  })

  test('tells a change from a look, and an attempt from both', () => {
    expect(whatInWords('vitals-entry', 'CREATE', false, 'self')).toBe('Added vital signs')
    expect(whatInWords('vitals-entry', 'READ', false, 'self')).toBe('Opened the form for your vital signs')
    expect(whatInWords('note-writing', 'UPDATE', true, 'self')).toBe('Tried to write in a visit note and was refused')
    expect(whatInWords('chart-results', 'PRINT', false, 'self')).toBe('Printed your test results')
    expect(whatInWords('chart-results', 'READ', false, 'proxy')).toBe('Opened the patient’s test results')
  }) // prettier-ignore

  test('a view that no longer exists is still told', () => {
    expect('chart-imaging' in views).toBe(false)
    expect(whatInWords('chart-imaging', 'READ', false, 'self')).toBe('Opened a part of your record')
    expect(whatInWords(null, 'READ', true, 'self')).toBe(
      'Tried to open a part of your record and was refused',
    )
  })
})

describe('who and why', () => {
  const plain = { refused: false, emergency: false }

  test('emergency access is said to be one, and that somebody checks it', () => {
    const why = whyInWords(
      { ...nurse, relation: 'emergency' },
      'ETREAT',
      { ...plain, emergency: true },
      'self',
    )
    const ownPatient = whyInWords(
      { ...nurse, relation: 'care' },
      'ETREAT',
      { ...plain, emergency: true },
      'self',
    )
    expect(ownPatient).toContain('is on your care team')
    expect(why).toBe(
      'Why: emergency. Nadia Osei is not on your care team and said that it could not wait. Somebody else at the clinic reviews each emergency access.',
    )
  })

  test('staff by name and job, with what made it allowed', () => {
    expect(actorInWords(nurse)).toEqual({ name: 'Nadia Osei', role: 'Registered nurse' })
    expect(whyInWords(nurse, 'TREAT', plain, 'self')).toBe('Why: treatment. Nadia Osei is on your care team.')
    const ben = { ...nurse, name: 'Ben Ashby', title: null, role: 'billing', relation: 'organisation' }
    expect(actorInWords(ben)).toEqual({ name: 'Ben Ashby', role: 'Billing' })
    expect(whyInWords(ben, 'HPAYMT', plain, 'self')).toBe(
      'Why: payment. Billing staff cannot see medical notes.',
    )
  })

  test('a refusal never says that somebody is on the care team', () => {
    expect(whyInWords({ ...nurse, relation: null }, null, { ...plain, refused: true }, 'self')).toBe(
      'Nothing was shown. Only people on your care team can open it, while they are signed in.',
    )
  })

  test('patients and proxies have no name here; the reader is "You", another person never is', () => {
    const self = { name: null, title: null, role: 'patient', relation: 'self', isOwn: true }
    expect(actorInWords(self).name).toBe('You')
    expect(actorInWords({ ...self, isOwn: false }).name).toBe('The patient')
    expect(actorInWords({ ...self, role: 'proxy', relation: 'proxy', isOwn: false }).name).toBe('A person with access')
    expect(actorInWords({ ...self, relation: null, isOwn: false }).name).toBe('Another portal user')
  }) // prettier-ignore

  test('a job is no person', () => {
    const job = {
      name: 'Record import',
      title: 'Automatic job',
      role: 'service',
      relation: 'service',
      isOwn: false,
    }
    expect(actorInWords(job)).toEqual({ name: 'Automatic job', role: null })
    expect(whyInWords(job, 'HOPERAT', plain, 'self')).toContain('Nobody read it')
  })
})
