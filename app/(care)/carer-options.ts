import type { CareStaff } from '#lib/accounts/list-care-staff.ts'

/** Teams and people as choices of a form: the reader's own team first, then the reader, then all others. */
export function carerOptions(staff: CareStaff): { value: string; label: string }[] {
  const people = staff.people.toSorted((a, b) => Number(b.isMe) - Number(a.isMe))
  return [
    ...staff.teams.map((team) => ({
      value: `team:${team.id}`,
      label: team.isMine ? `${team.name} (your team)` : `${team.name} (team)`,
    })),
    ...people.map((person) => ({
      value: `account:${person.id}`,
      label: [person.name, person.isMe ? 'you' : person.jobTitle].filter(Boolean).join(', '),
    })),
  ]
}
