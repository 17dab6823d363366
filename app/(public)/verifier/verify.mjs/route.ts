import { readVerifier } from '#lib/oversight/verifier/read-verifier.ts'

/** The stand-alone verifier, for everybody. */
export async function GET(): Promise<Response> {
  const { source } = await readVerifier()
  return new Response(source, {
    headers: {
      'Content-Type': 'text/javascript; charset=utf-8',
      'Content-Disposition': 'attachment; filename="verify.mjs"',
    },
  })
}
