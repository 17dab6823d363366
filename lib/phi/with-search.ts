import 'server-only'

import { randomUUID } from 'node:crypto'
import { openCall } from '#lib/audit/attest/process-writer.ts'
import { appQuery } from '#lib/db/app-database.ts'
import { Connection } from '#lib/db/connection.ts'
import { pool } from '#lib/db/pools.ts'
import { AuditUnavailable } from '#lib/errors.ts'
import { processKeyStore } from '#lib/keys/process-key-store.ts'
import type { DenyReason } from '#lib/policy/access.ts'
import type { Actor } from '#lib/policy/actor.ts'
import { viewFields, type ViewName } from '#lib/policy/views.ts'
import { reportUnreadable } from './report-unreadable.ts'
import { begin, runUnit } from './run-unit.ts'
import { namesFit, searchTokens, type SearchTerms, type SearchTokens } from './search-terms.ts'
import type { RecordClient } from './types.ts'

/**
 * `nothing-to-search`: no term was left after normalisation; nobody was asked and nothing was logged.
 * `too-many`: more than twenty fit, none was shown; ask for a further term.
 */
export type SearchOutcome<T> =
  | { kind: 'granted'; value: T; patients: string[] }
  | { kind: 'denied'; reason: DenyReason }
  | { kind: 'too-many' }
  | { kind: 'nothing-to-search' }

type Search = { view: ViewName; terms: SearchTerms }
type Answer = {
  database_role: string | null
  admitted: string[]
  denied_reason: DenyReason | null
  found: number
}

const text = `SELECT database_role, admitted, denied_reason, match_count AS found
  FROM audit.search(coalesce(audit.attest($8), $1), $2, $3, $4::jsonb, $5::text[], $6::bytea[], $7::inet)`

/**
 * Finds patients by exact terms. Each patient found gets a SEARCH row in the trail, committed first, and that row is
 * the admission under which `work` shows them; finding nobody is a security event.
 * @param work gets the ids that really fit; an empty list when nobody does
 * @throws AuditUnavailable, KeysUnavailable, and what withRecord throws
 */
export async function withSearch<T>(
  actor: Actor,
  search: Search,
  work: (record: RecordClient, found: string[]) => Promise<T>,
): Promise<SearchOutcome<T>> {
  const tokens = await tokensFor(search.terms)
  if (tokens.columns.length === 0) return { kind: 'nothing-to-search' }
  const requestId = randomUUID()
  const answer = await ask(actor, search, requestId, tokens)
  if (answer.denied_reason !== null) return { kind: 'denied', reason: answer.denied_reason }
  if (answer.found > answer.admitted.length) return { kind: 'too-many' }
  // Nobody was found, and so nobody was admitted: whatever `work` may ask, there is no row for it.
  const databaseRole = answer.database_role ?? 'phi_patient'
  const { view } = search
  const connection = await borrow()
  try {
    let patients: string[] = []
    const fields = viewFields(view)
    const admitted = {
      requestId,
      databaseRole,
      view,
      action: 'SEARCH',
      patients: answer.admitted,
      fields,
    } as const
    const value = await runUnit(connection, admitted, begin(connection, admitted), async (record) => {
      patients = await thoseThatFit(record, search, answer.admitted)
      return work(record, patients)
    })
    return { kind: 'granted', value, patients }
  } catch (error) {
    await reportUnreadable(actor, error)
    throw error
  } finally {
    connection.giveBack()
  }
}

/**
 * The same for people who may ask about a patient and see nothing of the record (compliance officers): ids alone. A search
 * by one name only is refused here as `too-many`, because nobody could tell afterwards which reference really fits.
 */
export async function findReferences(actor: Actor, search: Search): Promise<SearchOutcome<null>> {
  const tokens = await tokensFor(search.terms)
  if (tokens.columns.length === 0) return { kind: 'nothing-to-search' }
  const { familyName, givenName, birthDate, mrn, phone, email } = search.terms
  if (!(mrn ?? phone ?? email ?? (familyName && (givenName ?? birthDate)))) return { kind: 'too-many' }
  const answer = await ask(actor, search, randomUUID(), tokens)
  if (answer.denied_reason !== null) return { kind: 'denied', reason: answer.denied_reason }
  if (answer.found > answer.admitted.length) return { kind: 'too-many' }
  return { kind: 'granted', value: null, patients: answer.admitted }
}

async function tokensFor(terms: SearchTerms): Promise<SearchTokens> {
  return searchTokens(await (await processKeyStore()).indexKeys(), terms)
}

async function ask(actor: Actor, search: Search, requestId: string, tokens: SearchTokens): Promise<Answer> {
  const call = openCall('app')
  const attestation = call.attestation({
    kind: 'search',
    requestId,
    actorId: actor.accountId,
    view: search.view,
  })
  try {
    const [answer] = await appQuery<Answer>(text, [
      actor.sessionToken,
      requestId,
      search.view,
      JSON.stringify(viewFields(search.view)),
      tokens.columns,
      tokens.tokens.map((token) => Buffer.from(token)),
      actor.clientIp,
      attestation,
    ])
    if (!answer) throw new AuditUnavailable('the search gave no answer')
    call.written(answer.admitted.length)
    return answer
  } catch (error) {
    call.failed()
    if (error instanceof AuditUnavailable) throw error
    throw new AuditUnavailable('the search could not be recorded', { cause: error })
  }
}

async function borrow(): Promise<Connection> {
  try {
    return await Connection.borrow(pool('record'), 'door.search')
  } catch (error) {
    throw new AuditUnavailable('no connection to search with', { cause: error })
  }
}

/** Name tokens are cut: those who only share one are left out again, by their real names. */
async function thoseThatFit(
  record: RecordClient,
  { view, terms }: Search,
  found: string[],
): Promise<string[]> {
  const declared = new Set(viewFields(view)['Patient'] ?? [])
  const comparable = ['familyName', 'givenName', 'preferredName'].every((field) => declared.has(field))
  if (found.length === 0 || !comparable || !(terms.familyName ?? terms.givenName)) return found
  const rows = await record.patient.findMany({
    where: { id: { in: found } },
    select: { id: true, familyName: true, givenName: true, preferredName: true },
    take: 50,
  })
  return rows.filter((row) => namesFit(terms, row)).map((row) => row.id)
}
