import { requireActor } from '#lib/auth/require-actor.ts'
import { readSmallForm } from '#lib/auth/read-small-form.ts'
import { isSameOrigin } from '#lib/auth/same-origin.ts'
import { letterInput } from '#lib/records/portal-access/input.ts'
import { printLetter } from '#lib/records/portal-access/print-letter.ts'
import { idOr404, openedOr404 } from '../../../../../opened.ts'

type Context = { params: Promise<{ patientId: string }> }

/** The letter with a code that was just handed out. A POST, because a code must stand in no address of a page. */
export async function POST(request: Request, { params }: Context): Promise<Response> {
  if (!isSameOrigin(request)) return new Response(null, { status: 403 })
  const actor = await requireActor()
  const patientId = idOr404((await params).patientId)
  const form = await readSmallForm(request)
  const input = letterInput.safeParse({ code: form?.get('code') ?? '' })
  if (!input.success) return new Response('Not complete', { status: 422 })
  const letter = openedOr404(await printLetter(actor, patientId, input.data.code))
  return new Response(new Uint8Array(letter), {
    headers: {
      'Content-Type': 'application/pdf',
      'Content-Disposition': 'attachment; filename="portal-login.pdf"',
      'Cache-Control': 'no-store',
    },
  })
}
