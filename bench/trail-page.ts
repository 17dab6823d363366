import { chromium, type Page } from '@playwright/test'
import pg from 'pg'
import { browserFlags, findBrowser } from '#e2e/support/find-browser.ts'
import { buildPages, generateClient } from '#lib/ops/start/build-product.ts'
import { embeddedUrl } from '#lib/ops/postgres/embedded-servers.ts'
import { paths } from '#lib/paths.ts'
import type { BenchRow } from './bench-row.ts'
import { withBenchClinic, type BenchClinic } from './clinic.ts'
import { openComplianceSession } from './compliance-session.ts'
import { productRoot } from './plain-product.ts'
import { serveClinic, sessionCookieName } from './serve-clinic.ts'
import { quantile, summarize } from './summarize.ts'
import { fillTrailYear } from './trail-year.ts'

export const name = 'trail-page'

const rounds = 20
const barMilliseconds = 500

/**
 * The same trail of ten million entries, asked in a browser: from the click on Search to the answer on the screen, and the answer's
 * address until its page has loaded (Navigation Timing), beside the empty form of the search, which asks the trail nothing. One process of the production build, one browser, both on this machine.
 */
export async function run(): Promise<BenchRow[]> {
  const building = AbortSignal.timeout(600_000)
  await generateClient(productRoot, building)
  await buildPages(productRoot, building)
  return withBenchClinic(async ({ env }) => {
    const superuserUrl = embeddedUrl(env.home, 'superuser')
    await fillTrailYear(superuserUrl)
    const carla = await openComplianceSession(superuserUrl)
    const { findReferences } = await import('#lib/phi/with-search.ts')
    const terms = { familyName: 'Reyes', givenName: 'Maria' }
    const found = await findReferences(carla, { view: 'patient-picker', terms })
    if (found.kind !== 'granted') throw new Error('the clinic has no Maria')
    const looks = await readLooks(superuserUrl, found.patients)
    return inBrowser(env, carla.sessionToken, (page) => measure(page, looks))
  })
}

/** Somebody's look at Maria's record, in UTC: what is asked about. */
type Look = { day: string; time: string; month: string; actor: string }

async function readLooks(superuserUrl: string, patients: string[]): Promise<Look[]> {
  const client = new pg.Client({ connectionString: superuserUrl })
  await client.connect()
  try {
    const { rows } = await client.query<Look>(
      `SELECT to_char(at, 'YYYY-MM-DD') AS day, to_char(at, 'HH24:MI') AS time, to_char(at, 'YYYY-MM') AS month, actor
         FROM (SELECT l.accessed_at AT TIME ZONE 'UTC' AS at, l.actor_user_id AS actor FROM audit.patient_phi_audit_log l
                WHERE l.patient_id = ANY ($1) AND l.accessed_at < now() - interval '1 day' ORDER BY hashint8(l.seq) LIMIT ${rounds}) l`,
      [patients],
    )
    if (rows.length < rounds) throw new Error('the trail has too few entries about Maria')
    return rows
  } finally {
    await client.end()
  }
}

async function inBrowser<T>(
  env: BenchClinic['env'],
  sessionToken: string,
  work: (page: Page) => Promise<T>,
): Promise<T> {
  const ending = new AbortController()
  const { web, port } = await serveClinic(env, productRoot, ending.signal)
  const browser = await chromium.launch({ executablePath: await findBrowser(), args: browserFlags })
  try {
    const url = `http://localhost:${port}`
    const context = await browser.newContext({ baseURL: url, viewport: { width: 1280, height: 900 } })
    await context.addCookies([
      { name: sessionCookieName, value: sessionToken, url, httpOnly: true, sameSite: 'Lax' },
    ])
    return await work(await context.newPage())
  } finally {
    await browser.close()
    ending.abort()
    await web.stop()
  }
}

type Question = { what: string; path: string; fill: (page: Page, look: Look) => Promise<void> }

const period = async (page: Page, from: string, to: string): Promise<void> => {
  await page.locator('[name=from]').fill(`${from}T00:00`)
  await page.locator('[name=to]').fill(`${to}T00:00`)
  await page.locator('[name=zone]').selectOption('UTC')
}
const maria = async (page: Page): Promise<void> => {
  await page.locator('[name=familyName]').fill('Reyes')
  await page.locator('[name=givenName]').fill('Maria')
}
const monthAfter = (month: string): string => {
  const at = new Date(`${month}-01T00:00:00Z`)
  at.setUTCMonth(at.getUTCMonth() + 1)
  return at.toISOString().slice(0, 7)
}
const thisMonth = (): string => new Date().toISOString().slice(0, 7)
const yearAgo = (): string => {
  const at = new Date(`${thisMonth()}-01T00:00:00Z`)
  at.setUTCMonth(at.getUTCMonth() - 11)
  return at.toISOString().slice(0, 10)
}

const questions: Question[] = [
  {
    what: 'who opened her record in these ten minutes',
    path: paths.compliance,
    async fill(page, { day, time }) {
      await maria(page)
      await page.locator('[name=date]').fill(day)
      await page.locator('[name=time]').fill(time)
      await page.locator('[name=zone]').selectOption('UTC')
    },
  },
  {
    what: 'her year, first page',
    path: paths.complianceSearch,
    async fill(page) {
      await maria(page)
      await period(page, yearAgo(), `${monthAfter(thisMonth())}-01`)
    },
  },
  {
    what: 'one person, a month, first page',
    path: paths.complianceSearch,
    async fill(page, { actor, month }) {
      await page.locator('[name=actor]').selectOption(actor)
      await period(page, `${month}-01`, `${monthAfter(month)}-01`)
    },
  },
  {
    what: 'newest refused attempts of the year',
    path: paths.complianceSearch,
    async fill(page) {
      await page.getByText('More criteria').click()
      await page.locator('[name=outcome]').selectOption('DENIED')
      await period(page, yearAgo(), `${monthAfter(thisMonth())}-01`)
    },
  },
]

async function measure(page: Page, looks: Look[]): Promise<BenchRow[]> {
  const rows: BenchRow[] = []
  const [overview, empty]: [number[], number[]] = [[], []]
  for (let round = 0; round <= rounds; round += 1) {
    const loaded = await loadingTime(page, paths.compliance)
    const floor = await loadingTime(page, paths.complianceSearch)
    // The first is for warming up, here and below.
    if (round === 0) continue
    overview.push(loaded)
    empty.push(floor)
  }
  rows.push(...rowsOf('the overview', 'until it has loaded', overview, empty))
  for (const question of questions) {
    const [answers, loads, floors]: [number[], number[], number[]] = [[], [], []]
    for (const [turn, look] of [looks[0], ...looks].entries()) {
      if (!look) continue
      const answered = await answerTime(page, question, look)
      const loaded = await loadingTime(page, page.url())
      const floor = await loadingTime(page, paths.complianceSearch)
      if (turn === 0) continue
      floors.push(floor)
      answers.push(answered)
      loads.push(loaded)
    }
    rows.push(
      ...rowsOf(question.what, 'from the click to the answer', answers, floors),
      ...rowsOf(question.what, 'its address until it has loaded', loads, floors),
    )
  }
  return rows
}

/** From the click until the list of entries stands on the page. */
async function answerTime(page: Page, { path, fill }: Question, look: Look): Promise<number> {
  await page.goto(path)
  await fill(page, look)
  const begun = performance.now()
  await page.getByRole('button', { name: 'Search', exact: true }).click()
  await page.waitForURL(/[?&]search=/, { waitUntil: 'commit' })
  await page.getByRole('table').last().waitFor()
  return performance.now() - begun
}

async function loadingTime(page: Page, path: string): Promise<number> {
  const answer = await page.goto(path, { waitUntil: 'load' })
  if (answer?.ok() !== true) throw new Error(`the page answered ${answer?.status()}`)
  return page.evaluate(() => {
    const [timing] = performance.getEntriesByType('navigation')
    if (!(timing instanceof PerformanceNavigationTiming)) throw new Error('no navigation was timed')
    return timing.duration
  })
}

/** @param floors how long the empty form took to load in the same minutes */
function rowsOf(what: string, how: string, times: number[], floors: number[]): BenchRow[] {
  const { median, spread } = summarize(times)
  const floor = summarize(floors).median
  return [
    { what: `${what}: ${how}, median of ${times.length}`, unit: 'ms', median, spread, floor, ratio: median / floor, bar: `≤ ${barMilliseconds} ms`, ok: median <= barMilliseconds },
    { what: `${what}: ${how}, p95`, unit: 'ms', median: quantile(times, 0.95), spread },
  ] // prettier-ignore
}
