import { doors, type Door } from '../doors.ts'
import type { Person } from './people.ts'
import { recordIds } from './records.ts'

/** Who plays each role where one person is enough. Maria is the patient whom {patient}, {result} and {note} belong to. */
export const personOf: Record<Exclude<keyof Door['answers'], 'nobody'>, Person> = {
  patient: 'maria',
  proxy: 'daniel',
  nurse: 'nadia',
  clinician: 'ines',
  billing: 'ben',
  admin: 'ada',
  compliance: 'carla',
}

/** The address of a door, with the ids of the demo clinic in it. */
export async function addressOf(path: string): Promise<string> {
  const ids = await recordIds()
  return path.replaceAll(/\{(\w+)\}/g, (_, name: string) => encodeURIComponent(ids[name as keyof typeof ids]))
}

/** Every page that somebody gets to see, with one person who does: null for pages that are there before signing in. */
export function openPages(): { path: string; person: Person | null }[] {
  return doors
    .filter(({ methods, file }) => methods.includes('GET') && file.endsWith('page.tsx'))
    .flatMap(({ path, answers }): { path: string; person: Person | null }[] => {
      if (answers.nobody === 200) return [{ path, person: null }]
      const role = (Object.keys(personOf) as (keyof typeof personOf)[]).find((one) => answers[one] === 200)
      return role === undefined ? [] : [{ path, person: personOf[role] }]
    })
}
