import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'

type Kept = { key: string; version: string; body: string; mode: string; until: string; hidden: boolean }

export type BucketServer = {
  readonly url: string
  readonly objects: Kept[]
  /** how it behaves: `lies` says that it kept and does not, `unlocked` keeps without a lock, `away` breaks the connection */
  manner: 'honest' | 'lies' | 'unlocked' | 'away' | 'denies'
  close(): Promise<void>
}

/** As much of S3 as an anchor asks of it, path style, on this machine's loopback: versions, object lock, conditional puts. */
export async function startBucketServer(): Promise<BucketServer> {
  const server = createServer((request, response) => {
    const chunks: Buffer[] = []
    request.on('data', (chunk: Buffer) => chunks.push(chunk))
    request.on('end', () => {
      const url = new URL(request.url ?? '/', 'http://bucket')
      const key = decodeURIComponent(url.pathname.split('/').slice(2).join('/'))
      if (own.manner === 'away') return void request.socket.destroy()
      if (own.manner === 'denies' || request.headers.authorization?.startsWith('AWS4-HMAC-SHA256 ') !== true)
        return void response.writeHead(403).end(error('AccessDenied'))
      if (request.method === 'PUT') {
        if (own.objects.some((each) => each.key === key && !each.hidden))
          return void response.writeHead(412).end(error('PreconditionFailed'))
        const version = `v${own.objects.length + 1}`
        if (own.manner !== 'lies')
          own.objects.push({
            key,
            version,
            body: unchunk(Buffer.concat(chunks).toString('utf8'), request.headers['content-encoding']),
            mode: own.manner === 'unlocked' ? '' : String(request.headers['x-amz-object-lock-mode'] ?? ''),
            until: String(request.headers['x-amz-object-lock-retain-until-date'] ?? ''),
            hidden: false,
          })
        return void response.writeHead(200, { 'x-amz-version-id': version }).end()
      }
      if (url.searchParams.has('versions')) return void response.writeHead(200).end(listing(own.objects))
      const version = url.searchParams.get('versionId')
      const found = own.objects.findLast((each) => each.key === key && (version === null ? !each.hidden : each.version === version)) // prettier-ignore
      if (!found) return void response.writeHead(404).end(error('NoSuchKey'))
      response
        .writeHead(200, {
          'x-amz-version-id': found.version,
          ...(found.mode === '' ? {} : { 'x-amz-object-lock-mode': found.mode, 'x-amz-object-lock-retain-until-date': found.until }), // prettier-ignore
        })
        .end(found.body)
    })
  })
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  const own: BucketServer = {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    objects: [],
    manner: 'honest',
    close: () =>
      new Promise((resolve) => {
        server.close(() => resolve())
        server.closeAllConnections()
      }),
  }
  return own
}

const error = (code: string): string =>
  `<?xml version="1.0" encoding="UTF-8"?><Error><Code>${code}</Code><Message>${code}</Message></Error>`

const listing = (objects: readonly Kept[]): string =>
  `<?xml version="1.0" encoding="UTF-8"?><ListVersionsResult><IsTruncated>false</IsTruncated>${objects
    .map(({ key, version }) => `<Version><Key>${key}</Key><VersionId>${version}</VersionId></Version>`)
    .join('')}</ListVersionsResult>`

/** What was sent in signed pieces (aws-chunked), as one. */
const unchunk = (text: string, encoding: string | string[] | undefined): string => {
  if (encoding !== 'aws-chunked') return text
  let [rest, body] = [Buffer.from(text), '']
  for (;;) {
    const end = rest.indexOf('\r\n')
    const length = Number.parseInt(rest.subarray(0, end).toString(), 16)
    if (!(length > 0)) return body
    body += rest.subarray(end + 2, end + 2 + length).toString()
    rest = rest.subarray(end + 4 + length)
  }
}
