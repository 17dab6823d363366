import 'server-only'

import { now } from '#lib/clock.ts'
import type { RecordClient } from '#lib/phi/types.ts'
import type { Actor } from '#lib/policy/actor.ts'
import type { DraftInput } from './input.ts'

export type WrittenDraft =
  | { kind: 'written'; number: number; revision: number; savedAt: string }
  /** The draft was saved elsewhere since this page last knew it. */
  | { kind: 'conflict' }
  /** This text is signed already. */
  | { kind: 'signed' }
  | { kind: 'not-found' }

/**
 * Writes a text that is not signed yet: the first save makes it, later ones replace it. Class and visit of a note that
 * nobody signed can still change; those of a signed one are for good. Runs inside of the caller's unit of work.
 */
export async function writeDraft(
  record: RecordClient,
  actor: Actor,
  patientId: string,
  input: DraftInput,
): Promise<WrittenDraft> {
  const note = await record.note.findFirst({
    where: { id: input.noteId, patientId },
    select: { id: true, status: true, class: true, encounterId: true, authorId: true, currentVersion: true },
  })
  if (note && note.authorId !== actor.accountId) return { kind: 'not-found' }
  const version = await record.noteVersion.findFirst({
    where: { id: input.versionId, noteId: input.noteId, patientId },
    select: { id: true, status: true, version: true, number: true },
  })
  if (version?.status === 'signed') return { kind: 'signed' }
  if (version && input.revision !== 0 && version.version !== input.revision) return { kind: 'conflict' }
  if (!version && input.revision !== 0) return { kind: 'not-found' }

  const isMoved =
    note?.status === 'draft' && (note.class !== input.noteClass || note.encounterId !== input.encounterId)
  if (note && version && !isMoved) return replaceText(record, version, input)
  // Class and visit are part of the note's key and of its reference: a draft is rewritten, not changed.
  if (note && isMoved) await removeDraft(record, note.id)
  if (!note || isMoved) await createNote(record, actor, patientId, input)
  return createText(record, actor, patientId, input, note && !isMoved ? note : null)
}

/** Removes a note that was never signed, with its text. */
export async function removeDraft(record: RecordClient, noteId: string): Promise<void> {
  const texts = await record.noteVersion.findMany({
    where: { noteId, status: 'draft' },
    take: 10,
    select: { id: true },
  })
  for (const { id } of texts) await record.noteVersion.delete({ where: { id }, select: { id: true } })
  await record.note.delete({ where: { id: noteId }, select: { id: true } })
}

async function replaceText(
  record: RecordClient,
  version: { id: string; version: number; number: number },
  input: DraftInput,
): Promise<WrittenDraft> {
  const savedAt = now()
  const row = await record.noteVersion.update({
    where: { id: version.id },
    data: { title: input.title, body: input.body, reason: input.reason || null, writtenAt: savedAt },
    select: { version: true },
  })
  return { kind: 'written', number: version.number, revision: row.version, savedAt: savedAt.toISOString() }
}

async function createNote(
  record: RecordClient,
  actor: Actor,
  patientId: string,
  input: DraftInput,
): Promise<void> {
  await record.note.create({
    data: {
      id: input.noteId,
      patientId,
      encounterId: input.encounterId,
      class: input.noteClass,
      status: 'draft',
      authorId: actor.accountId,
      authoredAt: now(),
    },
    select: { id: true },
  })
}

async function createText(
  record: RecordClient,
  actor: Actor,
  patientId: string,
  input: DraftInput,
  signed: { class: string; currentVersion: number } | null,
): Promise<WrittenDraft> {
  const savedAt = now()
  const number = (signed?.currentVersion ?? 0) + 1
  const row = await record.noteVersion.create({
    data: {
      id: input.versionId,
      patientId,
      noteId: input.noteId,
      class: signed?.class ?? input.noteClass,
      number,
      status: 'draft',
      authorId: actor.accountId,
      authorName: actor.displayName,
      writtenAt: savedAt,
      title: input.title,
      body: input.body,
      reason: input.reason || null,
    },
    select: { version: true },
  })
  return { kind: 'written', number, revision: row.version, savedAt: savedAt.toISOString() }
}
