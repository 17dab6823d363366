import autocannon, { type Client } from 'autocannon'
import { buildPages, generateClient } from '#lib/ops/start/build-product.ts'
import type { WebProcess } from '#lib/ops/start/web-process.ts'
import { paths } from '#lib/paths.ts'
import type { BenchRow } from './bench-row.ts'
import { withBenchClinic, type BenchClinic } from './clinic.ts'
import { makePlainProduct, productRoot } from './plain-product.ts'
import { comparison, inTurn } from './rounds.ts'
import { serveClinic, sessionCookieName } from './serve-clinic.ts'

export const name = 'pages'

const rounds = 5
const pagesPerRound = 256
const buildTime = () => AbortSignal.timeout(600_000)

/**
 * The chart page over HTTP, from one process of the production build, against the same page of a build without door,
 * encryption and sign-in (bench/plain-product/), which reads the same record in plain text.
 */
export async function run(): Promise<BenchRow[]> {
  const plainRoot = await makePlainProduct()
  await generateClient(productRoot, buildTime())
  for (const root of [productRoot, plainRoot]) await buildPages(root, buildTime())
  return withBenchClinic((clinic) => withSites(clinic, plainRoot, measure))
}

type Site = { url: string; clinic: BenchClinic }

async function withSites<T>(
  clinic: BenchClinic,
  plainRoot: string,
  work: (vigil: Site, plain: Site) => Promise<T>,
): Promise<T> {
  const started: WebProcess[] = []
  const ending = new AbortController()
  const start = async (root: string, environment: Record<string, string>): Promise<Site> => {
    const { web, port } = await serveClinic(clinic.env, root, ending.signal, environment)
    started.push(web)
    return { url: `http://127.0.0.1:${port}`, clinic }
  }
  try {
    const vigil = await start(productRoot, {})
    const plain = await start(plainRoot, { DATABASE_URL: clinic.plain.open })
    return await work(vigil, plain)
  } finally {
    ending.abort()
    await Promise.all(started.map((web) => web.stop()))
  }
}

async function measure(vigil: Site, plain: Site): Promise<BenchRow[]> {
  await assertSamePage(vigil, plain)
  const rows: BenchRow[] = []
  const failures = { count: 0 }
  for (const connections of [16, 64]) {
    // Both compile their queries, fill their caches and prepare their statements first.
    for (const site of [vigil, plain]) await load(site, connections, failures)
    const pair = await inTurn(
      rounds,
      () => load(vigil, connections, failures),
      () => load(plain, connections, failures),
    )
    rows.push(comparison(`chart page, ${connections} connections`, 'requests/s', pair, { atLeast: 0.5 }))
  }
  const { count } = failures
  const what = 'answers other than 2xx, and failed requests'
  return [...rows, { what, unit: 'answers', median: count, spread: 0, bar: '0', ok: count === 0 }]
}

/**
 * A fixed number of pages rather than a fixed time: what a site was still busy with when time is up would weigh on the
 * other one's turn.
 * @returns pages per second; counts what was not answered with a page
 */
async function load(site: Site, connections: number, failures: { count: number }): Promise<number> {
  const requests = requestsOf(site)
  const start = performance.now()
  let last = start
  let clients = 0
  const setupClient = (client: Client) => {
    const first = clients++ % requests.length
    client.setRequests([...requests.slice(first), ...requests.slice(0, first)])
    client.on('response', () => (last = performance.now()))
  }
  const settings = { url: site.url, connections, amount: pagesPerRound, timeout: 60, setupClient }
  const result = await autocannon(settings)
  failures.count += result.non2xx + result.errors + result.timeouts
  return (result['2xx'] * 1000) / (last - start)
}

/** Every patient's chart, by sessions in turn. */
function requestsOf({ clinic }: Site) {
  return clinic.patients.map((patientId, turn) => ({
    method: 'GET' as const,
    path: paths.chart(patientId),
    headers: {
      cookie: `${sessionCookieName}=${clinic.nurse.tokens[turn % clinic.nurse.tokens.length] ?? ''}`,
    },
  }))
}

/** A floor that answers with another page would be no floor. */
async function assertSamePage(vigil: Site, plain: Site): Promise<void> {
  for (const [index, request] of requestsOf(vigil).entries()) {
    const answers = await Promise.all(
      [vigil, plain].map((site) =>
        fetch(`${site.url}${request.path}`, { headers: request.headers, redirect: 'manual' }),
      ),
    )
    const [left = '', right = ''] = await Promise.all(
      answers.map(async (answer) => textOf(await answer.text())),
    )
    if (answers.some((answer) => !answer.ok)) throw new Error(`page ${index} did not open`)
    if (left.length < 500 || Math.abs(left.length - right.length) > left.length / 20)
      throw new Error(
        `page ${index} is not the same on both sides: ${left.length} and ${right.length} characters`,
      )
  }
}

/** What a page says, without markup and scripts. */
const textOf = (html: string): string =>
  html
    .replaceAll(/<(script|style)\b[^]*?<\/\1>/g, '')
    .replaceAll(/<[^>]*>/g, ' ')
    .replaceAll(/\s+/g, ' ')
