import 'server-only'
import { appQuery } from '#lib/db/app-database.ts'
import type { KeyState } from '#lib/crypto/data-keys.ts'
import type { KeySource } from '#lib/keys/load-keys.ts'
import { listKeyVersions, type KeyVersionRow } from '#lib/keys/list-key-versions.ts'
import { organisation } from '#lib/keys/read-root-keys.ts'
import { listPatients } from '#lib/phi/rotate/list-patients.ts'
import { asService } from '#lib/phi/service-actor.ts'

/** Data keys of one version number and state, of all owners together, and what is still encrypted under them. */
export type DataKeyCount = {
  readonly version: number
  /** `missing`: ciphertexts name a version that the key store has never had */
  readonly state: KeyState | 'missing'
  readonly keys: number
  /** ciphertexts in records, in earlier versions of rows, and in accounts */
  readonly cells: number
  /** when the first and the last of them were made */
  readonly createdAt: { readonly first: string; readonly last: string } | null
  /** the largest number of encryptions under one of them, as far as it was handed in */
  readonly encryptionsMax: number
}

const ownersAtOnce = 1000

type Group = { version: number; state: DataKeyCount['state']; keys: number; cells: number; made: Date[]; encryptionsMax: number } // prettier-ignore

/** Counts data keys by version and state, and the ciphertexts under each, in the data itself and page by page. */
export async function countDataKeys(source: KeySource): Promise<DataKeyCount[]> {
  const groups = new Map<string, Group>()
  const group = (version: number, state: Group['state']): Group => {
    const name = `${version} ${state}`
    const present = groups.get(name)
    if (present) return present
    const made: Group = { version, state, keys: 0, cells: 0, made: [], encryptionsMax: 0 }
    groups.set(name, made)
    return made
  }
  const states = await countVersions(source, group)
  for await (const { owner, version, cells } of cellVersions())
    group(version, states.get(`${owner} ${version}`) ?? 'missing').cells += cells
  return [...groups.values()]
    .toSorted((a, b) => a.version - b.version || a.state.localeCompare(b.state))
    .map(({ made: [first, last], ...each }) => ({
      ...each,
      createdAt: first && last ? { first: first.toISOString(), last: last.toISOString() } : null,
    }))
}

/** Counts the keys into their groups. @returns the state of each: "<owner> <version>" → state */
async function countVersions(
  source: KeySource,
  group: (version: number, state: KeyState) => Group,
): Promise<Map<string, KeyState>> {
  const states = new Map<string, KeyState>()
  for (let after = ''; ;) {
    const page = await listKeyVersions(source.database, 'data-key', after, ownersAtOnce)
    for (const each of page) {
      states.set(`${each.ownerId} ${each.version}`, each.state)
      add(group(each.version, each.state), each)
    }
    const last = page.at(-1)
    if (!last) return states
    after = last.ownerId
  }
}

function add(group: Group, { createdAt, encryptions }: KeyVersionRow): void {
  const [first = createdAt, last = createdAt] = group.made
  group.made = [createdAt < first ? createdAt : first, createdAt > last ? createdAt : last]
  group.keys += 1
  group.encryptionsMax = Math.max(group.encryptionsMax, encryptions)
}

type Cells = { readonly owner: string; readonly version: number; readonly cells: number }

/** How many ciphertexts of each owner name which version: of every patient, and of the organisation's own secrets. */
async function* cellVersions(): AsyncGenerator<Cells> {
  const pages = await asService('key-rotation', listPatients)
  for (const patients of pages) {
    const rows = await appQuery<{ patient_id: string; key_version: string; cells: string }>(
      'SELECT patient_id, key_version, sum(cells) AS cells FROM phi.cell_versions($1::uuid[]) GROUP BY 1, 2',
      [patients],
      'worker',
    )
    for (const { patient_id, key_version, cells } of rows)
      yield { owner: patient_id, version: Number(key_version), cells: Number(cells) }
  }
  const secrets = await asService('key-rotation', (actor) =>
    appQuery<{ key_version: string; cells: string }>(
      'SELECT key_version, cells FROM app.secret_versions($1)',
      [actor.sessionToken],
      'worker',
    ),
  )
  for (const { key_version, cells } of secrets)
    yield { owner: organisation, version: Number(key_version), cells: Number(cells) }
}
