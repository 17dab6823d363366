import { ask, canaries, type Reply } from './support/ask.ts'
import { rows } from './support/database.ts'
import { filledActions } from './support/filled-actions.ts'
import { changedTables, footprint } from './support/footprint.ts'
import { actionCases } from './support/grid-cases.ts'
import { inParallel } from './support/in-parallel.ts'
import { accountIdOf, expect, sessionOf, test, type Person } from './support/people.ts'
import { productUrl } from './support/product.ts'
import { callWith, largePart, serverActions } from './support/server-actions.ts'

// Every action behind the sign-in that e2e/actions.e2e.ts does not catch, filled in: as people who have no business with it, with
// sessions that are dead or locked, with others' ids, from other sites, and with 10 MB. And then by its owner, who gets on with it.

test.describe.configure({ mode: 'serial' })

/** Those that are caught on their way out of a browser, and replayed there. */
const caught = [
  '(care)/care/patients/[patientId]/vitals/actions.ts recordVitalsAction', '(care)/care/patients/[patientId]/notes/actions.ts signNoteAction',
  '(care)/care/patients/[patientId]/team/actions.ts addCarerAction', '(care)/care/patients/[patientId]/portal/actions.ts handOutAction',
  '(care)/care/emergency/actions.ts findPatient', '(care)/care/emergency/actions.ts breakGlass', '(care)/care/search/actions.ts searchPatientsAction',
  '(billing)/billing/accounts/[patientId]/actions.ts showSsnAction', '(admin)/admin/actions.ts inviteAction',
  '(admin)/admin/single-sign-on/actions.ts saveSingleSignOn', '(admin)/admin/keys/actions.ts saveSchedule', '(compliance)/compliance/actions.ts askTrailAction',
  '(compliance)/compliance/access-reviews/actions.ts startReviewAction', '(compliance)/compliance/exports/actions.ts requestExportAction',
  '(compliance)/compliance/integrity/actions.ts verifyNowAction', '(compliance)/compliance/cases/records/actions.ts markRecordAction',
  '(compliance)/compliance/search/actions.ts searchTrailAction', '(compliance)/compliance/search/actions.ts queryTrailAction',
] // prettier-ignore

const nameOf = ({ file, name }: { file: string; name: string }) => `${file.replace(/^app\//, '')} ${name}`

test('every action behind the sign-in is replayed, here or there', () => {
  const behind = serverActions().filter(({ file }) => !file.startsWith('app/(public)/')).map(nameOf)
  expect.soft([...filledActions.map(({ action }) => action), ...caught.filter((one) => !filledActions.some(({ action }) => action === one))].toSorted())
    .toEqual(behind.toSorted())
}) // prettier-ignore

type State = 'live' | 'dead' | 'locked' | 'stale'
const changes: Record<Exclude<State, 'live'>, string> = {
  dead: `ended_at = app.now(), end_reason = 'test'`,
  locked: 'locked_at = app.now()',
  stale: `second_factor_at = app.now() - interval '6 minutes', opened_at = app.now() - interval '6 minutes'`,
}
const tokens = new Map<string, string>()
async function tokenOf(person: Person, state: State): Promise<string> {
  const known = tokens.get(`${person} ${state}`)
  if (known !== undefined) return known
  const token = await sessionOf(person)
  if (state !== 'live')
    await rows(`UPDATE app.session SET ${changes[state]} WHERE token_hash = sha256(convert_to($1, 'UTF8'))`, [token]) // prettier-ignore
  tokens.set(`${person} ${state}`, token)
  return token
}

const foreign: Record<string, string>[] = [
  { origin: 'https://evil.example' },
  { origin: 'https://evil.example', 'sec-fetch-site': 'cross-site', 'x-forwarded-host': 'evil.example' },
  { origin: 'null' },
]

test('filled in by whoever it is not for: refused, and nothing is written; by its owner it goes on', async () => {
  const cases = new Map((await actionCases()).map((one) => [nameOf(one.action), one]))
  await tokenOf('daniel', 'live')
  let sent = 0
  for (const { action, person, others, args, ofOthers, alike, control } of filledActions) {
    const one = cases.get(action)
    if (!one) throw new Error(`${action} is not in the build`)
    const given = await args()
    const send = async (token: string | undefined, what = given, headers = {}, more = ''): Promise<Reply> => {
      sent++
      const call = callWith(one.action.id, what)
      const body = more + call.body
      return ask(one.path, { token, method: 'POST', headers: { origin: productUrl, ...call.headers, ...headers }, body })
    }
    const foreignArgs = (await ofOthers?.()) ?? []
    const live = await tokenOf(person, 'live')
    const [dead, locked] = [await tokenOf(person, 'dead'), await tokenOf(person, 'locked')]
    const strangers = await Promise.all(others.map(async (other) => ({ who: `as ${other}`, token: await tokenOf(other, 'live') })))
    const before = await footprint()
    const daniel = await openSessionsOf('daniel')

    const asWhom = [...strangers, { who: 'dead', token: dead }, { who: 'locked', token: locked }, { who: 'nobody', token: undefined }, { who: 'made up', token: 'x'.repeat(43) }]
    await inParallel(asWhom, 6, async ({ who, token }) => expectNothingShown(`${action} ${who}`, await send(token)))
    for (const headers of foreign) {
      const reply = await send(live, given, headers)
      expect.soft(reply.status, `${action} from ${JSON.stringify(headers)}`).toBeGreaterThanOrEqual(400)
      expectNothingShown(`${action} from elsewhere`, reply)
    }
    // the server hangs up on the one who goes on sending
    const { status } = await send(live, given, {}, largePart()).catch(() => ({ status: 413 }))
    expect.soft([400, 413], `${action} with 10 MB: ${status}`).toContain(status)
    expect.soft(changedTables(before, await footprint()), `${action}: tables written to`).toEqual([])

    // the owner's own page may come back with the refusal, and is a look like any other; the deed is refused all the same
    for (const [at, what] of foreignArgs.entries()) expect.soft((await send(live, what)).status, `${action} of others, ${at}`).toBeLessThan(500)
    if (alike) expectNothingShown(`${action} as ${alike}`, await send(await tokenOf(alike, 'live')))
    const after = await footprint()
    expect.soft(changedTables(before, after).filter((name) => !name.startsWith('audit.patient_phi_audit_log')), `${action} of others: tables written to`).toEqual([])
    expect.soft(await openSessionsOf('daniel'), `${action}: sessions of somebody else`).toBe(daniel)

    if (control === 'asks') expect.soft((await send(await tokenOf(person, 'stale'))).body, `${action}: the form is complete`).toMatch(/one-time code/)
    else {
      if (control === 'writes') expect.soft((await send(live)).status, action).toBeLessThan(400)
      const changed = changedTables(after, await footprint())
      expect.soft(changed.length > 0, `${action} by its owner writes: ${changed.join(' ')}`).toBe(control === 'writes')
    }
  }
  process.stdout.write(`replays: ${sent} filled-in requests of ${filledActions.length} actions\n`)
}) // prettier-ignore

const openSessionsOf = async (person: Person): Promise<number> =>
  (await rows('SELECT FROM app.session WHERE account_id = $1 AND ended_at IS NULL', [await accountIdOf(person)])).length // prettier-ignore

/** Nothing breaks, and the answer says nothing of the record. */
function expectNothingShown(what: string, reply: Reply): void {
  expect.soft(reply.status, what).toBeLessThan(500)
  expect.soft(canaries.test(reply.body), `${what}: the answer shows something`).toBe(false)
}
