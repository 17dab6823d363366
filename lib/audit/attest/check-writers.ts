import 'server-only'
import type { Client } from 'pg'

import { canonicalText } from '#lib/audit/seal/leaf-data.ts'
import { findArchivedEntry } from '#lib/audit/archive/find-archived-entry.ts'
import type { ArchivedRows } from '#lib/audit/archive/read-archived.ts'
import type { FindingKind } from '#lib/audit/seal/finding.ts'
import { Findings } from '#lib/audit/seal/findings.ts'
import { isBefore } from '#lib/audit/seal/read-unsealed.ts'
import type { Watermark } from '#lib/audit/seal/seal-store.ts'
import type { AttestationKey } from './attestation-key.ts'
import type { CallWords, Claim } from './claim.ts'
import type { HmacKey } from './hmac.ts'
import { readAttestedRows, type LogRow } from './read-attested.ts'
import { callKey, rowMac } from './row-mac.ts'
import { WriterCalls } from './writer-calls.ts'

/** How much of the trail was checked by what its writers vouched for. */
export type WritersChecked = { readonly writers: number; readonly calls: number; readonly rows: number }

type Say = (kind: FindingKind, logId: string | null, detail: string) => void

/**
 * Where reading begins in the middle, calls of the first minutes are not demanded, because rows of theirs may lie before it; nor
 * are those of a writer that were settled when it is met first.
 */
const overlapMilliseconds = 5 * 60_000

/** Columns of a row by name. */
type Fields = Readonly<Record<string, string | null>>

/**
 * Holds every row, sealed or not, against what the process that wrote it vouched for: its MAC, and that no call of that
 * process lacks its rows. Reads in the caller's snapshot, whose texts are those of `textSettings`.
 *
 * What it cannot tell: that the last calls of a process are missing which ended without settling them; and security events
 * that nobody vouches for, such as sign-ins.
 * @param keys the secrets of this installation; what was written under another one becomes a finding
 * @param after where to begin: rows up to it were checked before
 * @param archived months that left the logs, by the tree that they are leaves of; their calls are checked as well, from the files
 */
export async function checkWriters(
  client: Client,
  keys: readonly AttestationKey[],
  say: Say,
  after: Watermark = { tx: '0', seq: '0' },
  archived: readonly ArchivedRows[] = [],
): Promise<WritersChecked> {
  const begin = (await readBegin(client)) ?? (await readArchivedBegin(archived))
  // Without the beginning, which was checked before or is in an archive elsewhere, a writer's first calls may lie before it.
  const isWhole = begin !== undefined && after.tx === '0'
  const check = new WriterCheck(keys, say, isWhole)
  for await (const row of readAttestedRows(client, after, archived)) {
    const fields = fieldsOf(row)
    if (fields['writer_id'] != null) check.take(row, fields)
    else if (!begin || isBefore(begin, row))
      say('ROW_UNATTESTED', fields['log_id'] ?? null, 'nobody vouches for this row')
  }
  return check.end()
}

/** The event from which on rows are vouched for. */
async function readBegin(client: Client): Promise<Watermark | undefined> {
  const { rows } = await client.query<{ tx: string; seq: string }>(
    `SELECT e.tx_id::text AS tx, e.seq::text AS seq FROM audit.security_event_log e WHERE e.event_type = 'WRITERS_ATTESTED'
      ORDER BY e.tx_id, e.seq LIMIT 1`,
  )
  return rows[0]
}

/** The same event, where its month left the logs. */
async function readArchivedBegin(archived: readonly ArchivedRows[]): Promise<Watermark | undefined> {
  for (const rows of archived) {
    const found = await findArchivedEntry(
      rows,
      new Findings(),
      ({ letter, data }) => letter === 'S' && data.includes('"event_type":"WRITERS_ATTESTED"'),
    )
    if (found?.tx != null && found.seq !== null) return { tx: found.tx, seq: found.seq }
  }
  return undefined
}

function fieldsOf({ log, texts }: LogRow): Fields {
  return Object.fromEntries(log.columns.map(({ name }, at) => [name, texts[at] ?? null]))
}

type Row = LogRow & { readonly fields: Fields }

/** Puts rows together to calls, and calls to writers. */
class WriterCheck {
  readonly #keys: readonly AttestationKey[]
  readonly #say: Say
  readonly #isWhole: boolean
  readonly #writers = new Map<string, { readonly calls: WriterCalls; readonly key: HmacKey | undefined }>()
  #call: Row[] = []
  /** when the first row that was read was written */
  #from: number | undefined
  #calls = 0
  #rows = 0

  constructor(keys: readonly AttestationKey[], say: Say, isWhole: boolean) {
    this.#keys = keys
    this.#say = say
    this.#isWhole = isWhole
  }

  take(row: LogRow, fields: Fields): void {
    const [first] = this.#call
    if (
      first &&
      (first.fields['writer_id'] !== fields['writer_id'] ||
        first.fields['writer_seq'] !== fields['writer_seq'])
    )
      this.#closeCall()
    this.#from ??= timeOf(fields)
    this.#call.push({ ...row, fields })
    this.#rows += 1
  }

  end(): WritersChecked {
    this.#closeCall()
    for (const { calls } of this.#writers.values())
      for (const { kind, logId, detail } of calls.faults()) this.#say(kind, logId, detail)
    return { writers: this.#writers.size, calls: this.#calls, rows: this.#rows }
  }

  #closeCall(): void {
    const rows = this.#call
    const [first] = rows
    this.#call = []
    if (!first) return
    this.#calls += 1
    const words: CallWords = {
      seq: Number(first.fields['writer_seq']),
      settled: Number(first.fields['writer_settled']),
      notes: first.fields['writer_notes'] ?? '',
    }
    const writer = this.#writer(first.fields)
    if (!writer.key) return
    const { key, calls } = writer
    if (!this.#isWhole) {
      const isEarly = timeOf(first.fields) < (this.#from ?? 0) + overlapMilliseconds
      if (isEarly) calls.beginAt(words.seq)
      else if (!calls.hasBegun) calls.beginAt(words.settled)
    }
    const accesses = rows.filter(({ log }) => log.letter === 'P')
    const events = rows.filter(({ log }) => log.letter === 'S')
    const forged =
      firstForged(key, words, accesses, claimsOf(accesses)) ??
      firstForged(key, words, events, [{ kind: 'events' }])
    calls.take(words, accesses.length, forged)
  }

  #writer(fields: Fields): { calls: WriterCalls; key: HmacKey | undefined } {
    const id = fields['writer_id'] ?? ''
    const present = this.#writers.get(id)
    if (present) return present
    const secret = this.#keys.find((key) => key.id === fields['writer_key'])
    const made = { calls: new WriterCalls(id), key: secret?.ofWriter(id) }
    this.#writers.set(id, made)
    if (!secret)
      this.#say(
        'ROW_FORGED',
        fields['log_id'] ?? null,
        `writer ${id} vouches by a secret that is not this installation’s (${fields['writer_key'] ?? '–'})`,
      )
    return made
  }
}

/** What the process must have asked for to cause these rows; a SEARCH may come from either of two verbs. */
function claimsOf(rows: readonly Row[]): Claim[] {
  const [first] = rows
  if (!first) return []
  const of = (row: Row, name: string): string => row.fields[name] ?? ''
  const requestId = of(first, 'request_id')
  const actorId = of(first, 'actor_user_id')
  const [action, view] = [of(first, 'action_type'), of(first, 'view')]
  if (first.fields['outcome'] === 'EFFECT') {
    const effects = rows.map(
      (row) =>
        [
          of(row, 'patient_id'),
          of(row, 'action_type'),
          of(row, 'resource_type'),
          row.fields['resource_id'] ?? null,
        ] as const,
    )
    return [{ kind: 'effects', requestId, effects }]
  }
  const admission: Claim = {
    kind: 'admission',
    requestId,
    actorId,
    action,
    view,
    fields: canonicalText(of(first, 'changed_fields')),
    patients: [...new Set(rows.map((row) => of(row, 'patient_id')))].sort(),
  }
  return action === 'SEARCH' ? [{ kind: 'search', requestId, actorId, view }, admission] : [admission]
}

/** The first row that does not fit the writer's words; null when all do. */
function firstForged(
  writerKey: HmacKey,
  words: CallWords,
  rows: readonly Row[],
  claims: readonly Claim[],
): string | null {
  if (rows.length === 0) return null
  const missed: string[] = []
  for (const claim of claims) {
    const key = callKey(writerKey, words, claim)
    const misfit = rows.find((row) => macOf(row) !== rowMac(key, row.log, row.texts))
    if (!misfit) return null
    missed.push(misfit.fields['log_id'] ?? '')
  }
  return missed[0] ?? ''
}

const timeOf = (fields: Fields): number => Date.parse(fields['accessed_at'] ?? '')

const macOf = ({ fields }: Row): string | null => fields['row_mac'] ?? null
