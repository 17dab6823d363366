import { doors, type Door } from '../doors.ts'
import { rows } from './database.ts'
import { accountIdOf } from './people.ts'
import { recordIds } from './records.ts'
import { serverActions, type ServerAction } from './server-actions.ts'

/** Whose things an address names: those of the record that the tests are about, of others, or nobody's. */
export type Whose = 'own' | 'other' | 'mixed' | 'none'

/** One question of the grid: an address of a door, and whose ids are in it. */
export type GridCase = { door: Door; whose: Whose; path: string }

const nobody = '00000000-0000-4000-8000-000000000000'
type Ids = Record<string, string>

/** The ids of somebody else's things: a patient whom nobody cares for, and what belongs to other patients and people. */
async function otherIds(): Promise<Ids> {
  const { patient, stranger } = await recordIds()
  const one = async (text: string, values: string[]): Promise<string> => {
    const [row] = await rows<{ id: string }>(text, values)
    if (!row) throw new Error(`the demo clinic lacks what the grid needs: ${text}`)
    return row.id
  }
  return {
    patient: stranger,
    result: await one(`SELECT id FROM phi.observation WHERE patient_id = $1 AND kind = 'laboratory' LIMIT 1`, [stranger]),
    note: await one(
      `SELECT n.id FROM phi.note n WHERE n.patient_id <> $1 AND n.class = 'clinical' AND n.status = 'signed'
          AND NOT EXISTS (SELECT FROM phi.record_grant g WHERE g.patient_id = n.patient_id AND g.account_id = $2) ORDER BY n.id LIMIT 1`,
      [patient, await accountIdOf('daniel')],
    ),
    log: await one('SELECT log_id AS id FROM audit.patient_phi_audit_log WHERE patient_id = $1 ORDER BY accessed_at LIMIT 1', [stranger]),
    logAt: await one('SELECT accessed_at::text AS id FROM audit.patient_phi_audit_log WHERE patient_id = $1 ORDER BY accessed_at LIMIT 1', [stranger]),
    account: await accountIdOf('maria'),
  }
} // prettier-ignore

const fill = (path: string, ids: Ids): string =>
  path.replaceAll(/\{(\w+)\}/g, (_, name: string) => encodeURIComponent(ids[name] ?? ''))

/**
 * Every page and route with the ids of the record that the caller may have to do with; and again with others' ids, with others' ids
 * under the own patient, and with ids that nobody has, where the address has ids.
 */
export async function gridCases(): Promise<GridCase[]> {
  const own: Ids = await recordIds()
  const others = { ...own, ...(await otherIds()) }
  const none = Object.fromEntries(Object.keys(own).map((name) => [name, name === 'logAt' ? (own['logAt'] ?? '') : nobody]))
  return doors
    .filter(({ ends, file }) => ends !== true && !file.endsWith('/actions.ts'))
    .flatMap((door) => {
      const names = [...door.path.matchAll(/\{(\w+)\}/g)].flatMap(([, name]) => name ?? []).filter((name) => name !== 'stranger')
      const cases: GridCase[] = [{ door, whose: 'own', path: fill(door.path, own) }]
      if (names.some((name) => others[name] !== own[name])) cases.push({ door, whose: 'other', path: fill(door.path, others) })
      if (names.length > 1 && names[0] === 'patient')
        cases.push({ door, whose: 'mixed', path: fill(door.path, { ...others, patient: own['patient'] ?? '' }) })
      if (names.length > 0) cases.push({ door, whose: 'none', path: fill(door.path, none) })
      return cases
    })
} // prettier-ignore

/** An action that is not for everybody, with the address and the answers of a page that it stands on. */
export type ActionCase = { action: ServerAction; door: Door; path: string; ids: string[] }

/** Every action of the build but those of the pages that are open to all. */
export async function actionCases(): Promise<ActionCase[]> {
  const own: Ids = await recordIds()
  return serverActions().flatMap((action) => {
    if (action.file.startsWith('app/(public)/')) return []
    const door = doors.find(
      ({ file, methods }) => methods.includes('GET') && action.pages.some((page) => file === `${page}.tsx`),
    )
    if (!door) throw new Error(`${action.file} ${action.name} stands on no page of e2e/doors.ts`)
    const ids = [...door.path.matchAll(/\{(\w+)\}/g)].flatMap(([, name = '']) => own[name] ?? [])
    return [{ action, door, path: fill(door.path, own), ids }]
  })
}
