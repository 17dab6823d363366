import { roleNames, roles } from './roles.ts'
import { rules } from './rules.ts'
import { views } from './views.ts'

/** The whole policy as text: what a reviewer reads, and what a change to it shows up in (policy.golden.txt). */
export function printPolicy(): string {
  const lines: string[] = ['Who may do what: role, view, action, relation, database role, purpose', '']
  for (const role of roles) {
    lines.push(`${roleNames[role]} (${role})`)
    const mine = rules.filter((rule) => rule.role === role)
    if (mine.length === 0) lines.push('  nothing: no rule names this role')
    for (const rule of mine) {
      const stepUp =
        rule.stepUpSeconds === undefined ? '' : `, second factor under ${rule.stepUpSeconds} s old`
      lines.push(
        `  ${rule.view.padEnd(21)} ${rule.action.padEnd(7)} if ${rule.relations.join(' or ').padEnd(13)} as ${rule.databaseRole.padEnd(20)} for ${rule.purposes.join(', ')}${stepUp}`,
      )
    }
    lines.push('')
  }
  lines.push('What a view shows: fields by model', '')
  for (const [name, view] of Object.entries(views)) {
    lines.push(`${name} (part: ${view.part}) – ${view.about}`)
    for (const [model, fields] of Object.entries(view.fields)) lines.push(`  ${model}: ${fields.join(', ')}`)
    lines.push('')
  }
  return lines.join('\n')
}
