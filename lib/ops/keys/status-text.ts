import 'server-only'
import type { KeyKindView } from '#lib/accounts/keys/view.ts'
import { formatDateForStaff } from '#lib/format.ts'
import type { KeyState } from '#lib/crypto/data-keys.ts'
import type { KeyringState } from '#lib/keys/keyring-states.ts'
import type { DataKeyCount } from './count-data-keys.ts'

type KeyAgeStatus = Pick<
  KeyKindView,
  'kind' | 'name' | 'ageDays' | 'daysMax' | 'dueAt' | 'standing' | 'command'
>

/** Every version of every kind of key, and what still uses it. */
export type KeysStatus = {
  readonly provider: string
  readonly keyringId: string
  readonly environment: string
  readonly providers: readonly (Pick<KeyringState, 'provider' | 'standing' | 'serial'> & {
    readonly health: string
  })[]
  readonly keyEncryptionKeys: readonly {
    readonly provider: string
    readonly version: number
    readonly state: KeyState
    readonly createdAt: string
    /** keys of the store that are wrapped under it */
    readonly dataKeys: number
  }[]
  readonly dataKeys: readonly DataKeyCount[]
  readonly indexKeys: readonly {
    readonly version: number
    readonly state: KeyState
    readonly createdAt: string
    readonly tokens: number
  }[]
  readonly identityKey: { readonly version: number; readonly createdAt: string } | null
  /** how old each kind of key and secret is, against the schedule */
  readonly ages: readonly KeyAgeStatus[]
}

/** The status of all keys as tables for a terminal. */
export function statusText(status: KeysStatus): string {
  const { providers, keyEncryptionKeys, dataKeys, indexKeys, identityKey, ages } = status
  return [
    `Keyring ${status.keyringId} (${status.environment}), root key with ${status.provider}.`,
    ...table('Providers', ['Provider', 'Standing', 'Serial', 'Health'], providers.map((each) => [each.provider, each.standing, each.serial, each.health])),
    ...table('Key-encryption keys', ['Provider', 'Version', 'State', 'Made', 'Keys under it'], keyEncryptionKeys.map((each) => [each.provider, each.version, each.state, day(each.createdAt), each.dataKeys])),
    ...table('Data keys', ['Version', 'State', 'Keys', 'Cells', 'First made', 'Last made'], dataKeys.map((each) => [each.version, each.state, each.keys, each.cells, each.createdAt ? day(each.createdAt.first) : '', each.createdAt ? day(each.createdAt.last) : ''])),
    ...table('Index keys', ['Version', 'State', 'Made', 'Tokens'], indexKeys.map((each) => [each.version, each.state, day(each.createdAt), each.tokens])),
    ...table('Ages', ['Kind', 'Days', 'At most', 'Due', 'State', 'Renewed by'], ages.map((each) => [each.name, each.ageDays ?? 'not known', each.daysMax, each.dueAt === null ? '' : day(each.dueAt), each.standing, each.command])),
    '',
    `Identity key: ${identityKey ? `made ${day(identityKey.createdAt)}; never replaced, for ids and pseudonyms depend on it` : 'none'}.`,
  ].join('\n') // prettier-ignore
}

const day = (instant: string): string => formatDateForStaff(instant)

function table(title: string, head: string[], rows: (string | number)[][]): string[] {
  if (rows.length === 0) return ['', title, '  none']
  const all = [head, ...rows.map((row) => row.map(String))]
  const widths = head.map((_, column) => Math.max(...all.map((row) => (row[column] ?? '').length)))
  return [
    '',
    title,
    ...all.map((row) =>
      `  ${row.map((cell, column) => cell.padEnd(widths[column] ?? 0)).join('  ')}`.trimEnd(),
    ),
  ]
}
