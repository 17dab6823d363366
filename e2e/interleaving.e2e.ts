import { expect, test } from '@playwright/test'
import { ask } from './support/ask.ts'
import { rows } from './support/database.ts'
import { accountIdOf, sessionOf } from './support/people.ts'

// A cross-request leak (CVE-2026-64648's class) or a response without its row would be the end of the one idea.

test('500 requests of two people at once: every answer is their own, and each has its rows, none missing, none of another session', async () => {
  const people = [
    { person: 'maria', own: /Reyes/, path: '/summary' },
    { person: 'siobhan', own: /Brien/, path: '/summary' },
  ] as const
  const sessions = await Promise.all(
    people.map(async (one) => {
      const token = await sessionOf(one.person)
      const [session] = await rows<{ id: string }>(
        `SELECT id FROM app.session WHERE token_hash = sha256(convert_to($1, 'UTF8'))`,
        [token],
      )
      return { ...one, token, sessionId: session?.id ?? '', accountId: await accountIdOf(one.person) }
    }),
  )
  const admissions = async (
    sessionId: string,
  ): Promise<
    { patient_id: string; request_id: string; view: string; actor_user_id: string; outcome: string }[]
  > =>
    rows(
      `SELECT patient_id, request_id, view, actor_user_id, outcome FROM audit.patient_phi_audit_log WHERE session_id = $1`,
      [sessionId],
    )

  // what one page costs: its units of work
  const units: number[] = []
  for (const one of sessions) {
    expect((await ask(one.path, { token: one.token })).status).toBe(200)
    units.push((await admissions(one.sessionId)).length)
  }
  expect(units.every((count) => count > 0)).toBe(true)

  const each = 250
  const queue = Array.from({ length: each }, () => sessions).flat()
  let carried = 0
  let crossed = 0
  let failed = 0
  await Promise.all(
    Array.from({ length: 24 }, async () => {
      for (let next = queue.pop(); next; next = queue.pop()) {
        const reply = await ask(next.path, { token: next.token })
        const other = sessions.find((one) => one !== next)
        if (reply.status !== 200) failed++
        else if (next.own.test(reply.body)) carried++
        if (other?.own.test(reply.body)) crossed++
      }
    }),
  )
  expect({ carried, crossed, failed }).toEqual({ carried: 2 * each, crossed: 0, failed: 0 })

  for (const [index, one] of sessions.entries()) {
    const written = await admissions(one.sessionId)
    expect(written.length, `rows of ${one.person}`).toBe((units[index] ?? 0) * (each + 1))
    expect(new Set(written.map((row) => row.actor_user_id))).toEqual(new Set([one.accountId]))
    expect(new Set(written.map((row) => row.patient_id)).size).toBe(1)
    expect(written.every((row) => row.outcome === 'ALLOWED')).toBe(true)
  }
  process.stdout.write(`interleaving: ${carried} answers with data, ${crossed} crossed, rows missing 0\n`)
})
