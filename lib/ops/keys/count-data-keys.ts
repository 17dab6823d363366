import 'server-only'
import { appQuery } from '#lib/db/app-database.ts'
import type { KeyState } from '#lib/crypto/data-keys.ts'
import type { KeySource } from '#lib/keys/load-keys.ts'
import { listKeyVersions, type KeyVersionRow } from '#lib/keys/list-key-versions.ts'
import { organisation } from '#lib/keys/read-root-keys.ts'
import { asService } from '#lib/phi/service-actor.ts'

/** Data keys of one version number and state, of all owners together, and what is still encrypted under them. */
export type DataKeyCount = {
  readonly version: number
  readonly state: KeyState
  readonly keys: number
  /** ciphertexts in records, in earlier versions of rows, and in accounts */
  readonly cells: number
  /** when the first and the last of them were made */
  readonly createdAt: { readonly first: string; readonly last: string }
  /** the largest number of encryptions under one of them, as far as it was handed in */
  readonly encryptionsMax: number
}

const batchSize = 200
const isPatient = /^[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}$/

type Group = { keys: number; cells: number; first: Date; last: Date; encryptionsMax: number }

/** Counts data keys by version and state, and the ciphertexts under each, in the data itself and batch by batch. */
export async function countDataKeys(source: KeySource): Promise<DataKeyCount[]> {
  const groups = new Map<string, Group & { version: number; state: KeyState }>()
  let after = ''
  for (;;) {
    const versions = await listKeyVersions(source.database, 'data-key', after, batchSize)
    const last = versions.at(-1)
    if (!last) break
    after = last.ownerId
    const cells = await countCells([...new Set(versions.map((each) => each.ownerId))])
    for (const each of versions) add(groups, each, cells.get(`${each.ownerId} ${each.version}`) ?? 0)
  }
  return [...groups.values()]
    .toSorted((a, b) => a.version - b.version || a.state.localeCompare(b.state))
    .map(({ version, state, keys, cells, first, last, encryptionsMax }) => ({
      version,
      state,
      keys,
      cells,
      createdAt: { first: first.toISOString(), last: last.toISOString() },
      encryptionsMax,
    }))
}

function add(
  groups: Map<string, Group & { version: number; state: KeyState }>,
  { version, state, createdAt, encryptions }: KeyVersionRow,
  cells: number,
): void {
  const name = `${version} ${state}`
  const group = groups.get(name)
  if (!group) {
    groups.set(name, {
      version,
      state,
      keys: 1,
      cells,
      first: createdAt,
      last: createdAt,
      encryptionsMax: encryptions,
    })
    return
  }
  group.keys += 1
  group.cells += cells
  if (createdAt < group.first) group.first = createdAt
  if (createdAt > group.last) group.last = createdAt
  group.encryptionsMax = Math.max(group.encryptionsMax, encryptions)
}

/** Ciphertexts by owner and key version: "<owner> <version>" → how many. */
async function countCells(owners: readonly string[]): Promise<Map<string, number>> {
  const counts = new Map<string, number>()
  const patients = owners.filter((owner) => isPatient.test(owner))
  const rows = await appQuery<{ patient_id: string; key_version: string; cells: string }>(
    'SELECT patient_id, key_version, sum(cells) AS cells FROM phi.cell_versions($1::uuid[]) GROUP BY 1, 2',
    [patients],
    'worker',
  )
  for (const { patient_id, key_version, cells } of rows)
    counts.set(`${patient_id} ${key_version}`, Number(cells))
  if (owners.includes(organisation)) {
    const secrets = await asService('key-rotation', (actor) =>
      appQuery<{ key_version: string; cells: string }>(
        'SELECT key_version, cells FROM app.secret_versions($1)',
        [actor.sessionToken],
        'worker',
      ),
    )
    for (const { key_version, cells } of secrets) counts.set(`${organisation} ${key_version}`, Number(cells))
  }
  return counts
}
