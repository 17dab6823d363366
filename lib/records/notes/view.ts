import type { BannerView } from '#lib/records/shared/view.ts'

/** What a note is about decides who may read it (45 CFR 164.508(a)(2), 42 CFR Part 2). */
export type NoteClass = 'clinical' | 'mental-health' | 'substance-use' | 'psychotherapy'
export type NoteStatus = 'draft' | 'signed' | 'amended' | 'entered-in-error'

export type NoteListEntryView = {
  id: string
  noteClass: NoteClass
  status: NoteStatus
  title: string
  authorName: string | null
  authoredAt: string
  signedAt: string | null
  /** A draft of the reader's own: the whole note, or an amendment that is not signed yet. */
  hasDraft: boolean
}

export type NoteListView = {
  banner: BannerView
  notes: NoteListEntryView[]
  next: string | null
}

export type VisitChoiceView = { id: string; at: string; name: string }

/** One text of a note. */
export type NoteVersionView = {
  id: string
  number: number
  title: string
  body: string
  /** Why it was amended; null for the first text. */
  reason: string | null
  authorName: string | null
  signedAt: string
}

/** A text that is being written, by the reader. */
export type NoteDraftView = {
  versionId: string
  number: number
  title: string
  body: string
  reason: string
  savedAt: string
  /** Counts saves; a save that does not know the newest one is refused. */
  revision: number
}

export type NoteView = {
  banner: BannerView
  id: string
  noteClass: NoteClass
  status: NoteStatus
  visit: VisitChoiceView | null
  authoredAt: string
  /** Signed texts, newest first. */
  versions: NoteVersionView[]
  draft: NoteDraftView | null
  /** Only the author amends a note. */
  isAuthor: boolean
  /** Visits that a draft can be about, newest first. */
  visits: VisitChoiceView[]
}

/** What a page for a new note starts from. */
export type NewNoteView = {
  banner: BannerView
  visits: VisitChoiceView[]
}
