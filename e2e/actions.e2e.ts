import type { Page } from '@playwright/test'
import { ask, canaries, type Reply } from './support/ask.ts'
import { codeOf, expect, sessionOf, test, type Person } from './support/people.ts'
import { rows } from './support/database.ts'
import { changedTables, footprint } from './support/footprint.ts'
import { productUrl } from './support/product.ts'
import { recordIds } from './support/records.ts'

// An action is a door of its own, whatever page its button stands on. Each of these is a real POST, caught on its way out of
// an allowed person's browser and sent again as somebody else.

test.describe.configure({ mode: 'serial' })

type Caught = { path: string; headers: Record<string, string>; body: Buffer }
type Act = {
  name: string
  person: Person
  others: Person[]
  path: string
  /** stands for one patient among those whom the sender cares for: another's id is tried */
  ofPatient: boolean
  prepare: (page: Page) => Promise<void>
}

const acts: Act[] = [
  {
    name: 'vitals', person: 'nadia', others: ['ben', 'ada', 'carla', 'maria', 'daniel'], path: '/care/patients/{patient}/vitals', ofPatient: true,
    prepare: async (page) => {
      await page.getByRole('textbox', { name: /systolic/i }).fill('119')
      await page.getByRole('textbox', { name: /diastolic/i }).fill('77')
      await page.getByRole('button', { name: 'Save vitals' }).click()
    },
  },
  {
    name: 'signing a note', person: 'nadia', others: ['ben', 'ada', 'carla', 'maria', 'daniel'], path: '/care/patients/{patient}/notes/new', ofPatient: true,
    prepare: async (page) => {
      await page.getByRole('textbox', { name: 'Title' }).fill('Replay')
      await page.getByRole('textbox', { name: 'Note' }).fill('Written once, by the one who may.')
      await page.getByRole('button', { name: 'Sign note' }).click()
    },
  },
  {
    name: 'the care team', person: 'nadia', others: ['ben', 'ada', 'carla', 'maria', 'daniel'], path: '/care/patients/{patient}/team', ofPatient: true,
    prepare: async (page) => {
      await page.getByLabel('Team or person').selectOption({ index: 2 })
      await page.getByLabel('Why').fill('Second opinion')
      await page.getByRole('button', { name: 'Add to the care team' }).click()
    },
  },
  {
    name: 'a portal login', person: 'nadia', others: ['ben', 'ada', 'carla', 'maria', 'daniel'], path: '/care/patients/{patient}/portal', ofPatient: true,
    prepare: async (page) => {
      await page.getByRole('checkbox', { name: 'Passport' }).check()
      await page.getByRole('button', { name: 'Continue' }).click()
    },
  },
  {
    name: 'the emergency search', person: 'nadia', others: ['ben', 'ada', 'carla', 'maria'], path: '/care/emergency', ofPatient: false,
    prepare: async (page) => {
      await page.getByLabel('MRN').fill('RC-000000')
      await page.getByRole('button', { name: 'Find' }).click()
    },
  },
  {
    name: 'confidential notes', person: 'nadia', others: ['ben', 'ada', 'carla', 'maria'], path: '/care/patients/{patient}/notes/emergency', ofPatient: false,
    prepare: async (page) => {
      await page.getByRole('radio', { name: 'Emergency treatment' }).check()
      await page.getByLabel('In your own words').fill('She cannot say what it was that she took.')
      await page.getByLabel('One-time code').fill(await codeOf('nadia'))
      await page.getByRole('button', { name: 'Open these notes' }).click()
    },
  },
  {
    name: 'an incident', person: 'carla', others: ['nadia', 'ben', 'ada', 'maria'], path: '/compliance/incidents', ofPatient: false,
    prepare: async (page) => {
      await page.getByLabel('What happened').fill('A list of names lay on the printer over night.')
      await page.getByRole('button', { name: 'Open an incident' }).click()
    },
  },
  {
    name: 'inviting', person: 'ada', others: ['nadia', 'ben', 'carla', 'maria'], path: '/admin', ofPatient: false,
    prepare: async (page) => {
      await page.getByLabel('Full name').fill('Iris Holm')
      await page.getByLabel('Their own email').fill(`iris.holm.${Date.now()}@riverside.example`)
      await page.getByLabel('What they do').selectOption('nurse')
      await page.getByRole('button', { name: 'Invite', exact: true }).click()
    },
  },
  {
    name: 'the table of roles', person: 'ada', others: ['nadia', 'ben', 'carla', 'maria'], path: '/admin/single-sign-on', ofPatient: false,
    prepare: async (page) => {
      await page.getByLabel('Word of the provider').fill('replayed-word')
      await page.getByLabel('Stands for the role').selectOption('nurse')
      await page.getByRole('button', { name: 'Add', exact: true }).click()
    },
  },
  {
    name: 'the schedule of keys', person: 'ada', others: ['nadia', 'ben', 'carla', 'maria'], path: '/admin/keys', ofPatient: false,
    prepare: async (page) => {
      await page.getByRole('group', { name: 'Data keys' }).getByLabel('Greatest age').fill('700')
      await page.getByRole('button', { name: 'Save schedule' }).click()
    },
  },
  {
    name: 'the audit question', person: 'carla', others: ['nadia', 'ben', 'ada', 'maria'], path: '/compliance', ofPatient: false,
    prepare: async (page) => {
      await page.getByLabel(/family name/i).fill('Reyes')
      await page.getByLabel(/^given name/i).fill('Maria')
      await page.getByRole('button', { name: 'Search', exact: true }).click()
    },
  },
  {
    name: 'an access review', person: 'carla', others: ['nadia', 'ben', 'ada', 'maria'], path: '/compliance/access-reviews', ofPatient: false,
    prepare: async (page) => {
      await page.getByRole('radio', { name: /administrators and compliance officers/i }).check()
      await page.getByRole('button', { name: 'Start review' }).click()
    },
  },
  {
    name: 'an export of the trail', person: 'carla', others: ['nadia', 'ben', 'ada', 'maria'], path: '/compliance/exports', ofPatient: false,
    prepare: async (page) => {
      await page.getByLabel('What is it for?').fill('Asked for by the board of health')
      await page.getByRole('button', { name: 'Ask for the export' }).click()
    },
  },
  {
    name: 'a check of the trail', person: 'carla', others: ['nadia', 'ben', 'ada', 'maria'], path: '/compliance/integrity', ofPatient: false,
    prepare: async (page) => {
      await page.getByRole('button', { name: 'Check new entries' }).click()
    },
  },
  {
    name: 'a mark on a record', person: 'carla', others: ['nadia', 'ben', 'ada', 'maria'], path: '/compliance/cases/records', ofPatient: false,
    prepare: async (page) => {
      await page.getByLabel('A record that draws curiosity').check()
      await page.getByLabel('Patient’s family name').fill('Reyes')
      await page.getByLabel('Given name').fill('Maria')
      await page.getByRole('button', { name: 'Mark the record' }).click()
    },
  },
  {
    name: 'the audit search', person: 'carla', others: ['nadia', 'ben', 'ada', 'maria'], path: '/compliance/search', ofPatient: false,
    prepare: async (page) => {
      await page.getByLabel(/family name/i).fill('Reyes')
      await page.getByLabel(/^given name/i).fill('Maria')
      await page.getByRole('button', { name: 'Search', exact: true }).click()
    },
  },
  {
    name: 'the typed audit search', person: 'carla', others: ['nadia', 'ben', 'ada', 'maria'], path: '/compliance/search', ofPatient: false,
    prepare: async (page) => {
      await page.getByLabel('Search as typed words').fill('outcome:DENIED last:24h')
      await page.getByRole('button', { name: 'Search by words' }).click()
    },
  },
  {
    name: 'the patient search', person: 'nadia', others: ['ben', 'ada', 'carla', 'maria'], path: '/care/search', ofPatient: false,
    prepare: async (page) => {
      await page.getByLabel('Family name').fill('Reyes')
      await page.getByRole('button', { name: 'Find' }).click()
    },
  },
  {
    // billing works on every account of the clinic: nobody is out of its reach
    name: 'the full number', person: 'ben', others: ['nadia', 'ada', 'carla', 'maria'], path: '/billing/accounts/{patient}', ofPatient: false,
    prepare: async (page) => {
      await page.getByLabel('One-time code').fill(await codeOf('ben'))
      await page.getByRole('button', { name: 'Show full number' }).click()
    },
  },
] // prettier-ignore

const caught = new Map<string, Caught>()
const ssn = /\b\d{3}-\d{2}-\d{4}\b/
let sent = 0

/** Sends what was caught, with other headers or another body. */
async function send(
  act: Caught,
  token: string | undefined,
  change: { headers?: Record<string, string>; body?: Buffer } = {},
): Promise<Reply> {
  sent++
  return ask(act.path, {
    token,
    method: 'POST',
    headers: { ...act.headers, ...change.headers },
    body: change.body ?? act.body,
  })
}

/** Nothing is written, nothing breaks (but Next, over a body that it cannot read), and the answer says nothing of the record. */
async function expectRefused(
  what: string,
  before: Record<string, string>,
  replies: Reply[],
  mayBreak = false,
): Promise<void> {
  for (const reply of replies) {
    if (!mayBreak) expect(reply.status, what).toBeLessThan(500)
    expect(canaries.test(reply.body) || ssn.test(reply.body), `${what}: the answer shows something`).toBe(
      false,
    )
  }
  expect(changedTables(before, await footprint()), `${what}: tables written to`).toEqual([])
}

test('the actions are caught on their way out', async ({ as }) => {
  const { patient } = await recordIds()
  for (const act of acts) {
    const page = await as(act.person)
    await page.goto(act.path.replace('{patient}', patient))
    const next = new Promise<Caught>((resolve) => {
      void page.route('**/*', async (route) => {
        const request = route.request()
        const headers = await request.allHeaders()
        if (request.method() !== 'POST' || !headers['next-action']) return route.fallback()
        const { pathname, search } = new URL(request.url())
        const kept = ['accept', 'content-type', 'next-action', 'next-router-state-tree', 'origin', 'next-url', 'sec-fetch-site']
        resolve({
          path: pathname + search,
          headers: { origin: productUrl, ...Object.fromEntries(Object.entries(headers).filter(([name]) => kept.includes(name))) },
          body: request.postDataBuffer() ?? Buffer.alloc(0),
        })
        await route.abort()
      })
    }) // prettier-ignore
    await act.prepare(page)
    const one = await next
    expect(one.headers['next-action'], act.name).toMatch(/^[0-9a-f]{40,}$/)
    expect(one.body.length, act.name).toBeGreaterThan(10)
    if (act.ofPatient) expect(one.path + one.body.toString('latin1'), act.name).toContain(patient)
    caught.set(act.name, one)
    await page.unrouteAll({ behavior: 'ignoreErrors' })
    await page.context().close()
  }
})
// the aborted requests are the test's own doing
test.use({ problems: async ({}, use) => use([]) }) // prettier-ignore

for (const act of acts) {
  test(`${act.name}: as another role, with a dead session, and with none`, async () => {
    const one = caught.get(act.name)
    if (!one) throw new Error('not caught')
    const tokens = new Map<string, string | undefined>()
    for (const other of act.others) tokens.set(other, await sessionOf(other))
    const dead = await sessionOf(act.person)
    await rows(
      `UPDATE app.session SET ended_at = app.now(), end_reason = 'test' WHERE token_hash = sha256(convert_to($1, 'UTF8'))`,
      [dead],
    )
    tokens.set('a dead session', dead).set('no session', undefined).set('a made-up session', 'x'.repeat(43))
    const before = await footprint()
    for (const [who, token] of tokens) await expectRefused(`${act.name} as ${who}`, before, [await send(one, token)])
  }) // prettier-ignore

  test(`${act.name}: from another site, too large, broken, and for a patient of nobody`, async () => {
    const one = caught.get(act.name)
    if (!one) throw new Error('not caught')
    const { patient, stranger } = await recordIds()
    const token = await sessionOf(act.person)
    const before = await footprint()
    for (const headers of [
      { origin: 'https://evil.example' },
      { origin: 'https://evil.example', 'sec-fetch-site': 'cross-site' },
      { origin: 'https://evil.example', 'x-forwarded-host': 'evil.example' },
      { origin: 'null' },
    ] as Record<string, string>[]) {
      const reply = await send(one, token, { headers })
      await expectRefused(`${act.name} from ${JSON.stringify(headers)}`, before, [reply])
      expect(reply.status).toBeGreaterThanOrEqual(400)
    }
    const large = await send(one, token, { body: Buffer.concat([one.body, Buffer.alloc(10_000_000, 'x')]) }).catch(
      // the server hangs up on the one who goes on sending
      (): Reply => ({ status: 413, headers: {}, body: '' }),
    )
    expect([400, 413]).toContain(large.status)
    await expectRefused(`${act.name} with 10 MB`, before, [large])
    for (const body of [Buffer.alloc(0), Buffer.from('[]'), Buffer.from('{"__proto__":1}'), one.body.subarray(0, one.body.length / 2)])
      await expectRefused(`${act.name} with a broken body`, before, [await send(one, token, { body })], true)
    if (act.ofPatient) {
      const swap = (text: string) => text.replaceAll(patient, stranger)
      const forged = { ...one, body: Buffer.from(swap(one.body.toString('latin1')), 'latin1') }
      const denied = async () =>
        Number((await rows<{ n: string }>(`SELECT count(*) AS n FROM audit.patient_phi_audit_log WHERE patient_id = $1 AND outcome = 'DENIED'`, [stranger]))[0]?.n)
      const deniedBefore = await denied()
      await expectRefused(`${act.name} for a patient of nobody`, before, [
        await send({ ...forged, path: swap(one.path) }, token),
      ])
      // posted to the page that the sender may see: that page may come back, the deed is refused all the same
      expect((await send(forged, token)).body).not.toMatch(ssn)
      const changed = changedTables(before, await footprint()).filter((name) => !name.startsWith('audit.'))
      expect(changed, `${act.name} from the page of another patient`).toEqual([])
      expect(await denied(), `${act.name}: the attempt is on record`).toBeGreaterThan(deniedBefore)
    }
  }) // prettier-ignore
}

test('twice at once, by the one who may: it counts once, and the footprint sees it', async () => {
  const { patient } = await recordIds()
  const counted: Record<string, string> = {
    vitals: `SELECT count(*) AS n FROM phi.observation WHERE patient_id = '${patient}' AND kind <> 'laboratory'`,
    'signing a note': `SELECT count(*) AS n FROM phi.note WHERE patient_id = '${patient}' AND status = 'signed'`,
    'the care team': `SELECT count(*) AS n FROM phi.care_relationship WHERE patient_id = '${patient}'`,
    inviting: 'SELECT count(*) AS n FROM app.account',
  }
  for (const [name, sql] of Object.entries(counted)) {
    const act = acts.find((one) => one.name === name)
    const one = caught.get(name)
    if (!act || !one) throw new Error('not caught')
    const count = async (): Promise<number> => Number((await rows<{ n: string }>(sql))[0]?.n)
    const token = await sessionOf(act.person)
    const [before, printBefore] = [await count(), await footprint()]
    const replies = await Promise.all([send(one, token), send(one, token)])
    for (const reply of replies) expect(reply.status, name).toBeLessThan(500)
    const after = await count()
    expect(after - before, name).toBe(1)
    expect(changedTables(printBefore, await footprint()).length, name).toBeGreaterThan(0)
  }
  process.stdout.write(`actions: ${sent} replayed requests of ${acts.length} actions\n`)
})
