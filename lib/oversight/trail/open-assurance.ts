import 'server-only'

import { readAssurance } from '#lib/audit/read-assurance.ts'
import type { AssuranceView } from './view.ts'

/** How far an empty answer can be relied on: what the last verification read, and what it found. */
export async function openAssurance(): Promise<AssuranceView> {
  const last = await readAssurance()
  if (!last) return null
  return {
    size: last.size,
    at: last.at.toISOString(),
    through: last.through?.toISOString() ?? null,
    ok: last.ok,
  }
}
