import { readiness } from '#lib/auth/readiness.ts'

/** Whether requests can be served: 200, or 503 with the part that is missing. */
export async function GET(): Promise<Response> {
  const { ready, ...parts } = await readiness()
  return Response.json({ status: ready ? 'ready' : 'not ready', ...parts }, { status: ready ? 200 : 503 })
}
