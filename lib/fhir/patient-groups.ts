import type { IndexedResource, SourceIndex, Target } from './source-index.ts'

/** What one run has about one person. Without `patient` it can only be added to somebody already in the record. */
export type PatientGroup = {
  patient: IndexedResource | null
  /** Who it is, when the files do not hold the Patient itself: the ids to look for in the record. */
  elsewhere: Extract<Target, { kind: 'elsewhere' }> | null
  resources: IndexedResource[]
}

/**
 * Brings the resources of a run together by patient, in the order in which the patients were read.
 * `withoutPatient` counts, by type, what belongs to nobody: a group, a device, or a reference that leads nowhere.
 */
export function groupByPatient(index: SourceIndex): {
  groups: PatientGroup[]
  withoutPatient: Map<string, number>
} {
  const groups = new Map<string, PatientGroup>()
  const withoutPatient = new Map<string, number>()
  for (const resource of index.all()) {
    if (resource.type === 'Patient')
      groups.set(keyOf(resource), { patient: resource, elsewhere: null, resources: [] })
  }
  for (const resource of index.all()) {
    if (resource.patient === null) continue
    const target = index.resolve(resource, resource.patient)
    const group = target && groupOf(target, groups)
    if (group) group.resources.push(resource)
    else withoutPatient.set(resource.type, (withoutPatient.get(resource.type) ?? 0) + 1)
  }
  return { groups: [...groups.values()], withoutPatient }
}

function groupOf(target: Target, groups: Map<string, PatientGroup>): PatientGroup | undefined {
  if (target.kind === 'here') return groups.get(keyOf(target.resource))
  if (target.type !== 'Patient') return undefined
  const key = `${target.systems.join(' ')} ${target.id}`
  const group = groups.get(key) ?? { patient: null, elsewhere: target, resources: [] }
  groups.set(key, group)
  return group
}

function keyOf(resource: IndexedResource): string {
  return `${resource.system} ${resource.type}/${resource.id}`
}
