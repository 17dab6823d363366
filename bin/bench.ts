import { existsSync } from 'node:fs'
import { cpus } from 'node:os'
import { parseArgs } from 'node:util'
import { type Bench, type BenchRow } from '#bench/bench-row.ts'

const known = [
  'door',
  'attest',
  'guessing',
  'equal-time',
  'crypto',
  'create',
  'cold-list',
  'nonces',
  'pages',
  'rotation',
  'rotation-kills',
  'revocation',
  'watching',
  'seal',
  'seal-writers',
  'seal-lag',
  'export',
  'trail',
  'trail-page',
]

/**
 * `npm run bench -- [name …] [--json]`: runs the named benchmarks (all without a name) and prints each figure with its spread and its ratio
 * to the floor of the same run. Ends with 1 when a bar was missed, 2 for a name that does not exist.
 */
const { values, positionals } = parseArgs({
  allowPositionals: true,
  options: { json: { type: 'boolean', default: false } },
})
const names = positionals.length > 0 ? positionals : known
const unknown = names.filter((name) => !known.includes(name) || !existsSync(`bench/${name}.ts`))

if (unknown.length > 0) {
  console.error(`There is no benchmark named ${unknown.join(', ')}. There are: ${known.join(', ')}.`)
  process.exitCode = 2
} else {
  const results: { name: string; rows: BenchRow[] }[] = []
  for (const name of names) {
    const bench = (await import(new URL(`../bench/${name}.ts`, import.meta.url).href)) as Bench
    const rows = await bench.run()
    results.push({ name: bench.name, rows })
    if (!values.json) printTable(bench.name, rows)
  }
  if (values.json)
    console.log(JSON.stringify({ cores: cpus().length, node: process.version, results }, null, 2))
  process.exitCode = results.some(({ rows }) => rows.some((row) => row.ok === false)) ? 1 : 0
}

function printTable(name: string, rows: BenchRow[]): void {
  console.log(`\n${name}`)
  console.table(
    rows.map((row) => ({
      what: row.what,
      median: `${round(row.median)} ${row.unit}`,
      spread: `± ${round(row.spread)}`,
      floor: row.floor === undefined ? '' : `${round(row.floor)} ${row.unit}`,
      ratio: row.ratio === undefined ? '' : row.ratio.toFixed(2),
      bar: row.bar ?? '',
      result: row.ok === undefined ? '' : row.ok ? 'met' : 'MISSED',
    })),
  )
}

function round(value: number): string {
  return value >= 100 ? value.toFixed(0) : value.toPrecision(3)
}
