import 'server-only'

/** More than any form of ours that is read here. */
const bytesMax = 4096

/**
 * Reads a short urlencoded form and no more of it than a few kilobytes, whatever the sender announces.
 * @returns null when it is longer, or no such form
 */
export async function readSmallForm(request: Request): Promise<URLSearchParams | null> {
  if (Number(request.headers.get('content-length') ?? 0) > bytesMax) return null
  if (request.body === null) return new URLSearchParams()
  if (!/^application\/x-www-form-urlencoded\b/i.test(request.headers.get('content-type') ?? '')) return null
  const chunks: Uint8Array[] = []
  let length = 0
  for await (const chunk of request.body) {
    length += chunk.byteLength
    if (length > bytesMax) return null
    chunks.push(chunk)
  }
  return new URLSearchParams(Buffer.concat(chunks).toString('utf8'))
}
