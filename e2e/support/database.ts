import { execFileSync } from 'node:child_process'
import pg from 'pg'
import { productHome } from './product.ts'

const home = process.env['VIGIL_TEST_HOME'] ?? productHome

/** Runs the operator's tool on the home of the product under test. */
export function vigil(...words: string[]): string {
  return execFileSync('node', ['bin/vigil.mjs', ...words], {
    env: { ...process.env, VIGIL_HOME: home },
    encoding: 'utf8',
    stdio: ['ignore', 'pipe', 'pipe'],
  })
}

export type DemoAccount = {
  email: string
  password: string
  role: string
  name: string
  totpSecret: string
  why: string
}

let known: DemoAccount[] | undefined

/** The demo clinic's people, as `vigil demo accounts --json` prints them. */
export function demoAccounts(): DemoAccount[] {
  return (known ??= JSON.parse(vigil('demo', 'accounts', '--json')) as DemoAccount[])
}

let opened: pg.Pool | undefined

/** The product's database, past every safeguard: for looking at what was written, and for breaking things on purpose. */
export function database(): pg.Pool {
  return (opened ??= new pg.Pool({ connectionString: vigil('db', 'url', 'superuser').trim(), max: 2 }))
}

/** Rows of a statement on the product's database. */
export async function rows<Row extends pg.QueryResultRow>(
  text: string,
  values: unknown[] = [],
): Promise<Row[]> {
  return (await database().query<Row>(text, values)).rows
}
