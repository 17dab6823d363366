/** An answer that the browser keeps as a file. Its name says what kind of thing it is, never whose. */
export function attachment(body: string | Buffer, type: string, name: string): Response {
  return new Response(typeof body === 'string' ? body : new Uint8Array(body), {
    headers: {
      'Content-Type': type,
      'Content-Disposition': `attachment; filename="${name}"`,
      'Cache-Control': 'no-store',
    },
  })
}
