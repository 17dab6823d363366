import { requireActor } from '#lib/auth/require-actor.ts'
import { isSameOrigin } from '#lib/auth/same-origin.ts'
import { downloadExport } from '#lib/oversight/export/download-export.ts'
import { paths, withQuery } from '#lib/paths.ts'
import { seeOther } from '#lib/auth/see-other.ts'

type Context = { params: Promise<{ exportId: string }> }

/** Hands out the file of an export. A POST, because each download is written down: a link could be followed by accident. */
export async function POST(request: Request, { params }: Context): Promise<Response> {
  if (!isSameOrigin(request)) return new Response(null, { status: 403 })
  const actor = await requireActor('compliance')
  const { exportId } = await params
  if (!/^[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}$/.test(exportId))
    return new Response(null, { status: 404 })
  const file = await downloadExport(actor, exportId)
  if (!file) return seeOther(withQuery(paths.complianceExports, { done: 'not-there' }))
  return new Response(file.content, {
    headers: {
      'Content-Type': file.mediaType,
      'Content-Length': String(file.bytes),
      'Content-Disposition': `attachment; filename="${file.fileName}"`,
      'Cache-Control': 'no-store',
    },
  })
}
