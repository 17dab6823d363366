import { conceptText, conceptTexts } from './concept.ts'
import { currentName, nameText } from './person-name.ts'
import type { OrganizationRow, PractitionerRow } from './rows.ts'
import type {
  OrganizationResource,
  PractitionerResource,
  PractitionerRoleResource,
} from './schema/directory.ts'

/** FHIR Practitioner, with the roles that name it → app.practitioner. The directory holds no patient data. */
export function mapPractitioner(
  practitioner: PractitionerResource,
  roles: readonly PractitionerRoleResource[],
  id: string,
): PractitionerRow {
  const active = roles.filter((role) => role.active !== false)
  const specialties = active.map((role) => conceptTexts(role.specialty) ?? conceptTexts(role.code))
  return {
    id,
    displayName: nameText(currentName(practitioner.name)) ?? 'Name not recorded',
    specialty:
      specialties.find((text) => text !== null) ?? conceptText(practitioner.qualification?.[0]?.code),
  }
}

/** FHIR Organization → app.organization. */
export function mapOrganization(organization: OrganizationResource, id: string): OrganizationRow {
  const name = organization.name?.trim() || organization.alias?.find((alias) => alias?.trim())
  return { id, name: name || 'Name not recorded' }
}
