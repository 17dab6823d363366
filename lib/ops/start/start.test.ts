import { execFileSync } from 'node:child_process'
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { createServer } from 'node:http'
import { request } from 'node:https'
import type { AddressInfo } from 'node:net'
import { tmpdir } from 'node:os'
import path from 'node:path'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { makeCertificates } from '#lib/testing/test-servers.ts'
import { isTrustedProxy } from './is-trusted-proxy.ts'
import { runTool } from './run-tool.ts'
import { sourceDigest } from './source-digest.ts'
import { makeSteps } from './steps.ts'
import { openTlsFront } from './tls-front.ts'
import { requireFreePort } from './web-process.ts'

let folder = ''
beforeEach(() => (folder = mkdtempSync(path.join(tmpdir(), 'vigil-start-'))))
afterEach(() => rmSync(folder, { recursive: true }))

describe('whether the pages are built anew', () => {
  const write = (file: string, text: string): void => {
    mkdirSync(path.dirname(path.join(folder, file)), { recursive: true })
    writeFileSync(path.join(folder, file), text)
  }
  const digest = (): string => sourceDigest(folder)

  it('hangs on every byte of what they are built from', () => {
    write('app/page.tsx', 'a')
    write('lib/a/b.ts', 'b')
    const digests = [digest()]
    for (const [file, text] of [
      ['app/page.tsx', 'A'],
      ['lib/a/b.ts', 'B'],
      ['app/new.tsx', ''],
      ['package-lock.json', '{}'],
      ['next.config.mjs', ''],
    ] as const) {
      write(file, text)
      digests.push(digest())
    }
    rmSync(path.join(folder, 'app/new.tsx'))
    digests.push(digest())
    expect(new Set(digests).size).toBe(digests.length)
  })

  it('does not hang on tests, operators’ tools, generated files and the order in which files were written', () => {
    write('app/page.tsx', 'a')
    const before = digest()
    for (const file of [
      'app/page.test.tsx',
      'lib/ops/backup.ts',
      'lib/db/generated/client.ts',
      'lib/testing/x.ts',
      'docs/x.md',
    ])
      write(file, 'x')
    write('app/page.tsx', 'a')
    expect(digest()).toBe(before)
  })
})

describe('a tool', () => {
  const script = (text: string): string => {
    const file = path.join(folder, 'tool.mjs')
    writeFileSync(file, text)
    return file
  }
  const signal = new AbortController().signal

  it('that fails shows its last lines', async () => {
    const file = script(`for (let i = 0; i < 200; i++) console.log('line', i); process.exitCode = 3`)
    await expect(runTool('Building', folder, file, [], signal)).rejects.toThrow(
      /^Building failed:\nline 140\n[^]*line 199$/,
    )
  })

  it('sees no address and no secret', async () => {
    process.env['SESSION_SECRET'] = 'planted-secret'
    process.env['DATABASE_URL'] = 'postgresql://planted'
    const file = script(`process.exit(JSON.stringify(process.env).includes('planted') ? 1 : 0)`)
    await expect(runTool('Looking', folder, file, [], signal)).resolves.toBeUndefined()
    delete process.env['SESSION_SECRET']
    delete process.env['DATABASE_URL']
  })
})

describe('steps', () => {
  it('are told when they are done, and before that when they take long', async () => {
    const lines: string[] = []
    const step = makeSteps((line) => lines.push(line), 20)
    expect(await step('Quick', () => 7)).toBe(7)
    await step('Slow', () => new Promise((resolve) => setTimeout(resolve, 60)))
    await expect(step('Broken', () => Promise.reject(new Error('no')))).rejects.toThrow('no')
    expect(lines).toEqual([
      expect.stringMatching(/✓ Quick \(0\.\d s\)/),
      '  … Slow',
      expect.stringMatching(/✓ Slow/),
    ])
  })
})

describe('the port', () => {
  it('is refused in a sentence when it is taken, or on an address that is not ours', async () => {
    const other = createServer().listen(0, '127.0.0.1')
    await new Promise((resolve) => other.once('listening', resolve))
    const { port } = other.address() as AddressInfo
    await expect(requireFreePort('127.0.0.1', port)).rejects.toThrow(
      `Port ${port} is in use by another program`,
    )
    await new Promise((resolve) => other.close(resolve))
    await expect(requireFreePort('192.0.2.1', 38_471)).rejects.toThrow(
      'This machine has no address 192.0.2.1',
    )
    await expect(requireFreePort('127.0.0.1', port)).resolves.toBeUndefined()
  })
})

describe('proxies that are believed', () => {
  it.each([
    ['10.0.0.5', ['10.0.0.5'], true],
    ['10.1.200.3', ['10.1.0.0/16'], true],
    ['10.2.0.1', ['10.1.0.0/16'], false],
    ['2001:db8::7', ['2001:db8::/32'], true],
    ['10.0.0.5', [], false],
    ['', ['10.0.0.5'], false],
  ] as const)('%j of %j: %s', (address, list, believed) => {
    expect(isTrustedProxy(address, list)).toBe(believed)
  })
})

describe('TLS in front of the web process', () => {
  type Seen = { forwardedFor: unknown; proto: unknown; body: string; url: string | undefined }

  const openFront = async (
    trustedProxies: string[],
  ): Promise<{ seen: Seen[]; port: number; ca: Buffer; close: () => Promise<void> }> => {
    const seen: Seen[] = []
    const inner = createServer((incoming, outgoing) => {
      let body = ''
      incoming.on('data', (chunk: Buffer) => (body += chunk.toString()))
      incoming.on('end', () => {
        seen.push({
          forwardedFor: incoming.headers['x-forwarded-for'],
          proto: incoming.headers['x-forwarded-proto'],
          body,
          url: incoming.url,
        })
        outgoing.writeHead(201, { 'set-cookie': ['a=1', 'b=2'] }).end('answer')
      })
    }).listen(0, '127.0.0.1')
    await new Promise((resolve) => inner.once('listening', resolve))
    const files = makeCertificates(folder)
    const probe = createServer().listen(0, '127.0.0.1')
    await new Promise((resolve) => probe.once('listening', resolve))
    const { port } = probe.address() as AddressInfo
    await new Promise((resolve) => probe.close(resolve))
    const front = await openTlsFront({
      address: '127.0.0.1',
      port,
      innerPort: (inner.address() as AddressInfo).port,
      certFile: files.certificate,
      keyFile: files.key,
      trustedProxies,
    })
    const ca = execFileSync('cat', [files.authority])
    return {
      seen,
      port,
      ca,
      close: async () => {
        await front.close()
        inner.close()
      },
    }
  }

  const post = (
    port: number,
    ca: Buffer,
    options: { maxVersion?: 'TLSv1.1'; minVersion?: 'TLSv1' } = {},
  ): Promise<{ status: number | undefined; cookies: string[] | undefined; body: string }> =>
    new Promise((resolve, reject) => {
      const sent = request(
        {
          host: 'localhost',
          family: 4,
          port,
          ca,
          path: '/sign-in?x=1',
          method: 'POST',
          agent: false,
          headers: { 'x-forwarded-for': '203.0.113.9' },
          ...options,
        },
        (answer) => {
          let body = ''
          answer.on('data', (chunk: Buffer) => (body += chunk.toString()))
          answer.on('end', () =>
            resolve({ status: answer.statusCode, cookies: answer.headers['set-cookie'], body }),
          )
        },
      )
      sent.on('error', reject)
      sent.end('form')
    })

  it('passes requests on, with the address that it saw itself and not the one that a client claims', async () => {
    const { seen, port, ca, close } = await openFront([])
    expect(await post(port, ca)).toEqual({ status: 201, cookies: ['a=1', 'b=2'], body: 'answer' })
    expect(seen).toEqual([{ forwardedFor: '127.0.0.1', proto: 'https', body: 'form', url: '/sign-in?x=1' }])
    await close()
  })

  it('believes the address that a trusted proxy names', async () => {
    const { seen, port, ca, close } = await openFront(['127.0.0.1'])
    await post(port, ca)
    expect(seen[0]?.forwardedFor).toBe('203.0.113.9, 127.0.0.1')
    await close()
  })

  it('speaks no TLS older than 1.2', async () => {
    const { seen, port, ca, close } = await openFront([])
    await expect(post(port, ca, { minVersion: 'TLSv1', maxVersion: 'TLSv1.1' })).rejects.toThrow()
    expect(seen).toEqual([])
    await close()
  })
})
