import { requireActor } from '#lib/auth/require-actor.ts'
import { isSameOrigin } from '#lib/auth/same-origin.ts'
import { letterInput } from '#lib/oversight/disclosures/input.ts'
import { writeLetter } from '#lib/oversight/disclosures/write-letter.ts'
import { idOr404, openedOr404, textsOf } from '../../../../opened.ts'

type Context = { params: Promise<{ patientId: string }> }

/** The accounting as a letter. A POST, because the address that it goes to must stand in no address of a page. */
export async function POST(request: Request, { params }: Context): Promise<Response> {
  if (!isSameOrigin(request)) return new Response(null, { status: 403 })
  const actor = await requireActor('compliance')
  const patientId = idOr404((await params).patientId)
  const parsed = letterInput.safeParse(textsOf(await request.formData()))
  if (!parsed.success) return new Response(parsed.error.issues[0]?.message ?? 'Not complete', { status: 422 })
  const letter = openedOr404(await writeLetter(actor, patientId, parsed.data))
  return new Response(new Uint8Array(letter), {
    headers: {
      'Content-Type': 'application/pdf',
      'Content-Disposition': 'attachment; filename="accounting-of-disclosures.pdf"',
      'Cache-Control': 'no-store',
    },
  })
}
