import 'server-only'

import type { KeyKind } from './view.ts'

/** Names of the kinds of keys, for people and for the operator's tools. */
export const keyNames: Readonly<Record<KeyKind, string>> = {
  'root-key': 'Root key',
  'key-encryption-key': 'Key-encryption key',
  'data-key': 'Data keys',
  'index-key': 'Search index key',
  'database-credentials': 'Database passwords',
  'session-secret': 'Session secret',
}

/** What each is for, in half a sentence. */
export const keyPurposes: Readonly<Record<KeyKind, string>> = {
  'root-key': 'Keeps the key-encryption key',
  'key-encryption-key': 'Wraps all data keys',
  'data-key': 'Encrypt the records, one per patient',
  'index-key': 'Makes encrypted names searchable',
  'database-credentials': 'Let Vigil into its databases',
  'session-secret': 'Seals cookies during sign-in',
}

/** The operator's command that renews each; it runs on the server, while people work. */
export const commandOf: Readonly<Record<KeyKind, string>> = {
  'root-key': 'vigil keys rotate-root',
  'key-encryption-key': 'vigil keys rotate',
  'data-key': 'vigil keys rotate --data',
  'index-key': 'vigil keys rotate --index',
  'database-credentials': 'vigil db rotate-credentials',
  'session-secret': 'vigil db rotate-credentials --login session',
}

const providers: Readonly<Record<string, string>> = {
  file: 'A key ring on disk',
  pkcs11: 'A hardware token (PKCS #11)',
  'aws-kms': 'AWS KMS',
  vault: 'Vault',
}

/** Who holds the root key, in words. */
export const providerName = (id: string): string => providers[id] ?? id

/** Passwords by what they let in, as an administrator knows it. */
export const credentialNames: Readonly<Record<string, string>> = {
  app: 'Records: web process',
  worker: 'Records: jobs',
  sealer: 'Records: sealer of the trail',
  audit_reader: 'Records: reader of the trail',
  owner: 'Records: owner, for updates',
  superuser: 'Records: superuser',
  keystore: 'Key store: serving',
  keystore_operator: 'Key store: operator',
  keystore_owner: 'Key store: owner, for updates',
  keystore_superuser: 'Key store: superuser',
  session: 'Session secret',
}
