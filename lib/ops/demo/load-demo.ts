import 'server-only'
import { mkdtempSync, renameSync, rmSync, writeFileSync } from 'node:fs'
import path from 'node:path'
import { now } from '#lib/clock.ts'
import { recordId } from '#lib/crypto/record-id.ts'
import { RecordUnavailable } from '#lib/errors.ts'
import { localDay } from '#lib/format.ts'
import { processKeyStore } from '#lib/keys/process-key-store.ts'
import { importSources, type ImportSettings } from '#lib/ops/import-fhir/import-sources.ts'
import type { ImportSummary } from '#lib/ops/import-fhir/import-summary.ts'
import type { Progress } from '#lib/ops/import-fhir/progress.ts'
import { asService } from '#lib/phi/service-actor.ts'
import type { Actor } from '#lib/policy/actor.ts'
import { generateClinic, type DemoClinic } from '#prisma/seed/clinic.ts'
import { collection, demoSource, type FhirResource } from '#prisma/seed/fhir-json.ts'
import { demoAccountsFile, type DemoAccount } from './demo-home.ts'
import { makeDemoAccounts, type DemoPeople } from './make-demo-accounts.ts'
import { writeDemoRest } from './write-demo-rest.ts'

/** Results older than this were reviewed by Dr. Moreau; what is newer waits on the worklist. */
const reviewedAfterDays = 14

export type DemoSettings = { home: string; progress?: Progress; patients?: number }

/**
 * Fills an empty home with Riverside Clinic: sign-ins for the whole cast, sixty invented patients through the same
 * importer that real files take, their notes, payments, teams and grants. Writes the sign-ins to
 * `<home>/demo-accounts.json` (0600). Call it once, in a home of the demo whose databases are migrated and running.
 * @throws AuditUnavailable, KeysUnavailable, RecordUnavailable; the home is then half loaded and must be made again
 */
export async function loadDemo({ home, progress, patients }: DemoSettings): Promise<DemoAccount[]> {
  const clinic = generateClinic(localDay(now().toISOString()), patients)
  const identity = await (await processKeyStore()).identityKey()
  const idOf = (type: string, key: string) => recordId(identity, demoSource, type, key)
  // The bundles hold invented people only, and the folder is gone when they are in.
  const folder = mkdtempSync(path.join(home, 'demo-bundles-'))
  try {
    return await asService('import', async (actor) => {
      const bring = importer(actor, folder, progress)
      await bring('directory', [clinic.directory], null)
      const people = await makeDemoAccounts(actor, (key) => idOf('Practitioner', key))
      await bringPatients(clinic, people, bring)
      await writeDemoRest(actor, clinic, people, idOf)
      writeAccounts(home, people.accounts)
      return people.accounts
    })
  } finally {
    rmSync(folder, { recursive: true, force: true })
  }
}

type Bring = (
  name: string,
  bundles: readonly (readonly FhirResource[])[],
  teamId: string | null,
  reviewed?: ImportSettings['reviewed'],
) => Promise<void>

function importer(actor: Actor, folder: string, progress: Progress | undefined): Bring {
  return async (name, bundles, teamId, reviewed) => {
    const paths = bundles.map((resources, index) => {
      const file = path.join(folder, `${name}-${index + 1}.json`)
      writeFileSync(file, JSON.stringify(collection(resources)), { mode: 0o600 })
      return file
    })
    const settings = { paths, source: demoSource, teamId, actor, ...(progress ? { progress } : {}) }
    requireWhole(await importSources(reviewed ? { ...settings, reviewed } : settings))
  }
}

async function bringPatients(clinic: DemoClinic, people: DemoPeople, bring: Bring): Promise<void> {
  const teamId = people.teamOf.get('primary-care') ?? null
  const by = people.accountOf.get('ines-moreau') ?? ''
  const reviewed = { before: new Date(now().getTime() - reviewedAfterDays * 86_400_000), by }
  const bundlesOf = (treated: boolean) =>
    clinic.patients.filter(({ person }) => person.treated === treated).map(({ resources }) => resources)
  await bring('patients', bundlesOf(true), teamId, reviewed)
  await bring('untreated', bundlesOf(false), null, reviewed)
  // Last, as in life: what the laboratory took back replaces what it had sent.
  await bring('corrections', [clinic.corrections], null)
}

function requireWhole(summary: ImportSummary): void {
  const [refused] = summary.refused
  if (refused) throw new RecordUnavailable(`a file of the demo was refused: ${refused.where}: ${refused.why}`)
  if (Object.keys(summary.withoutPatient).length > 0)
    throw new RecordUnavailable('a resource of the demo names no patient')
}

function writeAccounts(home: string, accounts: readonly DemoAccount[]): void {
  const file = demoAccountsFile(home)
  writeFileSync(`${file}.new`, `${JSON.stringify(accounts, null, 2)}\n`, { mode: 0o600 })
  renameSync(`${file}.new`, file)
}
