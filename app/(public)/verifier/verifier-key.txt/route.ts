import { readPublicKey } from '#lib/oversight/verifier/read-verifier.ts'

/** The public key by which evidence is checked, for everybody. */
export async function GET(): Promise<Response> {
  const key = await readPublicKey()
  if (key === null) return new Response(null, { status: 404 })
  return new Response(`${key}\n`, {
    headers: {
      'Content-Type': 'text/plain; charset=utf-8',
      'Content-Disposition': 'attachment; filename="verifier-key.txt"',
    },
  })
}
