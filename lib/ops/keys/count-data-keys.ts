import 'server-only'
import type { KeyState } from '#lib/crypto/data-keys.ts'
import type { KeySource } from '#lib/keys/load-keys.ts'
import { listKeyVersions, type KeyVersionRow } from '#lib/keys/list-key-versions.ts'
import { organisation } from '#lib/keys/read-root-keys.ts'
import { census } from '#lib/phi/rotate/census.ts'
import { listPatients } from '#lib/phi/rotate/list-patients.ts'
import { secretCensus } from '#lib/phi/rotate/reseal-secrets.ts'
import { asService } from '#lib/phi/service-actor.ts'
import type { Actor } from '#lib/policy/actor.ts'

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
  await asService('key-rotation', (actor) =>
    countCells(actor, (owner, version, cells) => {
      group(version, states.get(`${owner} ${version}`) ?? 'missing').cells += cells
    }),
  )
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

/** Counts how many ciphertexts of each owner name which version: of every patient, and of the organisation's own secrets. */
async function countCells(
  actor: Actor,
  counted: (owner: string, version: number, cells: number) => void,
): Promise<void> {
  for (const patients of await listPatients(actor))
    for (const { patientId, version, cells } of await census(actor, patients))
      counted(patientId, version, cells)
  for (const { version, cells } of await secretCensus(actor)) counted(organisation, version, cells)
}
