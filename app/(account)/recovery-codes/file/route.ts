import { requireActor } from '#lib/auth/require-actor.ts'
import { readSealed } from '#lib/auth/sealed-state.ts'
import { clinic } from '#lib/clinic.ts'
import { formatDateForPatient } from '#lib/format.ts'

/** The codes as a text file. It names the clinic and the day, and nobody. */
export async function GET(): Promise<Response> {
  const actor = await requireActor()
  const state = await readSealed('recovery-codes')
  if (state === null || state.accountId !== actor.accountId) return new Response(null, { status: 404 })
  const lines = [
    `${clinic.name}: recovery codes, made on ${formatDateForPatient(state.madeAt)}`,
    'Each code works once. Keep this file where others cannot read it.',
    '',
    ...state.codes,
    '',
  ]
  return new Response(lines.join('\r\n'), {
    headers: {
      'Content-Type': 'text/plain; charset=utf-8',
      'Content-Disposition': 'attachment; filename="recovery-codes.txt"',
    },
  })
}
