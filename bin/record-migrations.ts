import { createHash } from 'node:crypto'
import { globSync, readFileSync, writeFileSync } from 'node:fs'

/**
 * Adds the checksums of new migrations to prisma/migrations/hashes.json. It never changes one that is there: a migration that was
 * released has run on somebody's database, and what it did cannot be edited any more.
 */
const ledger = 'prisma/migrations/hashes.json'
const recorded = readLedger()
const files = globSync('prisma/{migrations,keystore-migrations}/**/*.sql').toSorted()
const added = files.filter((file) => !(file in recorded))

for (const file of added) recorded[file] = createHash('sha256').update(readFileSync(file)).digest('hex')
writeFileSync(ledger, `${JSON.stringify(recorded, Object.keys(recorded).toSorted(), 2)}\n`)
console.log(added.length === 0 ? 'No new migration.' : `Recorded ${added.join(', ')}.`)

function readLedger(): Record<string, string> {
  try {
    return JSON.parse(readFileSync(ledger, 'utf8')) as Record<string, string>
  } catch {
    return {}
  }
}
