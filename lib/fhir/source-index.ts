import { createHash } from 'node:crypto'
import { closeSync, openSync, readSync } from 'node:fs'
import {
  checkResource,
  isResourceType,
  type Resource,
  type ResourceType,
  type Resources,
} from './check-resource.ts'
import { patientReference } from './patient-reference.ts'
import { readSource, type SourceResource } from './read-source.ts'
import type { Identifier, Reference } from './schema/datatypes.ts'
import { SourceFault } from './source-fault.ts'

/** Where one resource lies and what it is called; its content is read again when it is needed. */
export type IndexedResource = {
  path: string
  offset: number
  length: number
  inEntry: boolean
  line: number
  type: ResourceType
  /** The server that names it, or the name given to this source; with type and id, who the resource is. */
  system: string
  id: string
  /** Address of the server that the entry's relative references belong to. */
  base: string | null
  patient: Reference | null
}

/** A reference taken apart: to a resource of this run, or to one that may be in the record from an earlier run. */
export type Target =
  | { kind: 'here'; resource: IndexedResource }
  | { kind: 'elsewhere'; type: string; id: string; systems: string[] }

const absolute = /^(https?:\/\/.+?)\/([A-Z][A-Za-z]+)\/([A-Za-z0-9\-.]{1,64})(?:\/_history\/[^/]+)?$/
const relative = /^([A-Z][A-Za-z]+)\/([A-Za-z0-9\-.]{1,64})(?:\/_history\/[^/]+)?$/
const conditional = /^([A-Z][A-Za-z]+)\?(?:.*&)?identifier=([^&]+)/
const cachedMax = 1000

/**
 * All resources of one run: a few words about each, never their content, so that a patient's resources can be brought
 * together whatever files they stand in. A file is indexed whole or not at all.
 */
export class SourceIndex {
  readonly #source: string
  /** By system, then by `Type/id`: what a resource is called is kept once, for there may be millions. */
  readonly #bySystem = new Map<string, Map<string, IndexedResource>>()
  /** By file, then by the bundle's own address of an entry. */
  readonly #byFullUrl = new Map<string, Map<string, IndexedResource>>()
  readonly #byIdentifier = new Map<string, IndexedResource>()
  readonly #patientReferences = new Map<string, Reference>()
  readonly #cache = new Map<string, Resource>()
  #open: { path: string; file: number } | null = null
  /** Resources of types that Vigil does not take in, by type. */
  readonly skippedTypes = new Map<string, number>()

  /** `source` names files that no server is named in; the same source and id is the same resource in every run. */
  constructor(source: string) {
    this.#source = source
  }

  get size(): number {
    let size = 0
    for (const resources of this.#bySystem.values()) size += resources.size
    return size
  }

  /** The resources that count: of several with one identity, the one that was read last. */
  *all(): Generator<IndexedResource> {
    for (const resources of this.#bySystem.values()) yield* resources.values()
  }

  /** Checks a file from end to end and takes its resources in. Throws {@link SourceFault}; then nothing of it is in. */
  async addFile(path: string): Promise<void> {
    const found: { indexed: IndexedResource; fullUrl: string | null; identifiers: Identifier[] }[] = []
    const skipped = new Map<string, number>()
    for await (const source of readSource(path)) {
      if (!isResourceType(source.resourceType)) {
        skipped.set(source.resourceType, (skipped.get(source.resourceType) ?? 0) + 1)
        continue
      }
      const resource = checkWithLine(source.resourceType, source)
      found.push({
        indexed: this.#describe(path, source, resource),
        fullUrl: source.fullUrl,
        identifiers: 'identifier' in resource ? (resource.identifier ?? []) : [],
      })
    }
    for (const [type, count] of skipped)
      this.skippedTypes.set(type, (this.skippedTypes.get(type) ?? 0) + count)
    for (const { indexed, fullUrl, identifiers } of found) {
      const { type, system, id } = indexed
      mapIn(this.#bySystem, system).set(`${type}/${id}`, indexed)
      if (fullUrl) mapIn(this.#byFullUrl, path).set(fullUrl, indexed)
      for (const { system: issuer, value } of identifiers) {
        if (value) this.#byIdentifier.set(`${type}?${issuer ?? ''}|${value}`, indexed)
      }
    }
  }

  /** Closes what is open. The index can still be asked, and opens it again. */
  close(): void {
    if (this.#open) closeSync(this.#open.file)
    this.#open = null
  }

  /** What a reference of a resource means (R4 §2.3.0: Bundle, relative, absolute, conditional, logical references). */
  resolve(from: Pick<IndexedResource, 'path' | 'base'>, reference: Reference | undefined): Target | null {
    const text = reference?.reference
    if (!text) return this.#logical(reference)
    const entry = this.#addressed(from.path, text)
    if (entry) return { kind: 'here', resource: entry }
    const search = conditional.exec(text)
    if (search?.[1] && search[2]) return this.#identified(search[1], decode(search[2]))
    const address = absolute.exec(text)
    if (address?.[1] && address[2] && address[3])
      return this.#named(address[2], address[3], [address[1]], from.path)
    const name = relative.exec(text)
    if (name?.[1] && name[2]) {
      return this.#named(name[1], name[2], from.base ? [from.base, this.#source] : [this.#source], from.path)
    }
    return this.#logical(reference)
  }

  /** Reads a resource's content again. Throws {@link SourceFault} when the file has changed under the run. */
  read(indexed: IndexedResource): Resource {
    const key = `${indexed.system} ${indexed.type}/${indexed.id}`
    const cached = this.#cache.get(key)
    if (cached) return cached
    const resource = this.#readAgain(indexed)
    // Only what many patients share is worth keeping: their own resources are read once.
    if (indexed.patient === null && indexed.type !== 'Patient') {
      if (this.#cache.size >= cachedMax) this.#cache.clear()
      this.#cache.set(key, resource)
    }
    return resource
  }

  /** All references to one patient are the same object. */
  #once(reference: Reference | null): Reference | null {
    if (!reference?.reference || reference.identifier) return reference
    const known = this.#patientReferences.get(reference.reference) ?? { reference: reference.reference }
    this.#patientReferences.set(reference.reference, known)
    return known
  }

  #readAgain(indexed: IndexedResource): Resource {
    const bytes = Buffer.allocUnsafe(indexed.length)
    try {
      readSync(this.#fileOf(indexed.path), bytes, 0, indexed.length, indexed.offset)
      const text = bytes.toString('utf8')
      const value = JSON.parse(text.charCodeAt(0) === 0xfeff ? text.slice(1) : text) as Record<
        string,
        unknown
      >
      return checkResource(indexed.type, indexed.inEntry ? value['resource'] : value, '')
    } catch {
      throw new SourceFault(`line ${indexed.line}`, 'the file changed while it was being imported')
    }
  }

  /** The file that was read last stays open: a patient's resources mostly stand in one. */
  #fileOf(path: string): number {
    if (this.#open?.path !== path) {
      this.close()
      this.#open = { path, file: openSync(path, 'r') }
    }
    return this.#open.file
  }

  #describe(path: string, source: SourceResource, resource: Resource): IndexedResource {
    const server = source.fullUrl ? absolute.exec(source.fullUrl) : null
    const { offset, length, inEntry, line } = source
    return {
      path,
      offset,
      length,
      inEntry,
      line,
      type: resource.resourceType,
      system: server?.[1] ?? this.#source,
      id:
        resource.id ??
        server?.[3] ??
        source.fullUrl?.replace(/^urn:(uuid|oid):/, '') ??
        madeId(source.value, resource),
      base: server?.[1] ?? null,
      patient: this.#once(patientReference(resource)),
    }
  }

  /** An entry's address means the entry of its own bundle first: urns of two bundles may be the same. */
  #addressed(path: string, fullUrl: string): IndexedResource | undefined {
    const own = this.#byFullUrl.get(path)?.get(fullUrl)
    if (own) return own
    for (const entries of this.#byFullUrl.values()) {
      const found = entries.get(fullUrl)
      if (found) return found
    }
    return undefined
  }

  #named(type: string, id: string, systems: string[], path: string): Target {
    const candidates = [...this.#bySystem.values()]
      .map((resources) => resources.get(`${type}/${id}`))
      .filter((one) => one !== undefined)
    const found =
      candidates.find((one) => one.path === path) ??
      candidates.find((one) => systems.includes(one.system)) ??
      (candidates.length === 1 ? candidates[0] : undefined)
    return found ? { kind: 'here', resource: found } : { kind: 'elsewhere', type, id, systems }
  }

  #identified(type: string, token: string): Target | null {
    const resource = this.#byIdentifier.get(`${type}?${token.includes('|') ? token : `|${token}`}`)
    return resource ? { kind: 'here', resource } : null
  }

  #logical(reference: Reference | undefined): Target | null {
    const { system, value } = reference?.identifier ?? {}
    if (!value) return null
    const types = reference?.type
      ? [reference.type]
      : ['Patient', 'Practitioner', 'Organization', 'Coverage', 'Encounter']
    for (const type of types) {
      const found = this.#identified(type, `${system ?? ''}|${value}`)
      if (found) return found
    }
    return null
  }
}

/** Follows `#id` into the resource itself; a contained resource that is not as FHIR describes it is as good as none. */
export function containedResource<T extends ResourceType>(
  holder: Resource,
  id: string,
  type: T,
): Resources[T] | null {
  const found = holder.contained?.find((one) => one.id === id && one.resourceType === type)
  if (!found) return null
  try {
    return checkResource(type, found, '#contained')
  } catch (error) {
    if (error instanceof SourceFault) return null
    throw error
  }
}

function checkWithLine(type: ResourceType, source: SourceResource): Resource {
  try {
    return checkResource(type, source.value, source.inEntry ? source.where : '')
  } catch (error) {
    if (!(error instanceof SourceFault)) throw error
    throw new SourceFault(`${error.where.replace(/^\./, '')} (line ${source.line})`.trimStart(), error.why)
  }
}

function mapIn<V>(maps: Map<string, Map<string, V>>, key: string): Map<string, V> {
  const known = maps.get(key) ?? new Map<string, V>()
  maps.set(key, known)
  return known
}

/** An id for what has none: its first business identifier, else its content, so that the same file names it the same. */
function madeId(value: unknown, resource: Resource): string {
  const identifier = 'identifier' in resource ? resource.identifier?.find((one) => one.value) : undefined
  if (identifier) return `identifier:${identifier.system ?? ''}|${identifier.value}`
  return `content:${createHash('sha256').update(JSON.stringify(value)).digest('base64url')}`
}

function decode(text: string): string {
  try {
    return decodeURIComponent(text)
  } catch {
    return text
  }
}
