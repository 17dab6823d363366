import { requireActor, thisSession } from '#lib/auth/require-actor.ts'
import { isSameOrigin } from '#lib/auth/same-origin.ts'
import { draftInput } from '#lib/records/notes/input.ts'
import { saveNoteDraft } from '#lib/records/notes/save-note-draft.ts'

/** A note of twenty thousand characters, each as long as UTF-8 and JSON can make it. */
const bytesMax = 256 * 1024

type Context = { params: Promise<{ patientId: string }> }

/**
 * Keeps a draft while it is written. A route and not an action: it must answer while the page is being left, and a
 * session that is over is an answer here (401), not a way to another page.
 */
export async function POST(request: Request, { params }: Context): Promise<Response> {
  if (!isSameOrigin(request)) return answer(403, { kind: 'refused' })
  if ((await thisSession()).standing?.state !== 'active') return answer(401, { kind: 'signed-out' })
  const actor = await requireActor()
  const { patientId } = await params
  const parsed = draftInput.safeParse(await readJson(request))
  if (!parsed.success) return answer(422, { kind: 'refused', message: parsed.error.issues[0]?.message })
  if (!isUuid(patientId)) return answer(404, { kind: 'not-found' })
  const outcome = await saveNoteDraft(actor, patientId, parsed.data)
  if (outcome.kind === 'denied') return answer(404, { kind: 'not-found' })
  switch (outcome.value.kind) {
    case 'written':
      return answer(200, outcome.value)
    case 'conflict':
    case 'signed':
      return answer(409, { kind: 'conflict' })
    case 'not-found':
      return answer(404, { kind: 'not-found' })
  }
}

async function readJson(request: Request): Promise<unknown> {
  if (!/^application\/json\b/i.test(request.headers.get('content-type') ?? '')) return null
  if (Number(request.headers.get('content-length') ?? 0) > bytesMax) return null
  const text = await request.text()
  if (text.length > bytesMax) return null
  try {
    return JSON.parse(text)
  } catch {
    return null
  }
}

function isUuid(text: string): boolean {
  return /^[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}$/.test(text)
}

function answer(status: number, body: object): Response {
  return Response.json(body, { status, headers: { 'cache-control': 'no-store' } })
}
