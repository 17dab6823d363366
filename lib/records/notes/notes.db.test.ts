import { randomUUID } from 'node:crypto'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import type { Actor } from '#lib/policy/actor.ts'
import { expectRefused } from '#lib/testing/expect-refused.ts'
import { makeRecordCast, type RecordCast } from '#lib/testing/record-cast.ts'
import { discardNoteDraft } from './discard-note-draft.ts'
import type { DraftInput } from './input.ts'
import { listNotes } from './list-notes.ts'
import { openNote } from './open-note.ts'
import { saveNoteDraft } from './save-note-draft.ts'
import { signNote } from './sign-note.ts'
import { startNote } from './start-note.ts'
import type { NoteClass } from './view.ts'

let records: RecordCast
let nadia: Actor
let ines: Actor
/** A second clinician who also cares for the patient. */
let tomas: Actor
let maria: string

beforeAll(async () => {
  records = await makeRecordCast()
  nadia = { ...records.actors.nurse, displayName: 'Nadia Osei' }
  ines = { ...records.actors.clinician, displayName: 'Ines Moreau' }
  tomas = records.actorOf(await records.cast.signIn('clinician', 'Tomas Weber'))
  maria = await records.addPatient({ familyName: 'Plantedname' }, nadia)
  await records.change([maria], async (record) => {
    for (const { accountId } of [ines, tomas]) {
      await record.careRelationship.create({
        data: { patientId: maria, accountId, startsAt: new Date('2026-01-01T00:00:00Z') },
        select: { id: true },
      })
    }
  })
})
afterAll(() => records.close())

const text = (fields: Partial<DraftInput> = {}): DraftInput => ({
  noteId: randomUUID(),
  versionId: randomUUID(),
  noteClass: 'clinical',
  encounterId: null,
  title: 'Follow-up',
  body: 'Plantedbody: feels better.',
  reason: '',
  revision: 0,
  ...fields,
})
const opened = async (actor: Actor, noteId: string) => {
  const outcome = await openNote(actor, maria, noteId)
  if (outcome.kind === 'denied') throw new Error(outcome.reason)
  return outcome.value
}
const listed = async (actor: Actor) => {
  const outcome = await listNotes(actor, maria)
  if (outcome.kind === 'denied') throw new Error(outcome.reason)
  return outcome.value?.notes.map(({ id }) => id) ?? []
}
const signed = async (actor: Actor, noteClass: NoteClass = 'clinical') => {
  const input = text({ noteClass })
  expect(await signNote(actor, maria, input)).toMatchObject({ value: { kind: 'signed', number: 1 } })
  return input
}

describe('a draft', () => {
  test('is kept for its author alone and comes back as it was', async () => {
    const input = text()
    const saved = await saveNoteDraft(nadia, maria, input)
    expect(saved).toMatchObject({ value: { kind: 'written', number: 1, revision: 1 } })
    expect((await opened(nadia, input.noteId))?.draft).toMatchObject({
      title: 'Follow-up',
      body: input.body,
      revision: 1,
    })
    expect(await opened(ines, input.noteId)).toBeNull()
    expect(await listed(nadia)).toContain(input.noteId)
    expect(await listed(ines)).not.toContain(input.noteId)
  })

  test('survives the end of the session in which it was written', async () => {
    const member = await records.cast.signIn('clinician', 'Signs Out')
    await records.change([maria], (record) =>
      record.careRelationship.create({
        data: { patientId: maria, accountId: member.accountId, startsAt: new Date('2026-01-01T00:00:00Z') },
        select: { id: true },
      }),
    )
    const first = records.actorOf(member)
    const input = text()
    await saveNoteDraft(first, maria, input)
    await records.cast.sql.app.query(`SELECT app.session_end($1, 'sign-out')`, [member.token])
    expect(await saveNoteDraft(first, maria, { ...input, revision: 1 })).toEqual({
      kind: 'denied',
      reason: 'session-ended',
    })
    const token = randomUUID()
    await records.cast.sql.app.query(
      `SELECT app.session_open($1, sha256(convert_to($2, 'UTF8')), 'totp', '10.0.0.7', 'test')`,
      [member.accountId, token],
    )
    const again = records.actorOf({ ...member, token })
    expect((await opened(again, input.noteId))?.draft?.body).toBe(input.body)
  })

  test('that was saved elsewhere is not overwritten', async () => {
    const input = text()
    await saveNoteDraft(nadia, maria, input)
    expect(await saveNoteDraft(nadia, maria, { ...input, revision: 1, body: 'Second.' })).toMatchObject({
      value: { kind: 'written', revision: 2 },
    })
    expect(await saveNoteDraft(nadia, maria, { ...input, revision: 1, body: 'Third.' })).toMatchObject({
      value: { kind: 'conflict' },
    })
    expect((await opened(nadia, input.noteId))?.draft?.body).toBe('Second.')
  })

  test('can be saved while its title or its text is still empty', async () => {
    for (const unfinished of [{ title: '' }, { body: '' }]) {
      const input = text(unfinished)
      expect(await saveNoteDraft(nadia, maria, input)).toMatchObject({ value: { kind: 'written' } })
      expect((await opened(nadia, input.noteId))?.draft).toMatchObject(unfinished)
    }
  })

  test('saved twice at the same moment is one draft', async () => {
    const input = text()
    await Promise.all([saveNoteDraft(nadia, maria, input), saveNoteDraft(nadia, maria, input)])
    const rows = await records.raw<{ count: number }>(
      'SELECT count(*)::int FROM phi.note_version WHERE note_id = $1',
      [input.noteId],
    )
    expect(rows).toEqual([{ count: 1 }])
  })

  test('can still change its class, and no earlier text of it is kept', async () => {
    const input = text()
    await saveNoteDraft(ines, maria, input)
    const moved = { ...input, noteClass: 'psychotherapy' as const, revision: 1 }
    expect(await saveNoteDraft(ines, maria, moved)).toMatchObject({ value: { kind: 'written', number: 1 } })
    expect(await opened(ines, input.noteId)).toMatchObject({ noteClass: 'psychotherapy' })
    expect(await records.raw('SELECT 1 FROM phi.row_history WHERE row_id = $1', [input.versionId])).toEqual(
      [],
    )
  })

  test('can be thrown away, by its author alone', async () => {
    const input = text()
    await saveNoteDraft(nadia, maria, input)
    expect(await discardNoteDraft(ines, maria, input.noteId)).toMatchObject({ value: { kind: 'not-found' } })
    expect(await discardNoteDraft(nadia, maria, input.noteId)).toMatchObject({ value: { kind: 'discarded' } })
    expect(await discardNoteDraft(nadia, maria, input.noteId)).toMatchObject({ value: { kind: 'not-found' } })
    expect(await opened(nadia, input.noteId)).toBeNull()
  })
})

describe('a signed note', () => {
  test('is read by colleagues, with author and time', async () => {
    const input = await signed(nadia)
    const note = await opened(ines, input.noteId)
    expect(note).toMatchObject({ status: 'signed', isAuthor: false, draft: null })
    expect(note?.versions).toMatchObject([{ number: 1, body: input.body, authorName: 'Nadia Osei' }])
  })

  test('cannot be changed, by nobody, not even in SQL', async () => {
    const input = await signed(nadia)
    expect(await saveNoteDraft(nadia, maria, { ...input, body: 'Other.', revision: 1 })).toMatchObject({
      value: { kind: 'signed' },
    })
    await expect(
      records.raw(`UPDATE phi.note_version SET body = title WHERE id = $1`, [input.versionId]),
    ).rejects.toThrow(/signed version/)
    await expect(
      records.raw(`DELETE FROM phi.note_version WHERE id = $1`, [input.versionId]),
    ).rejects.toThrow(/signed version/)
    expect(await discardNoteDraft(nadia, maria, input.noteId)).toMatchObject({ value: { kind: 'not-found' } })
  })

  test('is signed once, however often the form arrives', async () => {
    const input = text()
    const outcomes = await Promise.all([1, 2].map(() => signNote(nadia, maria, input)))
    const kinds = outcomes.map((outcome) =>
      outcome.kind === 'granted' ? outcome.value.kind : outcome.reason,
    )
    expect(kinds.toSorted()).toEqual(['already-signed', 'signed'])
    expect(await signNote(nadia, maria, input)).toMatchObject({ value: { kind: 'already-signed' } })
  })

  test('is amended by a further version that says why; both stay', async () => {
    const input = await signed(nadia)
    const change = { ...text({ noteId: input.noteId, title: 'Follow-up', body: 'Feels worse.' }) }
    expect(await signNote(nadia, maria, change)).toMatchObject({
      value: { kind: 'invalid', field: 'reason' },
    })
    const amended = { ...change, reason: 'Wrong patient’s words' }
    await saveNoteDraft(nadia, maria, amended)
    expect((await opened(ines, input.noteId))?.versions).toHaveLength(1)
    expect(await signNote(nadia, maria, { ...amended, revision: 1 })).toMatchObject({
      value: { kind: 'signed', number: 2 },
    })
    const note = await opened(ines, input.noteId)
    expect(note?.status).toBe('amended')
    expect(note?.versions.map(({ number, body, reason }) => [number, body, reason])).toEqual([
      [2, 'Feels worse.', 'Wrong patient’s words'],
      [1, input.body, null],
    ])
  })

  test('cannot be amended by somebody else', async () => {
    const input = await signed(nadia)
    const change = text({ noteId: input.noteId, body: 'Not hers.', reason: 'Because' })
    expect(await signNote(ines, maria, change)).toMatchObject({ value: { kind: 'not-found' } })
    expect((await opened(nadia, input.noteId))?.versions).toHaveLength(1)
  })

  test('needs a title and a text', async () => {
    expect(await signNote(nadia, maria, text({ title: ' ' }))).toMatchObject({
      value: { kind: 'invalid', field: 'title' },
    })
    expect(await signNote(nadia, maria, text({ body: '' }))).toMatchObject({
      value: { kind: 'invalid', field: 'body' },
    })
  })
})

describe('classes of notes', () => {
  test('psychotherapy notes are their author’s alone', async () => {
    const { noteId } = await signed(ines, 'psychotherapy')
    expect(await opened(ines, noteId)).not.toBeNull()
    expect(await opened(tomas, noteId)).toBeNull()
    expect(await opened(nadia, noteId)).toBeNull()
    expect(await listed(tomas)).not.toContain(noteId)
  })

  test('mental-health and substance-use notes are for clinicians, not for nurses', async () => {
    for (const noteClass of ['mental-health', 'substance-use'] as const) {
      const { noteId } = await signed(ines, noteClass)
      expect(await opened(tomas, noteId), noteClass).not.toBeNull()
      expect(await opened(nadia, noteId), noteClass).toBeNull()
      expect(await listed(nadia), noteClass).not.toContain(noteId)
    }
  })

  test('a nurse cannot write a note of another class than clinical, whatever the form says', async () => {
    await expect(saveNoteDraft(nadia, maria, text({ noteClass: 'mental-health' }))).rejects.toThrow()
    await expect(signNote(nadia, maria, text({ noteClass: 'psychotherapy' }))).rejects.toThrow()
  })
})

describe('the trail', () => {
  test('names what was written by field, and holds none of it', async () => {
    const input = await signed(nadia)
    const rows = await records.raw<{ resource_type: string; fields: string; text: string }>(
      `SELECT resource_type, changed_fields::text AS fields, l::text AS text FROM audit.patient_phi_audit_log l
        WHERE patient_id = $1 AND outcome = 'EFFECT' AND resource_id IN ($2, $3) ORDER BY seq`,
      [maria, input.noteId, input.versionId],
    )
    expect(new Set(rows.map((row) => row.resource_type))).toEqual(new Set(['Note', 'NoteVersion']))
    expect(rows.map(({ fields }) => fields).join()).toMatch(/"body"/)
    expect(rows.map(({ text }) => text).join()).not.toContain('Plantedbody')
  })
})

describe('notes of others', () => {
  test('cannot be listed, opened, started, drafted, signed or discarded', async () => {
    const { noteId } = await signed(nadia)
    const refused = (verb: (actor: Actor) => Promise<{ kind: string }>) =>
      expectRefused(records, maria, 'Plantedbody', verb)
    await refused((actor) => listNotes(actor, maria))
    await refused((actor) => openNote(actor, maria, noteId))
    await refused((actor) => startNote(actor, maria))
    await refused((actor) => saveNoteDraft(actor, maria, text()))
    await refused((actor) => signNote(actor, maria, text()))
    await refused((actor) => discardNoteDraft(actor, maria, noteId))
    expect(await opened(nadia, noteId)).not.toBeNull()
  })
})
