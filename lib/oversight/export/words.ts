import 'server-only'

import type { ExportRefusal } from '#lib/audit/export/ask-export.ts'

const refusals: Record<ExportRefusal, string> = {
  'no-session': 'Your session is over. Sign in again.',
  'session-ended': 'Your session is over. Sign in again.',
  'session-idle': 'Your session is over. Sign in again.',
  'session-expired': 'Your session is over. Sign in again.',
  'not-allowed': 'Only compliance officers export the trail.',
  'code-too-old': 'Your one-time code is older than five minutes. Enter a new one.',
  'too-many-open': 'Three exports of yours are already under way. Wait for one, or cancel it.',
  archived:
    'A month of this period was archived before a backup was put back, and evidence is about the tree that was begun then. Choose another format, or a period without that month.',
  'nothing-there': 'No entry fits, so there is nothing to export. Look at the period again.',
  'too-long-for-pdf': 'A PDF holds at most 5,000 entries. Choose a shorter period, or another format.',
  'too-long-for-evidence': 'Evidence holds at most 100,000 entries. Choose a shorter period, or NDJSON.',
  'no-such-export': 'This export is not there any more, or it is not yours.',
  'own-request': 'Somebody else has to agree to your own export.',
  'decided-already': 'This export was decided already.',
  lapsed: 'Nobody agreed within three days. It has to be asked for again.',
  'ended-already': 'This export has ended already.',
  expired: 'The ten minutes of this file are over. Ask for a new export.',
  'not-ready': 'This file is not there. Look at what became of the export.',
}

/** Why a step was refused, and what to do. */
export const exportRefusal = (refusal: ExportRefusal): string => refusals[refusal]

const failures: Readonly<Record<string, string>> = {
  'not-sealed-yet': 'its entries are not sealed yet. Check that the sealer runs, then ask again.',
  'changed-since-sealed': 'an entry is not what was sealed. Have the trail verified.',
  'altered-tree': 'the tree of the seal is damaged. Have the trail verified.',
  'archive-missing':
    'the archive of one of its months, or its key, is not on the server. Ask whoever runs the server to put it back, then ask again.',
  'archive-altered': 'the archive of one of its months is not what left the trail. Have the trail verified.',
  'too-long-for-pdf':
    'with what is archived it has more than the 5,000 entries that a PDF holds. Choose a shorter period, or another format.',
  'too-long-for-evidence':
    'with what is archived it has more than the 100,000 entries that evidence holds. Choose a shorter period, or NDJSON.',
  interrupted: 'it was interrupted three times. Tell whoever runs the server.',
}

/** Why an export failed. */
export const exportFailure = (failure: string | null): string | null =>
  failure === null ? null : (failures[failure] ?? 'of a fault that the server’s log names.')
