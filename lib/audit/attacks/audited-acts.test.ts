import { existsSync, readFileSync } from 'node:fs'
import { expect, test } from 'vitest'

import { securityEvents } from '#lib/audit/event.ts'

const kindsOfEntries = ['ALLOWED', 'DENIED', 'EFFECT', 'SEARCH']

test('what docs/audited-acts.md says of acts and tests is so', () => {
  const rows = readFileSync('docs/audited-acts.md', 'utf8')
    .split('\n')
    .filter((line) => line.startsWith('| ') && !line.startsWith('| act') && !line.startsWith('| --'))
    .map((line) => line.split('|').map((cell) => cell.trim()))
  expect(rows.length).toBeGreaterThan(30)
  const known = new Set<string>([...securityEvents, ...kindsOfEntries])
  const faults: string[] = []
  for (const [, act = '', leaves = '', triedIn = ''] of rows) {
    const codes = [...leaves.matchAll(/`([A-Z_]+)`/g)].map(([, code = '']) => code)
    if (codes.length === 0 && !leaves.startsWith('nothing')) faults.push(`${act}: leaves what?`)
    for (const code of codes) if (!known.has(code)) faults.push(`${act}: there is no ${code}`)
    if (triedIn === '–') continue
    const event = codes.find((code) => !kindsOfEntries.includes(code))
    if (!existsSync(triedIn)) faults.push(`${act}: there is no ${triedIn}`)
    else if (event !== undefined && !readFileSync(triedIn, 'utf8').includes(event))
      faults.push(`${act}: ${triedIn} does not look for ${event}`)
  }
  expect(faults).toEqual([])
})
