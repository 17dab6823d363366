import 'server-only'
import type { SecretKey } from '#lib/crypto/secret-key.ts'
import { appQuery } from '#lib/db/app-database.ts'
import type { PractitionerRoleResource } from '#lib/fhir/schema/directory.ts'
import { mapOrganization, mapPractitioner } from '#lib/fhir/map-directory.ts'
import type { RecordIds } from '#lib/fhir/map-patient-record.ts'
import type { OrganizationRow, PractitionerRow } from '#lib/fhir/rows.ts'
import type { IndexedResource, SourceIndex } from '#lib/fhir/source-index.ts'
import { rowDigest } from './row-digest.ts'

export type Tally = { created: number; changed: number; unchanged: number }

const batchRows = 500

const practitionerSql = `
  INSERT INTO app.practitioner AS d (id, display_name, specialty, source_digest)
  SELECT id, display_name, specialty, decode(digest, 'hex')
    FROM jsonb_to_recordset($1::jsonb) AS r (id uuid, display_name text, specialty text, digest text)
  ON CONFLICT (id) DO UPDATE SET display_name = excluded.display_name, specialty = excluded.specialty, source_digest = excluded.source_digest
    WHERE d.source_digest IS DISTINCT FROM excluded.source_digest
  RETURNING (xmax = 0) AS created`
const organizationSql = `
  INSERT INTO app.organization AS d (id, name, source_digest)
  SELECT id, name, decode(digest, 'hex') FROM jsonb_to_recordset($1::jsonb) AS r (id uuid, name text, digest text)
  ON CONFLICT (id) DO UPDATE SET name = excluded.name, source_digest = excluded.source_digest
    WHERE d.source_digest IS DISTINCT FROM excluded.source_digest
  RETURNING (xmax = 0) AS created`

/**
 * Writes the run's practitioners and organisations into the directory, before anything that points to them.
 * The directory holds no patient data, so it needs no admission.
 * @returns how many were new, changed, and the same; and the ids of all that the directory holds
 */
export async function importDirectory(
  index: SourceIndex,
  rowId: RecordIds['rowId'],
  identity: SecretKey,
): Promise<{ tally: Tally; known: Set<string> }> {
  const practitioners: PractitionerRow[] = []
  const organizations: OrganizationRow[] = []
  const roles = rolesByPractitioner(index)
  for (const indexed of index.all()) {
    if (indexed.type !== 'Practitioner' && indexed.type !== 'Organization') continue
    const resource = index.read(indexed)
    const id = rowId(indexed.system, indexed.type, indexed.id)
    if (resource.resourceType === 'Practitioner')
      practitioners.push(mapPractitioner(resource, roles.get(indexed) ?? [], id))
    if (resource.resourceType === 'Organization') organizations.push(mapOrganization(resource, id))
  }
  const tally: Tally = { created: 0, changed: 0, unchanged: 0 }
  const digest = (row: { id: string }) => Buffer.from(rowDigest(identity, row)).toString('hex')
  await write(practitionerSql, practitioners.map((row) => ({ id: row.id, display_name: row.displayName, specialty: row.specialty, digest: digest(row) })), tally) // prettier-ignore
  await write(organizationSql, organizations.map((row) => ({ id: row.id, name: row.name, digest: digest(row) })), tally) // prettier-ignore
  const rows = await appQuery<{ id: string }>(
    'SELECT id FROM app.practitioner UNION ALL SELECT id FROM app.organization',
    [],
    'worker',
  )
  return { tally, known: new Set(rows.map((row) => row.id)) }
}

async function write(text: string, rows: readonly object[], tally: Tally): Promise<void> {
  for (let from = 0; from < rows.length; from += batchRows) {
    const batch = rows.slice(from, from + batchRows)
    const written = await appQuery<{ created: boolean }>(text, [JSON.stringify(batch)], 'worker')
    const created = written.filter((row) => row.created).length
    tally.created += created
    tally.changed += written.length - created
    tally.unchanged += batch.length - written.length
  }
}

function rolesByPractitioner(index: SourceIndex): Map<IndexedResource, PractitionerRoleResource[]> {
  const roles = new Map<IndexedResource, PractitionerRoleResource[]>()
  for (const indexed of index.all()) {
    if (indexed.type !== 'PractitionerRole') continue
    const role = index.read(indexed)
    if (role.resourceType !== 'PractitionerRole') continue
    const target = index.resolve(indexed, role.practitioner)
    if (target?.kind !== 'here') continue
    roles.set(target.resource, [...(roles.get(target.resource) ?? []), role])
  }
  return roles
}
