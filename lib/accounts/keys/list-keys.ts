import 'server-only'

import type { QueryResultRow } from 'pg'
import { appQuery } from '#lib/db/app-database.ts'
import { RecordUnavailable } from '#lib/errors.ts'
import type { KeyInventory } from '#lib/keys/key-inventory.ts'
import { processKeyStore } from '#lib/keys/process-key-store.ts'
import { keyAge, oldestAllowed, type KeySchedule } from './key-standing.ts'
import type { CredentialView, KeyKind, KeyKindView, KeysView } from './view.ts'
import { commandOf, credentialNames, keyNames, keyPurposes, providerName } from './words.ts'

type PolicyRow = { kind: KeyKind; days_max: number; days_limit: number; reminder_days: number }
type CredentialRow = { name: string; changed_at: Date }
type Query = <Row extends QueryResultRow>(text: string) => Promise<Row[]>

/** What the database of records knows of keys: the schedule, when passwords were changed, when the root key was. */
export type KeyFacts = {
  readonly now: Date
  readonly policy: readonly PolicyRow[]
  readonly credentials: readonly CredentialRow[]
  readonly rootChangedAt: Date | null
}

/**
 * Every kind of key with its version, its age, when it is due and how far a renewal is; who holds the root key; when
 * passwords were changed. A key store that does not answer leaves ages unknown, and the rest is still told.
 * @param login the web process's own, or the worker's for jobs
 * @throws RecordUnavailable when the schedule cannot be read
 */
export async function listKeys(login: 'app' | 'worker' = 'app'): Promise<KeysView> {
  const facts = await readKeyFacts((text) => appQuery(text, [], login))
  const { health, inventory } = await readKeyStore(facts)
  return {
    kinds: keyKinds(facts, inventory),
    credentials: inOrder(facts.credentials).map((row) => credentialView(row, facts.now)),
    provider: {
      name: inventory ? providerName(inventory.provider) : 'Not known now',
      health,
      serial: inventory?.serial ?? null,
      changedAt: inventory?.changedAt?.toISOString() ?? null,
    },
  }
}

/** @throws RecordUnavailable when the database does not answer */
export async function readKeyFacts(query: Query): Promise<KeyFacts> {
  try {
    // One after another: whoever asks may have one connection.
    const [clock] = await query<{ now: Date; root: Date | null }>(
      'SELECT app.now() AS now, audit.root_key_changed_at() AS root',
    )
    const policy = await query<PolicyRow>(
      `SELECT kind, days_max, days_limit, reminder_days FROM app.key_policy
        ORDER BY array_position(ARRAY['root-key', 'key-encryption-key', 'data-key', 'index-key', 'database-credentials', 'session-secret'], kind)`,
    )
    const credentials = await query<CredentialRow>('SELECT name, changed_at FROM app.credential')
    if (clock === undefined) throw new Error('no row')
    return { now: clock.now, policy, credentials, rootChangedAt: clock.root }
  } catch (cause) {
    throw new RecordUnavailable('the schedule of keys could not be read', { cause })
  }
}

/** Data keys that were made before this are too old. */
export function oldestDataKey({ now, policy }: KeyFacts): Date {
  const dataKey = policy.find(({ kind }) => kind === 'data-key')
  return oldestAllowed(now, { daysMax: dataKey?.days_max ?? 0, reminderDays: 0 })
}

/** Each kind of key with its age; without an inventory, ages of keys are unknown. */
export function keyKinds(facts: KeyFacts, inventory: KeyInventory | null): KeyKindView[] {
  return facts.policy.map((row) => kindView(row, facts, inventory))
}

async function readKeyStore(
  facts: KeyFacts,
): Promise<{ health: KeysView['provider']['health']; inventory: KeyInventory | null }> {
  try {
    const store = await processKeyStore()
    const health = await store.health()
    return { health, inventory: await store.inventory(oldestDataKey(facts)).catch(() => null) }
  } catch {
    return { health: 'unreachable', inventory: null }
  }
}

function kindView(row: PolicyRow, facts: KeyFacts, inventory: KeyInventory | null): KeyKindView {
  const schedule: KeySchedule = { daysMax: row.days_max, reminderDays: row.reminder_days }
  const { madeAt, version, progress } = inUse(row.kind, facts, inventory)
  const age = madeAt === null ? null : keyAge(madeAt, facts.now, schedule)
  return {
    kind: row.kind,
    name: keyNames[row.kind],
    purpose: keyPurposes[row.kind],
    version,
    madeAt: madeAt?.toISOString() ?? null,
    ageDays: age?.ageDays ?? null,
    dueAt: age?.dueAt.toISOString() ?? null,
    standing: age?.standing ?? 'unknown',
    progress,
    command: commandOf[row.kind],
    daysMax: row.days_max,
    daysLimit: row.days_limit,
    reminderDays: row.reminder_days,
  }
}

type InUse = { madeAt: Date | null; version: string; progress: string }
const notKnown: InUse = { madeAt: null, version: 'Not known now', progress: '' }

function inUse(kind: KeyKind, facts: KeyFacts, inventory: KeyInventory | null): InUse {
  switch (kind) {
    case 'database-credentials':
    case 'session-secret':
      return credentialInUse(kind, facts)
    case 'root-key':
      return inventory ? rootInUse(inventory, facts) : notKnown
    case 'key-encryption-key':
      return inventory ? keyEncryptionKeyInUse(inventory) : notKnown
    case 'data-key':
      return inventory ? dataKeysInUse(inventory) : notKnown
    case 'index-key':
      return inventory ? indexKeyInUse(inventory) : notKnown
  }
}

function credentialInUse(kind: 'database-credentials' | 'session-secret', { credentials }: KeyFacts): InUse {
  const own = credentials.filter(({ name }) => (name === 'session') === (kind === 'session-secret'))
  const oldest = own.map((row) => row.changed_at).toSorted((a, b) => a.getTime() - b.getTime())[0]
  return {
    madeAt: oldest ?? null,
    version: kind === 'session-secret' ? 'One secret' : `${own.length} passwords; the oldest counts`,
    progress: '',
  }
}

function rootInUse({ provider, keyringMadeAt }: KeyInventory, { rootChangedAt }: KeyFacts): InUse {
  const times = [keyringMadeAt, rootChangedAt].filter((each) => each !== null)
  return {
    madeAt: times.toSorted((a, b) => b.getTime() - a.getTime())[0] ?? null,
    version: providerName(provider),
    progress: '',
  }
}

function keyEncryptionKeyInUse({ keyEncryptionKey }: KeyInventory): InUse {
  if (keyEncryptionKey === null) return notKnown
  const { version, madeAt, keys, keysElsewhere } = keyEncryptionKey
  const progress =
    keysElsewhere === 0
      ? ''
      : `${keysElsewhere} of ${keys} keys are still under a former version: a renewal is under way, or was cut short.`
  return { madeAt, version: `Version ${version}`, progress }
}

function dataKeysInUse({ dataKeys }: KeyInventory): InUse {
  const { active, oldestMadeAt, overdue, ownersWithFormer } = dataKeys
  const sentences = [
    ...(overdue > 0 ? [`${overdue} of ${active} keys are too old.`] : []),
    ...(ownersWithFormer > 0
      ? [`For ${ownersWithFormer} of ${active} a former version is still kept to open older values.`]
      : []),
  ]
  return {
    madeAt: oldestMadeAt,
    version: `${active} in use; the oldest counts`,
    progress: sentences.join(' '),
  }
}

function indexKeyInUse({ indexKeys }: KeyInventory): InUse {
  const active = indexKeys.find(({ state }) => state === 'active')
  if (!active) return notKnown
  const pending = indexKeys.find(({ state }) => state === 'pending')
  const former = indexKeys.filter(({ state }) => state === 'decrypt_only')
  const sentences = [
    ...(pending
      ? [
          `Version ${pending.version} is being filled in; version ${active.version} answers until it is complete.`,
        ]
      : []),
    ...(former.length > 0
      ? [`Version ${former.map(({ version }) => version).join(', ')} is still kept beside it.`]
      : []),
  ]
  return { madeAt: active.madeAt, version: `Version ${active.version}`, progress: sentences.join(' ') }
}

/** As they are listed in `credentialNames`: those of records, those of the key store, the session's. */
function inOrder(rows: readonly CredentialRow[]): CredentialRow[] {
  const order = Object.keys(credentialNames)
  return rows.toSorted((a, b) => order.indexOf(a.name) - order.indexOf(b.name))
}

function credentialView({ name, changed_at }: CredentialRow, now: Date): CredentialView {
  const { ageDays } = keyAge(changed_at, now, { daysMax: 0, reminderDays: 0 })
  return { name: credentialNames[name] ?? name, changedAt: changed_at.toISOString(), ageDays }
}
