import { conceptText, conceptTexts, loinc, readConcept } from './concept.ts'
import { attachmentRow } from './map-document-reference.ts'
import type { MapContext } from './map-context.ts'
import { performerName } from './map-observation.ts'
import { startOf } from './partial-date.ts'
import type { DiagnosticReportRow, DocumentReferenceRow } from './rows.ts'
import type { DiagnosticReportResource } from './schema/clinical.ts'

/** FHIR DiagnosticReport → phi.diagnostic_report. */
export function mapDiagnosticReport(
  report: DiagnosticReportResource,
  context: MapContext,
): DiagnosticReportRow {
  const coded = readConcept(report.code, [loinc])
  const people = [...(report.resultsInterpreter ?? []), ...(report.performer ?? [])]
  const practitioners = people.map((person) => context.rowId(person, 'Practitioner'))
  return {
    id: context.id,
    patientId: context.patientId,
    encounterId: context.rowId(report.encounter, 'Encounter'),
    practitionerId: practitioners.find((id) => id !== null) ?? null,
    status: report.status,
    effectiveAt: startOf(report.effectiveDateTime ?? report.effectivePeriod?.start),
    issuedAt: startOf(report.issued),
    category: conceptTexts(report.category),
    codeSystem: coded?.codeSystem ?? null,
    code: coded?.code ?? null,
    display: coded?.display ?? 'Not stated',
    conclusion: report.conclusion?.trim() || conceptTexts(report.conclusionCode),
    performer: performerName(report.performer, context),
  }
}

/** DiagnosticReport.presentedForm → phi.document_reference: the report as its maker printed it. */
export function mapPresentedForms(
  report: DiagnosticReportResource,
  context: MapContext,
): DocumentReferenceRow[] {
  return (report.presentedForm ?? []).map((attachment, index) => ({
    ...attachmentRow(attachment, context.partId(`presentedForm[${index}]`), context),
    encounterId: context.rowId(report.encounter, 'Encounter'),
    status: report.status === 'entered-in-error' ? 'entered-in-error' : 'current',
    writtenAt: startOf(attachment.creation ?? report.issued ?? report.effectiveDateTime),
    kind: conceptText(report.code),
    title: attachment.title?.trim() || conceptText(report.code),
    author: performerName(report.performer, context),
  }))
}
