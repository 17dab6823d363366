import { conceptText, conceptTexts } from './concept.ts'
import type { MapContext } from './map-context.ts'
import { currentName, nameText } from './person-name.ts'
import { startOf } from './partial-date.ts'
import type { DocumentReferenceRow } from './rows.ts'
import type { DocumentReferenceResource } from './schema/clinical.ts'
import type { Attachment, Reference } from './schema/datatypes.ts'

/** FHIR DocumentReference → phi.document_reference, one row an attachment: the first is the resource itself. */
export function mapDocumentReference(
  document: DocumentReferenceResource,
  context: MapContext,
): DocumentReferenceRow[] {
  const encounters = (document.context?.encounter ?? []).map((one) => context.rowId(one, 'Encounter'))
  return document.content.map(({ attachment }, index) => ({
    ...attachmentRow(attachment, index === 0 ? context.id : context.partId(`content[${index}]`), context),
    encounterId: encounters.find((id) => id !== null) ?? null,
    status: document.status,
    writtenAt: startOf(document.date ?? attachment.creation ?? document.context?.period?.start),
    kind: conceptText(document.type) ?? conceptTexts(document.category),
    title: attachment.title?.trim() || document.description?.trim() || conceptText(document.type),
    author: authorNames(document.author, context),
  }))
}

/** The document itself: inline content is stored, an address is kept as words and never fetched. */
export function attachmentRow(
  attachment: Attachment,
  id: string,
  context: MapContext,
): Pick<DocumentReferenceRow, 'id' | 'patientId' | 'contentType' | 'content' | 'location'> {
  return {
    id,
    patientId: context.patientId,
    contentType: attachment.contentType?.trim() || null,
    content: attachment.data === undefined ? null : new Uint8Array(Buffer.from(attachment.data, 'base64')),
    location: attachment.url?.trim() || null,
  }
}

function authorNames(authors: readonly Reference[] | undefined, context: MapContext): string | null {
  const names = (authors ?? []).map(
    (author) =>
      author.display?.trim() ||
      nameText(currentName(context.resource(author, 'Practitioner')?.name)) ||
      context.resource(author, 'Organization')?.name,
  )
  return names.filter(Boolean).join(', ') || null
}
