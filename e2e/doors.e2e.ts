import { expect, test } from '@playwright/test'
import { ask, askOn, canaries, transports } from './support/ask.ts'
import { askAgainWhenLimited } from './support/ask-again.ts'
import { doors } from './doors.ts'
import { inParallel } from './support/in-parallel.ts'
import { sessionOf, type Person } from './support/people.ts'
import { recordIds } from './support/records.ts'

// OpenEMR fell here, and Next's proxy was passed by here: every door, every role, every way of asking.

const whoIs: Record<keyof (typeof doors)[number]['answers'], Person | null> = {
  patient: 'maria',
  proxy: 'daniel',
  nurse: 'nadia',
  clinician: 'ines',
  billing: 'ben',
  admin: 'ada',
  compliance: 'carla',
  nobody: null,
}
const tokens = new Map<string, string>()
let tried = 0

test.beforeAll(async () => {
  for (const [who, person] of Object.entries(whoIs)) if (person) tokens.set(who, await sessionOf(person))
})
test.afterAll(() => {
  process.stdout.write(`doors: ${tried} cases of door × role × transport tried\n`)
})

/** Whether a role may see something of Maria's record behind this door. */
const mayShow = (path: string, who: string, answer: number): boolean =>
  answer === 200 &&
  (who === 'patient' ||
    who === 'nurse' ||
    who === 'clinician' ||
    who === 'billing' ||
    (who === 'proxy' && !path.includes('{')))

for (const door of doors) {
  for (const method of door.methods) {
    test(`${method} ${door.path} (${door.file.replace(/^app\//, '')})`, async () => {
      const ids = await recordIds()
      const path = door.path.replaceAll(/\{(\w+)\}/g, (_, name: string) =>
        encodeURIComponent(ids[name as keyof typeof ids]),
      )
      const questions = Object.entries(door.answers).flatMap(([who, expected]) =>
        (method === 'GET' ? transports : transports.slice(0, 1)).map((transport) => ({
          who,
          expected,
          transport,
        })),
      )
      await inParallel(questions, 6, async ({ who, expected, transport }) => {
        const reply = await askAgainWhenLimited(() =>
          askOn(transport.path(path), {
            token: tokens.get(who),
            method: transport.name === 'HEAD' ? 'HEAD' : method,
            headers: {
              ...transport.headers,
              ...(method === 'POST' && door.file.endsWith('/actions.ts')
                ? { 'content-type': 'text/plain;charset=UTF-8', 'next-action': '0'.repeat(42) }
                : {}),
            },
            keepAlive: true,
          }),
        )
        tried++
        const where = `${who} ${transport.name}`
        if (transport.name === 'page' || transport.name === 'middleware header')
          expect(reply.status, where).toBe(expected)
        expect(reply.status, where).toBeLessThan(500)
        if (!mayShow(door.path, who, expected))
          expect(canaries.test(reply.body), `${where} shows something of the record`).toBe(false)
        if (who !== 'nobody' && !path.startsWith('/api/health'))
          expect(reply.headers['cache-control'], where).toContain('no-store')
      })
    })
  }
}

test('the canaries are really there: the one who may see the chart gets them, by page and by rsc alike', async () => {
  const ids = await recordIds()
  const token = tokens.get('nurse')
  const path = `/care/patients/${ids.patient}`
  expect(canaries.test((await ask(path, { token })).body), 'page').toBe(true)
  const rsc = await askOn(`${path}?_rsc=1`, { token, headers: { rsc: '1' } })
  expect(canaries.test(rsc.body), 'rsc').toBe(true)
})

test('a patient nobody treats, a made-up id and a malformed one are all the same: not found', async () => {
  const ids = await recordIds()
  for (const id of [
    ids.stranger,
    '00000000-0000-4000-8000-000000000000',
    'nonsense',
    '..%2f..',
    "'; DROP TABLE",
    'a'.repeat(300),
  ]) {
    for (const path of [
      `/care/patients/${encodeURIComponent(id)}`,
      `/care/patients/${encodeURIComponent(id)}/notes`,
      `/results/${encodeURIComponent(id)}`,
    ]) {
      for (const who of path.startsWith('/results')
        ? (['patient', 'proxy'] as const)
        : (['nurse', 'clinician', 'billing'] as const)) {
        const reply = await ask(path, { token: tokens.get(who) })
        expect(reply.status, `${who} ${path}`).toBe(404)
      }
    }
  }
})
