import 'server-only'
import { formatDateForStaff } from '#lib/format.ts'
import type { KeysStatus } from './keys-status.ts'

/** The status of all keys as tables for a terminal. */
export function statusText(status: KeysStatus): string {
  const { providers, keyEncryptionKeys, dataKeys, indexKeys, identityKey } = status
  return [
    `Keyring ${status.keyringId} (${status.environment}), root key with ${status.provider}.`,
    ...table('Providers', ['Provider', 'Standing', 'Serial', 'Health'], providers.map((each) => [each.provider, each.standing, each.serial, each.health])),
    ...table('Key-encryption keys', ['Provider', 'Version', 'State', 'Made', 'Keys under it'], keyEncryptionKeys.map((each) => [each.provider, each.version, each.state, day(each.createdAt), each.dataKeys])),
    ...table('Data keys', ['Version', 'State', 'Keys', 'Cells', 'First made', 'Last made'], dataKeys.map((each) => [each.version, each.state, each.keys, each.cells, day(each.createdAt.first), day(each.createdAt.last)])),
    ...table('Index keys', ['Version', 'State', 'Made', 'Tokens'], indexKeys.map((each) => [each.version, each.state, day(each.createdAt), each.tokens])),
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
