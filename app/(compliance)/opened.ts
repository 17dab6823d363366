import { notFound, redirect } from 'next/navigation'
import { paths } from '#lib/paths.ts'

const uuid = /^[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}$/

/** An id out of an address; anything else names nothing: the page does not exist. */
export function idOr404(text: string): string {
  if (!uuid.test(text)) notFound()
  return text
}

/** What the door gave out. Refused and not there are one answer; a destroyed record has a page that says so. */
export function openedOr404<T>(
  outcome: { kind: 'granted'; value: T } | { kind: 'denied'; patientId?: string },
): NonNullable<T> {
  if (outcome.kind === 'denied' && outcome.patientId !== undefined)
    redirect(paths.recordDestroyed(outcome.patientId))
  if (outcome.kind === 'denied' || outcome.value === null || outcome.value === undefined) notFound()
  return outcome.value
}

/** The texts of a form. */
export function textsOf(data: FormData): Record<string, string> {
  return Object.fromEntries(
    [...data].flatMap(([name, value]) => (typeof value === 'string' ? [[name, value]] : [])),
  )
}

export type FormState = {
  values: Record<string, string>
  problems: { field: string; message: string }[]
} | null

/** The problems of a form as the page shows them. */
export function problemsOf(
  values: Record<string, string>,
  issues: readonly { path: PropertyKey[]; message: string }[],
): FormState {
  return {
    values,
    problems: issues.map(({ path, message }) => ({ field: path.map(String).join('.'), message })),
  }
}
