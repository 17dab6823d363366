import { chmodSync, existsSync, mkdirSync, mkdtempSync, rmSync, statSync } from 'node:fs'
import { tmpdir } from 'node:os'
import path from 'node:path'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { openHome, readHome } from '#lib/ops/home/open-home.ts'
import { makeMissingSecrets } from '#lib/ops/home/secrets.ts'
import { embeddedUrl } from './embedded-servers.ts'
import { placeClusters } from './place-clusters.ts'

let parent = ''
beforeEach(() => (parent = mkdtempSync(path.join(tmpdir(), 'vigil-place-'))))
afterEach(() => rmSync(parent, { recursive: true }))

const homeAt = (...names: string[]): string => {
  const home = path.join(parent, ...names)
  openHome(home, 'demo')
  makeMissingSecrets(home, 'demo')
  return home
}
const modeOf = (file: string): number => statSync(file).mode & 0o777

describe('the servers of a home', () => {
  it('have their places in it', () => {
    const home = homeAt('home')
    expect(placeClusters(home, { kind: 'self' })).toEqual({ root: home, sockets: path.join(home, 'sockets') })
    expect(modeOf(path.join(home, 'sockets'))).toBe(0o700)
    expect(readHome(home)).toEqual({ kind: 'demo', demo: 'none' })
  })

  it('have their sockets in a private directory with a short name when the home’s is too long', () => {
    const home = homeAt('a'.repeat(60), 'b'.repeat(60))
    const { root, sockets } = placeClusters(home, { kind: 'self' })
    expect(root).toBe(home)
    expect(Buffer.byteLength(path.join(sockets, '.s.PGSQL.5432'))).toBeLessThanOrEqual(103)
    expect(modeOf(sockets)).toBe(0o700)
    expect(placeClusters(home, { kind: 'self' }).sockets).toBe(sockets)
    expect(new URL(embeddedUrl(home, 'app')).searchParams.get('host')).toBe(sockets)
    // The temporary directory was emptied, or somebody opened ours to others: the next start takes a new one.
    chmodSync(sockets, 0o755)
    const next = placeClusters(home, { kind: 'self' }).sockets
    expect(next).not.toBe(sockets)
    for (const directory of [sockets, next]) rmSync(directory, { recursive: true })
  })

  it('do not start on sockets that others can reach', () => {
    const home = homeAt('home')
    mkdirSync(path.join(home, 'sockets'))
    chmodSync(path.join(home, 'sockets'), 0o755)
    expect(() => placeClusters(home, { kind: 'self' })).toThrow('is open to other users: run "chmod 700')
  })
})

describe.runIf(process.geteuid?.() === 0)('the servers of root, run by the user nobody', () => {
  const nobody = { kind: 'user', uid: 65_534, gid: 65_534 } as const

  it('are let through to their own directories, and see nothing on the way', () => {
    chmodSync(parent, 0o755)
    const home = homeAt('home')
    const { root, sockets } = placeClusters(home, nobody)
    expect([root, modeOf(home), modeOf(sockets), statSync(sockets).uid]).toEqual([home, 0o711, 0o700, 65_534])
    expect(statSync(path.join(home, 'secrets'))).toMatchObject({ uid: 0 })
    expect(modeOf(path.join(home, 'secrets'))).toBe(0o700)
  })

  it('move to a directory that they can reach when the home is in one that only root may enter', () => {
    const home = homeAt('home')
    const { root, sockets } = placeClusters(home, nobody)
    expect(root).toMatch(/^\/var\/lib\/vigil\/[0-9a-f]{16}$/)
    expect(readHome(home)?.clusters).toBe(root)
    expect([modeOf(home), modeOf(root), modeOf(sockets)]).toEqual([0o700, 0o711, 0o700])
    expect(placeClusters(home, nobody).root).toBe(root)
    rmSync(root, { recursive: true })
    expect(existsSync(root)).toBe(false)
  })
})
