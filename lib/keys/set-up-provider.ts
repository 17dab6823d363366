import 'server-only'
import { randomUUID } from 'node:crypto'
import type { Pool } from 'pg'

import { NotConfigured } from '#lib/errors.ts'
import { checkKeyring } from './check-keyring.ts'
import { exclusively } from './exclusively.ts'
import type { KeyProvider } from './key-provider.ts'
import type { KeySettings } from './key-settings.ts'
import { keyringRecord } from './keyring-record.ts'
import { readKeyringStates, type KeyringState } from './keyring-states.ts'
import { openProvider, providerEntry, type ProviderId } from './open-provider.ts'
import type { WantedKeyring } from './provider-entry.ts'

/**
 * Makes what a provider needs before it can hold keys of this installation: its keyring, the store's memory of it, and a
 * version that may wrap. Everything that is there already is left alone, so that it may run again after a crash anywhere in it.
 * The first provider ever becomes the current one; a further one waits.
 * @throws NotConfigured when its keyring is missing though keys are under it, or belongs to another installation
 */
export function setUpProvider(
  id: ProviderId,
  settings: KeySettings,
  database: Pool,
  signal: AbortSignal,
): Promise<KeyProvider> {
  // Of several processes that start at once one makes what is missing, the others find it.
  return exclusively(database, 'set up a provider', () => setUp(id, settings, database, signal), signal)
}

async function setUp(
  id: ProviderId,
  settings: KeySettings,
  database: Pool,
  signal: AbortSignal,
): Promise<KeyProvider> {
  const entry = providerEntry(id)
  const lacking = entry.missing(settings)
  if (lacking !== undefined) throw new NotConfigured(lacking)
  const states = await readKeyringStates(database)
  const known = states.find((each) => each.provider === id)
  const wanted = await wantedKeyring(id, settings, database, states, known)
  const mayMake = known === undefined || known.standing === 'arriving' || known.standing === 'former'
  const inPlace = entry.prepare
    ? await entry.prepare(settings, mayMake ? wanted : undefined)
    : { id: wanted.id, environment: wanted.environment, serial: wanted.serial }
  if (!inPlace)
    throw new NotConfigured(
      `The keyring ${settings.keyringFile} is missing, and the key store holds keys that only it opens: put the newest copy in place.`,
    )
  if (states.length > 0 && inPlace.id !== wanted.id)
    throw new NotConfigured(
      'The keyring belongs to another installation than the key store: put this installation’s own keyring in place.',
    )
  await database.query(
    `INSERT INTO keys.keyring_state (keyring_id, environment, provider, serial, standing)
     SELECT $1, $2, $3, $4, CASE WHEN EXISTS (SELECT FROM keys.keyring_state) THEN 'arriving' ELSE 'current' END
     ON CONFLICT DO NOTHING`,
    [inPlace.id, inPlace.environment, id, inPlace.serial],
  )
  await database.query(
    "UPDATE keys.keyring_state SET standing = 'arriving' WHERE provider = $1 AND standing = 'former'",
    [id],
  )
  const provider = await openProvider(id, settings, keyringRecord(database, id))
  const keyring = await provider.describe(signal)
  // First of all: nothing may be added to an older copy that somebody has put in place.
  await checkKeyring(database, settings.environment, id, keyring)
  const active = keyring.versions.find((each) => each.state === 'active')
  if (!active || active.version < (known?.version_min ?? 1)) await provider.custody.addVersion(signal)
  return provider
}

/** The keyring that would be made if there is none: of this installation, and beyond all that ever was under this provider. */
async function wantedKeyring(
  id: ProviderId,
  settings: KeySettings,
  database: Pool,
  states: readonly KeyringState[],
  known: KeyringState | undefined,
): Promise<WantedKeyring> {
  const { rows } = await database.query<{ version: number | null }>(
    'SELECT max(kek_version) AS version FROM keys.data_key WHERE provider = $1',
    [id],
  )
  return {
    id: states[0]?.keyring_id ?? randomUUID(),
    environment: settings.environment,
    serial: (known?.serial ?? 0) + 1,
    version: Math.max(known?.version_min ?? 1, (rows[0]?.version ?? 0) + 1),
  }
}
