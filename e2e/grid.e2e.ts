import { existsSync, readFileSync, writeFileSync } from 'node:fs'
import { expect, test } from '@playwright/test'
import type { Door } from './doors.ts'
import { personOf } from './support/addresses.ts'
import { ask, canaries, type Reply } from './support/ask.ts'
import { askAgainWhenLimited } from './support/ask-again.ts'
import { changedTables, footprint } from './support/footprint.ts'
import { actionCases, gridCases, type ActionCase, type GridCase } from './support/grid-cases.ts'
import { gridLines } from './support/grid-lines.ts'
import { inParallel } from './support/in-parallel.ts'
import { productUrl } from './support/product.ts'
import { actionCall, actionPost } from './support/server-actions.ts'
import { cookieOf, sessionStates, type SessionState } from './support/session-states.ts'

// Every page, route and action × every role × own, other, nobody's × every state of a session: what comes back stands in
// e2e/grid.golden.txt, line by line, and no answer may be another than the rule of the door says.

test.describe.configure({ mode: 'serial' })

type Who = keyof Door['answers']
type Asked = {
  what: string
  state: SessionState
  who: Who
  answer: string
  reply: Reply
  wrong: string | null
}

const golden = 'e2e/grid.golden.txt'
const roles = Object.keys(personOf) as (keyof typeof personOf)[]
const asked: Asked[] = []
const cookies = new Map<string, string>()
const cookie = (who: Who, state: SessionState): Record<string, string> =>
  who === 'nobody' ? {} : { cookie: cookies.get(`${who} ${state}`) ?? '' }

test.beforeAll(async () => {
  // those that are dead first: a limit on sessions must not end those that live
  for (const state of sessionStates.toReversed())
    for (const role of roles) cookies.set(`${role} ${state}`, await cookieOf(personOf[role], state))
})

/** Billing, administrators and compliance officers work on everything of their area; the others on what is theirs. */
const reachesAll = new Set<Who>(['billing', 'admin', 'compliance'])

/** The status that the door's row says for this case; a session that is not worth anything is nobody. */
function expected({ door, whose }: GridCase, who: Who, state: SessionState): number {
  if (state !== 'live') return door.opensWhen === state ? 200 : door.answers.nobody
  const own = door.answers[who]
  if (own !== 200 || whose === 'own') return own
  const unlike = whose === 'mixed' ? undefined : door.elsewhere?.[whose]?.[who]
  return unlike ?? (whose === 'other' && reachesAll.has(who) ? 200 : 404)
}

async function askFor(one: GridCase, method: string, who: Who, state: SessionState): Promise<Asked> {
  const reply = await askAgainWhenLimited(() =>
    ask(one.path, { method, headers: cookie(who, state), keepAlive: true }),
  )
  const status = expected(one, who, state)
  const wrong =
    reply.status !== status
      ? `${reply.status} in place of ${status}`
      : status !== 200 && canaries.test(reply.body)
        ? 'shows something of the record'
        : null
  return {
    what: `${method} ${one.door.path} ${one.whose}`,
    state,
    who,
    answer: String(reply.status),
    reply,
    wrong,
  }
}

test('every page and route answers as its door says', async () => {
  const questions = (await gridCases()).flatMap((one) =>
    one.door.methods.flatMap((method) => [
      ...roles.flatMap((who) =>
        sessionStates
          .filter((state) => state === 'live' || one.whose === 'own')
          .map((state) => ({ one, method, who: who as Who, state })),
      ),
      ...(one.whose === 'own' ? [{ one, method, who: 'nobody' as Who, state: 'live' as SessionState }] : []),
    ]),
  )
  asked.push(
    ...(await inParallel(questions, 6, ({ one, method, who, state }) => askFor(one, method, who, state))),
  )
  expect(faults().slice(0, 30)).toEqual([])
})

/** The roles that have no business with an action: whoever its page turns away, not only for want of the thing that it names. */
const strangersTo = ({ door: { answers } }: ActionCase): Who[] =>
  roles.filter(
    (who) => answers[who] === 403 || (answers[who] === 404 && !roles.some((other) => answers[other] === 403)),
  )

/** Calls an action with an empty form: by its page's script where a role is refused, without a script where nobody is there. */
async function call({ action, path, door, ids }: ActionCase, who: Who, state: SessionState): Promise<Asked> {
  const isThere = state === 'live' && who !== 'nobody'
  const { headers, body } = isThere ? actionCall(action.id, ids) : actionPost(action.id)
  const reply = await ask(path, {
    method: 'POST',
    headers: { origin: productUrl, ...headers, ...cookie(who, state) },
    body,
    keepAlive: true,
  })
  const leads = String(reply.headers.location ?? '')
  const isRefused = isThere
    ? reply.status < 500 && (reply.status >= 400 || door.answers[who] !== 403)
    : reply.status === 303 && leads.startsWith(state === 'locked' ? '/locked' : '/session-over')
  const wrong = !isRefused
    ? `answers ${reply.status} ${leads.slice(0, 40)}`
    : canaries.test(reply.body)
      ? 'shows something of the record'
      : null
  return {
    what: `CALL ${action.file.replace(/^app\//, '')} ${action.name} own`,
    state,
    who,
    answer: String(reply.status),
    reply,
    wrong,
  }
}

test('every action refuses whoever it is not for, and writes nothing', async () => {
  const before = await footprint()
  const calls = (await actionCases()).flatMap((one) => [
    ...roles.flatMap((who) =>
      sessionStates
        .filter((state) => state !== 'live' || strangersTo(one).includes(who))
        .map((state) => ({ one, who: who as Who, state })),
    ),
    { one, who: 'nobody' as Who, state: 'live' as SessionState },
  ])
  asked.push(...(await inParallel(calls, 6, ({ one, who, state }) => call(one, who, state))))
  expect(faults().slice(0, 30)).toEqual([])
  expect(changedTables(before, await footprint())).toEqual([])
})

const faults = (): string[] =>
  asked.flatMap(({ what, state, who, wrong }) =>
    wrong === null ? [] : [`${what}, ${who}, ${state}: ${wrong}`],
  )

test('every answer is the one that the grid has', () => {
  const text = gridLines(asked)
  if (['all', 'changed'].includes(test.info().config.updateSnapshots) || !existsSync(golden))
    writeFileSync(golden, text)
  expect(text.split('\n')).toEqual(readFileSync(golden, 'utf8').split('\n'))
  process.stdout.write(`grid: ${asked.length} answers, ${faults().length} wrong\n`)
})

test('an answer that is not the one of the rule is found', async () => {
  const [one] = (await gridCases()).filter(({ door }) => door.path === '/admin')
  if (!one) throw new Error('no such door')
  const open = { ...one, door: { ...one.door, answers: { ...one.door.answers, nurse: 200 as const } } }
  expect((await askFor(open, 'GET', 'nurse', 'live')).wrong).toBe('403 in place of 200')
  const shut = { ...one, door: { ...one.door, answers: { ...one.door.answers, admin: 403 as const } } }
  expect((await askFor(shut, 'GET', 'admin', 'live')).wrong).toBe('200 in place of 403')
})

test('every page behind the sign-in has the way out', () => {
  const pages = asked.filter(
    ({ what, state, reply, who }) =>
      what.startsWith('GET') && state === 'live' && who !== 'nobody' && reply.status === 200 && isPage(reply),
  )
  const behind = pages.filter(({ what }) => asked.some((other) => other.what === what && other.who === 'nobody' && other.reply.status !== 200))
  expect(behind.length).toBeGreaterThan(50)
  expect(behind.filter(({ reply }) => !/action="\/sign-out"/.test(reply.body)).map(({ what, who }) => `${what}, ${who}`)).toEqual([])
}) // prettier-ignore

const isPage = ({ headers }: Reply): boolean => String(headers['content-type']).startsWith('text/html')

test('what belongs to others and what nobody has cannot be told apart', () => {
  const plain = ({ reply }: Asked) =>
    reply.body.replaceAll(/[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}/g, 'ID').replaceAll(/nonce[^,>]{3,60}/g, 'nonce').replaceAll(/\d+/g, '0')
  const refused = asked.filter(({ what, state, reply }) => state === 'live' && what.endsWith(' other') && reply.status === 404)
  const different = refused.filter((one) => {
    const none = asked.find((other) => other.state === 'live' && other.who === one.who && other.what === one.what.replace(/ other$/, ' none'))
    return none === undefined || none.reply.status !== 404 || plain(none) !== plain(one)
  })
  expect(refused.length).toBeGreaterThan(20)
  expect(different.map(({ what, who }) => `${what}, ${who}`)).toEqual([])
}) // prettier-ignore
