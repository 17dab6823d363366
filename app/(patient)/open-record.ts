import 'server-only'

import { notFound, redirect } from 'next/navigation'
import { readChosenRecord } from '#lib/auth/chosen-record.ts'
import { paths } from '#lib/paths.ts'
import type { Part } from '#lib/policy/access.ts'
import type { Actor } from '#lib/policy/actor.ts'
import { chooseRecord, type MyRecord } from '#lib/records/my-record/choose-record.ts'

/**
 * The record that a page of one part shows. Where the part was not granted the page does not exist (404), so that
 * nothing tells a proxy what else there is.
 */
export async function openRecord(actor: Actor, part: Part): Promise<MyRecord> {
  const record = await chosenRecord(actor)
  if (!record?.parts.includes(part)) notFound()
  return record
}

/** The record to show; null for an account that may open none. A proxy of several people is asked first. */
export async function chosenRecord(actor: Actor): Promise<MyRecord | null> {
  const choice = await chooseRecord(actor, await readChosenRecord())
  if (choice.kind === 'choose') redirect(paths.chooseRecord)
  return choice.kind === 'record' ? choice.record : null
}

/**
 * What the door let through. A refusal and a row that is not there look the same: the page does not exist. A record that was
 * destroyed has a page that says so.
 */
export function shown<T>(
  outcome: { kind: 'granted'; value: T } | { kind: 'denied'; patientId?: string },
): NonNullable<T> {
  if (outcome.kind === 'denied' && outcome.patientId !== undefined)
    redirect(paths.recordDestroyed(outcome.patientId))
  if (outcome.kind === 'denied' || outcome.value === null || outcome.value === undefined) notFound()
  return outcome.value
}
