import { describe, expect, test } from 'vitest'
import { personRoles } from './roles.ts'
import { consequencesOf, roleChange } from './role-consequences.ts'
import { rules } from './rules.ts'

describe('what a role means, in plain words', () => {
  test('names every view and every action that the rules give, and no other', () => {
    for (const role of personRoles) {
      const own = rules.filter((rule) => rule.role === role)
      const { records } = consequencesOf(role)
      expect(records.map(({ view }) => view)).toEqual([...new Set(own.map(({ view }) => view))])
      expect(records.flatMap(({ verbs }) => verbs)).toHaveLength(own.length)
    }
  })

  test('says what a role never sees, where that is so', () => {
    expect(consequencesOf('admin').never).toEqual(['Sees no patient at all, not even a name'])
    expect(consequencesOf('billing').never).toEqual(['Sees nothing of anybody’s health'])
    expect(consequencesOf('nurse').never).toEqual(['Sees no charges, insurance or payments'])
    expect(consequencesOf('compliance').never).toContain('Sees no name and no birth date of a record')
  })

  test('tells a change as what is gained and what is lost, and nothing for none', () => {
    expect(roleChange('nurse', 'nurse')).toEqual({ gains: [], loses: [] })
    const up = roleChange('nurse', 'clinician')
    expect(up.gains.join(' ')).toContain('mental-health')
    expect(roleChange('clinician', 'nurse')).toEqual({ gains: up.loses, loses: up.gains })
    const away = roleChange('nurse', 'admin')
    expect(away.gains.join(' ')).toContain('Invites staff')
    expect(away.loses.length).toBeGreaterThan(8)
  })
})
